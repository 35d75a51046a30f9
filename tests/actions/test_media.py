"""What is said to pictures, voice, files and stickers that come without a word."""

from __future__ import annotations

import pytest

from actions.media import ActionTakeMedia
from tests.actions.conftest import Buyer


@pytest.mark.parametrize(
    ("media", "said"),
    [
        ([{"kind": "image", "media_id": "1"}], "utter_image_received"),
        ([{"kind": "video", "media_id": "1"}], "utter_image_received"),
        ([{"kind": "voice", "media_id": "1"}], "utter_voice_received"),
        ([{"kind": "file", "file": "bill.pdf"}], "utter_file_received"),
        ([{"kind": "location", "latitude": 13.7, "longitude": 100.5}], "utter_file_received"),
        ([{"kind": "sticker", "keywords": ["thanks", "happy"]}], "utter_sticker_received"),
        ([{"kind": "sticker", "sticker": "446"}], "utter_sticker_received"),
        ([{"kind": "sticker", "keywords": ["😡"]}], "utter_sticker_unhappy"),
        ([{"kind": "sticker", "keywords": ["angry", "furious"]}], "utter_sticker_unhappy"),
        ([{"kind": "sticker", "keywords": ["😡"]}, {"kind": "image", "media_id": "1"}], "utter_image_received"),
        ([], "utter_sticker_received"),
    ],
)
async def test_each_kind_is_answered_truthfully(media, said):
    buyer = Buyer()
    buyer.metadata["media"] = media
    outcome = await buyer.run(ActionTakeMedia(), intent="send_media")
    assert [said] == outcome.said
