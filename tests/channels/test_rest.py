"""The REST channel, over HTTP."""

from __future__ import annotations

import asyncio
import json

import httpx
import pytest

from channels.turn import finish_turns
from pasar.conversations.identity import sign_buyer


def post(server, message, sender="ana", **metadata):
    """Send a message as a program would."""
    body = {
        "sender": sender,
        "message": message,
        "metadata": {"shop": "stylehub", **metadata},
    }
    return httpx.post(f"{server.url}/webhooks/rest/webhook", json=body, timeout=20)


def test_health_is_told(server):
    """Rasa's health address still answers."""
    reply = httpx.get(f"{server.url}/webhooks/rest/")

    assert reply.json() == {"status": "ok"}


def test_reply_is_a_list_of_messages(server):
    """A message is answered as Rasa's own REST channel answers."""
    reply = post(server, "hello")

    assert reply.json() == [{"recipient_id": "ana", "text": "You said: hello"}]


def test_reply_carries_buttons_and_cards(server):
    """Buttons and cards are given as they are."""
    buttons, cards = post(server, "choose").json(), post(server, "products").json()

    assert [button["payload"] for button in buttons[0]["buttons"]] == [
        "/order_status",
        "/return_item",
    ]
    assert cards[1]["custom"]["cards"][0]["sku"] == "SHIRT-01"


def test_metadata_reaches_rasa_clean(server):
    """Rasa is told shop, product, channel, language and a verified buyer, and nothing else a stranger wrote."""
    token = sign_buyer("stylehub", email="ana@example.org")
    post(
        server,
        "hello",
        product="DRESS-01",
        buyer_token=token,
        buyer={"email": "other@example.org"},
    )

    metadata = server.bot.heard[0].metadata
    assert metadata == {
        "shop": "stylehub",
        "product": "DRESS-01",
        "channel": "rest",
        "language": metadata["language"],
        "buyer": {"email": "ana@example.org"},
    }


def test_a_live_stream_is_told(server):
    """A program that writes from a live stream says so; understanding makes use of it."""
    post(server, "hello", live=True)

    assert server.bot.heard[0].metadata["live"] is True


def test_forged_buyer_is_a_stranger(server):
    """A token that another shop signed names nobody."""
    post(server, "hello", buyer_token=sign_buyer("another", email="ana@example.org"))

    assert "buyer" not in server.bot.heard[0].metadata


def test_command_is_accepted(server):
    """Rasa's habit of sending an intent as a message is kept."""
    post(server, "/greet")

    assert server.bot.heard[0].text == "/greet"


@pytest.mark.parametrize(
    ("content", "field"),
    [
        (b"{", "body"),
        (b"\xff\xfe", "body"),
        (b"[]", "body"),
        (b"", "body"),
        (b"[" * 100_000, "body"),
        (b'{"message": "hi"}', "sender"),
        (b'{"sender": 7, "message": "hi"}', "sender"),
        (b'{"sender": "a\\u0000b", "message": "hi"}', "sender"),
        (json.dumps({"sender": "a" * 256, "message": "hi"}).encode(), "sender"),
        (b'{"sender": "a"}', "message"),
        (b'{"sender": "a", "message": {"text": "hi"}}', "message"),
        (b'{"sender": "a", "message": "hi", "metadata": "stylehub"}', "metadata"),
        (
            b'{"sender": "a", "message": "hi", "metadata": {"product": 4}}',
            "metadata.product",
        ),
        (b'{"sender": "a", "message": "hi", "metadata": {"live": "yes"}}', "metadata.live"),
    ],
    ids=range(14),
)
def test_bad_request_names_the_field(server, content, field):
    """What is not formed as agreed is refused with the name of the field."""
    reply = httpx.post(f"{server.url}/webhooks/rest/webhook", content=content)

    assert (reply.status_code, reply.json()["error"]["field"]) == (400, field)


def test_unknown_shop_is_not_found(server):
    """An unknown shop is refused, and the known ones are not named."""
    reply = post(server, "hello", shop="nowhere")

    assert reply.status_code == 404
    assert "stylehub" not in reply.text


def test_large_body_is_refused(server):
    """More than 1 MB is not read to the end."""
    reply = httpx.post(f"{server.url}/webhooks/rest/webhook", content=b"x" * 2_000_000, timeout=20)

    assert reply.status_code == 413


@pytest.mark.parametrize("message", ["", "  \n ", "\u200b", "\x00\x07"])
def test_empty_message_is_answered_politely(server, message):
    """Nothing to read is answered without Rasa."""
    reply = post(server, message)

    assert [list(line) for line in reply.json()] == [["recipient_id", "text"]]
    assert server.bot.heard == []


def test_long_message_is_answered_politely(server):
    """100,000 characters are answered with the limit, without Rasa."""
    reply = post(server, "a" * 100_000)

    assert [line["recipient_id"] for line in reply.json()] == ["ana"]
    assert server.bot.heard == []


@pytest.mark.parametrize("message", ["silence", "crash"])
def test_buyer_never_meets_silence(server, message):
    """A turn that says nothing or fails is answered with the trouble line, without a trace."""
    reply = post(server, message)

    assert reply.status_code == 200
    assert len(reply.json()) == 1
    assert "script" not in reply.text


def test_late_turn_is_answered_in_time(server):
    """A turn that takes too long goes on, and the buyer hears the trouble line in time."""
    finished = []

    async def dawdle(_):
        await asyncio.sleep(1.5)
        finished.append(True)

    server.bot.scripts["slow"] = dawdle
    reply = post(server, "slow")

    assert reply.elapsed.total_seconds() < 1.4
    assert len(reply.json()) == 1
    server.run(finish_turns())
    assert finished == [True]


def test_reply_is_withheld_when_a_person_took_over(server):
    """A reply that was computed while a person took over is not sent."""

    async def take(message):
        server.store.take(message.sender_id)

    server.bot.scripts["take"] = take

    assert post(server, "take").json() == []


def test_reply_of_the_asking_turn_is_sent(server):
    """The turn that asks for a person may say so; the next ones are silent but heard."""
    asked, next_one = (
        post(server, "person please").json(),
        post(server, "still there?").json(),
    )

    assert [line["text"] for line in asked] == ["Someone will be with you"]
    assert next_one == []
    assert server.bot.heard[-1].text == "still there?"


def test_conversation_stays_in_its_shop(server):
    """A sender cannot write into a conversation of another channel."""
    server.store.touch("web-1", "stylehub", "webchat", "en")

    assert post(server, "hello", sender="web-1").status_code == 400


def test_language_of_the_reply_is_remembered(server):
    """The channel's own lines are in the language that Rasa last answered in."""
    post(server, "bahasa")

    assert "Kak" in post(server, "").json()[0]["text"]
