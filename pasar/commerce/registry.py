"""Which shops there are, and their open backends: one of each in a process."""

from __future__ import annotations

import functools
import importlib
import pathlib
import re
import threading
from collections.abc import Mapping
from typing import Protocol, cast

import yaml

from pasar.commerce.backend import ShopBackend, UnknownShopError

#: ``shops: {<shop id>: {backend: <name in BACKENDS>, …settings}}``, optionally ``default: <shop id>``.
SHOPS_FILE = pathlib.Path(__file__).resolve().parents[2] / "shops.yml"

#: Where the adapters are; imported only when a shop needs them.
BACKENDS = {"demo": "pasar.commerce.demo.backend:DemoBackend"}


class ShopAdapter(ShopBackend, Protocol):
    """What the registry asks of a backend's class besides the shop protocol."""

    @classmethod
    def open(cls, shop_id: str, settings: Mapping[str, str]) -> ShopAdapter:
        """Make the backend of a shop from its settings in the file. Does not connect yet."""

    def close(self) -> None:
        """Give back threads and connections."""


_opened: dict[str, ShopAdapter] = {}
_lock = threading.Lock()


def list_shops() -> tuple[str, ...]:
    """The ids of all configured shops, in the file's order."""
    return tuple(_read_shops()[0])


def default_shop() -> str:
    """The id of the shop that answers where none is named: the file's ``default``, else its first."""
    shops, default = _read_shops()
    if default not in shops:
        raise UnknownShopError(default, "default_shop", f"is not among the shops of {SHOPS_FILE}")
    return default


def open_shop(shop_id: str) -> ShopBackend:
    """The backend of a shop, the same one at every call; UnknownShopError where none is configured."""
    with _lock:
        if shop_id not in _opened:
            shops, _ = _read_shops()
            if shop_id not in shops:
                raise UnknownShopError(shop_id, "open_shop", f"is not among the shops of {SHOPS_FILE}")
            settings = dict(shops[shop_id])
            adapter = _load_adapter(shop_id, settings.pop("backend", ""))
            _opened[shop_id] = adapter.open(shop_id, settings)
        return _opened[shop_id]


@functools.lru_cache(maxsize=256)
def order_formats(shop_id: str | None) -> tuple[re.Pattern[str], ...]:
    """How a shop's order numbers look inside a text, in any letter case; the default shop's where none or none known."""
    shops, default = _read_shops()
    settings = shops.get(shop_id or default) or shops.get(default) or {}
    formats = settings.get("order_formats", ())
    return tuple(re.compile(rf"(?<![\w-])(?:{form})(?!\w)", re.IGNORECASE | re.ASCII) for form in formats)


def close_shops() -> None:
    """Close all open backends; the next :func:`open_shop` reads the file again."""
    with _lock:
        while _opened:
            _opened.popitem()[1].close()
    _read_shops.cache_clear()
    order_formats.cache_clear()


def _load_adapter(shop_id: str, name: str) -> type[ShopAdapter]:
    if name not in BACKENDS:
        known = ", ".join(BACKENDS)
        raise UnknownShopError(shop_id, "open_shop", f"{SHOPS_FILE}: backend {name!r} is none of: {known}")
    module, _, attribute = BACKENDS[name].partition(":")
    return cast("type[ShopAdapter]", getattr(importlib.import_module(module), attribute))


@functools.lru_cache(maxsize=1)
def _read_shops() -> tuple[dict[str, dict[str, str]], str]:
    try:
        document = yaml.safe_load(SHOPS_FILE.read_text(encoding="utf-8"))
    except FileNotFoundError:
        document = None
    shops = document.get("shops") if isinstance(document, dict) else None
    if not isinstance(shops, dict) or not all(isinstance(settings, dict) for settings in shops.values()):
        raise UnknownShopError("", "read_shops", f"{SHOPS_FILE}: has no mapping 'shops' of settings by shop id")
    default = document.get("default", next(iter(shops), ""))
    return shops, str(default)
