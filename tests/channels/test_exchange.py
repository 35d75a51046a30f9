"""From a platform's webhook to the answer in its app, over HTTP: what every platform gets for its connector."""

from __future__ import annotations

import asyncio
import datetime
import json
import time
from typing import Any

import httpx
import pytest
import pytest_asyncio
from rasa.shared.core.events import BotUttered, UserUttered

from channels.connector import Account, ConnectorSettingsError
from channels.counters import Counters
from channels.marketplaces import PlatformInput
from channels.platforms import read_accounts
from pasar.conversations.store import State
from tests.channels import test_line
from tests.channels.conftest import Server
from tests.channels.line_server import TOKEN, LineServer
from tests.channels.test_line import EVENT, SECRET, change, write

PATH = "/webhooks/line/main"


class Talk:
    """LINE and the bot, connected."""

    def __init__(self, line: LineServer, server: Server) -> None:
        self.line = line
        self.server = server
        self.count = 0
        self.client = httpx.AsyncClient(base_url=server.url, timeout=20)

    async def post(self, body: bytes, **changes: Any) -> httpx.Response:
        headers = dict(test_line.TestLine().sign(body, datetime.datetime.now(datetime.timezone.utc)).headers)
        return await self.client.post(PATH, **{"content": body, "headers": headers, **changes})

    async def say(self, text: str, user: str = "U1", **fields: Any) -> httpx.Response:
        self.count += 1
        token = f"token-{self.count}"
        self.line.tokens[token] = user
        event = change(
            webhookEventId=f"event-{self.count}",
            timestamp=int(time.time() * 1000),
            source={"type": "user", "userId": user},
            replyToken=token,
            message={**EVENT["message"], "text": text},
        )
        return await self.post(write({**event, **fields}))

    def shown(self, user: str = "U1") -> list[str]:
        return [shown.text for shown in self.line.shown if shown.thread == user]

    async def wait(self, count: int, user: str = "U1") -> list[str]:
        """What the buyer sees, once there are so many messages and no more come."""
        deadline = time.monotonic() + 20
        while len(self.shown(user)) < count and time.monotonic() < deadline:
            await asyncio.sleep(0.05)
        await asyncio.sleep(0.3)
        return self.shown(user)

    @property
    def heard(self) -> list[str]:
        return [message.text for message in self.server.bot.heard]


@pytest_asyncio.fixture
async def talk(settings, tmp_path, monkeypatch):
    async with LineServer() as line:
        accounts = read_accounts(
            {"line": {"main": {"shop": "stylehub", "secret": SECRET, "token": TOKEN, "url": line.base_url}}}
        )
        inputs = []

        def open_platforms(store):
            inputs[:] = [PlatformInput(accounts, store)]
            return inputs

        server = await asyncio.to_thread(Server, tmp_path, open_platforms)
        talk = Talk(line, server)
        talk.inputs = inputs
        yield talk
        await talk.client.aclose()
        await asyncio.to_thread(server.stop)
        server.store.dispose()


async def test_a_message_is_answered(talk):
    reply = await talk.say("hello")

    assert (200, b"") == (reply.status_code, reply.content)
    assert ["You said: hello"] == await talk.wait(1)
    assert ["reply"] == [seen.path.rpartition("/")[2] for seen in talk.line.seen]
    (message,) = talk.server.bot.heard
    assert ("line:main:U1", "line", "stylehub") == (
        message.sender_id,
        message.input_channel,
        message.metadata["shop"],
    )


async def test_four_quick_lines_are_one_thought(talk):
    for line in ("hi", "my order", "where is it", "???"):
        await talk.say(line)

    assert ["You said: hi\nmy order\nwhere is it\n???"] == await talk.wait(1)


async def test_the_same_webhook_five_times_is_answered_once(talk):
    body = write(change(source={"type": "user", "userId": "U1"}))
    talk.line.tokens[EVENT["replyToken"]] = "U1"
    replies = await asyncio.gather(*(talk.post(body) for _ in range(5)))

    assert [200] * 5 == [reply.status_code for reply in replies]
    assert ["You said: Hello"] == await talk.wait(1)


async def test_what_is_forged_is_refused(talk):
    body = write(EVENT)
    assert 401 == (await talk.post(body, headers={})).status_code
    assert 401 == (await talk.post(body, headers={"x-line-signature": "AAAA"})).status_code
    assert 401 == (await talk.post(body, content=body + b" ")).status_code
    await asyncio.sleep(1.6)
    assert [] == talk.heard


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"events": 1}', b'{"events": [{}]}', b"\xff"])
async def test_what_cannot_be_read_is_no_crash(talk, body):
    """It is signed: to send it again would be of no use."""
    assert 200 == (await talk.post(body)).status_code
    await talk.say("hello")
    assert ["You said: hello"] == await talk.wait(1)


