"""A cart costs the best total that the rules allow, and every promotion says why it does not apply."""

from __future__ import annotations

import decimal
from collections.abc import Sequence
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pasar.commerce.model import Product
from pasar.commerce.pricing import MINOR_DIGITS, price_product
from pasar.commerce.promotions import CartLine, Verdict, price_amount, price_cart
from pasar.commerce.rules import Promotion
from tests.commerce.carts import brute_force, is_eligible, make_line, make_promotion, money
from tests.commerce.samples import TODAY

SKUS = ("DRESS", "SHOES", "BAG")


def judge(promotion: Promotion, *lines: CartLine, codes: Sequence[str] = (), used: Sequence[Promotion] = ()) -> Verdict:
    """What comes of one promotion, asked for alone."""
    priced = price_cart(lines, "USD", [promotion], TODAY, codes, used)
    assert priced is not None
    return priced.verdicts[0]


SPEND_200_SAVE_30 = make_promotion(off="30", spend="200")


def test_spend_200_save_30_one_below() -> None:
    """199: exactly one is missing, and nothing is saved."""
    priced = price_cart([make_line("DRESS", "199")], "USD", [SPEND_200_SAVE_30], TODAY)
    assert priced is not None
    assert Verdict(SPEND_200_SAVE_30, "below_threshold", money("1.00")) == priced.verdicts[0]
    assert (money("199.00"), ()) == (priced.offer.price, priced.offer.promotions)


@pytest.mark.parametrize(
    "lines", [[("DRESS", "200", 1)], [("DRESS", "50", 4)], [("DRESS", "99.50", 1), ("BAG", "100.50", 1)]]
)
def test_spend_200_save_30_reached(lines: list[tuple[str, str, int]]) -> None:
    """200 in one piece, in several, of several products: it applies and 170 is to pay."""
    priced = price_cart([make_line(*line) for line in lines], "USD", [SPEND_200_SAVE_30], TODAY)
    assert priced is not None
    assert priced.verdicts[0].applies
    assert (money("200.00"), money("170.00"), money("30.00")) == (
        priced.offer.full,
        priced.offer.price,
        priced.offer.saved,
    )


@pytest.mark.parametrize(
    ("promotion", "reason"),
    [
        (make_promotion(percent="10"), "applies"),
        (make_promotion(percent="10", begins=-1, ends=1), "applies"),
        (make_promotion(percent="10", begins=1, ends=2), "not_begun"),
        (make_promotion(percent="10", begins=-2, ends=-1), "ended"),
        (make_promotion(percent="10", uses_left=0), "used_up"),
        (make_promotion(percent="10", uses_left=1), "applies"),
        (make_promotion(percent="10", once=True), "applies"),
        (make_promotion(percent="10", code="TEN"), "code_needed"),
        (make_promotion(percent="10", skus=("SHOES",)), "other_products"),
        (make_promotion(percent="10", skus=("SHOES", "DRESS")), "applies"),
        (make_promotion(off="10", currency="IDR"), "other_currency"),
        (make_promotion(percent="10", spend="10", currency="IDR"), "other_currency"),
        (make_promotion(percent="10", spend="100.01"), "below_threshold"),
        (make_promotion(percent="10", spend="100"), "applies"),
        (make_promotion(), "applies"),
        (make_promotion(spend="500"), "below_threshold"),
        (make_promotion(percent="10", code="TEN", skus=("SHOES",), uses_left=0, begins=-1, ends=-1), "ended"),
    ],
)
def test_reason_of_a_promotion(promotion: Promotion, reason: str) -> None:
    """The first obstacle to a dress of 100 dollars; gifts and free shipping, of neither percent nor amount, have them too."""
    verdict = judge(promotion, make_line("DRESS", "100"))
    assert (reason, reason == "applies") == (verdict.reason, verdict.applies)
    assert (reason == "below_threshold") == (verdict.missing is not None)
    assert () == verdict.conflicts


def test_code_in_any_letter_case() -> None:
    """As buyers type it."""
    promotion = make_promotion(percent="10", code="Ten")
    assert judge(promotion, make_line("DRESS", "100"), codes=[" tEN "]).applies


def test_once_per_buyer() -> None:
    """Who has had it does not get it again; what is not limited she may have again."""
    once, always = make_promotion(percent="10", once=True), make_promotion(percent="10")
    assert "used_by_buyer" == judge(once, make_line("DRESS", "100"), used=[always, once]).reason
    assert judge(once, make_line("DRESS", "100"), used=[always]).applies
    assert judge(always, make_line("DRESS", "100"), used=[always]).applies


def test_threshold_of_certain_products() -> None:
    """Only their price counts towards it, and only they become cheaper."""
    promotion = make_promotion(percent="50", spend="80", skus=("SHOES",))
    lines = [make_line("DRESS", "500"), make_line("SHOES", "30", 2)]
    assert Verdict(promotion, "below_threshold", money("20.00")) == judge(promotion, *lines)
    priced = price_cart([*lines, make_line("SHOES", "20")], "USD", [promotion], TODAY)
    assert priced is not None
    assert money("540.00") == priced.offer.price


