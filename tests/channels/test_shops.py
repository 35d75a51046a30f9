"""Platforms' webhooks, over HTTP, with the platforms' own signatures and the platforms' modules behind them."""

from __future__ import annotations

import asyncio
import json
import time

import pytest

from channels import shops as channel
from pasar.commerce.backend import ShopUnavailableError
from tests.channels.platform_shops import (
    MAKERS,
    Webhook,
    folder,
    list_events,
    logged,
    make_shopee,
    make_shopify,
    make_tiktok,
    make_woocommerce,
    read_rows,
    start,
    write_shop,
)

__all__ = ["folder", "logged", "start"]

NOWHERE = "http://127.0.0.1:9"  # nobody answers: what is accepted waits


@pytest.fixture
def server(folder, monkeypatch, start):
    """A server with a shop on TikTok Shop, which does not answer."""
    write_shop(folder, monkeypatch, "tiktokshop", base_url=NOWHERE)
    return start()


@pytest.mark.parametrize("name", MAKERS)
async def test_every_platform_is_answered_as_it_asks(folder, monkeypatch, start, name):
    """200 with an empty body, in less than the 500 ms that Lazada waits; forged by one letter, 401."""
    write_shop(folder, monkeypatch, name, base_url=NOWHERE)
    server, webhook = start(), MAKERS[name]()
    forged = Webhook(webhook.body.replace(b"1", b"2", 1) + b" ", webhook.headers)
    assert 401 == (await server.post(forged)).status_code
    seconds = []
    for _ in range(3):
        began = time.monotonic()
        reply = await server.post(webhook)
        seconds.append(time.monotonic() - began)
        assert (200, b"") == (reply.status_code, reply.content)
    assert min(seconds) < 0.5
    row = read_rows()[0]
    assert ("batikhaus", "product_changed") == (row.shop_id, row.kind)


async def test_a_forged_webhook_is_refused_and_counted(server, logged):
    """The log says why and how often, never what was in it."""
    body = make_tiktok("4711471147114711").body
    for webhook in (
        Webhook(body, {}),
        Webhook(body, {"authorization": "0" * 64}),
        Webhook(body, {"authorization": "ü"}),
    ):
        reply = await server.post(Webhook(webhook.body, {k: v.encode() for k, v in webhook.headers.items()}))
        assert 401 == reply.status_code
        assert "signature" == reply.json()["error"]["field"]
    assert [("notice.forged", 1), ("notice.forged", 2), ("notice.forged", 3)] == [
        (event, facts["count"]) for event, facts in logged
    ]
    assert "4711471147114711" not in repr(logged)
    assert [] == read_rows()


async def test_another_apps_signature_is_forged(folder, monkeypatch, start):
    write_shop(folder, monkeypatch, "tiktokshop", base_url=NOWHERE, app_secret="the secret of another app")
    assert 401 == (await start().post(make_tiktok())).status_code


async def test_a_replay_changes_nothing(server):
    """Signatures hold no time: what was captured may come again, and is known by its id."""
    for _ in range(2):
        assert 200 == (await server.post(make_tiktok(event="7"))).status_code
    assert 1 == len(read_rows())


async def test_a_replay_under_another_topic_takes_nothing_out(folder, monkeypatch, start):
    """WooCommerce and Shopify sign no topic. What it says is gone is looked for first."""
    write_shop(folder, monkeypatch, "woocommerce", base_url=NOWHERE)
    webhook = make_woocommerce().change(x_wc_webhook_topic="product.deleted", x_wc_webhook_delivery_id="other")
    assert 200 == (await start().post(webhook)).status_code
    [row] = read_rows()
    assert ("product_deleted", "794") == (row.kind, row.reference)
    await asyncio.sleep(0.3)
    assert "done" != read_rows()[0].state  # nobody could be asked


@pytest.mark.parametrize(
    ("raw", "field"),
    [
        (b"{", "JSON"),
        (b"[]", "must be an object"),
        (b'{"type": 15, "shop_id": "7494049642642441621", "data": {}}', "body.data.product_id"),
        (b"[" * 100_000, "JSON"),
        (b"\xff\xfe", "JSON"),
    ],
)
async def test_a_signed_webhook_that_cannot_be_read_is_told_why(server, logged, raw, field):
    reply = await server.post(make_tiktok(raw=raw))
    assert 400 == reply.status_code
    assert field in reply.json()["error"]["message"]
    assert ["notice.malformed"] == list_events(logged)
    assert [] == read_rows()


async def test_a_forged_webhook_that_cannot_be_read_is_forged(server):
    assert 401 == (await server.post(Webhook(b"{", {"authorization": "0" * 64}))).status_code


async def test_an_unknown_topic_is_taken_and_noted(server, logged):
    reply = await server.post(make_tiktok(topic=14))
    assert (200, b"") == (reply.status_code, reply.content)
    assert [("notice.unknown", "14")] == [(event, facts["topic"]) for event, facts in logged]
    assert [] == read_rows()


