"""What a buyer is told of prices and promotions is what the shop's rules make of it, to the cent."""

from __future__ import annotations

import dataclasses
import datetime
import decimal
import zoneinfo
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from actions.prices import ActionAnswerCoupon, ActionAnswerPrice, ActionAnswerPromotion
from pasar.commerce.demo.backend import DemoBackend
from pasar.commerce.model import Money, Text
from pasar.commerce.promotions import CartLine, price_cart
from pasar.commerce.registry import open_shop
from pasar.commerce.rules import Policy, Promotion, Shop
from pasar.languages.formatting import format_money
from pasar.languages.pack import load_pack
from tests.actions.conftest import AlteredShop, Buyer, Outcome

TODAY = datetime.datetime.now(zoneinfo.ZoneInfo("Asia/Jakarta")).date()
DAY = datetime.timedelta(days=1)


def entities(**values: Any) -> list[dict[str, Any]]:
    """As the message's understanding has them."""
    return [{"entity": kind, "value": value} for kind, value in values.items()]


async def ask(text: str = "", language: str = "en", cart: Any = None, **values: Any) -> Outcome:
    """Ask for discounts, on no product's page."""
    buyer = Buyer(language=language)
    buyer.metadata["cart"] = cart
    return await buyer.run(ActionAnswerPromotion(), "promotion_inquiry", text, entities=entities(**values))


async def test_a_sum_below_the_threshold_is_told_exactly() -> None:
    """199 in the cart of 200: one is missing."""
    outcome = await ask("i have $199 in my cart", price=199, currency="USD")
    assert ["utter_cart_full", "utter_promotion_below_threshold"] == outcome.said[:2]
    assert ("$199", "$1") == (outcome.fact("price"), outcome.fact("missing"))


async def test_a_sum_at_the_threshold_is_reduced() -> None:
    """200: 170 is to pay."""
    outcome = await ask("my cart is $200", price=200, currency="USD")
    assert "utter_cart_reduced" == outcome.said[0]
    assert ("$170", "$200", "$30") == (outcome.fact("price"), outcome.fact("full"), outcome.fact("saved"))


async def test_pieces_are_priced_together() -> None:
    """Two dresses at 20 % off; what another promotion needs is measured on the full price."""
    outcome = await ask("if i buy two of the floral midi dress", quantity=2)
    assert ("$30.24", "$37.80", "$7.56") == (outcome.fact("price"), outcome.fact("full"), outcome.fact("saved"))
    assert "$162.20" == outcome.fact("missing")


async def test_a_number_of_money_about_a_product_is_haggling() -> None:
    """An offer of 10 dollars is no cart of 10 dollars."""
    outcome = await ask("floral midi dress for $10?", price=10, currency="USD")
    assert "utter_promotion_product" == outcome.said[0]
    assert "$15.12" == outcome.fact("price")


async def test_the_pages_cart_is_priced() -> None:
    """The cart that the page sends along, variants' SKUs and pieces."""
    cart = [{"sku": "TENT-01", "quantity": 1}, {"sku": "BOTTLE-02", "quantity": 2}]
    outcome = await ask("does my cart get a discount?", cart=cart)
    assert "utter_cart_reduced" == outcome.said[0]
    # 10 % of 64 and 2 off the bottles: both may be combined
    assert ("$79.40", "$87.80") == (outcome.fact("price"), outcome.fact("full"))


async def test_a_cart_with_something_unknown_is_not_priced() -> None:
    """A total that leaves a line out would be false."""
    outcome = await ask(
        "does my cart get a discount?", cart=[{"sku": "TENT-01", "quantity": 1}, {"sku": "NO", "quantity": 1}]
    )
    assert ["utter_promotion_list"] == outcome.said


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("LASTMONTH15", "utter_coupon_expired"),
        ("PAYDAY25", "utter_coupon_not_begun"),
        ("WELCOME10", "utter_promotion_not_combinable"),
    ],
)
async def test_a_code_that_does_not_count_is_told_why(code: str, expected: str) -> None:
    """On the dress of Dress Week."""
    outcome = await ask(f"floral midi dress with {code}", coupon_code=code)
    assert expected in outcome.said
    assert "$15.12" == outcome.fact("price")


async def test_a_code_that_would_lower_the_price_is_told_with_the_price() -> None:
    """Boots have no promotion of their own."""
    outcome = await ask("ridge trail hiking boots any promo")
    assert [
        "utter_promotion_none_product",
        "utter_promotion_below_threshold",
        "utter_promotion_with_code",
    ] == outcome.said
    assert "$76.50" == next(m["price"] for m in outcome.messages if m["response"] == "utter_promotion_with_code")