async def test_what_is_too_large_is_refused(talk):
    assert 413 == (await talk.post(b"x" * (2 * 1024 * 1024))).status_code


async def test_an_unknown_account_is_not_found(talk):
    assert 404 == (await talk.client.post("/webhooks/line/other", content=b"{}")).status_code
    assert 405 == (await talk.client.get(PATH)).status_code


async def test_buttons_are_pressed(talk):
    await talk.say("choose")
    await talk.wait(1)
    assert ["/order_status", "/return_item"] == [button.payload for button in talk.line.shown[0].buttons]
    await talk.say("", type="postback", postback={"data": "/return_item"})
    await talk.wait(2)
    assert ["choose", "/return_item"] == talk.heard


async def test_a_button_of_somebody_elses_making_is_no_command(talk):
    await talk.say("", type="postback", postback={"data": '/restart{"a": [1]}'})
    await talk.wait(1)
    assert [] == [text for text in talk.heard if text.startswith("/")]


async def test_a_typed_command_is_a_text(talk):
    await talk.say("/restart now")
    assert ["You said: restart now"] == await talk.wait(1)


async def test_each_buyer_has_her_own_conversation(talk):
    for user in ("U1", "U2", "U3"):
        await talk.say(f"I am {user}", user)
    for user in ("U1", "U2", "U3"):
        assert [f"You said: I am {user}"] == await talk.wait(1, user)


async def test_silence_is_broken_where_the_bot_has_nothing_to_say(talk):
    await talk.say("silence")
    (told,) = await talk.wait(1)
    assert told


async def test_a_turn_that_fails_is_tried_again(talk):
    original, failures = talk.server.bot.reply, []

    def fail_twice(text):
        if len(failures) < 2:
            failures.append(text)
            raise RuntimeError("as the test says")
        return original(text)

    talk.server.bot.reply = fail_twice
    await talk.say("hello")
    assert ["You said: hello"] == await talk.wait(1)
    assert 2 == len(failures)


async def test_what_never_works_becomes_a_persons(talk, monkeypatch):
    """The buyer is told, once."""
    monkeypatch.setattr("channels.worker.FIRST_PAUSE", 0.01)
    await talk.say("crash")
    (told,) = await talk.wait(1)
    assert "crash" not in told
    known = talk.server.store.get("line:main:U1", fresh=True)
    assert State.WAITING is known.state


async def test_an_answer_that_was_given_before_a_crash_is_not_given_anew(talk, monkeypatch):
    """The tracker has it, the outbox has not: as if the process had died between the two."""
    bot, died = talk.server.bot, []
    original = bot.handle_message

    async def die_after(message):
        await original(message)
        if not died:
            died.append(message)
            raise RuntimeError("died")

    monkeypatch.setattr("channels.worker.FIRST_PAUSE", 0.01)
    bot.handle_message = die_after
    await talk.say("hello")

    assert ["You said: hello"] == await talk.wait(1)
    assert ["hello"] == talk.heard
    tracker = await bot.tracker_store.retrieve("line:main:U1")
    assert [1, 1] == [sum(isinstance(event, kind) for event in tracker.events) for kind in (UserUttered, BotUttered)]


async def test_a_platform_that_is_down_gets_it_later(talk):
    talk.line.break_next(times=2, status=503)
    talk.line.tokens.clear()
    await talk.say("hello")
    assert ["You said: hello"] == await talk.wait(1)


async def test_what_a_platform_refuses_is_a_dead_letter(talk):
    talk.line.break_next(times=1, status=403)
    await talk.say("hello")
    exchange = talk.inputs[0].exchange
    deadline = time.monotonic() + 10
    while not (dead := talk.server.run(exchange.outbox.list_dead())) and time.monotonic() < deadline:
        await asyncio.sleep(0.05)
    assert ["HTTP 403 "] == [letter.reason for letter in dead]
    assert talk.server.run(exchange.outbox.resend(dead[0].number))
    assert ["You said: hello"] == await talk.wait(1)


async def test_nothing_is_said_over_a_person(talk):
    """Who takes over while an answer is on its way is not talked over."""
    bot = talk.server.bot

    async def take_over(message):
        talk.server.store.touch(message.sender_id, "stylehub", "line", "en")
        talk.server.store.take(message.sender_id)

    bot.scripts = {**bot.scripts, "hello": take_over}
    await talk.say("hello")
    await asyncio.sleep(2.5)
    assert [] == talk.shown()