def test_amount_off_takes_no_more_than_its_products_cost() -> None:
    """30 off shoes of 20 leaves the dress at its price."""
    promotion = make_promotion(off="30", skus=("SHOES",))
    priced = price_cart([make_line("DRESS", "50"), make_line("SHOES", "20")], "USD", [promotion], TODAY)
    assert priced is not None
    assert money("50.00") == priced.offer.price


def test_better_promotion_excludes_the_other() -> None:
    """Two that cannot be combined: the better is granted, the other says with which it cannot be."""
    worse, better = make_promotion(percent="10"), make_promotion(off="15")
    priced = price_cart([make_line("DRESS", "100")], "USD", [worse, better], TODAY)
    assert priced is not None
    assert (money("85.00"), (better,)) == (priced.offer.price, priced.offer.promotions)
    assert (Verdict(worse, "not_combinable", conflicts=(better,)), Verdict(better, "applies")) == priced.verdicts


def test_stackable_ones_together_may_be_better() -> None:
    """10 % and then 5 dollars off 100 make 85, better than 12 % alone, and the other way round with 20 %."""
    stacked = [make_promotion(off="5", stackable=True), make_promotion(percent="10", stackable=True)]
    for percent, price, reasons in (
        ("12", "85.00", ["applies", "applies", "not_combinable"]),
        ("20", "80.00", ["not_combinable", "not_combinable", "applies"]),
    ):
        offered = [*stacked, make_promotion(percent=percent)]
        priced = price_cart([make_line("DRESS", "100")], "USD", offered, TODAY)
        assert priced is not None
        assert (money(price), reasons) == (priced.offer.price, [verdict.reason for verdict in priced.verdicts])


def test_gift_beside_a_price() -> None:
    """A stackable gift comes with a stackable price; one that is not stackable gives way to a better price."""
    price = make_promotion(percent="10", stackable=True)
    for stackable, reasons in ((True, ["applies", "applies"]), (False, ["applies", "not_combinable"])):
        priced = price_cart([make_line("DRESS", "100")], "USD", [price, make_promotion(stackable=stackable)], TODAY)
        assert priced is not None
        assert (money("90.00"), reasons) == (priced.offer.price, [verdict.reason for verdict in priced.verdicts])


def test_rounding_is_done_once() -> None:
    """10 % off three things of 5 cents each is 1.5 cents of 15, not three times half a cent."""
    lines = [make_line(sku, "0.05") for sku in SKUS]
    priced = price_cart(lines, "USD", [make_promotion(percent="10")], TODAY)
    assert priced is not None
    assert money("0.14") == priced.offer.price


@pytest.mark.parametrize(
    ("currency", "price", "expected"), [("IDR", "99999", "66666"), ("USD", "0.05", "0.03"), ("KWD", "1", "0.67")]
)
def test_rounding_by_currency(currency: str, price: str, expected: str) -> None:
    """To what is shown of a currency; a third off, to be not even."""
    promotion = make_promotion(percent="33.3333", currency=currency)
    priced = price_cart([make_line("DRESS", price, currency=currency)], currency, [promotion], TODAY)
    assert priced is not None
    assert money(expected, currency) == priced.offer.price


def test_no_price_in_the_currency() -> None:
    """Nothing is converted: a cart with one product without price has none."""
    assert price_cart([make_line("DRESS", "1"), make_line("BAG", "1", currency="IDR")], "USD", [], TODAY) is None


def test_senseless_carts_are_refused() -> None:
    """No lines, no pieces, another product's variant: each is named."""
    dress, bag = make_line("DRESS", "1"), make_line("BAG", "1")
    with pytest.raises(ValueError, match="empty cart"):
        price_cart([], "USD", [], TODAY)
    with pytest.raises(ValueError, match="DRESS-M must be at least 1, is 0"):
        price_cart([dress._replace(quantity=0)], "USD", [], TODAY)
    with pytest.raises(ValueError, match="BAG-M is no variant of DRESS"):
        price_cart([CartLine(dress.product, bag.variant, 1)], "USD", [], TODAY)


amounts = st.decimals("0.01", "300", places=2).map(str)
promotions = st.lists(
    st.builds(
        make_promotion,
        percent=st.one_of(st.none(), st.decimals("0.1", "100", places=1).map(str)),
        off=st.one_of(st.none(), amounts),
        spend=st.one_of(st.none(), amounts),
        code=st.sampled_from(["", "", "ABC", "XYZ"]),
        skus=st.sampled_from([(), (), ("DRESS",), ("SHOES", "BAG"), ("DRESS", "SHOES"), ("HAT",)]),
        stackable=st.booleans(),
        currency=st.sampled_from(["USD", "USD", "USD", "IDR"]),
        begins=st.integers(-1, 1),
        ends=st.integers(-1, 2),
        uses_left=st.sampled_from([None, None, 0, 3]),
        once=st.booleans(),
    ),
    max_size=5,
)
carts = st.lists(
    st.builds(make_line, st.sampled_from(SKUS), amounts, st.integers(1, 4)),
    min_size=1,
    max_size=3,
    unique_by=lambda line: line.product.sku,
)


