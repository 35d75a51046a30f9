"""Shops on platforms behind a real server, and webhooks as each platform signs them."""

from __future__ import annotations

import asyncio
import base64
import dataclasses
import hashlib
import hmac
import json
import pathlib
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from rasa.core.channels.channel import InputChannel

from channels import shops as channel
from channels.shops import ShopsInput
from pasar.commerce import registry
from pasar.commerce.platforms import worker
from pasar.commerce.platforms.catalogue import Catalogue
from pasar.commerce.platforms.opening import open_backend
from pasar.commerce.platforms.schema import shop_notice, upgrade
from pasar.database import create_engine
from pasar.settings import load_settings
from tests.channels.conftest import Server
from tests.commerce.profiles.example import EXAMPLE

PUBLIC_URL = "https://bot.shop.example"
SECRET = "a secret that the tests sign with"
KEYS: Mapping[str, Mapping[str, str]] = {
    "shopee": {"partner_id": "1000001", "partner_key": SECRET, "shop_id": "2000002"},
    "lazada": {"app_key": "123456", "app_secret": SECRET, "country": "SG"},
    "tiktokshop": {
        "app_key": "29a39d",
        "app_secret": SECRET,
        "shop_cipher": "ROW_cipher",
        "shop_id": "7494049642642441621",
        "region": "US",
    },
    "shopify": {"store": "batikhaus.myshopify.com", "client_secret": SECRET, "access_token": "shpat_test"},
    "woocommerce": {
        "url": "https://shop.example",
        "consumer_key": "ck_test",
        "consumer_secret": "cs_test",
        "webhook_secret": SECRET,
    },
}


def write_shop(
    folder: pathlib.Path,
    monkeypatch: pytest.MonkeyPatch,
    platform: str,
    name: str = "batikhaus",
    base_url: str = "",
    settings: str = "{}",
    **keys: str,
) -> None:
    """The example's shop on a platform, with its keys in the environment; an empty key is not set."""
    text = EXAMPLE.read_text(encoding="utf-8")
    end = text.index("# Who sells.")
    lines = [f"platform: {platform}", "default: false", f"settings: {settings}"]
    lines += [f"base_url: {base_url}"] if base_url else []
    lines += ["keys:"]
    for key, value in {**KEYS[platform], **keys}.items():
        variable = f"{name}_{key}".upper().replace("-", "_")
        lines.append(f"  {key}: ${{{variable}}}")
        if value:
            monkeypatch.setenv(variable, value)
        else:
            monkeypatch.delenv(variable, raising=False)
    (folder / f"{name}.yml").write_text("\n".join([*lines, "", text[end:]]), encoding="utf-8")


@dataclasses.dataclass(frozen=True)
class Webhook:
    """A delivery as a platform makes it."""

    body: bytes
    headers: Mapping[str, str]

    def change(self, **headers: str) -> Webhook:
        """The same with other headers; an empty one is left out."""
        changed = {**self.headers, **{name.replace("_", "-"): value for name, value in headers.items()}}
        return Webhook(self.body, {name: value for name, value in changed.items() if value})


def _sign(message: bytes) -> bytes:
    return hmac.new(SECRET.encode(), message, hashlib.sha256).digest()


def make_shopee(item: int = 3903127450, shop: int = 2000002, at: str = "batikhaus") -> Webhook:
    """https://open.shopee.com/developer-guide/18; a price has changed."""
    content = {"msg_id": "", "shop_id": shop, "code": 22, "timestamp": 1726044722, "data": {"item_id": item}}
    body = json.dumps(content).encode()
    address = f"{PUBLIC_URL}/webhooks/shops/{at}"
    return Webhook(body, {"authorization": _sign(address.encode() + b"|" + body).hex()})


def make_lazada(item: str = "1807508328") -> Webhook:
    """https://open.lazada.com/apps/doc/doc?nodeId=29524&docId=120168; a product has changed."""
    content = {"seller_id": "1234567", "message_type": 3, "data": {"item_id": item}, "timestamp": 1603766859530}
    body = json.dumps(content).encode()
    return Webhook(body, {"authorization": _sign(b"123456" + body).hex()})


def make_tiktok(
    product: str = "1729592969712207008",
    event: str = "7327112393057371910",
    topic: int = 15,
    raw: bytes = b"",
    **more: Any,
) -> Webhook:
    """https://partner.tiktokshop.com/docv2/page/tts-webhooks-overview; a product has changed."""
    content = {"type": topic, "tts_notification_id": event, "shop_id": "7494049642642441621", "timestamp": 1644412885}
    body = raw or json.dumps({**content, "data": {"product_id": product}, **more}).encode()
    return Webhook(body, {"authorization": _sign(b"29a39d" + body).hex()})


