"""The web chat's socket and files, without a browser."""

from __future__ import annotations

import asyncio
import json

import httpx
import pytest
import websockets

opened = []


@pytest.fixture(autouse=True)
async def closed(server):
    """Close what a test opened, before the server stops."""
    yield
    while opened:
        await opened.pop().close()


async def connect(server):
    """Open a connection."""
    opened.append(await websockets.connect(f"{server.url.replace('http', 'ws')}/chat/socket", close_timeout=1))
    return opened[-1]


async def hello(server, **more):
    """Open a window."""
    socket = await connect(server)
    await socket.send(json.dumps({"type": "hello", "shop": "stylehub", **more}))
    return socket, await hear(socket, "welcome")


async def hear(socket, kind):
    """Wait for an item of a kind."""
    while True:
        item = json.loads(await asyncio.wait_for(socket.recv(), 5))
        if item["type"] == kind:
            return item


async def say(socket, message_id, **content):
    """Write a message."""
    await socket.send(json.dumps({"type": "message", "id": message_id, **content}))


async def test_message_is_answered(server):
    """A message is answered, with a typing sign before and a receipt after."""
    socket, _ = await hello(server)
    await say(socket, "message-1", text="hello")
    kinds = [json.loads(await socket.recv()) for _ in range(4)]

    assert sorted(item["type"] for item in kinds) == [
        "done",
        "message",
        "typing",
        "typing",
    ]
    await socket.close()


async def test_history_is_restored(server):
    """The same session sees its conversation again, another one does not."""
    socket, welcome = await hello(server)
    await say(socket, "message-1", text="hello")
    await hear(socket, "done")
    await socket.close()
    _, again = await hello(server, token=welcome["token"])
    _, other = await hello(server)

    assert [line["text"] for line in again["history"]] == ["hello", "You said: hello"]
    assert other["history"] == []


async def test_windows_share_a_conversation(server):
    """What is said in one tab is seen in the other."""
    first, welcome = await hello(server)
    second, _ = await hello(server, token=welcome["token"])
    await say(first, "message-1", text="hello")
    heard = [(await hear(second, "message"))["text"] for _ in range(2)]

    assert sorted(heard) == ["You said: hello", "hello"]


async def test_resent_message_is_answered_once(server):
    """A message that is sent again, even to a server that was started anew, is answered once."""
    socket, welcome = await hello(server)
    for _ in range(3):
        await say(socket, "message-1", text="hello")
    await hear(socket, "done")
    await asyncio.to_thread(server.stop)
    first = len(server.bot.heard)
    await asyncio.to_thread(server.start)
    socket, _ = await hello(server, token=welcome["token"])
    await say(socket, "message-1", text="hello")
    await hear(socket, "done")

    assert (first, len(server.bot.heard)) == (1, 0)


@pytest.mark.parametrize(
    "frame",
    ["", "{", "[]", "7", '{"type": 1}', '{"type": "dance"}', b"\x00", "[" * 90_000],
    ids=[
        "empty",
        "broken",
        "list",
        "number",
        "wrong type",
        "unknown type",
        "bytes",
        "deep",
    ],
)
async def test_malformed_frame_is_explained(server, frame):
    """A malformed frame is answered with an error, and the connection stays."""
    socket, _ = await hello(server)
    await socket.send(frame)
    error = await hear(socket, "error")
    await say(socket, "message-1", text="hello")

    assert error["field"] in ("frame", "type")
    assert (await hear(socket, "done"))["id"] == "message-1"


async def test_payload_of_a_button_reaches_rasa(server):
    """A button's payload is heard, and its title is what the other windows and the history show."""
    socket, welcome = await hello(server)
    await say(socket, "message-1", text="choose")
    await hear(socket, "done")
    await say(socket, "message-2", payload="/return_item", title="Returns")
    await hear(socket, "done")
    _, again = await hello(server, token=welcome["token"])

    assert server.bot.heard[-1].text == "/return_item"
    assert again["history"][2]["text"] == "Returns"


