"""Which services track parcels. A module is imported only when a shop has an account there."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import Any, cast

from pasar.commerce.carriers.source import ParcelSource

#: What stands under ``carriers`` in a shop's file → the class of its :class:`ParcelSource`.
SERVICES = {
    "17track": "pasar.commerce.carriers.seventeentrack:SeventeenTrack",
    "aftership": "pasar.commerce.carriers.aftership:AfterShip",
}
#: Asks several sources as one, and keeps what they say for a while.
WHEREABOUTS = "pasar.commerce.carriers.whereabouts:Whereabouts"


def open_parcels(
    shop_id: str, keys: Mapping[str, Mapping[str, str]], couriers: Mapping[str, Mapping[str, str]]
) -> ParcelSource:
    """The source of a shop with accounts at these services, asked in this order; does not connect.

    ``keys`` are the accounts' by service, ``couriers`` the services' codes of carriers by the shop's names of them.
    """
    sources = [_load(SERVICES[name]).open(shop_id, keys[name], couriers.get(name, {})) for name in keys]
    return cast("ParcelSource", _load(WHEREABOUTS)(sources))


def _load(place: str) -> Any:
    module, _, attribute = place.partition(":")
    return getattr(importlib.import_module(module), attribute)
