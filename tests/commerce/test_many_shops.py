"""Ten shops in one server: each is itself, and none is stopped by another's file."""

from __future__ import annotations

import asyncio
import datetime
import pathlib
from collections.abc import Iterator

import pytest

from pasar.commerce import registry
from pasar.commerce.access import Proof, access_order, access_orders
from pasar.commerce.backend import ShopError, UnknownShopError
from pasar.commerce.model import Buyer
from pasar.commerce.registry import close_shops, default_shop, list_shops, open_shop, order_formats
from pasar.commerce.rows import encode
from pasar.conversations.identity import find_secret
from tests.commerce.ten_shops import (
    EVERYWHERE,
    SAMPLES,
    SHARED_ORDER,
    SHARED_SKU,
    Sample,
    find_strangers,
    write_database,
    write_profiles,
)

TODAY = datetime.date(2026, 3, 10)


@pytest.fixture
def shops(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[pathlib.Path]:
    """The folder with the ten files."""
    url = f"sqlite:///{tmp_path / 'ten.db'}"
    write_database(url, TODAY)
    folder = tmp_path / "shops"
    folder.mkdir()
    write_profiles(folder, url)
    monkeypatch.setattr(registry, "SHOPS", folder)
    monkeypatch.delenv("PASAR_DEMO_DATABASE", raising=False)
    close_shops()
    yield folder
    close_shops()


async def read_all(sample: Sample) -> str:
    """All that a shop's system tells of itself, as text."""
    backend = open_shop(sample.shop_id)
    told = (
        await backend.get_shop(),
        await backend.list_products(),
        await backend.get_product(SHARED_SKU),
        await backend.search_products("lamp", 50),
        await backend.get_promotions(TODAY),
        await backend.list_shipping(),
        await backend.find_orders(Buyer(email=EVERYWHERE)),
        await backend.find_orders(Buyer(email=sample.email)),
        await backend.get_order(SHARED_ORDER),
    )
    return repr([encode(list(item) if isinstance(item, tuple | list) else item) for item in told])


async def test_each_is_itself(shops: pathlib.Path) -> None:
    """Read all at once, each tells of itself only, and all ten tell something else."""
    told = await asyncio.gather(*(read_all(sample) for sample in SAMPLES))
    for sample, text in zip(SAMPLES, told, strict=True):
        assert [] == find_strangers(text, sample)
        assert all(word in text.upper() for word in sample.words[:1])
    assert 10 == len(set(told)) == len(list_shops())
    assert "iris" == default_shop()


async def test_each_has_rules_of_its_own(shops: pathlib.Path) -> None:
    """Language, persona, returns, policy, coupon, number's format and key."""
    found = [await open_shop(sample.shop_id).get_shop() for sample in SAMPLES]
    assert [sample.days for sample in SAMPLES] == [shop.returns.days for shop in found]
    assert [sample.language for sample in SAMPLES] == [shop.default_language for shop in found]
    personas = [shop.personas[shop.default_language]["name"] for shop in found]
    assert [f"Ms {sample.mark}" for sample in SAMPLES] == personas
    assert list(range(10)) == [shop.policies[0].warranty_months for shop in found]
    assert 10 == len({find_secret(sample.shop_id) for sample in SAMPLES})
    for sample in SAMPLES:
        backend = open_shop(sample.shop_id)
        known = [other.shop_id for other in SAMPLES if await backend.get_coupon(other.coupon)]
        fits = [
            other.shop_id for other in SAMPLES if any(f.search(other.number(1)) for f in order_formats(sample.shop_id))
        ]
        assert [sample.shop_id] == known == fits


async def test_orders_are_their_shops(shops: pathlib.Path) -> None:
    """The same number is another order in each shop, and another shop's number or buyer opens nothing."""
    for sample in SAMPLES:
        backend, other = open_shop(sample.shop_id), SAMPLES[sample.place - 1]
        own = await access_order(backend, SHARED_ORDER, Proof(contacts=(sample.email,)))
        assert own is not None
        assert f"Ann {sample.mark}" == own.buyer_name
        assert None is await access_order(backend, SHARED_ORDER, Proof(contacts=(other.email, other.phone)))
        assert None is await access_order(backend, other.number(1), Proof(Buyer(other.email), (other.email,)))
        assert [] == list(await access_orders(backend, Proof(Buyer(email=other.email, phone=other.phone))))
        everywhere = await access_orders(backend, Proof(Buyer(email=EVERYWHERE)))
        assert [sample.number(4)] == [order.order_id for order in everywhere]


@pytest.mark.parametrize(
    "content",
    [
        "platform: [",
        "platform: abacus\n",
        "default: yes please\nplatform: demo\ndatabase: x\n",
        "platform: demo\ndatabase: x\norder_formats: ['(']\n",
        "platform: demo\ndatabase: nonsense\n",
        "platform: demo\ndatabase: nonsense://me:secret@127.0.0.1/shop\n",
        "platform: demo\ndatabase: sqlite:////dev/null/shop.db\n",
        "\x00",
    ],
)
async def test_wrong_file_stops_its_own_shop_only(shops: pathlib.Path, content: str) -> None:
    """Whatever is wrong with it: nine go on, the tenth says so."""
    broken, *others = SAMPLES
    (shops / f"{broken.shop_id}.yml").write_text(content, encoding="utf-8")
    with pytest.raises(ShopError, match=broken.shop_id) as caught:
        await open_shop(broken.shop_id).get_shop()
    assert "secret" not in str(caught.value)
    names = [(await open_shop(sample.shop_id).get_shop()).name for sample in others]
    assert [f"{sample.mark} Store" for sample in others] == names
    assert "iris" == default_shop()


async def test_shop_that_is_not_in_the_database(shops: pathlib.Path) -> None:
    """A file without a shop behind it is an error of that shop."""
    (shops / "willow.yml").write_text((shops / "alder.yml").read_text(encoding="utf-8"), encoding="utf-8")
    close_shops()
    with pytest.raises(UnknownShopError, match="shop willow"):
        await open_shop("willow").get_shop()
    assert "Alder Store" == (await open_shop("alder").get_shop()).name