async def test_burst_is_slowed_down(server):
    """The eleventh message within five seconds is answered politely, without Rasa."""
    socket, _ = await hello(server)
    for number in range(11):
        await say(socket, f"message-{number}", text="hello")
    done = [await hear(socket, "done") for _ in range(11)]

    assert [item["id"] for item in done if item.get("dropped")] == ["message-10"]
    assert len(server.bot.heard) == 10


async def test_late_reply_still_reaches_the_buyer(server):
    """After the trouble line, a late reply is delivered all the same."""

    async def dawdle(_):
        await asyncio.sleep(1.5)

    server.bot.scripts["slow"] = dawdle
    socket, _ = await hello(server)
    await say(socket, "message-1", text="slow")
    texts = [(await hear(socket, "message"))["text"] for _ in range(2)]

    assert texts[1] == "You said: slow"


async def test_person_reaches_the_window(server, desk_headers):
    """A person's words, and the hand-over, are shown in the buyer's window."""
    socket, _ = await hello(server)
    await say(socket, "message-1", text="person please")
    waiting = await hear(socket, "state")
    conversation_id = server.bot.heard[0].sender_id
    async with httpx.AsyncClient(headers=dict(desk_headers)) as desk:
        address = f"{server.url}/desk/conversations/{conversation_id}"
        await desk.post(f"{address}/takeover", json={"person": "Budi"})
        taken = await hear(socket, "state")
        reply = await desk.post(f"{address}/messages", json={"person": "Budi", "text": "Hi"})
        said = await hear(socket, "message")
        await desk.delete(f"{address}/takeover")
        back = await hear(socket, "message")

    assert (waiting["state"], taken["state"]) == ("waiting", "person")
    assert reply.json()["delivered"] is True
    assert (said["from"], said["person"], said["text"]) == ("person", "Budi", "Hi")
    assert back["from"] == "bot"


async def test_unknown_shop_is_explained(server):
    """A page that names a shop we do not know learns so, and nothing of those there are."""
    socket = await connect(server)
    await socket.send(json.dumps({"type": "hello", "shop": "nowhere"}))

    assert "stylehub" not in (await hear(socket, "error"))["message"]


async def test_language_follows_the_browser(server):
    """The first words are in the first language of the browser that there is a pack for."""
    _, welcome = await hello(server, languages=["xx", "th-TH", "en"])

    assert (welcome["language"], welcome["words"]["language"]) == ("th", "th")


async def test_conversation_id_does_not_give_the_token_away(server):
    """A log that names the conversation does not open the session."""
    socket, welcome = await hello(server)
    await say(socket, "message-1", text="hello")
    await hear(socket, "done")
    conversation_id = server.bot.heard[0].sender_id
    _, other = await hello(server, token=conversation_id)

    assert welcome["token"] not in conversation_id
    assert other["history"] == []


@pytest.mark.parametrize("name", ["../input.py", "..%2finput.py", "%2e%2e/input.py", "nothing.js"])
def test_files_outside_the_folder_are_not_served(server, name):
    """No name leads out of the folder of assets."""
    assert httpx.get(f"{server.url}/chat/assets/{name}").status_code == 404


def test_pages_are_served(server):
    """The page, the frame, the script and the shop's products are there, also without the last slash."""
    pages = [
        "/chat/",
        "/chat/frame",
        "/chat/widget.js",
        "/chat/assets/chat.js",
        "/chat/shop",
    ]
    found = [httpx.get(server.url + page).status_code for page in pages]
    redirected = httpx.get(f"{server.url}/chat?shop=stylehub")

    assert found == [200] * 5
    assert redirected.headers["location"] == "/chat/?shop=stylehub"


def test_unknown_shop_has_no_page(server, monkeypatch):
    """The demo page's products of an unknown shop are not found."""
    from pasar.commerce.registry import open_shop

    monkeypatch.setattr("channels.webchat.pages.open_shop", open_shop)

    assert httpx.get(f"{server.url}/chat/shop?shop=nowhere").status_code == 404
