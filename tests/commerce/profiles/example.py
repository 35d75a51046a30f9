"""The example of the documentation as a test's own file."""

from __future__ import annotations

import pathlib
from collections.abc import Mapping
from typing import ClassVar

EXAMPLE = pathlib.Path(__file__).resolve().parents[3] / "docs" / "shop.example.yml"
LANGUAGES = ("en", "id", "th")
ENVIRONMENT = {
    "BATIKHAUS_SHOPEE_PARTNER_ID": "1000001",
    "BATIKHAUS_SHOPEE_PARTNER_KEY": "test-partner-key",
    "BATIKHAUS_SHOPEE_SHOP_ID": "2000002",
    "BATIKHAUS_17TRACK_KEY": "test-tracking-key",
}


class ExamplePlatform:
    """The keys of the example's platform."""

    keys: ClassVar[Mapping[str, str]] = {
        "partner_id": "its number",
        "partner_key": "its secret",
        "shop_id": "its shop",
        "market": "Optional: where it sells",
    }


def write_example(folder: pathlib.Path, old: str = "", new: str = "", name: str = "batikhaus.yml") -> pathlib.Path:
    """The example in ``folder``, with one thing changed."""
    text = EXAMPLE.read_text(encoding="utf-8")
    assert old in text
    path = folder / name
    path.write_text(text.replace(old, new, 1) if old else text, encoding="utf-8")
    return path
