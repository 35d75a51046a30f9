"""Letting a seller connect a shop: the link she follows, and what is kept when she comes back."""

from __future__ import annotations

import os
from collections.abc import Mapping

import structlog

from pasar.commerce.backend import ShopError
from pasar.commerce.platforms.authorisation import CALL, Authorisation, Grant
from pasar.commerce.platforms.names import load_authorisation
from pasar.commerce.platforms.opening import open_invitations, open_tokens
from pasar.commerce.profiles.profile import DemoProfile, Profile
from pasar.settings import load_settings

#: Where sellers come back to, below PASAR_PUBLIC_URL; and where a platform sends a shop's webhooks, the shop's id behind it.
CALLBACK_PATH = "/webhooks/shops/authorised"
NOTICE_PATH = "/webhooks/shops"

log = structlog.get_logger()


def find_callback() -> str:
    """The address that sellers come back to; "" where this server has none that they can reach."""
    public = load_settings().public_url
    return public and public + CALLBACK_PATH


async def invite(profile: Profile | DemoProfile, callback: str) -> str:
    """The link that lets us into a shop once the seller has followed it and consented; ShopError where it has none."""
    authorisation = open_authorisation(profile)
    state = await open_invitations().issue(profile.shop_id)
    return authorisation.write_link(callback, state)


async def connect(profile: Profile | DemoProfile, answer: Mapping[str, str]) -> Grant:
    """Keep the tokens that the seller's answer is worth. It is for the caller to know that she was invited."""
    authorisation = open_authorisation(profile)
    assert isinstance(profile, Profile)  # others cannot be opened
    grant = await authorisation.exchange(answer)
    await open_tokens().put(profile.shop_id, profile.platform, grant.token)
    log.info("shop.connected", shop=profile.shop_id, platform=profile.platform)
    return grant


def open_authorisation(profile: Profile | DemoProfile) -> Authorisation:
    """How the shop's seller lets us in; ShopError where that is not by a link, or a key is missing."""
    platform = profile.platform if isinstance(profile, Profile) else "demo"
    kind = load_authorisation(platform)
    if kind is None or not isinstance(profile, Profile):
        reason = f"{platform} has no link to follow: its keys stand in the environment, see docs/connect-a-shop.md"
        raise ShopError(profile.shop_id, CALL, reason)
    return kind.open(profile.shop, profile.find_settings(os.environ))