def promotion(**values: Any) -> Promotion:
    """One that runs today for all products."""
    return Promotion(
        **{"code": "", "name": Text(en="Sale"), "skus": (), "starts_on": TODAY, "ends_on": TODAY, **values}
    )


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"percent": decimal.Decimal(50), "uses_left": 0}, "utter_promotion_used_up"),
        ({"percent": decimal.Decimal(50), "uses_left": 0, "code": "HALF50"}, "utter_promotion_used_up"),
        ({"percent": decimal.Decimal(50), "skus": ("TENT-01",), "code": "HALF50"}, "utter_promotion_other_products"),
        ({"amount_off": {"IDR": Money(decimal.Decimal(5), "IDR")}}, "utter_promotion_other_currency"),
        ({"min_spend": {"USD": Money(decimal.Decimal(5), "USD")}}, "utter_promotion_beside"),
    ],
)
async def test_what_else_stands_against_a_promotion(
    values: Mapping[str, Any], expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Budget, products, currency; and a gift that changes no price."""
    only = promotion(**values)

    async def get_promotions(*_: Any) -> list[Promotion]:
        return [only]

    async def get_coupon(*_: Any) -> Promotion:
        return only

    monkeypatch.setattr(DemoBackend, "get_promotions", get_promotions)
    monkeypatch.setattr(DemoBackend, "get_coupon", get_coupon)
    named = {"coupon_code": only.code} if only.code else {}
    outcome = await ask("ridge trail hiking boots any promo", **named)
    assert ["utter_promotion_none_product", expected] == outcome.said


@pytest.mark.parametrize(
    ("values", "said", "told"),
    [
        ({"uses_left": 0}, "utter_coupon_used_up", {}),
        (
            {"once_per_buyer": True, "skus": ("TENT-01",)},
            "utter_coupon_valid",
            {"condition": "Only for Two-Person Dome Tent. Each buyer can use it once."},
        ),
    ],
)
async def test_coupon_tells_budget_and_conditions(
    values: Mapping[str, Any], said: str, told: Mapping[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Used up, or for whom and what it is."""
    coupon = promotion(code="HALF50", percent=decimal.Decimal(50), **values)

    async def get_coupon(*_: Any) -> Promotion:
        return coupon

    monkeypatch.setattr(DemoBackend, "get_coupon", get_coupon)
    outcome = await Buyer().run(ActionAnswerCoupon(), "coupon_problem", entities=entities(coupon_code="HALF50"))
    assert [said] == outcome.said
    assert told == {key: outcome.fact(key) for key in told}


SKUS = st.sampled_from(["DRESS-01", "BOOT-07", "TENT-01", "BOTTLE-02", "BAG-11", "PHONE-02"])


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    cart=st.lists(st.tuples(SKUS, st.integers(1, 40)), min_size=1, max_size=4, unique_by=lambda line: line[0]),
    language=st.sampled_from(["en", "id", "th", "vi", "zh"]),
    code=st.sampled_from(["", "WELCOME10", "LASTMONTH15"]),
)
async def test_told_arithmetic_is_that_of_the_rules(cart: list[tuple[str, int]], language: str, code: str) -> None:
    """Whatever is in the cart, in every currency: the total, the full price, what is saved and what is missing."""
    shop = open_shop("stylehub")
    told = await ask(
        load_pack(language).words["cart_marks"].split(",")[0],
        language,
        [{"sku": sku, "quantity": quantity} for sku, quantity in cart],
        **({"coupon_code": code} if code else {}),
    )
    products = [await shop.get_product(sku) for sku, _ in cart]
    lines = [
        CartLine(product, product.variants[0], quantity)
        for product, (_, quantity) in zip(products, cart, strict=True)
        if product
    ]
    pack = load_pack(language)
    currency = (await shop.get_shop()).currencies[pack.country]
    running = list(await shop.get_promotions(TODAY))
    coupon = await shop.get_coupon(code) if code else None
    running += [coupon] if coupon and coupon not in running else []
    priced = price_cart(lines, currency, running, TODAY, [code])
    assert priced is not None
    assert format_money(priced.offer.price, pack) == told.fact("price")
    if priced.offer.saved.amount:
        assert format_money(priced.offer.full, pack) == next(m["full"] for m in told.messages if "full" in m)
    missing = [m["missing"] for m in told.messages if "missing" in m]
    assert {format_money(v.missing, pack) for v in priced.verdicts if v.missing} >= set(missing)