@pytest.mark.parametrize("name", ["nowhere", "..%2Fbatikhaus", "batikhaus%00", "BATIKHAUS"])
async def test_an_unknown_shop_is_not_found(server, name):
    reply = await server.post(make_tiktok(), shop=name)
    assert 404 == reply.status_code
    assert "batikhaus" not in reply.text


async def test_a_shop_that_takes_no_webhooks_is_not_found(folder, start, tmp_path):
    (folder / "toys.yml").write_text(f"platform: demo\ndatabase: sqlite:///{tmp_path / 'toys.db'}\n")
    (folder / "broken.yml").write_text("platform: shopee\n")
    server = start()
    assert [404, 404] == [(await server.post(make_tiktok(), shop=name)).status_code for name in ("toys", "broken")]


async def test_ten_megabytes_are_refused(server):
    reply = await server.post(make_tiktok(raw=b'"' + b"x" * 10_000_000 + b'"'))
    assert 413 == reply.status_code
    assert [] == read_rows()


async def test_a_large_product_is_taken(server):
    assert 200 == (await server.post(make_tiktok(more="x" * 3_000_000))).status_code


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""])
async def test_the_signature_decides_whatever_the_content_type(server, kind):
    headers = {"content-type": kind}
    assert 200 == (await server.post(make_tiktok(event=f"event-{kind}"), **headers)).status_code
    forged = Webhook(make_tiktok().body, {"authorization": "0" * 64})
    assert 401 == (await server.post(forged, **headers)).status_code


async def test_the_first_call_of_a_new_webhook_of_woocommerce_is_answered(folder, monkeypatch, start, logged):
    """It is unsigned and form-encoded: answered, and nothing is kept of it."""
    write_shop(folder, monkeypatch, "woocommerce", base_url=NOWHERE)
    reply = await start().post(Webhook(b"webhook_id=12", {"content-type": "application/x-www-form-urlencoded"}))
    assert 200 == reply.status_code
    assert ["notice.unknown"] == list_events(logged)
    assert [] == read_rows()


async def test_shopees_signature_holds_the_registered_address(folder, monkeypatch, start):
    """Not the one that this server is asked at behind its proxy."""
    write_shop(folder, monkeypatch, "shopee", base_url=NOWHERE)
    server = start()
    assert 200 == (await server.post(make_shopee())).status_code
    assert 401 == (await server.post(make_shopee(at="another"))).status_code


async def test_one_address_serves_all_shops_of_an_app(folder, monkeypatch, start, logged):
    """Shopee has one callback an app. Which shop is meant, the push says."""
    write_shop(folder, monkeypatch, "shopee", base_url=NOWHERE)
    write_shop(folder, monkeypatch, "shopee", "second", base_url=NOWHERE, shop_id="3000003")
    write_shop(folder, monkeypatch, "shopee", "foreign", base_url=NOWHERE, shop_id="3000003", partner_key="another")
    server = start()
    assert 200 == (await server.post(make_shopee(shop=3000003))).status_code
    assert ["second"] == [row.shop_id for row in read_rows()]
    assert 200 == (await server.post(make_shopee(shop=4000004))).status_code
    assert 1 == len(read_rows())
    assert "notice.unknown" in list_events(logged)


async def test_a_store_of_shopify_that_is_not_ours_is_told(folder, monkeypatch, start):
    write_shop(folder, monkeypatch, "shopify", base_url=NOWHERE)
    write_shop(folder, monkeypatch, "shopify", "second", base_url=NOWHERE, store="second.myshopify.com")
    server = start()
    assert 200 == (await server.post(make_shopify(store="second.myshopify.com"))).status_code
    assert ["second"] == [row.shop_id for row in read_rows()]
    reply = await server.post(make_shopify(store="third.myshopify.com"))
    assert (400, "body") == (reply.status_code, reply.json()["error"]["field"])


async def test_a_withdrawal_is_told(server, logged):
    assert 200 == (await server.post(make_tiktok(topic=6))).status_code
    assert ["notice.accepted", "shop.deauthorised"] == list_events(logged)


async def test_what_cannot_be_kept_is_not_accepted(server, monkeypatch):
    """The platform sends it again."""

    async def fail(*_):
        raise ShopUnavailableError("batikhaus", "keep_notice", "the inbox: locked")

    monkeypatch.setattr(channel.Inbox, "put", fail)
    reply = await server.post(make_tiktok())
    assert 503 == reply.status_code


def test_webhooks_of_the_tests_are_as_documented():
    """The samples' own parts: else a test may pass for a wrong reason."""
    assert {"type", "tts_notification_id", "shop_id", "timestamp", "data"} == json.loads(make_tiktok().body).keys()