def make_shopify(product: int = 788032119674292922, store: str = "batikhaus.myshopify.com") -> Webhook:
    """https://shopify.dev/docs/apps/build/webhooks; a product has changed."""
    body = json.dumps({"id": product, "title": "Batik shirt"}).encode()
    signature = base64.b64encode(_sign(body)).decode()
    named = {"x-shopify-topic": "products/update", "x-shopify-shop-domain": store, "x-shopify-webhook-id": "b54557e4"}
    return Webhook(body, {"x-shopify-hmac-sha256": signature, **named})


def make_woocommerce(product: int = 794) -> Webhook:
    """https://woocommerce.github.io/woocommerce-rest-api-docs/#webhooks; a product has changed."""
    body = json.dumps({"id": product, "name": "Batik shirt"}).encode()
    signature = base64.b64encode(_sign(body)).decode()
    named = {"x-wc-webhook-topic": "product.updated", "x-wc-webhook-delivery-id": "9fb2e1"}
    return Webhook(body, {"x-wc-webhook-signature": signature, **named})


MAKERS: Mapping[str, Callable[[], Webhook]] = {
    "shopee": make_shopee,
    "lazada": make_lazada,
    "tiktokshop": make_tiktok,
    "shopify": make_shopify,
    "woocommerce": make_woocommerce,
}


class ShopsServer(Server):
    """A server with the shops' channel alone."""

    def make_inputs(self) -> list[InputChannel]:
        """Return the channel, new at each start."""
        return [ShopsInput()]

    async def post(self, webhook: Webhook, shop: str = "batikhaus", **headers: str) -> httpx.Response:
        """Deliver a webhook."""
        async with httpx.AsyncClient(timeout=20) as client:
            sent = {"content-type": "application/json", **webhook.headers, **headers}
            return await client.post(f"{self.url}/webhooks/shops/{shop}", content=webhook.body, headers=sent)


async def fill_catalogue(shop_id: str = "batikhaus") -> None:
    """Read a shop's products, as ``make sync`` does in a process of its own."""
    profile = registry.find_profile(shop_id)
    assert profile is not None
    shop = open_backend(profile)
    await shop.sync(whole=True)
    await shop.aclose()


async def read_names(shop_id: str = "batikhaus") -> dict[str, str]:
    """The names of the products in a shop's catalogue, by the platform's id."""
    url = load_settings().database
    upgrade(url)
    catalogue = Catalogue(create_engine(url), shop_id)
    changes = await catalogue.read_changes(0)
    catalogue.close()
    return {} if changes is None else {ref: next(iter(item.name.values())) for ref, item in changes.products.items()}


async def wait_for(find: Callable[[], Any], seconds: float = 8.0) -> None:
    """Return when what ``find`` gives is true."""
    for _ in range(int(seconds / 0.05)):
        if await find():
            return
        await asyncio.sleep(0.05)
    raise AssertionError("it did not come to be")


@pytest.fixture
def folder(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[pathlib.Path]:
    """The folder of shops of an installation with a database of its own."""
    shops = tmp_path / "shops"
    shops.mkdir()
    monkeypatch.setattr(registry, "SHOPS", shops)
    monkeypatch.setenv("PASAR_HOME", str(tmp_path))
    monkeypatch.setenv("PASAR_PUBLIC_URL", PUBLIC_URL)
    monkeypatch.delenv("PASAR_DATABASE", raising=False)
    monkeypatch.setattr(worker, "REST_SECONDS", 0.2)
    load_settings.cache_clear()
    registry.close_shops()
    yield shops
    registry.close_shops()
    load_settings.cache_clear()


@pytest.fixture
def logged(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, dict[str, Any]]]:
    """What the channel and the worker write into the log."""
    lines: list[tuple[str, dict[str, Any]]] = []

    class Log:
        def __getattr__(self, _level: str) -> Callable[..., None]:
            return lambda event, **facts: lines.append((event, facts))

    monkeypatch.setattr(channel, "log", Log())
    monkeypatch.setattr(worker, "log", Log())
    return lines


@pytest.fixture
def start(tmp_path):
    """Start a server; it ends with the test."""
    running = []

    def begin():
        running.append(ShopsServer(tmp_path))
        return running[-1]

    yield begin
    for server in running:
        if server._thread.is_alive():
            server.stop()
        server.store.dispose()


def read_rows():
    engine = create_engine(load_settings().database)
    with engine.connect() as connection:
        rows = connection.execute(sa.select(shop_notice).order_by(shop_notice.c.received_at)).all()
    engine.dispose()
    return rows


def list_events(logged):
    return [event for event, _facts in logged]
