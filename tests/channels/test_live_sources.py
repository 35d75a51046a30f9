"""Shopee Live and Facebook Live call by call, and what comments mean, without a server of ours."""

from __future__ import annotations

import datetime
import types
import uuid

import httpx
import pytest
import pytest_asyncio
from rasa.shared.core.domain import Domain
from rasa.shared.nlu.training_data.message import Message

from channels.base import MessageError
from channels.connector import Account, Call, ConnectorSettingsError, ForgedError, SendError, TokenRefusedError
from channels.instagram import InstagramConnector
from channels.live.facebook import FacebookLive
from channels.live.shopee import ShopeeLive
from channels.live.understanding import AgentUnderstanding
from pasar.commerce.platforms.tokens import Token
from pasar.messages.model import Address, Reply, Sending
from tests.channels.facebooklive_server import LIVE, PAGE, FacebookLiveServer
from tests.channels.messenger_server import INSTAGRAM_ID
from tests.channels.meta_server import TOKEN, write_error
from tests.channels.shopeelive_server import SESSION, USER_ID, ShopeeLiveServer
from tests.channels.test_live import make_event
from tests.commerce.platforms.server import MemoryTokens
from tests.commerce.platforms.shopee_server import PARTNER_ID, PARTNER_KEY

SHOPEE = {"shop": "stylehub", "partner_id": str(PARTNER_ID), "partner_key": PARTNER_KEY, "user_id": str(USER_ID)}
FACEBOOK = {"shop": "stylehub", "page": PAGE, "token": TOKEN}


@pytest_asyncio.fixture
async def shopee():
    async with ShopeeLiveServer() as server, httpx.AsyncClient() as client:
        tokens = MemoryTokens()
        access, refresh = server.issue()
        until = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(hours=1)
        tokens.tokens["stylehub-live", "shopee"] = Token(access, refresh, until)
        account = Account("main", "stylehub", {**SHOPEE, "url": server.base_url})
        yield types.SimpleNamespace(server=server, source=ShopeeLive(account, client, tokens), stream=SESSION)


@pytest_asyncio.fixture
async def facebook():
    async with FacebookLiveServer() as server, httpx.AsyncClient() as client:
        account = Account("main", "stylehub", {**FACEBOOK, "url": server.base_url})
        yield types.SimpleNamespace(server=server, source=FacebookLive(account, client), stream=LIVE)


@pytest.fixture(params=["shopee", "facebook"])
def place(request):
    return request.getfixturevalue(request.param)


def write(text="Bisa kak.", seconds=0.0, stream=SESSION, **changes):
    said_at = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(seconds=seconds)
    to = Address("main", "stylehub", stream, "", said_at, {"until": said_at.timestamp() + 60})
    return Sending(uuid.uuid4().hex, to, (Reply(text),), **changes)


async def test_pages_are_read_to_the_end(place):
    for number in range(250):
        place.server.say(f"comment {number}")
    page = await place.source.fetch(place.stream, "")
    assert [f"comment {number}" for number in range(250)] == [comment.text for comment in page.comments]
    assert 250 == len({comment.comment_id for comment in page.comments})
    assert all(comment.sent_at.tzinfo is datetime.timezone.utc for comment in page.comments)


async def test_facebook_is_not_asked_for_what_is_long_known(facebook):
    for number in range(250):
        facebook.server.say(f"comment {number}")
    for comment in facebook.server.comments[:240]:
        comment["created_time"] = "2026-01-01T00:00:00+0000"
    page = await facebook.source.fetch(LIVE, "")
    facebook.server.seen.clear()
    facebook.server.say("a new one")
    again = await facebook.source.fetch(LIVE, page.cursor)
    assert 1 == len(facebook.server.calls("comments"))
    assert "a new one" == again.comments[-1].text
    (seen,) = facebook.server.seen
    assert ("no_filter", "reverse_chronological") == (seen.query["live_filter"], seen.query["order"])


