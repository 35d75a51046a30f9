"""``make check-channel NAME=line/stylehub``: settings, keys, callback and signature of accounts, with what to do next.

It reads ``credentials.yml`` and the environment as the bot does, whether that runs or not. It says nothing to buyers; of
the seller's tokens it may renew those that have ended, as the bot would.
"""

from __future__ import annotations

import asyncio
import logging
import pathlib
from collections.abc import Mapping
from typing import Any, TextIO

import httpx

from channels.callback import check_callback, find_callback
from channels.connector import Connector, ConnectorSettingsError, SendError, TokenRefusedError
from channels.findings import Finding, Level
from channels.gate import read_block
from channels.platforms import PLATFORMS, load_class, read_accounts
from pasar.commerce.platforms.client import load_trust
from pasar.commerce.platforms.opening import open_tokens
from pasar.commerce.platforms.tokens import TokenStore


def run(name: str, credentials: pathlib.Path, public: str, here: str, output: TextIO) -> int:
    """Check ``line/stylehub``, or all accounts of ``line``; 0 where buyers can be answered on all of them."""
    # At INFO it writes addresses, and some have tokens in them.
    logging.getLogger("httpx").setLevel(logging.WARNING)
    return asyncio.run(_run(name, credentials, public, here, output))


async def _run(name: str, credentials: pathlib.Path, public: str, here: str, output: TextIO) -> int:
    platform, _, wanted = name.partition("/")
    accounts, problem = _find_accounts(platform, wanted, read_block(credentials), credentials.name)
    if problem is not None:
        _show([problem], output)
        print(f"{name}: not connected", file=output)
        return 1
    status = 0
    async with httpx.AsyncClient(verify=load_trust()) as client:
        for account, settings in accounts.items():
            found = await check_account(platform, account, settings, client, open_tokens(), public, here)
            _show(found, output)
            print(f"{platform}/{account}: {_sum_up(found)}", file=output)
            status = max(status, int(any(finding.level is Level.BAD for finding in found)))
    return status


async def check_account(
    platform: str,
    name: str,
    settings: object,
    client: httpx.AsyncClient,
    tokens: TokenStore | None,
    public: str,
    here: str,
) -> list[Finding]:
    """All that can be found out about an account; ``settings`` as they stand in ``credentials.yml``."""
    page = f"docs/channels/{platform}.md"
    try:
        (account,) = read_accounts({platform: {name: settings}})[platform]
        connector = load_class(platform)(account, client, tokens)
    except ConnectorSettingsError as error:
        return [Finding.bad("settings", str(error), f"{page} says where to find it")]
    found = [Finding("settings", f"complete: {', '.join(sorted(account.settings))}")]
    if not connector.listens:
        found += await _check_keys(connector, "", page)
        return [*found, Finding("callback", "none is needed: the bot asks, nobody calls it")]
    callback = find_callback(connector, public)
    found += await _check_keys(connector, callback, page)
    return found + await check_callback(connector, callback, client, here)


async def _check_keys(connector: Connector, callback: str, page: str) -> list[Finding]:
    try:
        found = await connector.check(callback)
    except TokenRefusedError as error:
        advice = f"{page} says how to get another token or authorisation"
        return [Finding.bad("keys", f"the platform refuses the token: {error}", advice)]
    except SendError as error:
        if error.permanent:
            advice = f"{page} says which permissions and ids are needed"
            return [Finding.bad("keys", f"the platform refuses to answer: {error}", advice)]
        return [
            Finding.bad("keys", f"the platform could not be asked: {error}", "try again; may this machine call it?")
        ]
    except Exception as error:
        # What the platform answers is of no shape that is documented; its values are not shown.
        words = f"the platform's answer cannot be read ({type(error).__name__})"
        return [Finding.doubt("keys", words, "try again; if it stays so, the platform has changed")]
    return found or [Finding.doubt("keys", "the platform has no question for it", "write to the shop, and see")]


def _find_accounts(platform: str, wanted: str, block: Any, file: str) -> tuple[Mapping[str, object], Finding | None]:
    """Accounts by name, or why there are none."""
    if platform not in PLATFORMS:
        return {}, Finding.bad(
            "settings", f"there is no platform {platform}", f"one of: {', '.join(sorted(PLATFORMS))}"
        )
    accounts = block.get(platform) if isinstance(block, Mapping) else None
    if not isinstance(accounts, Mapping) or not accounts:
        words = f"{file} has no account of {platform} below channels.marketplaces.PlatformInput"
        return {}, Finding.bad("settings", words, f"docs/channels/{platform}.md shows what to write there")
    if wanted and wanted not in accounts:
        named = ", ".join(f"{platform}/{account}" for account in accounts)
        return {}, Finding.bad("settings", f"{file} has no account {platform}/{wanted}", f"there are: {named}")
    return {str(name): settings for name, settings in accounts.items() if not wanted or name == wanted}, None


def _show(found: list[Finding], output: TextIO) -> None:
    for finding in found:
        print(f"  {finding.level.value:<4}{finding.subject:<10} {finding.words}", file=output)
        if finding.advice:
            print(f"{'':16} -> {finding.advice}", file=output)


def _sum_up(found: list[Finding]) -> str:
    bad = [finding for finding in found if finding.level is Level.BAD]
    doubts = sum(finding.level is Level.DOUBTFUL for finding in found)
    if bad:
        return f"not connected: {bad[0].subject}: {bad[0].words}"
    return "green" + (f", with {doubts} to look at" if doubts else "")
