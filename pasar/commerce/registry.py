"""Which shops there are, and their open backends: one of each in a process."""

from __future__ import annotations

import functools
import importlib
import pathlib
import re
import threading
from collections.abc import Mapping
from typing import Any, Protocol, cast

import structlog

from pasar.commerce.backend import ShopBackend, UnknownShopError
from pasar.commerce.profiles.document import ProfileError
from pasar.commerce.profiles.profile import DemoProfile, Profile, read_profile

#: One file a shop: ``<shop id>.yml``.
SHOPS = pathlib.Path(__file__).resolve().parents[2] / "shops"

#: Imported only when a shop needs it.
_DEMO = "pasar.commerce.demo.backend:DemoBackend.open"
_PLATFORM = "pasar.commerce.platforms.opening:open_backend"

log = structlog.get_logger()


class ShopAdapter(ShopBackend, Protocol):
    """What the registry asks of a backend besides the shop protocol."""

    def close(self) -> None:
        """Give back threads and connections."""


_opened: dict[str, ShopAdapter] = {}
_lock = threading.Lock()


def list_shops() -> tuple[str, ...]:
    """The ids of all shops that have a file, by name."""
    return tuple(_list_files())


def default_shop() -> str:
    """The id of the shop that answers where none is named: the one whose file says so, else the first by name."""
    shops = list_shops()
    if not shops:
        raise UnknownShopError("", "default_shop", f"there is no shop in {SHOPS}")
    named = [shop_id for shop_id in shops if (profile := find_profile(shop_id)) is not None and profile.default]
    if len(named) > 1:
        raise UnknownShopError(named[1], "default_shop", f"{named[0]} is the default already")
    return named[0] if named else shops[0]


def open_shop(shop_id: str) -> ShopBackend:
    """The backend of a shop, the same one at every call; UnknownShopError where none is configured, or wrongly."""
    with _lock:
        if shop_id not in _opened:
            if shop_id not in _list_files():
                raise UnknownShopError(shop_id, "open_shop", f"has no file in {SHOPS}")
            profile = _read_profile(shop_id)
            if isinstance(profile, ProfileError):
                raise UnknownShopError(shop_id, "open_shop", str(profile)) from profile
            _opened[shop_id] = _open(profile)
        return _opened[shop_id]


def find_profile(shop_id: str | None) -> Profile | DemoProfile | None:
    """The profile of a shop, None where there is none or its file is wrong: one shop's file must not stop the others."""
    profile = _read_profile(shop_id) if shop_id in _list_files() else None
    return None if isinstance(profile, ProfileError) else profile


def find_platform(shop_id: str) -> str:
    """The platform that a shop's orders are on; "" for a demo shop, and for one that is not known."""
    profile = find_profile(shop_id)
    return profile.platform if isinstance(profile, Profile) else ""


@functools.lru_cache(maxsize=256)
def order_formats(shop_id: str | None) -> tuple[re.Pattern[str], ...]:
    """How a shop's order numbers look inside a text, in any letter case; the default shop's where none or none known."""
    profile = find_profile(shop_id)
    if profile is None and _list_files():
        profile = find_profile(default_shop())
    formats = profile.order_formats if profile else ()
    return tuple(re.compile(rf"(?<![\w-])(?:{form})(?!\w)", re.IGNORECASE | re.ASCII) for form in formats)


def close_shops() -> None:
    """Close all open backends; the next :func:`open_shop` reads the files again."""
    with _lock:
        while _opened:
            _opened.popitem()[1].close()
    for cached in (_list_files, _read_profile, order_formats):
        cached.cache_clear()


def _open(profile: Profile | DemoProfile) -> ShopAdapter:
    if isinstance(profile, DemoProfile):
        return cast("ShopAdapter", _load(_DEMO)(profile.shop_id, {"database": profile.database}))
    return cast("ShopAdapter", _load(_PLATFORM)(profile))


def _load(place: str) -> Any:
    module, _, names = place.partition(":")
    return functools.reduce(getattr, names.split("."), cast("Any", importlib.import_module(module)))


@functools.lru_cache(maxsize=1)
def _list_files() -> Mapping[str, pathlib.Path]:
    return {path.stem: path for path in sorted(SHOPS.glob("*.yml"))}


@functools.lru_cache(maxsize=256)
def _read_profile(shop_id: str) -> Profile | DemoProfile | ProfileError:
    """A shop's file; what is wrong with it is kept as well: it is asked for at every message."""
    try:
        return read_profile(_list_files()[shop_id])
    except ProfileError as error:
        log.error("shop.file.wrong", shop=shop_id, errors=len(error.findings), first=str(error.findings[0]))
        return error
