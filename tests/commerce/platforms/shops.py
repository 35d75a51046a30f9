"""A shop as platforms' tests open it."""

from __future__ import annotations

import datetime

from pasar.commerce.model import Text
from pasar.commerce.rules import ReturnPolicy, Shop


def make_shop(**more):
    """A shop ``testshop`` that speaks English and sells in US dollars."""
    facts = {
        "shop_id": "testshop",
        "name": "Test Shop",
        "default_language": "en",
        "languages": ("en", "id"),
        "country": "SG",
        "currency": "USD",
        "currencies": {"ID": "IDR"},
        "time_zone": "Asia/Jakarta",
        "opens_at": datetime.time(9),
        "closes_at": datetime.time(18),
        "open_days": (0, 1, 2, 3, 4),
        "order_formats": ("[0-9]+",),
        "personas": {},
        "returns": ReturnPolicy(15, True, (5, 7), {}, ()),
        "email": "care@shop.example",
        "address": Text({"en": "18 Orchid Lane, Singapore"}),
        "handling_days": 1,
    }
    return Shop(**{**facts, **more})
