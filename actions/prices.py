"""What things cost: with promotions, in the buyer's currency, for one product, several pieces, a cart or a sum."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Sequence

from rasa_sdk.events import EventType, SlotSet

from actions.catalogue import find_product, match_variants, named_money, product_card
from actions.products import ProductAction, note_question
from actions.turn import ShopAction, Turn
from pasar.commerce.model import Money, Product
from pasar.commerce.pricing import covers
from pasar.commerce.promotions import CartLine, CartOffer, Verdict, price_amount, price_cart
from pasar.commerce.rules import Policy, Promotion

_MOST_OBSTACLES = 2  # what does not apply is worth a sentence or two
_OBSTACLES = {
    "used_up": "utter_promotion_used_up",
    "other_products": "utter_promotion_other_products",
    "other_currency": "utter_promotion_other_currency",
}


@dataclasses.dataclass(frozen=True)
class Cart:
    """What a buyer wants to have priced: lines, or a sum alone."""

    lines: tuple[CartLine, ...] = ()
    amount: Money | None = None

    @property
    def skus(self) -> tuple[str, ...]:
        """Of its products; that of a sum is of none."""
        return tuple(line.product.sku for line in self.lines) or ("",)


class ActionAnswerPrice(ProductAction):
    """What a product costs, promotions included."""

    def name(self) -> str:
        """As in the domain."""
        return "action_answer_price"

    async def tell(self, turn: Turn, product: Product) -> list[EventType]:
        """Of one piece, or of as many as the buyer names; in her currency where the shop has a price in it."""
        cart = take_pieces(turn, product)
        priced = await price(turn, cart)
        name = turn.product_name(product)
        if priced is None:
            turn.say("utter_product_fact_unknown", product=name, noted=await note_question(turn, product, "price"))
        elif cart.lines[0].quantity > 1:
            _tell_total(turn, cart, priced)
        elif priced.offer.saved.amount:
            turn.say("utter_price_reduced", **_describe_offer(turn, product, priced))
        else:
            converted = priced.offer.price.currency != turn.currency
            response = "utter_price_in_other_currency" if converted else "utter_price"
            turn.say(response, product=name, price=turn.money(priced.offer.price))
        if priced is not None:
            tax_of(turn)
        _tell_stock(turn, cart)
        turn.show(await product_card(turn, product))
        return []


class ActionAnswerPromotion(ShopAction):
    """Discounts: on the pieces, the cart, the sum or the product in question, else all that run."""

    def name(self) -> str:
        """As in the domain."""
        return "action_answer_promotion"

    async def answer(self, turn: Turn) -> list[EventType]:
        """Only promotions that the shop's system has, with exact prices, and why another does not apply."""
        product = await find_product(turn)
        cart = await find_cart(turn, product)
        priced = await price(turn, cart) if cart else None
        if cart is None or priced is None:
            _tell_all(turn, [p for p in await turn.backend.get_promotions(turn.today) if not p.code or not p.skus])
            return []
        if product is not None and len(cart.lines) == 1 and cart.lines[0].quantity == 1:
            facts = _describe_offer(turn, product, priced)
            if priced.offer.saved.amount:
                turn.say("utter_promotion_product", **facts)
            else:
                turn.say("utter_promotion_none_product", product=facts["product"], price=facts["price"])
        else:
            _tell_total(turn, cart, priced)
        await _tell_obstacles(turn, cart, priced)
        _tell_stock(turn, cart)
        return [SlotSet("product", product.sku)] if product else []


class ActionAnswerCoupon(ShopAction):
    """What is the matter with a voucher's code."""

    def name(self) -> str:
        """As in the domain."""
        return "action_answer_coupon"

    async def answer(self, turn: Turn) -> list[EventType]:
        """Unknown, not begun, expired, used up, or valid and under which conditions."""
        code = next(iter(turn.named("coupon_code")), None)
        if code is None:
            turn.say("utter_coupon_ask")
            return []
        coupon = await turn.backend.get_coupon(str(code))
        if coupon is None:
            turn.say("utter_coupon_unknown", code=code)
        elif turn.today < coupon.starts_on:
            turn.say("utter_coupon_not_begun", code=code, date=turn.date(coupon.starts_on))
        elif turn.today > coupon.ends_on:
            turn.say("utter_coupon_expired", code=code, date=turn.date(coupon.ends_on))
        elif coupon.uses_left == 0:
            turn.say("utter_coupon_used_up", code=code)
        else:
            turn.say(
                "utter_coupon_valid",
                code=code,
                date=turn.date(coupon.ends_on),
                promotion=coupon.name.to(turn.language, turn.shop.default_language),
                condition=await _describe_conditions(turn, coupon),
            )
        return []