async def test_price_of_several_pieces_and_of_too_many() -> None:
    """Three of these; and when fewer are there, how many."""
    outcome = await Buyer(product="BOOT-07").run(ActionAnswerPrice(), "price_inquiry", entities=entities(quantity=3))
    assert ["utter_cart_reduced"] == [said for said in outcome.said if said.startswith("utter_cart")]
    assert ("$225", "$255") == (outcome.fact("price"), outcome.fact("full"))
    outcome = await Buyer(product="BOOT-07").run(ActionAnswerPrice(), "price_inquiry", entities=entities(quantity=5000))
    assert "utter_stock_too_small" in outcome.said


@pytest.mark.parametrize(
    ("policies", "said", "rate"),
    [
        ((), None, None),
        ((Policy("TH", TODAY, tax_included=True, tax_percent=decimal.Decimal(7)),), "utter_tax_included", " (7%)"),
        ((Policy("", TODAY, tax_included=False),), "utter_tax_excluded", ""),
        ((Policy("TH", TODAY + DAY, tax_included=True),), None, None),
        ((Policy("ES", TODAY, tax_included=True),), None, None),
        (
            (Policy("TH", TODAY - DAY, tax_included=True), Policy("TH", TODAY, tax_included=False)),
            "utter_tax_excluded",
            "",
        ),
    ],
)
async def test_tax_is_told_by_country_where_the_shop_says(
    policies: tuple[Policy, ...], said: str | None, rate: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing without a policy, nothing before it holds."""
    shop = await open_shop("stylehub").get_shop()

    async def get_shop(*_: Any) -> Shop:
        return dataclasses.replace(shop, policies=policies)

    monkeypatch.setattr(DemoBackend, "get_shop", get_shop)
    outcome = await Buyer(product="BOOT-07", country="TH").run(ActionAnswerPrice(), "price_inquiry")
    assert ([said] if said else []) == [name for name in outcome.said if name.startswith("utter_tax")]
    assert rate is None or rate == outcome.fact("rate")


# ---- percentages with a highest amount


def make_capped(**changes: Any) -> Promotion:
    """20 % off, at most 5 dollars."""
    return Promotion(
        **{
            "code": "",
            "name": Text(en="Payday"),
            "skus": (),
            "starts_on": TODAY,
            "ends_on": TODAY,
            "percent": decimal.Decimal(20),
            "most_off": {"USD": Money(decimal.Decimal(5), "USD")},
            **changes,
        }
    )


@pytest.mark.parametrize(("amount", "price", "told"), [(20, "$16", "Payday"), (100, "$95", "Payday (at most $5 off)")])
async def test_a_cap_is_told_where_it_bites(
    amount: int, price: str, told: str, alter_shop: Callable[..., AlteredShop]
) -> None:
    """A fifth of 20 is less than 5, of 100 it is more."""

    async def get_promotions(_backend: Any, *_: Any) -> list[Promotion]:
        return [make_capped()]

    alter_shop(get_promotions=get_promotions)
    outcome = await ask(f"i have ${amount} in my cart", price=amount, currency="USD")
    assert ("utter_cart_reduced", price, told) == (outcome.said[0], outcome.fact("price"), outcome.fact("promotions"))


@pytest.mark.parametrize("language", ["en", "id", "th", "vi", "ms", "fil", "zh", "es"])
async def test_a_vouchers_cap_is_a_condition(language: str, alter_shop: Callable[..., AlteredShop]) -> None:
    """In the buyer's language; in the list of promotions, too."""

    async def get_coupon(_backend: Any, _code: str) -> Promotion:
        return make_capped(code="PAYDAY")

    async def get_promotions(_backend: Any, *_: Any) -> list[Promotion]:
        return [make_capped(code="PAYDAY")]

    alter_shop(get_coupon=get_coupon, get_promotions=get_promotions)
    five = format_money(Money(decimal.Decimal(5), "USD"), load_pack(language))
    buyer = Buyer(language=language, country="US")
    outcome = await buyer.run(ActionAnswerCoupon(), "coupon_problem", entities=entities(coupon_code="PAYDAY"))
    assert "utter_coupon_valid" == outcome.said[0]
    assert load_pack(language).words["condition_most"].format(amount=five) == outcome.fact("condition")
    outcome = await Buyer(language=language, country="US").run(ActionAnswerPromotion(), "promotion_inquiry")
    assert load_pack(language).words["promotion_most"].format(amount=five) in outcome.fact("promotions")
