"""What every marketplace's connector must keep besides the contract: tokens, cards, pictures, echoes."""

from __future__ import annotations

import dataclasses
import datetime
import email
import io
from collections.abc import AsyncIterator
from typing import Any, ClassVar

import httpx
import pytest
import pytest_asyncio
from aiohttp import web
from PIL import Image

from channels.connector import Account, Connector, SendError, TokenRefusedError
from channels.pictures import Picture, read_picture
from pasar.commerce.platforms.client import load_trust
from pasar.commerce.platforms.tokens import Token
from pasar.messages.model import Author, Reply, ReplyKind
from tests.channels.contract import NOW, ChatServer, ConnectorContract
from tests.commerce.platforms.server import MemoryTokens

PICTURE_URL = "https://shop.example/shirt.jpg"


def draw_picture(width: int = 320, height: int = 240, kind: str = "JPEG") -> bytes:
    """A picture's bytes."""
    buffer = io.BytesIO()
    Image.new("RGB", (width, height), "teal").save(buffer, kind)
    return buffer.getvalue()


async def read_upload(request: web.Request, name: str) -> Picture:
    """The picture in a multipart body, whose bytes the server has read before."""
    head = f"Content-Type: {request.headers['content-type']}\r\n\r\n".encode()
    (part,) = email.message_from_bytes(head + await request.read()).get_payload()
    assert name == part.get_param("name", header="content-disposition")
    return read_picture(part.get_payload(decode=True))


