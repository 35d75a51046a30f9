"""The platforms there are connectors for, by name, and their accounts in ``credentials.yml``."""

from __future__ import annotations

import importlib
from collections.abc import Iterable, Mapping
from typing import Any

import httpx

from channels.connector import Account, Connector, ConnectorSettingsError
from pasar.commerce.platforms.tokens import TokenStore

#: Name → module and class; a module is imported where an account asks for it.
PLATFORMS: Mapping[str, str] = {
    "amazon": "channels.amazon.AmazonConnector",
    "ebay": "channels.ebay.EbayConnector",
    "email": "channels.email.EmailConnector",
    "facebooklive": "channels.live.facebook.FacebookLive",
    "instagram": "channels.instagram.InstagramConnector",
    "lazada": "channels.lazada.LazadaConnector",
    "line": "channels.line.LineConnector",
    "messenger": "channels.messenger.MessengerConnector",
    "shopee": "channels.shopee.ShopeeConnector",
    "shopeelive": "channels.live.shopee.ShopeeLive",
    "telegram": "channels.telegram.TelegramConnector",
    "tiktokshop": "channels.tiktokshop.TikTokShopConnector",
    "whatsapp": "channels.whatsapp.WhatsAppConnector",
    "zalo": "channels.zalo.ZaloConnector",
}

Connectors = Mapping[tuple[str, str], Connector]  #: by channel and account


def read_accounts(credentials: Mapping[str, Any] | None) -> dict[str, list[Account]]:
    """Accounts by platform, from the block of ``credentials.yml``; ConnectorSettingsError names what is wrong."""
    found: dict[str, list[Account]] = {}
    for platform, accounts in (credentials or {}).items():
        if platform not in PLATFORMS:
            raise ConnectorSettingsError(str(platform), "platform", f"must be one of: {', '.join(sorted(PLATFORMS))}")
        if not isinstance(accounts, Mapping):
            raise ConnectorSettingsError(str(platform), "accounts", "must be a mapping of names to settings")
        found[platform] = [_read_account(str(name), settings) for name, settings in accounts.items()]
    return found


def open_connectors(
    accounts: Mapping[str, Iterable[Account]], client: httpx.AsyncClient, tokens: TokenStore | None = None
) -> dict[tuple[str, str], Connector]:
    """A connector for every account; ConnectorSettingsError where one lacks a setting."""
    return {
        (platform, account.name): load_class(platform)(account, client, tokens)
        for platform, listed in accounts.items()
        for account in listed
    }


def load_class(platform: str) -> type[Connector]:
    """The connector's class of a platform."""
    module, _, name = PLATFORMS[platform].rpartition(".")
    found: type[Connector] = getattr(importlib.import_module(module), name)
    return found


def _read_account(name: str, settings: object) -> Account:
    if not isinstance(settings, Mapping) or not settings.get("shop"):
        raise ConnectorSettingsError(name, "shop", "is missing in credentials.yml")
    # An environment variable that is not set stays as it was written.
    unset = [key for key, value in settings.items() if isinstance(value, str) and value.startswith("${")]
    if unset:
        raise ConnectorSettingsError(name, unset[0], "names an environment variable that is not set")
    values = {str(key): str(value) for key, value in settings.items() if value is not None}
    return Account(name, values["shop"], values)
