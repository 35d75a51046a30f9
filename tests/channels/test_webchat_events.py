"""What socket.io's events are to the web chat, and its lines to socket.io's clients; tests/clients has the real ones."""

from __future__ import annotations

import asyncio
import json

import pytest

from channels.webchat.events import MAX_WAITING, EventConnection, write_utterance


@pytest.fixture
def client():
    """A connection that keeps what is sent to it."""
    heard = []

    async def emit(event, content):
        heard.append((event, content))

    connection = EventConnection(emit)
    connection.heard = heard
    return connection


async def read(connection):
    return json.loads(await asyncio.wait_for(connection.recv(), 60))


async def test_a_session_is_asked_for_with_its_page(client):
    client.greet({"session_id": "t" * 43, "shop": "stylehub", "metadata": {"product": "DRESS-01"}, "other": 1})
    hello = {"type": "hello", "token": "t" * 43, "shop": "stylehub", "product": "DRESS-01"}
    assert hello == await read(client)


async def test_who_writes_without_a_session_is_given_one(client):
    client.hear({"message": "hi", "customData": {"shop": "stylehub"}})
    assert {"type": "hello", "token": None, "shop": "stylehub"} == await read(client)
    message = await read(client)
    assert ("message", "hi", 32) == (message["type"], message["text"], len(message["id"]))
    client.hear({"message": "again"})
    assert "again" == (await read(client))["text"]


async def test_a_quick_reply_is_a_payload(client):
    client.greet({})
    client.hear({"message": '/choose_size{"size": "M"}'})
    client.hear({"message": "/order_status", "title": "Order status"})
    client.hear({"message": "/not a payload"})
    await read(client)
    pressed = [await read(client) for _ in range(3)]
    assert ["choose size", "Order status", None] == [item.get("title") for item in pressed]
    assert ['/choose_size{"size": "M"}', "/order_status", None] == [item.get("payload") for item in pressed]


@pytest.mark.parametrize("data", [None, "hi", 5, [], {"message": None}, {"message": {}}, {"metadata": [1]}], ids=repr)
async def test_what_is_no_message_is_left_to_the_chats_checks(client, data):
    client.hear(data)
    assert ["hello", "message"] == [(await read(client))["type"] for _ in range(2)]


async def test_who_floods_is_not_heard_and_may_leave(client):
    for number in range(MAX_WAITING * 3):
        client.hear({"message": str(number)})
    client.leave()
    read_in_time = []
    while (frame := await asyncio.wait_for(client.recv(), 60)) is not None:
        read_in_time.append(frame)
    assert len(read_in_time) <= MAX_WAITING


async def test_lines_are_events(client):
    for item in (
        {"type": "welcome", "token": "t", "history": []},
        {"type": "typing", "on": True},
        {"type": "message", "from": "user", "text": "mine"},
        {"type": "message", "from": "bot", "text": "hi"},
        {"type": "message", "from": "person", "person": "Sari", "text": "I am here"},
        {"type": "error", "field": "id", "message": "is missing"},
        {"type": "done", "id": "1"},
    ):
        await client.send(json.dumps(item))
    assert [
        ("session_confirm", "t"),
        ("bot_uttered", {"text": "hi"}),
        ("bot_uttered", {"text": "I am here", "person": "Sari"}),
        ("refused", {"field": "id", "message": "is missing"}),
    ] == client.heard


def test_buttons_pictures_and_cards_are_as_rasas_channel_has_them():
    button = {"title": "Yes", "payload": "/affirm"}
    line = {"text": "?", "buttons": [button], "image": "https://shop.example/a.jpg", "custom": {"cards": []}}
    assert {
        "text": "?",
        "quick_replies": [{"content_type": "text", **button}],
        "attachment": {"type": "image", "payload": {"src": "https://shop.example/a.jpg"}},
        "custom": {"cards": []},
    } == write_utterance(line)
