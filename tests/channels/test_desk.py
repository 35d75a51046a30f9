"""The desk, over HTTP."""

from __future__ import annotations

import httpx
import pytest


def talk(server, text, sender="ana"):
    """Write as a buyer."""
    body = {"sender": sender, "message": text, "metadata": {"shop": "stylehub"}}
    return httpx.post(f"{server.url}/webhooks/rest/webhook", json=body, timeout=20).json()


@pytest.mark.parametrize("value", [None, "Bearer wrong", "Basic abc", "Bearer", "Bearer \xff"])
def test_stranger_is_refused(server, value):
    """Without the desk's token nothing is told."""
    headers = {} if value is None else {"Authorization": value.encode("latin-1")}
    reply = httpx.get(f"{server.url}/desk/conversations", headers=headers)

    assert reply.status_code == 401


def test_takeover_and_hand_back(server, desk_headers):
    """A person sees who waits, takes over, writes and hands back, and the bot speaks again."""
    desk = httpx.Client(base_url=f"{server.url}/desk/conversations", headers=dict(desk_headers))
    talk(server, "person please")
    waiting = httpx.get(f"{server.url}/desk/conversations?state=waiting", headers=dict(desk_headers)).json()
    taken = desk.post("/ana/takeover", json={"person": "Budi"}).json()
    silent = talk(server, "hello?")
    written = desk.post("/ana/messages", json={"text": "Hi, Budi here", "person": "Budi"})
    back = desk.request("DELETE", "/ana/takeover").json()
    spoken = talk(server, "thanks")
    shown = desk.get("/ana").json()

    assert [(line["conversation_id"], line["reason"]) for line in waiting] == [("ana", "asked")]
    assert (taken["state"], silent, written.status_code, back["state"]) == (
        "person",
        [],
        201,
        "bot",
    )
    assert spoken == [{"recipient_id": "ana", "text": "You said: thanks"}]
    senders = [line["from"] for line in shown["history"]]
    assert senders == ["user", "bot", "user", "person", "bot", "user", "bot"]


def test_writing_needs_a_takeover(server, desk_headers):
    """One speaker at a time: nobody writes into the bot's conversation."""
    talk(server, "hello")
    reply = httpx.post(
        f"{server.url}/desk/conversations/ana/messages",
        json={"text": "hi"},
        headers=dict(desk_headers),
    )

    assert reply.status_code == 409


def test_unknown_conversation_is_not_found(server, desk_headers):
    """A conversation that never was is not found."""
    reply = httpx.get(f"{server.url}/desk/conversations/nobody", headers=dict(desk_headers))

    assert reply.status_code == 404


def test_unknown_state_is_explained(server, desk_headers):
    """A wrong filter is refused with the states there are."""
    reply = httpx.get(f"{server.url}/desk/conversations?state=open", headers=dict(desk_headers))

    assert (reply.status_code, reply.json()["error"]["field"]) == (400, "state")
