"""Opening a shop on a platform from its profile."""

from __future__ import annotations

import os

import sqlalchemy as sa

from pasar.commerce.carriers.names import open_parcels
from pasar.commerce.platforms.backend import PlatformBackend
from pasar.commerce.platforms.catalogue import Catalogue
from pasar.commerce.platforms.inbox import Inbox
from pasar.commerce.platforms.invitations import Invitations
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
    settings, accounts = profile.read_settings(os.environ), profile.read_accounts(os.environ)
    couriers = {service: account.couriers for service, account in profile.carriers.items()}
    pasar = load_settings()
    upgrade(pasar.database)
    engine = create_engine(pasar.database)
    api = load_platform(profile.platform).open(profile.shop, settings, SqlTokenStore(engine, pasar.token_key))
    parcels = open_parcels(profile.shop_id, accounts, couriers) if accounts else None
    return PlatformBackend(profile, api, Catalogue(engine, profile.shop_id), parcels)


def open_tokens() -> SqlTokenStore:
    """The tokens of all shops, in PASAR_DATABASE."""
    return SqlTokenStore(_open_database(), load_settings().token_key)


def open_inbox() -> Inbox:
    """The webhooks of all shops, in PASAR_DATABASE."""
    return Inbox(_open_database())


def open_invitations() -> Invitations:
    """The links that sellers may follow to let us in, in PASAR_DATABASE."""
    return Invitations(_open_database())


def _open_database() -> sa.engine.Engine:
    url = load_settings().database
    upgrade(url)
    return create_engine(url)
