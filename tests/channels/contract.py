"""What every connector must keep. Inherit :class:`ConnectorContract`; ``test_line.py`` shows how.

The platform is a server on this machine, built from its public specification: derive from :class:`ChatServer`.
"""

from __future__ import annotations

import contextlib
import copy
import dataclasses
import datetime
import json
import uuid
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any, ClassVar

import httpx
import pytest
import pytest_asyncio
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from channels.base import MessageError
from channels.connector import (
    Account,
    Answer,
    Call,
    Connector,
    ConnectorSettingsError,
    ForgedError,
    SendError,
    TokenRefusedError,
)
from pasar.messages.model import (
    Address,
    Author,
    Button,
    Kind,
    Received,
    Reply,
    ReplyKind,
    Sending,
)
from pasar.messages.splitting import MEASURES
from tests.commerce.platforms.server import PlatformServer

NOW = datetime.datetime.now(datetime.timezone.utc)


@dataclasses.dataclass(frozen=True)
class Shown:
    """A message as the buyer sees it in the platform's app."""

    thread: str
    text: str
    kind: ReplyKind = ReplyKind.TEXT
    buttons: tuple[Button, ...] = ()


class ChatServer(PlatformServer):
    """A platform's chat: keeps what buyers would see. Refuses what the platform would refuse.

    What it was built from is in docs/channels.md: ``python -m launch channels-table`` reads these texts there.
    """

    platform: ClassVar[str]  #: the connector's name
    specification: ClassVar[str]  #: addresses of what it was built from
    checks: ClassVar[str]  #: what it refuses as the platform does
    leaves_out: ClassVar[str]  #: what it does not

    def __init__(self) -> None:
        super().__init__()
        self.shown: list[Shown] = []
        self.spent: set[str] = set()  #: tokens and keys that serve once
        self.callback = ""  #: our address, as the shop has entered it


@dataclasses.dataclass(frozen=True)
class Vector:
    """A published signature: a call that was really signed."""

    settings: Mapping[str, str]  #: over those of ``settings``
    call: Call


