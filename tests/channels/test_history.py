"""What is shown of a tracker."""

from __future__ import annotations

from rasa.shared.core.events import (
    BotUttered,
    ConversationPaused,
    ConversationResumed,
    UserUttered,
)

from channels.history import render


def test_render_leaves_out_what_was_withheld():
    """What the bot said between a takeover and its end was not sent, and is not shown."""
    events = [
        UserUttered("hello", message_id="m1", timestamp=1),
        BotUttered("too late", timestamp=3),
        ConversationPaused(2, {"taken": True}),
        BotUttered("a person", metadata={"person": "Budi"}, timestamp=4),
        ConversationResumed(5),
        BotUttered("the bot again", timestamp=6),
    ]

    shown = [(line["from"], line["text"]) for line in render(events)]

    assert shown == [
        ("user", "hello"),
        ("person", "a person"),
        ("bot", "the bot again"),
    ]


def test_render_shows_a_button_by_its_title():
    """A pressed button is shown as the buyer saw it."""
    events = [
        BotUttered(
            "What is it about?",
            {"buttons": [{"title": "Returns", "payload": "/return_item"}]},
            timestamp=1,
        ),
        UserUttered("/return_item", timestamp=2),
        UserUttered("/session_start", timestamp=3),
    ]

    assert [line["text"] for line in render(events)] == ["What is it about?", "Returns"]
