"""The example of the documentation as a test's own file."""

from __future__ import annotations

import pathlib
from collections.abc import Mapping
from typing import ClassVar

from pasar.commerce.backend import ShopError
from pasar.commerce.platforms.tokens import TokenStore
from pasar.commerce.rules import Shop

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

    @classmethod
    def open(cls, shop: Shop, settings: Mapping[str, str], tokens: TokenStore) -> ExamplePlatform:
        """As a platform's module does."""
        if not settings.get("partner_key", "").startswith("test-"):
            raise ShopError(shop.shop_id, "open", "example: partner_key is no key of tests")
        return cls()

    async def close(self) -> None:
        """Nothing is held open."""


def write_example(folder: pathlib.Path, old: str = "", new: str = "", name: str = "batikhaus.yml") -> pathlib.Path:
    """The example in ``folder``, with one thing changed."""
    text = EXAMPLE.read_text(encoding="utf-8")
    assert old in text
    path = folder / name
    path.write_text(text.replace(old, new, 1) if old else text, encoding="utf-8")
    return path