async def find_cart(turn: Turn, product: Product | None) -> Cart | None:
    """What the message wants priced: pieces it names, a sum it names, the page's cart, else one piece of the product.

    A number of money is her cart's sum where she speaks of a cart or of no product; else she haggles.
    """
    if product is not None and _read_quantity(turn):
        return take_pieces(turn, product)
    speaks_of_cart = any(mark.strip() in turn.text.lower() for mark in turn.word("cart_marks").split(","))
    amount = named_money(turn)
    if amount is not None and (speaks_of_cart or product is None):
        return Cart(amount=amount)
    lines = await _read_page(turn)
    if lines and (speaks_of_cart or product is None):
        return Cart(lines)
    return take_pieces(turn, product) if product is not None and product.variants else None


def take_pieces(turn: Turn, product: Product) -> Cart:
    """As many pieces of a product as the message names, else one; of the variant it names, else of one in stock."""
    color, size = (next(iter(turn.named(kind)), None) for kind in ("color", "size"))
    wanted = match_variants(product, color, size) or product.variants
    variant = next((variant for variant in wanted if variant.stock > 0), next(iter(wanted), None))
    return Cart((CartLine(product, variant, _read_quantity(turn) or 1),) if variant else ())


async def price(turn: Turn, cart: Cart, codes: Collection[str] = ()) -> CartOffer | None:
    """A cart's best total with the codes the buyer names: in her currency, else in the shop's; None where in neither."""
    named = [str(code) for code in turn.named("coupon_code")]
    promotions = list(await turn.backend.get_promotions(turn.today))
    for coupon in [await turn.backend.get_coupon(code) for code in named]:
        if coupon is not None and coupon not in promotions:  # one that has ended or not begun
            promotions.append(coupon)
    codes = [*named, *codes]
    if cart.amount is not None:
        return price_amount(cart.amount, promotions, turn.today, codes)
    if not cart.lines:
        return None
    own = price_cart(cart.lines, turn.currency, promotions, turn.today, codes)
    return own or price_cart(cart.lines, turn.shop.currency, promotions, turn.today, codes)


def tax_of(turn: Turn) -> None:
    """Says whether prices include sales tax in the buyer's country; nothing where the shop's record does not say."""
    policy = _find_tax(turn)
    if policy is None:
        return
    percent = policy.tax_percent
    turn.say(
        "utter_tax_included" if policy.tax_included else "utter_tax_excluded",
        country=turn.country_name(turn.country),
        rate=turn.word("tax_rate", percent=turn.number(float(percent))) if percent is not None else "",
    )


def _find_tax(turn: Turn) -> Policy | None:
    """The newest policy in force that says something of tax: the country's, else the shop's default."""
    for country in (turn.country, ""):
        found = [
            policy
            for policy in turn.shop.policies
            if policy.country == country and policy.valid_from <= turn.today and policy.tax_included is not None
        ]
        if found:
            return max(found, key=lambda policy: policy.valid_from)
    return None


def _read_quantity(turn: Turn) -> int | None:
    """How many pieces the message names."""
    for value in turn.named("quantity"):
        number = float(value) if str(value).replace(".", "", 1).isdecimal() else 0.0
        if 1 <= number < 10_000 and number.is_integer():
            return int(number)
    return None


async def _read_page(turn: Turn) -> tuple[CartLine, ...]:
    """The cart that the page sent along; nothing where it holds what the shop's system does not know."""
    lines = []
    for entry in turn.metadata.get("cart") or ():
        product = await turn.backend.get_product(entry["sku"])
        if product is None or not product.variants:
            return ()
        same = (variant for variant in product.variants if variant.sku.upper() == entry["sku"].upper())
        lines.append(CartLine(product, next(same, product.variants[0]), entry["quantity"]))
    return tuple(lines)


def _tell_total(turn: Turn, cart: Cart, priced: CartOffer) -> None:
    """What several pieces, a cart or a sum come to."""
    listed = [f"{line.quantity} × {turn.product_name(line.product)}" for line in cart.lines]
    items = turn.names(listed) or turn.word("your_cart")
    offer = priced.offer
    if offer.saved.amount:
        turn.say(
            "utter_cart_reduced",
            items=items,
            price=turn.money(offer.price),
            full=turn.money(offer.full),
            saved=turn.money(offer.saved),
            promotions=turn.names(describe_promotion(turn, promotion) for promotion in offer.promotions),
        )
    else:
        turn.say("utter_cart_full", items=items, price=turn.money(offer.price))


def _tell_stock(turn: Turn, cart: Cart) -> None:
    """Where more pieces are wanted than there are, says so."""
    for product, _, quantity in cart.lines:
        stock = sum(variant.stock for variant in product.variants)
        if quantity > stock > 0:
            turn.say("utter_stock_too_small", product=turn.product_name(product), stock=stock)