class SellerContract(ConnectorContract):
    """Names what the marketplace calls things."""

    product: ClassVar[str]  #: an id as the platform has them
    order: ClassVar[str]

    def make_token(self, server: ChatServer | None) -> Token:
        """A token that the server takes, or whatever where there is none."""
        raise NotImplementedError

    def count_renewals(self, server: ChatServer) -> int:
        """How often the platform has renewed a token."""
        raise NotImplementedError

    def end_token(self, server: ChatServer, tokens: MemoryTokens) -> None:
        """Let the platform refuse the token before its time."""
        raise NotImplementedError

    def write_own(self, sent: Any, message_id: str) -> bytes:
        """The push of a text that the shop's side wrote."""
        raise NotImplementedError

    @pytest.fixture
    def tokens(self, server: ChatServer) -> MemoryTokens:
        """The seller's authorisation."""
        tokens = MemoryTokens()
        tokens.tokens["stylehub", self.connector_class.name] = self.make_token(server)
        return tokens

    @pytest_asyncio.fixture
    async def connector(self, server: ChatServer, tokens: MemoryTokens) -> AsyncIterator[Connector]:
        """The connector under test, asking ``server``; the shop's pictures are there."""
        self.pictures = {"/shirt.jpg": draw_picture(), "/busy.jpg": b""}

        def give(request: httpx.Request) -> httpx.Response:
            if request.url.path == "/busy.jpg":
                return httpx.Response(503)
            data = self.pictures.get(request.url.path)
            return httpx.Response(404) if data is None else httpx.Response(200, content=data)

        self.tokens_in_use = tokens
        mounts = {"all://shop.example": httpx.MockTransport(give)}
        async with httpx.AsyncClient(mounts=mounts, verify=load_trust()) as client:
            yield self.open(client, url=server.base_url)

    def open(self, client: httpx.AsyncClient, **settings: str) -> Connector:
        tokens = getattr(self, "tokens_in_use", None)
        if tokens is None:
            tokens = MemoryTokens()
            tokens.tokens["stylehub", self.connector_class.name] = self.make_token(None)
        return self.connector_class(Account("testshop", "stylehub", {**self.settings, **settings}), client, tokens)

    async def test_without_a_token_store_it_can_only_read(self, connector, server):
        """As the gate does."""
        other = self.connector_class(connector.account, connector.client)
        (received,) = self.read(other, self.write_text("hello", "m-1"))
        assert "hello" == received.text
        with pytest.raises(TokenRefusedError, match="nowhere"):
            await other.send(self.make_sending(Reply("hello")))
        assert [] == server.seen

    async def test_an_authorisation_may_have_a_name_of_its_own(self, connector, server, tokens):
        """An app that is not that of the shop's orders."""
        tokens.tokens = {("stylehub-chat", connector.name): tokens.tokens["stylehub", connector.name]}
        settings = {**connector.account.settings, "grant": "stylehub-chat"}
        other = self.connector_class(
            dataclasses.replace(connector.account, settings=settings), connector.client, tokens
        )
        await other.send(self.make_sending(Reply("hello")))
        assert ["hello"] == [shown.text for shown in server.shown]

    # --- tokens -----------------------------------------------------------------------------------------------

    async def test_a_token_that_ends_is_renewed_once(self, connector, server, tokens):
        token = tokens.tokens["stylehub", connector.name]
        ended = dataclasses.replace(token, access_until=NOW - datetime.timedelta(minutes=1))
        tokens.tokens["stylehub", connector.name] = ended
        for text in ("a", "b"):
            await connector.send(self.make_sending(Reply(text)))
        assert (["a", "b"], 1) == ([shown.text for shown in server.shown], self.count_renewals(server))

    async def test_a_token_that_is_refused_is_renewed_once(self, connector, server, tokens):
        self.end_token(server, tokens)
        await connector.send(self.make_sending(Reply("a")))
        assert (["a"], 1) == ([shown.text for shown in server.shown], self.count_renewals(server))
        assert 0 == server.forged

    async def test_a_spent_refresh_token_is_told(self, connector, server, tokens):
        """The seller must authorise us again."""
        self.end_token(server, tokens)
        token = tokens.tokens["stylehub", connector.name]
        tokens.tokens["stylehub", connector.name] = dataclasses.replace(token, refresh="spent")
        with pytest.raises(TokenRefusedError):
            await connector.send(self.make_sending(Reply("a")))
        assert [] == server.shown

    # --- cards and pictures -----------------------------------------------------------------------------------

    def make_card(self, kind: ReplyKind, reference: str) -> Reply:
        fact = "product" if kind is ReplyKind.PRODUCT else "order_id"
        return Reply("Batik shirt\nRp 150.000", kind, facts={fact: reference, "title": "Batik shirt"})

    async def test_cards_are_the_platforms_own(self, connector, server):
        await connector.send(self.make_sending(self.make_card(ReplyKind.PRODUCT, self.product)))
        await connector.send(self.make_sending(self.make_card(ReplyKind.ORDER, self.order)))
        assert [(ReplyKind.PRODUCT, self.product), (ReplyKind.ORDER, self.order)] == [
            (shown.kind, shown.text) for shown in server.shown
        ]

    @pytest.mark.parametrize("reference", ["DRESS-01", "", "9" * 40, "١٢٣"])
    async def test_what_the_platform_does_not_sell_is_told_in_words(self, connector, server, reference):
        """A product of a shop that sells elsewhere too."""
        await connector.send(self.make_sending(self.make_card(ReplyKind.PRODUCT, reference)))
        assert [("Batik shirt\nRp 150.000", ReplyKind.TEXT)] == [(shown.text, shown.kind) for shown in server.shown]

    async def test_a_card_that_is_refused_is_told_in_words(self, connector, server):
        await connector.send(self.make_sending(self.make_card(ReplyKind.PRODUCT, "404")))
        assert [("Batik shirt\nRp 150.000", ReplyKind.TEXT)] == [(shown.text, shown.kind) for shown in server.shown]

    async def test_a_card_that_waits_is_not_told_in_words(self, connector, server):
        server.break_next(times=9, status=503)
        with pytest.raises(SendError):
            await connector.send(self.make_sending(self.make_card(ReplyKind.PRODUCT, self.product)))
        assert [] == server.shown

    @pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "WEBP"])
    async def test_pictures_of_every_kind(self, connector, server, kind):
        self.pictures["/shirt.jpg"] = draw_picture(kind=kind)
        await connector.send(self.make_sending(Reply("", ReplyKind.IMAGE, facts={"url": PICTURE_URL})))
        assert [ReplyKind.IMAGE] == [shown.kind for shown in server.shown]
        assert "320x240" in server.shown[0].text

    @pytest.mark.parametrize(
        ("url", "permanent"),
        [
            ("http://shop.example/shirt.jpg", True),
            ("https://shop.example/gone.jpg", True),
            ("https://shop.example/busy.jpg", False),
            ("https://shop.example:nonsense/", True),
            ("", True),
        ],
    )
    async def test_a_picture_that_is_not_there(self, connector, server, url, permanent):
        with pytest.raises(SendError) as caught:
            await connector.send(self.make_sending(Reply("", ReplyKind.IMAGE, facts={"url": url})))
        assert (permanent, False) == (caught.value.permanent, caught.value.uncertain)
        assert [] == server.shown

    @pytest.mark.parametrize("data", [b"<html>", b"", b"\xff\xd8\xff", b"GIF89a", "too large"])
    async def test_what_is_no_picture_is_not_sent(self, connector, server, data):
        self.pictures["/shirt.jpg"] = b"a" * 11_000_000 if data == "too large" else data
        with pytest.raises(SendError) as caught:
            await connector.send(self.make_sending(Reply("", ReplyKind.IMAGE, facts={"url": PICTURE_URL})))
        assert (True, []) == (caught.value.permanent, server.shown)

    def test_it_has_no_buttons(self, connector):
        """They are numbered before they come here."""
        assert 0 == connector.capabilities.buttons

    # --- echoes -----------------------------------------------------------------------------------------------

    def test_a_person_of_the_shop_is_one(self, connector):
        (received,) = self.read(connector, self.write_own("I am Rina", "m-9"))
        assert (Author.AGENT, "I am Rina", False) == (received.author, received.text, received.is_answered)

    async def test_our_own_message_is_ours(self, connector, server):
        """Also where its echo comes before its answer, or that is lost."""
        sent = self.make_sending(Reply("Sudah  dikirim 🚚\n"))
        server.break_next(times=9, drop=True)
        with pytest.raises(SendError) as caught:
            await connector.send(sent)
        assert caught.value.uncertain
        (echo,) = self.read(connector, self.write_own("Sudah dikirim 🚚", "m-9"))
        (other,) = self.read(connector, self.write_own("Sudah dikirim", "m-10"))
        assert (Author.BOT, Author.AGENT) == (echo.author, other.author)

    async def test_the_same_words_elsewhere_are_a_persons(self, connector, server):
        to = dataclasses.replace(self.make_address(), thread="another")
        await connector.send(self.make_sending(Reply("hello"), to=to))
        (received,) = self.read(connector, self.write_own("hello", "m-9"))
        assert Author.AGENT is received.author

    async def test_the_platforms_id_is_given(self, connector, server):
        (sent,) = await connector.send(self.make_sending(Reply("hello")))
        assert sent.isalnum()
