"""What webhooks tell is applied to the catalogue: once, also after a restart, and also where the platform was away."""

from __future__ import annotations

import asyncio
import datetime

import pytest

from pasar.commerce import registry
from pasar.commerce.platforms import inbox
from pasar.commerce.platforms.opening import open_tokens
from pasar.commerce.platforms.tokens import Token
from tests.channels.platform_shops import (
    SECRET,
    fill_catalogue,
    folder,
    list_events,
    logged,
    make_tiktok,
    read_names,
    read_rows,
    start,
    wait_for,
    write_shop,
)
from tests.commerce.platforms.tiktokshop import server as tiktok_server
from tests.commerce.platforms.tiktokshop.samples import PRODUCT_ID, fill
from tests.commerce.platforms.tiktokshop.server import TikTokShopServer

__all__ = ["folder", "logged", "start"]


@pytest.fixture
async def platform(folder, monkeypatch):
    """TikTok Shop on this machine with a shop whose products were read."""
    monkeypatch.setattr(tiktok_server, "APP_SECRET", SECRET)
    async with TikTokShopServer() as running:
        fill(running)
        write_shop(folder, monkeypatch, "tiktokshop", base_url=running.base_url, shop_cipher=tiktok_server.CIPHER)
        until = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=7)
        await open_tokens().put("batikhaus", "tiktokshop", Token("TTP_access_1", "TTP_refresh_1", until))
        await fill_catalogue()
        running.seen.clear()
        yield running


async def test_a_product_that_has_changed_is_read_again(platform, start):
    server = start()
    platform.products[PRODUCT_ID]["title"] = "A new name"
    assert 200 == (await server.post(make_tiktok(PRODUCT_ID))).status_code

    async def is_new():
        return "A new name" == (await read_names())[PRODUCT_ID]

    await wait_for(is_new)
    assert 1 == len(platform.calls(f"/products/{PRODUCT_ID}"))
    assert 0 == platform.forged


async def test_a_product_that_is_gone_is_taken_out(platform, start):
    server = start()
    del platform.products[PRODUCT_ID]
    await server.post(make_tiktok(PRODUCT_ID))

    async def is_gone():
        return PRODUCT_ID not in await read_names()

    await wait_for(is_gone)


async def test_the_same_event_five_times_is_applied_once(platform, start, logged):
    server = start()
    replies = [await server.post(make_tiktok(PRODUCT_ID)) for _ in range(3)]
    replies += await asyncio.gather(*(server.post(make_tiktok(PRODUCT_ID)) for _ in range(2)))
    assert [200] * 5 == [reply.status_code for reply in replies]

    async def is_applied():
        return "notice.applied" in list_events(logged)

    await wait_for(is_applied)
    await asyncio.sleep(0.5)
    assert 1 == len(platform.calls(f"/products/{PRODUCT_ID}"))
    assert ["done"] == [row.state for row in read_rows()]
    assert (1, 4) == (list_events(logged).count("notice.accepted"), list_events(logged).count("notice.repeated"))


async def test_what_was_accepted_survives_a_restart(platform, start, monkeypatch):
    """Nothing is lost between the answer to the platform and the catalogue."""
    monkeypatch.setattr(inbox, "PAUSES", (datetime.timedelta(seconds=1),) * 9)
    platform.products[PRODUCT_ID]["title"] = "A new name"
    platform.break_next(100, status=503)
    server = start()
    assert 200 == (await server.post(make_tiktok(PRODUCT_ID))).status_code
    await asyncio.to_thread(server.stop)
    assert read_rows()[0].state in ("waiting", "claimed")
    monkeypatch.setattr(inbox, "CLAIM", datetime.timedelta(seconds=1))
    platform.faults.clear()
    registry.close_shops()
    start()

    async def is_new():
        return "A new name" == (await read_names())[PRODUCT_ID]

    await wait_for(is_new, 15)


async def test_what_cannot_be_applied_is_tried_again_and_spoils_nothing_else(platform, start, monkeypatch, logged):
    monkeypatch.setattr(inbox, "PAUSES", (datetime.timedelta(seconds=0.3),) * 9)
    server = start()
    other = next(name for name in platform.products if name != PRODUCT_ID)
    platform.products[PRODUCT_ID]["title"] = "A new name"
    # As often as the client repeats a reading call in its time.
    platform.break_next(20, status=503)
    await server.post(make_tiktok(PRODUCT_ID, event="1"))

    async def is_postponed():
        return "notice.postponed" in list_events(logged)

    await wait_for(is_postponed)
    platform.faults.clear()
    platform.products[other]["title"] = "Another name"
    await server.post(make_tiktok(other, event="2"))

    async def is_new():
        names = await read_names()
        return ("A new name", "Another name") == (names[PRODUCT_ID], names[other])

    await wait_for(is_new, 20)
