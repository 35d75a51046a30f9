"""A seller lets us in, against servers built from each platform's specification: link, code, first tokens."""

from __future__ import annotations

import datetime
import time

import httpx
import pytest
import time_machine

from pasar.commerce.backend import ShopError, ShopUnavailableError
from pasar.commerce.platforms.authorisation import Authorisation
from pasar.commerce.platforms.lazada.authorisation import LazadaAuthorisation
from pasar.commerce.platforms.names import AUTHORISATIONS, PLATFORMS, load_authorisation
from pasar.commerce.platforms.shopee.auth import sign
from pasar.commerce.platforms.shopee.authorisation import ShopeeAuthorisation
from pasar.commerce.platforms.tiktokshop.authorisation import TikTokShopAuthorisation
from tests.commerce.platforms import lazada_server, shopee_server
from tests.commerce.platforms.consent import SERVICE_ID, ConsentLazada, ConsentShopee, ConsentTikTok
from tests.commerce.platforms.shops import make_shop
from tests.commerce.platforms.tiktokshop import server as tiktok_server

CALLBACK = "https://bot.shop.example/webhooks/shops/authorised"
STATE = "state-of-this-test"


def now() -> datetime.datetime:
    return datetime.datetime.now(datetime.timezone.utc)


async def follow(link: str) -> httpx.URL:
    """Where the platform leads the seller who consents."""
    async with httpx.AsyncClient() as client:
        reply = await client.get(link)
    assert reply.status_code == 302, reply.text
    return httpx.URL(reply.headers["location"])


async def consent(authorisation: Authorisation) -> dict[str, str]:
    """What comes back with her."""
    back = await follow(authorisation.write_link(CALLBACK, STATE))
    return dict(back.params)


def open_shopee(server: ConsentShopee, **settings: str) -> ShopeeAuthorisation:
    keys = {"partner_id": str(shopee_server.PARTNER_ID), "partner_key": shopee_server.PARTNER_KEY}
    return ShopeeAuthorisation.open(make_shop(), {**keys, "base_url": server.base_url, **settings})


def open_lazada(server: ConsentLazada, **settings: str) -> LazadaAuthorisation:
    keys = {"app_key": lazada_server.APP_KEY, "app_secret": lazada_server.APP_SECRET}
    return LazadaAuthorisation.open(make_shop(), {**keys, "base_url": server.base_url + "/rest", **settings})


def open_tiktok(server: ConsentTikTok, **settings: str) -> TikTokShopAuthorisation:
    keys = {"app_key": tiktok_server.APP_KEY, "app_secret": tiktok_server.APP_SECRET}
    link = f"{server.base_url}/open/authorize?service_id={SERVICE_ID}"
    more = {"base_url": server.base_url, "authorization_link": link, **settings}
    return TikTokShopAuthorisation.open(make_shop(), {**keys, **more})


@pytest.fixture
async def shopee():
    async with ConsentShopee() as server:
        yield server


@pytest.fixture
async def lazada():
    async with ConsentLazada(CALLBACK) as server:
        yield server


@pytest.fixture
async def tiktok():
    async with ConsentTikTok(CALLBACK) as server:
        yield server


async def test_shopee_gives_the_first_tokens(shopee):
    authorisation = open_shopee(shopee, shop_id=str(shopee_server.SHOP_ID))
    back = await follow(authorisation.write_link(CALLBACK, STATE))
    assert f"/webhooks/shops/authorised/{STATE}" == back.path
    grant = await authorisation.exchange(dict(back.params))
    assert grant.token.access in shopee.access and grant.token.refresh in shopee.refresh
    assert abs((grant.token.access_until - now()).total_seconds() - 14400) < 5
    assert grant.token.refresh_until is not None and (grant.token.refresh_until - now()).days in (29, 30)
    assert 0 == shopee.forged


def test_shopees_link_is_that_of_its_guide():
    """Host, path and parameters of https://open.shopee.com/developer-guide/20; signed over id, path and time."""
    keys = {"partner_id": "10090", "partner_key": "key"}
    with time_machine.travel(1594897040, tick=False):
        link = httpx.URL(ShopeeAuthorisation.open(make_shop(), keys).write_link("https://open.shopee.com", "x"))
    assert "https://partner.shopeemobile.com/api/v2/shop/auth_partner" == str(link.copy_with(query=None))
    expected = {"partner_id": "10090", "timestamp": "1594897040", "redirect": "https://open.shopee.com/x"}
    assert {**expected, "sign": sign("key", "10090/api/v2/shop/auth_partner1594897040")} == dict(link.params)


async def test_shopee_tells_its_number_of_the_shop(shopee):
    authorisation = open_shopee(shopee)
    grant = await authorisation.exchange(await consent(authorisation))
    assert ({"shop_id": str(shopee_server.SHOP_ID)},) == grant.shops


async def test_a_main_account_of_shopee_lets_in_several(shopee):
    shopee.main_account = 19479
    for settings in ({}, {"shop_id": str(shopee_server.SHOP_ID)}):
        authorisation = open_shopee(shopee, **settings)
        grant = await authorisation.exchange(await consent(authorisation))
        assert ["7", str(shopee_server.SHOP_ID)] == [shop["shop_id"] for shop in grant.shops]
    stranger = open_shopee(shopee, shop_id="99")
    with pytest.raises(ShopError, match="shop 99 is none of those"):
        await stranger.exchange(await consent(stranger))


