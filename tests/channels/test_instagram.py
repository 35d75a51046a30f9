"""Instagram: examples of its own documentation, and a server that behaves as that says."""

from __future__ import annotations

import contextlib
import datetime
import types

import httpx
import pytest
import pytest_asyncio

from channels.connector import Account, SendError, TokenRefusedError
from channels.fitting import fit
from channels.instagram import InstagramConnector
from pasar.commerce.platforms.schema import upgrade
from pasar.commerce.platforms.token_store import SqlTokenStore
from pasar.database import create_engine
from pasar.messages.model import Reply
from tests.channels.messaging_contract import MessagingContract
from tests.channels.messenger_server import INSTAGRAM_ID, PAGE, InstagramServer, MessengerServer
from tests.channels.meta_contract import SETTINGS
from tests.channels.meta_server import TOKEN

KEY = "a key of thirty-two bytes, and of more than that"


class TestInstagram(MessagingContract):
    connector_class = InstagramConnector
    settings = types.MappingProxyType({**SETTINGS, "id": INSTAGRAM_ID})
    own_setting = "id"
    object_name = "instagram"

    def make_server(self):
        return InstagramServer()

    async def test_a_text_is_cut_by_bytes(self, connector, server):
        """Thai has three of them in a letter."""
        text = "สินค้าจัดส่งแล้ว " * 60
        for call in fit([Reply(text)], connector.capabilities).calls:
            await connector.send(self.make_sending(*call))
        assert "".join(text.split()) == "".join("".join(shown.text for shown in server.shown).split())
        assert len(server.shown) >= 3

    def test_an_answer_to_a_story_is_a_text(self, connector):
        story = {"url": "https://cdn/story", "id": "1"}
        (received,) = self.read(connector, self.write(self.make_message(text="price?", reply_to={"story": story})))
        assert ("price?", {"story": "https://cdn/story"}) == (received.text, received.facts)

    async def test_with_facebooks_login_the_page_sends(self):
        """By another path, and there is nothing to renew."""

        class PageServer(MessengerServer):
            types = frozenset({None})

        async with PageServer() as server, httpx.AsyncClient() as client:
            connector = self.open(client, url=server.base_url, page=PAGE)
            await connector.send(self.make_sending(Reply("hello")))
            assert ["hello"] == [shown.text for shown in server.shown]


class TestTokens:
    """Tokens of Instagram's login, in a store."""

    @pytest.fixture
    def store(self, tmp_path):
        url = f"sqlite:///{tmp_path / 'tokens.db'}"
        upgrade(url)
        return SqlTokenStore(create_engine(url), KEY)

    @pytest_asyncio.fixture
    async def server(self):
        async with InstagramServer() as server:
            yield server

    @pytest_asyncio.fixture
    async def connector(self, server, store):
        async with httpx.AsyncClient() as client:
            yield self.open(client, server, store)

    def open(self, client, server, store, **settings):
        values = {**TestInstagram.settings, "url": server.base_url, **settings}
        return InstagramConnector(Account("testshop", "stylehub", values), client, store)

    def write(self, text):
        return TestInstagram().make_sending(Reply(text))

    def used(self, server):
        return [seen.headers["authorization"].removeprefix("Bearer ") for seen in server.calls("messages")]

    async def test_a_young_token_is_used_as_it_is(self, connector, server):
        server.young.add(TOKEN)
        for _ in range(2):
            await connector.send(self.write("hello"))
        assert ([TOKEN, TOKEN], []) == (self.used(server), server.calls("refresh"))

    async def test_it_is_renewed_after_a_day_and_then_half_way(self, connector, server, store, time_machine):
        start = datetime.datetime.now(datetime.timezone.utc)
        for days in (0, 2, 20, 35):
            time_machine.move_to(start + datetime.timedelta(days=days), tick=False)
            await connector.send(self.write("hello"))
        assert [TOKEN, f"{TOKEN}+", f"{TOKEN}+", f"{TOKEN}++"] == self.used(server)
        async with httpx.AsyncClient() as client:  # after a restart
            await self.open(client, server, store).send(self.write("hello"))
        assert (f"{TOKEN}++", 2) == (self.used(server)[-1], len(server.calls("refresh")))

    async def test_a_token_that_is_refused_is_renewed_once(self, connector, server):
        await connector.send(self.write("a"))
        server.break_next(times=1, **TestInstagram.token_refusal)
        await connector.send(self.write("b"))
        assert [TOKEN, TOKEN, f"{TOKEN}+"] == self.used(server)
        assert (["a", "b"], 1) == ([shown.text for shown in server.shown], len(server.calls("refresh")))

    async def test_a_renewal_that_fails_costs_no_message(self, connector, server, time_machine):
        await connector.send(self.write("a"))
        time_machine.move_to(datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=2), tick=False)
        for fault in ({"status": 500}, {"body": b'{"access_token": 1}'}, {"drop": True}):
            server.break_next(times=1, **fault)
            await connector.send(self.write("b"))
        assert 4 == len(server.shown)

    async def test_an_ended_token_is_told(self, connector, server):
        server.good.clear()
        with pytest.raises(TokenRefusedError):
            await connector.send(self.write("hello"))
        assert [] == server.shown

    async def test_a_token_the_shop_has_put_in_anew_counts(self, connector, server, store):
        with contextlib.suppress(SendError):
            await connector.send(self.write("a"))
        server.good = {"another"}
        async with httpx.AsyncClient() as client:
            await self.open(client, server, store, token="another").send(self.write("b"))
        assert "another" == self.used(server)[-1]
