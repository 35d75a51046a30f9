"""What is done with shops' files and their products by a command."""

from __future__ import annotations

import asyncio
import datetime
import os
import pathlib

from tqdm import tqdm

from launch.checks import LaunchError
from launch.child import Child, say
from pasar.commerce.backend import ShopError
from pasar.commerce.platforms.backend import PlatformBackend
from pasar.commerce.platforms.opening import open_tokens
from pasar.commerce.profiles.checks import check_shops
from pasar.commerce.profiles.document import Level, ProfileError
from pasar.commerce.profiles.profile import Profile, read_profile
from pasar.commerce.registry import SHOPS, list_shops, open_shop
from pasar.conversations.identity import find_secret
from pasar.languages.pack import list_codes

LOG = pathlib.Path("var/log/validate.log")


def validate(project: pathlib.Path) -> None:
    """Print what is wrong in shops' files, and let Rasa check stories and texts; LaunchError where there are errors."""
    today = datetime.datetime.now(datetime.timezone.utc).date()
    findings = check_shops(SHOPS, list_codes(project / "data"), os.environ, today)
    for finding in findings:
        print(finding, flush=True)
    errors = sum(finding.level is Level.ERROR for finding in findings)
    say(f"shops: {len(list_shops())}, errors: {errors}, warnings: {len(findings) - errors}")
    say("Rasa checks stories and texts (half a minute)")
    # It says much that is meant as it is, and shops' findings would be lost above it.
    with Child(["-m", "rasa", "data", "validate"], project / LOG) as child:
        if child.wait():
            raise LaunchError(f"Rasa's validation failed; the last lines of {LOG}:\n{child.tail()}")
    say(f"stories and texts: no errors; {LOG} has Rasa's warnings")
    if errors:
        raise LaunchError("There are errors in shops' files, see above")
    if not list_shops():
        raise LaunchError(f"There is no shop in {SHOPS}")


def sync(shop_id: str, *, whole: bool) -> None:
    """Read a shop's products into the catalogue, with a bar where a person looks on; LaunchError where that fails."""
    try:
        asyncio.run(_sync(shop_id, whole))
    except ShopError as error:
        raise LaunchError(str(error)) from None


def find_buyer_secret(shop_id: str) -> str:
    """What a shop's site signs its buyers with; LaunchError where there is no such shop."""
    if shop_id not in list_shops():
        raise LaunchError(f"There is no shop {shop_id} in {SHOPS}")
    return find_secret(shop_id)


def retry_token(shop_id: str) -> None:
    """Let a shop's refresh token be sent again although it may be spent; LaunchError where there is none like that."""
    try:
        profile = read_profile(SHOPS / f"{shop_id}.yml")
    except ProfileError as error:
        raise LaunchError(str(error)) from None
    tried = isinstance(profile, Profile) and asyncio.run(open_tokens().retry(shop_id, profile.platform))
    if not tried:
        raise LaunchError(f"{shop_id} has no token whose renewal was cut off")
    say(f"{shop_id}: the next call tries its refresh token again; if it is refused, the seller must authorise us again")


async def _sync(shop_id: str, whole: bool) -> None:
    shop = open_shop(shop_id)
    if not isinstance(shop, PlatformBackend):
        raise LaunchError(f"{shop_id} is on no platform: its products are in its own database")
    try:
        with tqdm(desc=shop_id, unit=" products", disable=None) as bar:

            def show(done: int, total: int | None) -> None:
                bar.total = total
                bar.update(done - bar.n)

            report = await shop.sync(whole=whole, progress=show)
    finally:
        await shop.aclose()
    read = "all read" if report.whole else "changes read"
    counts = f"{report.added} new, {report.changed} changed, {report.same} as before, {report.removed} taken out"
    say(f"{shop_id}: {read}: {counts}")