async def test_another_shop_of_shopee_is_refused_before_its_code_is_spent(shopee):
    authorisation = open_shopee(shopee, shop_id="99")
    with pytest.raises(ShopError, match=f"shop {shopee_server.SHOP_ID} was authorised, not 99"):
        await authorisation.exchange(await consent(authorisation))
    assert [] == shopee.calls("/auth/token/get")


async def test_shopees_link_and_code_end(shopee):
    authorisation = open_shopee(shopee)
    shopee.clock = 301
    async with httpx.AsyncClient() as client:
        assert (await client.get(authorisation.write_link(CALLBACK, STATE))).status_code == 403
    shopee.clock = 0
    answer = await consent(authorisation)
    shopee.codes = dict.fromkeys(shopee.codes, time.time() - 1)
    with pytest.raises(ShopError, match=r"shop testshop: authorise: shopee: error_auth"):
        await authorisation.exchange(answer)


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        ({}, "no code"),
        ({"code": "null"}, "no code"),
        ({"code": "c"}, "shop_id is missing"),
        ({"code": "c", "shop_id": "1e3"}, "shop_id is no whole number"),
        ({"code": "c", "shop_id": "9" * 30}, "shop_id is no whole number"),
    ],
)
async def test_what_came_back_from_shopee_is_checked(shopee, answer, message):
    with pytest.raises(ShopError, match=message):
        await open_shopee(shopee).exchange(answer)
    assert [] == shopee.seen


@pytest.mark.parametrize(("country", "as_object"), [("sg", False), ("cb", False), ("sg", True), ("cb", True)])
async def test_lazada_gives_the_first_tokens(lazada, country, as_object):
    lazada.country, lazada.as_object = country, as_object
    authorisation = open_lazada(lazada)
    answer = await consent(authorisation)
    assert STATE == answer["state"]
    grant = await authorisation.exchange(answer)
    assert ("access-0", "refresh-0") == (grant.token.access, grant.token.refresh)
    assert abs((grant.token.access_until - now()).total_seconds() - lazada.token_seconds) < 5
    assert 0 == lazada.forged


async def test_a_seller_of_lazada_in_another_country_is_refused(lazada):
    lazada.country = "vn"
    authorisation = open_lazada(lazada)
    with pytest.raises(ShopError, match="a seller in VN was authorised, not in SG"):
        await authorisation.exchange(await consent(authorisation))
    chosen = open_lazada(lazada, country="vn")
    assert (await chosen.exchange(await consent(chosen))).token


async def test_lazadas_code_works_once(lazada):
    authorisation = open_lazada(lazada)
    answer = await consent(authorisation)
    await authorisation.exchange(answer)
    with pytest.raises(ShopError, match="InvalidCode"):
        await authorisation.exchange(answer)


async def test_tiktok_gives_the_first_tokens_and_names_the_shop(tiktok):
    """Its id, cipher and region can be known only now."""
    authorisation = open_tiktok(tiktok)
    grant = await authorisation.exchange(await consent(authorisation))
    assert ("TTP_access_0", "TTP_refresh_0") == (grant.token.access, grant.token.refresh)
    shop = {"shop_id": tiktok_server.SHOP_ID, "shop_cipher": tiktok_server.CIPHER, "region": "US"}
    assert (shop,) == grant.shops
    assert 0 == tiktok.forged


async def test_another_shop_of_tiktok_is_refused(tiktok):
    authorisation = open_tiktok(tiktok, shop_id="1")
    with pytest.raises(ShopError, match="shop 1 is none of those"):
        await authorisation.exchange(await consent(authorisation))


async def test_a_seller_on_tiktok_may_refuse(tiktok):
    tiktok.consents = False
    authorisation = open_tiktok(tiktok)
    with pytest.raises(ShopError, match="the seller did not consent"):
        await authorisation.exchange(await consent(authorisation))


async def test_tiktoks_code_works_once(tiktok):
    authorisation = open_tiktok(tiktok)
    answer = await consent(authorisation)
    await authorisation.exchange(answer)
    with pytest.raises(ShopError, match="36004004"):
        await authorisation.exchange(answer)


def test_tiktoks_link_is_copied_from_partner_center():
    keys = {"app_key": "k", "app_secret": "s"}
    with pytest.raises(ShopError, match=r"settings\.authorization_link is missing"):
        TikTokShopAuthorisation.open(make_shop(), keys).write_link(CALLBACK, STATE)


@pytest.mark.parametrize("platform", ["shopee", "lazada", "tiktokshop"])
async def test_a_platform_that_is_down_is_told(platform, shopee, lazada, tiktok):
    server, authorisation = {
        "shopee": (shopee, open_shopee(shopee)),
        "lazada": (lazada, open_lazada(lazada)),
        "tiktokshop": (tiktok, open_tiktok(tiktok)),
    }[platform]
    answer = await consent(authorisation)
    server.break_next(5, status=503)
    with pytest.raises(ShopUnavailableError) as raised:
        await authorisation.exchange(answer)
    assert answer["code"] not in str(raised.value)


@pytest.mark.parametrize("platform", AUTHORISATIONS)
def test_a_missing_key_is_named(platform):
    kind = load_authorisation(platform)
    assert kind is not None
    with pytest.raises(ShopError, match=r"partner_id|app_key"):
        kind.open(make_shop(), {})


def test_elsewhere_keys_are_made_by_the_seller():
    assert {"shopify", "woocommerce", "csv"} == PLATFORMS.keys() - AUTHORISATIONS.keys()
    assert load_authorisation("shopify") is None
