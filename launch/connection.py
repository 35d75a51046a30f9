"""``connect-shop``: the link that a seller follows to let us into a shop, and the code that comes of it."""

from __future__ import annotations

import asyncio
import urllib.parse
from collections.abc import Mapping

from launch.checks import LaunchError
from launch.child import say
from pasar.commerce.backend import ShopError
from pasar.commerce.platforms.connection import connect, find_callback, invite
from pasar.commerce.platforms.invitations import LASTS
from pasar.commerce.profiles.document import ProfileError
from pasar.commerce.profiles.profile import DemoProfile, Profile, read_profile
from pasar.commerce.registry import SHOPS, list_shops


def connect_shop(shop_id: str, callback: str, code: str) -> None:
    """Print the link, or, where a ``code`` is given, keep the tokens that it is worth; LaunchError.

    ``callback`` takes the place of this server's own address, for who has none; ``code`` may be the whole address that
    the platform has led the seller to.
    """
    profile = _read_profile(shop_id)
    try:
        if code:
            _exchange(profile, _read_answer(code))
        else:
            _invite(profile, callback or find_callback())
    except ShopError as error:
        raise LaunchError(str(error)) from None


def _invite(profile: Profile | DemoProfile, callback: str) -> None:
    if not callback:
        raise LaunchError("PASAR_PUBLIC_URL is not set: set it, or give --callback and afterwards --code")
    print(asyncio.run(invite(profile, callback)))
    minutes = LASTS.total_seconds() / 60
    say(f"{profile.shop_id}: let the seller open this address within {minutes:.0f} minutes (Shopee: five), once")


def _exchange(profile: Profile | DemoProfile, answer: Mapping[str, str]) -> None:
    grant = asyncio.run(connect(profile, answer))
    say(f"{profile.shop_id} is connected")
    for shop in grant.shops:
        print(", ".join(f"{name}: {value}" for name, value in shop.items()))


def _read_profile(shop_id: str) -> Profile | DemoProfile:
    if shop_id not in list_shops():
        raise LaunchError(f"There is no shop {shop_id} in {SHOPS}")
    try:
        return read_profile(SHOPS / f"{shop_id}.yml")
    except ProfileError as error:
        raise LaunchError(str(error)) from None


def _read_answer(code: str) -> Mapping[str, str]:
    if "?" not in code:
        return {"code": code.strip()}
    query = urllib.parse.urlsplit(code.strip()).query
    return {name: values[0] for name, values in urllib.parse.parse_qs(query).items()}
