"""Which services track parcels, and the source of a shop that has an account there."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from pasar.commerce.carriers.aftership import AfterShip
from pasar.commerce.carriers.seventeentrack import SeventeenTrack
from pasar.commerce.carriers.source import ParcelSource, TrackingService
from pasar.commerce.carriers.whereabouts import Whereabouts

#: What stands under ``carriers`` in a shop's file.
SERVICES: Mapping[str, type[AfterShip | SeventeenTrack]] = MappingProxyType(
    {"17track": SeventeenTrack, "aftership": AfterShip}
)

_WAIT_SECONDS = 1.2  # a shop waits a little longer, and then has what was known before


def open_parcels(
    shop_id: str, keys: Mapping[str, Mapping[str, str]], couriers: Mapping[str, Mapping[str, str]]
) -> ParcelSource:
    """The source of a shop with accounts at these services, asked in this order; does not connect.

    ``keys`` are the accounts' by service, ``couriers`` the services' codes of carriers by the shop's names of them.
    ShopError where a key is missing.
    """
    sources: list[TrackingService] = [SERVICES[name].open(shop_id, keys[name], couriers.get(name, {})) for name in keys]
    return Whereabouts(sources, shop_id=shop_id, wait_seconds=_WAIT_SECONDS)