@given(lines=carts, offered=promotions, codes=st.sampled_from([(), ("ABC",), ("ABC", "XYZ")]), uses=st.integers(0, 5))
def test_total_is_the_best_of_the_allowed(
    lines: list[CartLine], offered: list[Promotion], codes: tuple[str, ...], uses: int
) -> None:
    """Between zero and full, and no set of promotions that the rules allow would be better for the buyer."""
    used = offered[:uses]
    priced = price_cart(lines, "USD", offered, TODAY, codes, used)
    assert priced is not None
    eligible = [promotion for promotion in offered if is_eligible(lines, promotion, codes, used)]
    best = brute_force(lines, eligible)
    assert abs(Fraction(priced.offer.price.amount) - best) <= Fraction(1, 200)
    assert decimal.Decimal(0) <= priced.offer.price.amount <= priced.offer.full.amount
    assert sum(line.product.prices["USD"].amount * line.quantity for line in lines) == priced.offer.full.amount
    assert -2 == priced.offer.price.amount.as_tuple().exponent


@given(lines=carts, offered=promotions, codes=st.sampled_from([(), ("ABC", "XYZ")]))
def test_verdicts_fit_the_total(lines: list[CartLine], offered: list[Promotion], codes: tuple[str, ...]) -> None:
    """What applies made the total; what could not be combined is eligible; the rest is not."""
    priced = price_cart(lines, "USD", offered, TODAY, codes)
    assert priced is not None
    assert offered == [verdict.promotion for verdict in priced.verdicts]
    granted = [verdict.promotion for verdict in priced.verdicts if verdict.applies]
    assert sorted(map(repr, granted)) == sorted(map(repr, priced.offer.promotions))
    assert len(granted) <= 1 or all(promotion.stackable for promotion in granted)
    for verdict in priced.verdicts:
        eligible = verdict.reason in ("applies", "not_combinable")
        assert eligible == bool(is_eligible(lines, verdict.promotion, codes, ()))
        assert (verdict.reason == "not_combinable") == bool(verdict.conflicts)


@given(
    price=amounts,
    quantity=st.integers(1, 4),
    threshold=st.decimals("0.01", "900", places=2).map(str),
    skus=st.sampled_from([(), ("DRESS",)]),
)
def test_missing_amount_makes_it_apply(price: str, quantity: int, threshold: str, skus: tuple[str, ...]) -> None:
    """One more thing that costs what is missing is enough, and a cent less is not."""
    promotion = make_promotion(percent="5", spend=threshold, skus=skus)
    line, rest = make_line("DRESS", price, quantity), make_line("BAG", "1")
    verdict = judge(promotion, line, rest)
    if verdict.missing is None:
        assert verdict.applies
        return
    assert judge(promotion, line, rest, make_line("DRESS", str(verdict.missing.amount))).applies
    almost = verdict.missing.amount - decimal.Decimal("0.01")
    if almost:
        again = judge(promotion, line, rest, make_line("DRESS", str(almost)))
        assert ("below_threshold", money("0.01")) == (again.reason, again.missing)


@given(
    price=amounts,
    quantity=st.integers(1, 4),
    offered=promotions,
    currency=st.sampled_from(["USD", "IDR", "JPY", "THB"]),
    codes=st.sampled_from([(), ("ABC",)]),
)
def test_cart_of_one_line_costs_what_the_product_costs(
    price: str, quantity: int, offered: list[Promotion], currency: str, codes: tuple[str, ...]
) -> None:
    """A buyer who asks for the price and then for her cart hears the same."""
    line = make_line("DRESS", price, quantity, currency)
    single = price_product(line.product, currency, offered, TODAY, quantity, codes)
    cart = price_cart([line], currency, offered, TODAY, codes)
    assert single is not None and cart is not None
    assert (single.full, single.price) == (cart.offer.full, cart.offer.price)
    assert -MINOR_DIGITS.get(currency, 2) == cart.offer.price.amount.as_tuple().exponent


def test_used_up_promotion_lowers_no_price() -> None:
    """Nor that of a single product."""
    product: Product = make_line("DRESS", "100").product
    offer = price_product(product, "USD", [make_promotion(percent="10", uses_left=0)], TODAY)
    assert offer is not None
    assert money("100.00") == offer.price


@pytest.mark.parametrize(("amount", "missing", "price"), [("199", "1.00", "199.00"), ("200", None, "170.00")])
def test_price_amount_of_a_sum_alone(amount: str, missing: str | None, price: str) -> None:
    """199 in the cart: exactly one is missing; 200: it applies. A promotion for certain products is not claimed."""
    shoes = make_promotion(percent="50", skus=("SHOES",))
    priced = price_amount(money(amount), [SPEND_200_SAVE_30, shoes], TODAY)
    assert (money(missing) if missing else None, money(price)) == (priced.verdicts[0].missing, priced.offer.price)
    assert "other_products" == priced.verdicts[1].reason
