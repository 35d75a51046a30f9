"""Opening a shop on a platform from its profile."""

from __future__ import annotations

import os
from collections.abc import Mapping

from pasar.commerce.backend import UnknownShopError
from pasar.commerce.carriers.names import open_parcels
from pasar.commerce.platforms.backend import PlatformBackend
from pasar.commerce.platforms.catalogue import Catalogue
from pasar.commerce.platforms.names import load_platform
from pasar.commerce.platforms.schema import upgrade
from pasar.commerce.platforms.token_store import SqlTokenStore
from pasar.commerce.profiles.profile import Profile
from pasar.database import create_engine
from pasar.settings import load_settings


def open_backend(profile: Profile) -> PlatformBackend:
    """The shop, with its catalogue and tokens in PASAR_DATABASE; does not connect to the platform yet.

    UnknownShopError where a key is not set in the environment; ShopError where the platform cannot use one.
    """
    shop_id = profile.shop_id
    settings = _read_variables(shop_id, "keys", profile.keys, os.environ)
    if profile.base_url:
        settings["base_url"] = profile.base_url
    accounts = {
        service: _read_variables(shop_id, f"carriers.{service}", account.keys, os.environ)
        for service, account in profile.carriers.items()
    }
    couriers = {service: account.couriers for service, account in profile.carriers.items()}
    pasar = load_settings()
    upgrade(pasar.database)
    engine = create_engine(pasar.database)
    api = load_platform(profile.platform).open(profile.shop, settings, SqlTokenStore(engine, pasar.token_key))
    parcels = open_parcels(shop_id, accounts, couriers) if accounts else None
    return PlatformBackend(profile, api, Catalogue(engine, shop_id), parcels)


def _read_variables(
    shop_id: str, field: str, named: Mapping[str, str], environment: Mapping[str, str]
) -> dict[str, str]:
    for name, variable in named.items():
        if not environment.get(variable):
            raise UnknownShopError(shop_id, "open_shop", f"{field}.{name}: {variable} is not set in the environment")
    return {name: environment[variable] for name, variable in named.items()}