async def test_what_cannot_be_read_costs_no_other_comment(place):
    place.server.say("first")
    place.server.say("second")
    place.server.comments[0].pop("timestamp", None)
    place.server.comments[0]["created_time"] = "yesterday"
    page = await place.source.fetch(place.stream, "")
    assert ["second"] == [comment.text for comment in page.comments]


async def test_who_hides_her_name_is_heard(facebook):
    facebook.server.say("cod?")
    del facebook.server.comments[0]["from"]
    (comment,) = (await facebook.source.fetch(LIVE, "")).comments
    assert ("", False) == (comment.author, comment.own)


async def test_whether_it_is_on(place):
    assert not await place.source.is_over(place.stream)
    place.server.status = 2 if place.stream == SESSION else "VOD"
    assert await place.source.is_over(place.stream)
    assert [] == await place.source.find_streams()


async def test_the_item_that_is_shown(shopee):
    assert "" == await shopee.source.fetch_product(SESSION)
    shopee.server.item = 3400133
    assert "3400133" == await shopee.source.fetch_product(SESSION)


async def test_a_comment_is_written(place):
    (named,) = await place.source.send(write(stream=place.stream))
    assert ["Bisa kak."] == place.server.said
    page = await place.source.fetch(place.stream, "")
    assert [(named, True)] == [(comment.comment_id, comment.own) for comment in page.comments]


async def test_what_may_have_been_taken_is_looked_for(place):
    first = await place.source.send(write(stream=place.stream))
    assert first == await place.source.send(write(stream=place.stream, uncertain=True))
    assert 1 == len(place.server.said)
    await place.source.send(write("Another.", stream=place.stream, uncertain=True))
    assert ["Bisa kak.", "Another."] == place.server.said


async def test_after_ten_seconds_shopee_cannot_tell(shopee):
    with pytest.raises(SendError) as caught:
        await shopee.source.send(write(seconds=11, uncertain=True))
    assert caught.value.permanent
    assert [] == shopee.server.said


async def test_an_answer_that_comes_too_late_is_none(place):
    with pytest.raises(SendError) as caught:
        await place.source.send(write(seconds=70, stream=place.stream))
    assert caught.value.permanent
    assert [] == place.server.said


async def test_after_the_end_shopee_takes_nothing(shopee):
    shopee.server.status = 2
    with pytest.raises(SendError) as caught:
        await shopee.source.send(write())
    assert caught.value.permanent


@pytest.mark.parametrize(
    ("answer", "wanted"),
    [
        ({"status": 500}, (False, None)),
        ({"status": 429, "headers": {"Retry-After": "7"}}, (False, 7.0)),
        ({"body": b"{"}, (False, None)),
    ],
    ids=["500", "429", "malformed"],
)
async def test_errors_are_worth_another_try(place, answer, wanted):
    place.server.break_next(1, **answer)
    with pytest.raises(SendError) as caught:
        await place.source.fetch(place.stream, "")
    assert wanted == (caught.value.permanent, caught.value.after)


async def test_tokens_that_are_refused(facebook):
    facebook.server.good.clear()
    with pytest.raises(TokenRefusedError):
        await facebook.source.fetch(LIVE, "")


@pytest.mark.parametrize("code", [4, 32, 613])
async def test_too_many_calls_are_no_end(facebook, code):
    facebook.server.break_next(1, status=400, body=write_error(code, "limit"))
    with pytest.raises(SendError) as caught:
        await facebook.source.send(write(stream=LIVE))
    assert not caught.value.permanent


async def test_a_session_is_a_number(shopee):
    with pytest.raises(SendError) as caught:
        await shopee.source.fetch("no/number", "")
    assert caught.value.permanent


async def test_nobody_calls(place):
    call = Call("POST", "https://pasar.example/webhooks/x/main", {}, b"{}")
    with pytest.raises(ForgedError) as caught:
        place.source.verify(call)
    assert 404 == caught.value.status
    assert [] == place.source.parse(call)