async def test_a_person_at_the_desk_is_heard(talk, desk_headers):
    """Taken over, written to, handed back: the buyer sees it in LINE."""
    await talk.say("hello")
    await talk.wait(1)
    address = "/desk/conversations/line:main:U1"
    assert 200 == (await talk.client.post(f"{address}/takeover", headers=desk_headers)).status_code
    await talk.say("anybody there?")
    while "anybody there?" not in talk.heard:
        await asyncio.sleep(0.05)
    written = await talk.client.post(
        f"{address}/messages", json={"text": "I am here, /restart", "person": "Sari"}, headers=desk_headers
    )
    assert (201, True) == (written.status_code, written.json()["delivered"])
    assert ["You said: hello", "I am here, /restart"] == await talk.wait(2)
    assert 200 == (await talk.client.delete(f"{address}/takeover", headers=desk_headers)).status_code
    assert 3 == len(await talk.wait(3))
    await talk.say("thanks")
    assert "You said: thanks" == (await talk.wait(4))[-1]


async def test_health(talk, monkeypatch):
    """What waits, and what was counted; nothing of a buyer."""
    fresh = Counters()
    monkeypatch.setattr("channels.receiver.counters", fresh)
    monkeypatch.setattr("channels.sender.counters", fresh)
    monkeypatch.setattr("channels.health.counters", fresh)
    health = (await talk.client.get("/webhooks/platforms")).json()
    assert ("ok", 0, 0.0) == (health["status"], health["waiting"], health["oldest"])
    assert {"line"} == health["channels"].keys() and {0} == set(health["channels"]["line"].values())

    body = write(change(webhookEventId="once"))
    for _ in range(2):
        await talk.post(body)
    for headers in ({}, {"x-line-signature": "A" * 44}):
        assert 401 == (await talk.post(body, headers=headers)).status_code
    assert 200 == (await talk.post(b"[]")).status_code
    await talk.say("what nobody else shall read")
    await talk.wait(1)
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        health = (await talk.client.get("/webhooks/platforms")).json()
        counts = health["channels"]["line"]
        if counts["sends_sent"] == 2:
            break
        await asyncio.sleep(0.05)
    wanted = {"calls_accepted": 3, "calls_forged": 2, "calls_unreadable": 1, "calls_failed": 0}
    wanted |= {"messages": 2, "duplicates": 1, "sends_sent": 2, "dead_letters": 0}
    assert wanted == {name: counts[name] for name in wanted}
    assert "read" not in json.dumps(list(counts.values())) and "U1" not in json.dumps(health)


async def test_sends_are_counted_by_what_became_of_them(talk, monkeypatch):
    fresh = Counters()
    monkeypatch.setattr("channels.sender.counters", fresh)
    monkeypatch.setattr("channels.health.counters", fresh)
    talk.line.break_next(status=429)
    await talk.say("first")
    assert ["You said: first"] == await talk.wait(1)
    talk.line.break_next(status=403)
    await talk.say("second")
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        counts = (await talk.client.get("/webhooks/platforms")).json()["channels"]["line"]
        if counts["sends_buried"]:
            break
        await asyncio.sleep(0.05)
    wanted = {"sends_sent": 1, "sends_retried": 1, "sends_buried": 1, "dead_letters": 1, "outbox": 0}
    assert wanted == {name: counts[name] for name in wanted}


async def test_stopping_ends_what_was_begun(talk):
    await talk.say("hello")
    await talk.wait(1)
    await asyncio.to_thread(talk.server.stop)
    await asyncio.to_thread(talk.server.start)
    await talk.say("again")
    assert ["You said: hello", "You said: again"] == await talk.wait(2)


@pytest.mark.parametrize(
    ("credentials", "named"),
    [
        ({"fax": {}}, "fax: platform"),
        ({"line": []}, "line: accounts"),
        ({"line": {"main": {"secret": "x"}}}, "main: shop"),
        ({"line": {"main": {"shop": "s", "secret": "${LINE_SECRET}"}}}, "main: secret names an environment variable"),
        ({"line": {"a/b": {"shop": "s"}}}, "a/b: name"),
    ],
)
def test_wrong_credentials_are_named(credentials, named):
    with pytest.raises(ConnectorSettingsError, match=named):
        read_accounts(credentials)


def test_accounts_hide_their_secrets():
    account = Account("main", "stylehub", {"secret": "do not show"})
    assert "do not show" not in repr(account)
    assert "do not show" not in json.dumps(str(account))
