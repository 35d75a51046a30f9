"""What a buyer sends without a word: a picture, a voice message, a file, a place, a sticker, an emoji."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from rasa_sdk.events import EventType

from actions.turn import ShopAction, Turn
from pasar.languages.mood import judge_mood

_RESPONSES = {"image": "utter_image_received", "video": "utter_image_received", "voice": "utter_voice_received"}
_STICKER = "sticker"
_KEYWORDS_IN = "en"  #: platforms describe stickers by emoji or English words


class ActionTakeMedia(ShopAction):
    """Says truthfully that it stays with the conversation, and that only people can look at it; a sticker is a mood."""

    def name(self) -> str:
        """As in the domain."""
        return "action_take_media"

    async def answer(self, turn: Turn) -> list[EventType]:
        """By the kind of the first that is no sticker; what it was is in the message's metadata."""
        media: list[Mapping[str, Any]] = list(turn.metadata.get("media") or ())
        kinds = [str(one.get("kind")) for one in media if one.get("kind") != _STICKER]
        if kinds:
            turn.say(_RESPONSES.get(kinds[0], "utter_file_received"))
        else:
            unhappy = turn.unhappy or _is_unhappy(media)
            turn.say("utter_sticker_unhappy" if unhappy else "utter_sticker_received")
        return []


def _is_unhappy(stickers: Iterable[Mapping[str, Any]]) -> bool:
    words = " ".join(str(word) for sticker in stickers for word in sticker.get("keywords") or ())
    return judge_mood(words, _KEYWORDS_IN).score < 0