@pytest.mark.parametrize("missing", ["partner_id", "partner_key", "user_id", "page", "token"])
def test_settings_that_are_missing_are_named(missing):
    kind, settings = (ShopeeLive, SHOPEE) if missing in SHOPEE else (FacebookLive, FACEBOOK)
    account = Account("main", "stylehub", {name: value for name, value in settings.items() if name != missing})
    with pytest.raises(ConnectorSettingsError, match=missing):
        kind(account, httpx.AsyncClient())


INSTAGRAM = {"shop": "stylehub", "secret": "s", "verify_token": "v", "token": TOKEN, "id": INSTAGRAM_ID}


@pytest.mark.parametrize(
    ("body", "found"),
    [
        (make_event(1, "cod?"), [("cod?", False)]),
        (make_event(1, "cod?", INSTAGRAM_ID), [("cod?", True)]),
        (make_event(1, "cod?").replace(b"live_comments", b"comments"), []),
        (make_event(1, "cod?").replace(b'"id": "17841400008460056"', b'"id": "9"'), []),
        (make_event(1, "cod?").replace(b'"media"', b'"no"'), []),
        (b'{"object": "instagram", "entry": []}', []),
    ],
    ids=["a viewer's", "the host's", "under a post", "of another account", "unreadable", "none"],
)
def test_instagrams_live_comments(body, found):
    connector = InstagramConnector(Account("main", "stylehub", INSTAGRAM), httpx.AsyncClient())
    comments = connector.parse_comments(Call("POST", "https://pasar.example", {}, body))
    assert found == [(comment.text, comment.own) for comment in comments]


def test_the_host_is_known_by_her_username_too():
    account = Account("main", "stylehub", {**INSTAGRAM, "username": "@a_name"})
    connector = InstagramConnector(account, httpx.AsyncClient())
    (comment,) = connector.parse_comments(Call("POST", "https://pasar.example", {}, make_event(1, "cod?")))
    assert comment.own


def test_a_broken_body_names_the_field():
    connector = InstagramConnector(Account("main", "stylehub", INSTAGRAM), httpx.AsyncClient())
    with pytest.raises(MessageError, match="entry"):
        connector.parse_comments(Call("POST", "https://pasar.example", {}, b'{"object": "instagram"}'))


class Agent:
    """Understands every text as its first word."""

    def __init__(self):
        self.domain = Domain.empty()
        self.read = []
        metadata = types.SimpleNamespace(nlu_target="target")
        self.processor = types.SimpleNamespace(model_metadata=metadata, graph_runner=self)

    def run(self, inputs, targets):
        texts = [message.text for message in inputs["__message__"]]
        self.read.append(texts)
        return {"target": [self.understand(text) for text in texts]}

    def understand(self, text):
        message = Message({"text": text})
        message.set("intent", {"name": text.split()[0], "confidence": 0.9}, add_to_output=True)
        message.set(
            "entities", [{"entity": "size", "value": "M"}, {"entity": "price", "value": 1, "role": "as_written"}]
        )
        message.set("language", "th", add_to_output=True)
        return message


async def test_the_same_words_are_understood_once():
    agent = Agent()
    understanding = AgentUnderstanding(lambda: agent)
    found = await understanding.understand(["cod bisa", "COD bisa??", "🔥", "", "/cod bisa"], "id")
    assert [["cod bisa", "🔥"]] == agent.read
    assert ["cod", "cod", "🔥", "", "cod"] == [one.intent for one in found]
    await understanding.understand(["cod bisa!"], "id")
    assert 1 == len(agent.read)
    await understanding.understand(["cod bisa"], "th")  # in another stream it may be another language
    assert 2 == len(agent.read)


async def test_another_model_understands_anew():
    agents = [Agent(), Agent()]
    understanding = AgentUnderstanding(lambda: agents[0])
    await understanding.understand(["cod"], "id")
    agents.pop(0)
    await understanding.understand(["cod"], "id")
    assert [["cod"]] == agents[0].read


async def test_an_unknown_language_asks_nothing():
    agent = Agent()
    (found,) = await AgentUnderstanding(lambda: agent).understand(["unknown_language"], "id")
    assert "" == found.intent