class ConnectorContract:
    """Names in class attributes and methods what the platform sends."""

    connector_class: ClassVar[type[Connector]]
    settings: ClassVar[Mapping[str, str]]  #: of the account, but ``url``
    vectors: ClassVar[Sequence[Vector]] = ()
    url = "https://pasar.example/webhooks/x/testshop"

    def make_server(self) -> ChatServer:
        """The platform."""
        raise NotImplementedError

    def sign(self, body: bytes, sent_at: datetime.datetime) -> Call:
        """A call with this body as the platform would sign it at that time."""
        raise NotImplementedError

    def write_text(self, text: str, message_id: str) -> bytes:
        """The body of a call with one text of the buyer, as in the specification."""
        raise NotImplementedError

    def write_ignored(self) -> Mapping[str, bytes]:
        """Bodies that must not be answered: echoes, agents, notices, types nobody knows."""
        raise NotImplementedError

    #: How long ago a call may have been signed; None where the platform signs no time.
    replay_window: ClassVar[datetime.timedelta | None] = None
    #: What the platform answers: status and headers, or a body, → what the error must say.
    errors: ClassVar[Sequence[tuple[Mapping[str, Any], Mapping[str, Any]]]] = (
        ({"status": 429, "headers": {"Retry-After": "7"}}, {"permanent": False, "after": 7.0, "uncertain": False}),
        ({"status": 500}, {"permanent": False, "uncertain": True}),
        ({"status": 503}, {"permanent": False, "uncertain": True}),
    )
    #: What the platform answers to an access token that has ended.
    token_refusal: ClassVar[Mapping[str, Any]] = {"status": 401}

    @pytest_asyncio.fixture
    async def server(self) -> AsyncIterator[ChatServer]:
        """The running platform."""
        async with self.make_server() as server:
            yield server  # type: ignore[misc]

    @pytest_asyncio.fixture
    async def connector(self, server: ChatServer) -> AsyncIterator[Connector]:
        """The connector under test, asking ``server``."""
        async with httpx.AsyncClient() as client:
            yield self.open(client, url=server.base_url)

    def open(self, client: httpx.AsyncClient, **settings: str) -> Connector:
        """A connector with other settings."""
        return self.connector_class(Account("testshop", "stylehub", {**self.settings, **settings}), client)

    def make_address(self) -> Address:
        """Where a buyer who has just written is answered."""
        return Address(account="testshop", shop="stylehub", thread="buyer-1", buyer="buyer-1", heard_at=NOW)

    def make_sending(self, *replies: Reply, **changes: Any) -> Sending:
        """A sending of replies."""
        values = {"key": uuid.uuid4().hex, "to": self.make_address(), "replies": replies, **changes}
        return Sending(**values)

    def read(self, connector: Connector, body: bytes) -> list[Received]:
        """Verify and parse."""
        call = self.sign(body, datetime.datetime.now(datetime.timezone.utc))
        connector.verify(call)
        return connector.parse(call)

    # --- coming in ------------------------------------------------------------------------------------------

    def test_capabilities_name_their_source(self):
        capabilities = self.connector_class.capabilities
        assert capabilities.documented.startswith("https://")
        assert capabilities.text_limit > 0 and capabilities.together >= 1

    def test_missing_settings_are_named(self, connector):
        for name in self.settings:
            settings = {key: value for key, value in self.settings.items() if key != name}
            with pytest.raises(ConnectorSettingsError, match=f"testshop: {name}"):
                self.connector_class(Account("testshop", "stylehub", settings), connector.client)

    async def test_published_signatures(self):
        """The very calls that were published elsewhere are the platform's."""
        assert self.vectors, "name a published signature, or say in the connector why there is none"
        async with httpx.AsyncClient() as client:
            for vector in self.vectors:
                connector = self.open(client, **vector.settings)
                connector.verify(vector.call)
                with pytest.raises(ForgedError):
                    connector.verify(dataclasses.replace(vector.call, body=vector.call.body + b" "))

    def test_a_text_is_read(self, connector):
        (received,) = self.read(connector, self.write_text("Kapan dikirim? 🚚", "m-1"))
        assert (received.kind, received.author, received.text) == (Kind.TEXT, Author.BUYER, "Kapan dikirim? 🚚")
        assert (received.channel, received.account, received.shop) == (connector.name, "testshop", "stylehub")
        assert received.thread and received.buyer and received.message_id
        assert datetime.timedelta(0) == received.sent_at.utcoffset()
        assert received.is_answered and len(received.conversation_id) <= 255
        json.dumps(received.facts)

    def test_the_same_call_has_the_same_id(self, connector):
        first, second = (self.read(connector, self.write_text("hello", "m-1"))[0] for _ in range(2))
        other = self.read(connector, self.write_text("hello", "m-2"))[0]
        assert first == second
        assert first.message_id != other.message_id
        assert first.conversation_id == other.conversation_id

    @pytest.mark.parametrize("spoil", ["none", "wrong", "body", "key"])
    async def test_a_forged_call_is_refused(self, connector, spoil):
        call = self.sign(self.write_text("hello", "m-1"), NOW)
        unsigned = self.sign(b"", NOW).headers
        names = {name for name in call.headers if call.headers[name] != unsigned.get(name)} or set(call.headers)
        if spoil == "none":
            call = dataclasses.replace(call, headers={k: v for k, v in call.headers.items() if k not in names})
        elif spoil == "wrong":
            forged = {name: "A" * len(value) if name in names else value for name, value in call.headers.items()}
            call = dataclasses.replace(call, headers=forged)
        elif spoil == "body":
            call = dataclasses.replace(call, body=call.body + b" ")
        else:
            connector = self.open(connector.client, **{name: f"{value}0" for name, value in self.settings.items()})
        with pytest.raises(ForgedError):
            connector.verify(call)

    def test_a_signature_of_any_bytes_is_refused(self, connector):
        call = self.sign(self.write_text("hello", "m-1"), NOW)
        for value in ("", " ", "é", "\udcff", "=", "sha256=", "a" * 10_000):
            with pytest.raises(ForgedError):
                connector.verify(dataclasses.replace(call, headers=dict.fromkeys(call.headers, value)))

    def test_an_old_call_is_refused(self, connector):
        if self.replay_window is None:
            return
        for age in (self.replay_window * 2, -self.replay_window * 2):
            with pytest.raises(ForgedError):
                connector.verify(self.sign(self.write_text("hello", "m-1"), NOW - age))

    @pytest.mark.parametrize(
        "body", [b"", b"{", b"[]", b"null", b'"text"', b"1", b"\xff\xfe", b'{"a": NaN}', b"[" * 100_000, b"{}"]
    )
    def test_malformed_calls_are_an_error_of_ours(self, connector, body):
        with contextlib.suppress(MessageError):
            assert self.read(connector, body) == []

    def test_what_must_not_be_answered_is_recorded(self, connector):
        bodies = self.write_ignored()
        assert bodies
        for name, body in bodies.items():
            assert not [received for received in self.read(connector, body) if received.is_answered], name

    @settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
    @given(data=st.data())
    def test_a_spoilt_field_is_an_error_of_ours(self, connector, data):
        """Any one field of a true call, replaced by anything: read, recorded or refused, and nothing else."""
        body = json.loads(self.write_text("hello", "m-1"))
        places = list(_walk(body))
        *way, last = data.draw(st.sampled_from(places))
        spoilt = copy.deepcopy(body)
        target = spoilt
        for step in way:
            target = target[step]
        target[last] = data.draw(_ANYTHING)
        call = self.sign(json.dumps(spoilt).encode(), NOW)
        with contextlib.suppress(MessageError):
            for received in connector.parse(call):
                assert isinstance(received, Received)
                assert received.thread and received.message_id
                assert f"{received.text}{received.thread}{received.payload}".encode()

    # --- going out ------------------------------------------------------------------------------------------

    async def test_a_text_is_sent(self, connector, server):
        await connector.send(self.make_sending(Reply("Sudah dikirim 🚚")))
        assert [shown.text for shown in server.shown] == ["Sudah dikirim 🚚"]
        assert 0 == server.forged

    async def test_the_longest_text_is_sent(self, connector, server):
        capabilities = connector.capabilities
        measure = MEASURES[capabilities.text_unit]
        text = "ก" * (capabilities.text_limit // measure("ก"))
        await connector.send(self.make_sending(Reply(text)))
        assert [text] == [shown.text for shown in server.shown]

    async def test_replies_go_together_in_order(self, connector, server):
        replies = [Reply(f"line {number}") for number in range(connector.capabilities.together)]
        await connector.send(self.make_sending(*replies))
        assert [reply.text for reply in replies] == [shown.text for shown in server.shown]

    async def test_buttons_are_shown_and_come_back(self, connector, server):
        if not connector.capabilities.buttons:
            return
        buttons = tuple(Button(f"Choice {n}", f"/choose{{{n}}}") for n in range(connector.capabilities.buttons))
        await connector.send(self.make_sending(Reply("Which one?", ReplyKind.BUTTONS, buttons)))
        assert buttons == server.shown[0].buttons

    async def test_images_are_shown(self, connector, server):
        if connector.capabilities.images:
            url = "https://shop.example/shirt.jpg"
            await connector.send(self.make_sending(Reply("A shirt", ReplyKind.IMAGE, facts={"url": url})))
            assert [ReplyKind.IMAGE] == [shown.kind for shown in server.shown]

    async def test_refusals_say_what_to_do(self, connector, server):
        for fault, expected in self.errors:
            server.faults.clear()
            server.break_next(times=9, **fault)
            with pytest.raises(SendError) as caught:
                await connector.send(self.make_sending(Reply("hello")))
            assert expected == {name: getattr(caught.value, name) for name in expected}, fault

    async def test_an_ended_token_is_told(self, connector, server):
        server.break_next(times=9, **self.token_refusal)
        with pytest.raises(TokenRefusedError):
            await connector.send(self.make_sending(Reply("hello")))

    @pytest.mark.parametrize("body", [b"<html>busy</html>", b'{"half": ', b"[]", b"null", b""])
    async def test_a_malformed_answer_is_no_crash(self, connector, server, body):
        server.break_next(times=9, body=body, status=502)
        with pytest.raises(SendError) as caught:
            await connector.send(self.make_sending(Reply("hello")))
        assert not caught.value.permanent

    async def test_a_platform_that_is_down_is_worth_another_try(self, server):
        async with httpx.AsyncClient() as client:
            connector = self.open(client, url="http://127.0.0.1:1")
            with pytest.raises(SendError) as caught:
                await connector.send(self.make_sending(Reply("hello")))
        assert (False, False) == (caught.value.permanent, caught.value.uncertain)

    async def test_a_lost_answer_is_not_sent_twice(self, connector, server):
        """The platform took it, its answer was lost: where the platform has a key for it, the buyer sees it once."""
        if not connector.capabilities.idempotent:
            return
        sending = self.make_sending(Reply("hello"))
        server.break_next(times=1, drop=True)
        with contextlib.suppress(SendError):
            await connector.send(sending)
        await connector.send(dataclasses.replace(sending, attempt=2, uncertain=True))
        assert 1 == len(server.shown)

    async def test_errors_hold_no_secret(self, connector, server):
        for fault, _ in [*self.errors, (self.token_refusal, {})]:
            server.faults.clear()
            server.break_next(times=9, **fault)
            with pytest.raises(SendError) as caught:
                await connector.send(self.make_sending(Reply("what a buyer is told")))
            told = f"{caught.value!r} {caught.value}"
            assert not [value for value in self.settings.values() if len(value) > 4 and value in told]
            assert "what a buyer is told" not in told

    def test_acknowledgement_is_a_success(self, connector):
        answer = connector.acknowledge(self.sign(self.write_text("hello", "m-1"), NOW))
        assert isinstance(answer, Answer) and 200 <= answer.status < 300


_ANYTHING = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=300),
    st.lists(st.integers(), max_size=3),
    st.dictionaries(st.text(max_size=5), st.text(max_size=5), max_size=3),
    st.sampled_from(["", " ", "\0", "\ud800", 10**30, -1, "9" * 400, {}, [], [{}], [[]]]),
)


def _walk(value: Any, way: tuple[Any, ...] = ()) -> Any:
    """The ways to all fields of a JSON value."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, item in items:
        yield (*way, name)
        yield from _walk(item, (*way, name))