def _tell_all(turn: Turn, running: Sequence[Promotion]) -> None:
    if running:
        turn.say(
            "utter_promotion_list",
            promotions="; ".join(describe_promotion(turn, promotion) for promotion in running),
        )
    else:
        turn.say("utter_promotion_none")


async def _tell_obstacles(turn: Turn, cart: Cart, priced: CartOffer) -> None:
    """Why what runs for these products, or what the buyer names, does not count; or what its code would make of it."""
    gifts = [p for p in priced.offer.promotions if p.percent is None and not p.amount_off]
    if gifts:
        turn.say("utter_promotion_beside", promotions=turn.names(describe_promotion(turn, gift) for gift in gifts))
    named = {str(code).upper() for code in turn.named("coupon_code")}
    told = 0
    for found in sorted(priced.verdicts, key=lambda verdict: verdict.promotion.code.upper() not in named):
        verdict = found
        concerns = any(covers(verdict.promotion, sku) for sku in cart.skus)
        if verdict.applies or not (concerns or verdict.promotion.code.upper() in named):
            continue
        if verdict.reason == "code_needed":
            with_code = await price(turn, cart, [verdict.promotion.code])
            if with_code is not None and with_code.offer.price < priced.offer.price:
                _tell_code(turn, verdict.promotion, with_code)
                told += 1
                continue
            verdict = _find_verdict(with_code, verdict)
        if told < _MOST_OBSTACLES and not verdict.applies:
            _tell_obstacle(turn, verdict)
            told += 1


def _find_verdict(priced: CartOffer | None, verdict: Verdict) -> Verdict:
    again = (other for other in (priced.verdicts if priced else ()) if other.promotion == verdict.promotion)
    return next(again, verdict)


def _tell_code(turn: Turn, promotion: Promotion, with_code: CartOffer) -> None:
    turn.say(
        "utter_promotion_with_code",
        code=promotion.code,
        price=turn.money(with_code.offer.price),
    )


def _tell_obstacle(turn: Turn, verdict: Verdict) -> None:
    promotion = verdict.promotion
    described = describe_promotion(turn, promotion)
    if verdict.missing is not None:
        turn.say("utter_promotion_below_threshold", promotion=described, missing=turn.money(verdict.missing))
    elif verdict.conflicts:
        others = turn.names(describe_promotion(turn, other) for other in verdict.conflicts)
        turn.say("utter_promotion_not_combinable", promotion=described, others=others)
    elif verdict.reason == "not_begun":
        turn.say("utter_coupon_not_begun", code=promotion.code, date=turn.date(promotion.starts_on))
    elif verdict.reason == "ended":
        turn.say("utter_coupon_expired", code=promotion.code, date=turn.date(promotion.ends_on))
    elif verdict.reason in _OBSTACLES:
        turn.say(_OBSTACLES[verdict.reason], promotion=described)


def _describe_offer(turn: Turn, product: Product, priced: CartOffer) -> dict[str, str]:
    """What one piece costs, and by which promotions until when."""
    made = [p for p in priced.offer.promotions if p.percent is not None or p.amount_off]
    return {
        "product": turn.product_name(product),
        "promotion": turn.names(p.name.to(turn.language, turn.shop.default_language) for p in made),
        "date": turn.date(min((p.ends_on for p in made), default=turn.today)),
        "price": turn.money(priced.offer.price),
        "full": turn.money(priced.offer.full),
    }


async def _describe_conditions(turn: Turn, coupon: Promotion) -> str:
    """From what value, for which products, how often."""
    parts = []
    threshold = coupon.min_spend.get(turn.currency) or next(iter(coupon.min_spend.values()), None)
    if threshold:
        parts.append(turn.word("condition_min_spend", amount=turn.money(threshold)))
    if coupon.skus:
        products = [await turn.backend.get_product(sku) for sku in coupon.skus]
        names = turn.names(turn.product_name(product) for product in products if product)
        parts.append(turn.word("condition_products", products=names))
    if coupon.once_per_buyer:
        parts.append(turn.word("condition_once"))
    return " ".join(parts)


def describe_promotion(turn: Turn, promotion: Promotion) -> str:
    """A promotion by its name, with what it takes off from which value, and its code."""
    name = promotion.name.to(turn.language, turn.shop.default_language)
    off, least = promotion.amount_off.get(turn.currency), promotion.min_spend.get(turn.currency)
    if off and least:
        name += ": " + turn.word("promotion_amount", amount=turn.money(off), minimum=turn.money(least))
    elif least:
        name += ": " + turn.word("promotion_from", minimum=turn.money(least))
    return f"{name} ({promotion.code})" if promotion.code else name
