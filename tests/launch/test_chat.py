"""The conversation in the terminal."""

from __future__ import annotations

import argparse
import socket

import pytest

from launch import chat
from launch.checks import LaunchError

NOWHERE = argparse.Namespace(shop=None, product="DRESS-01")
REPLIES = [
    {"text": "one\ntwo", "buttons": [{"title": "Yes", "payload": "/affirm"}, {"title": "No", "payload": "/deny"}]},
    {"image": "https://shop.example/a.png"},
]


def test_number_of_a_button_sends_its_payload(monkeypatch, capsys):
    sent = []
    monkeypatch.setattr(chat, "send", lambda _port, message: sent.append(message) or REPLIES)
    lines = iter(["hello", "2", "38", ""])

    def ask(_prompt):
        try:
            return next(lines)
        except StopIteration:
            raise EOFError from None

    chat.chat(1, NOWHERE, ask)
    assert [message["message"] for message in sent] == ["hello", "/deny", "38"]
    assert sent[0]["metadata"] == {"product": "DRESS-01"}
    assert len({message["sender"] for message in sent}) == 1
    assert capsys.readouterr().out.splitlines()[:5] == [
        "one",
        "two",
        "  1) Yes",
        "  2) No",
        "https://shop.example/a.png",
    ]


def test_no_server_is_told_how_to_go_on():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with pytest.raises(LaunchError, match="make run"):
        chat.send(port, {})
