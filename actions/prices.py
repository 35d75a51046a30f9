"""What things cost: with promotions, in the buyer's currency, for one product, several pieces, a cart or a sum."""

from __future__ import annotations

from collections.abc import Sequence

from rasa_sdk.events import EventType, SlotSet

from actions.carts import Cart, find_cart, price_of_cart, take_pieces
from actions.catalogue import find_product, product_card
from actions.products import ProductAction
from actions.questions import note_question
from actions.turn import ShopAction, Turn
from pasar.commerce.model import Product
from pasar.commerce.policies import find_policy
from pasar.commerce.pricing import Offer, covers
from pasar.commerce.promotions import CartOffer, Verdict
from pasar.commerce.rules import Promotion

_MOST_OBSTACLES = 2  # what does not apply is worth a sentence or two
_OBSTACLES = {
    "used_up": "utter_promotion_used_up",
    "other_products": "utter_promotion_other_products",
    "other_currency": "utter_promotion_other_currency",
}


class ActionAnswerPrice(ProductAction):
    """What a product costs, promotions included."""

    def name(self) -> str:
        """As in the domain."""
        return "action_answer_price"

    async def tell(self, turn: Turn, product: Product) -> list[EventType]:
        """Of one piece, or of as many as the buyer names; in her currency where the shop has a price in it."""
        cart = take_pieces(turn, product)
        priced = await price_of_cart(turn, cart)
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
        priced = await price_of_cart(turn, cart) if cart else None
        if cart is None or priced is None:
            running = [
                promotion for promotion in await turn.backend.get_promotions(turn.today) if promotion.uses_left != 0
            ]
            _tell_all(turn, [promotion for promotion in running if not promotion.code or not promotion.skus])
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
                promotion=_name(turn, coupon),
                condition=await _describe_conditions(turn, coupon),
            )
        return []


def tax_of(turn: Turn) -> None:
    """Says whether prices include sales tax in the buyer's country; nothing where the shop's record does not say."""
    policy = find_policy(turn.shop, turn.country, turn.today)
    if policy.tax_included is None:
        return
    percent = policy.tax_percent
    turn.say(
        "utter_tax_included" if policy.tax_included else "utter_tax_excluded",
        country=turn.country_name(turn.country),
        rate=turn.word("tax_rate", percent=turn.number(float(percent))) if percent is not None else "",
    )


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
            promotions=turn.names(_name_applied(turn, promotion, offer) for promotion in offer.promotions),
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
        code = verdict.promotion.code.upper()
        concerns = any(covers(verdict.promotion, sku) for sku in cart.skus)
        # of a code that she does not know she hears only what it would save
        if verdict.applies or not (code in named or (concerns and (not code or verdict.reason == "code_needed"))):
            continue
        if verdict.reason == "code_needed":
            with_code = await price_of_cart(turn, cart, [verdict.promotion.code])
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
        code=promotion.code + _tell_cap(turn, promotion, with_code.offer),
        price=turn.money(with_code.offer.price),
    )


def _tell_obstacle(turn: Turn, verdict: Verdict) -> None:
    promotion = verdict.promotion
    described = describe_promotion(turn, promotion)
    if verdict.missing is not None:
        turn.say("utter_promotion_below_threshold", promotion=described, missing=turn.money(verdict.missing))
    elif verdict.conflicts:
        others = turn.names(_name(turn, other) for other in verdict.conflicts)
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
        "promotion": turn.names(_name_applied(turn, p, priced.offer) for p in made),
        "date": turn.date(min((p.ends_on for p in made), default=turn.today)),
        "price": turn.money(priced.offer.price),
        "full": turn.money(priced.offer.full),
    }


async def _describe_conditions(turn: Turn, coupon: Promotion) -> str:
    """At most how much, from what value, for which products, how often."""
    parts = []
    most = coupon.most_off.get(turn.currency) or next(iter(coupon.most_off.values()), None)
    if most:
        parts.append(turn.word("condition_most", amount=turn.money(most)))
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
    """A promotion by its name, with what it takes off from which value, at most how much, and its code."""
    name = _name(turn, promotion)
    off, least = promotion.amount_off.get(turn.currency), promotion.min_spend.get(turn.currency)
    parts = []
    if off and least:
        parts.append(turn.word("promotion_amount", amount=turn.money(off), minimum=turn.money(least)))
    elif least:
        parts.append(turn.word("promotion_from", minimum=turn.money(least)))
    if most := promotion.most_off.get(turn.currency):
        parts.append(turn.word("promotion_most", amount=turn.money(most)))
    name += ": " + ", ".join(parts) if parts else ""
    return f"{name} ({promotion.code})" if promotion.code else name


def _name_applied(turn: Turn, promotion: Promotion, offer: Offer) -> str:
    """Its name; where it would have taken off more than it may, with how much that is."""
    return _name(turn, promotion) + _tell_cap(turn, promotion, offer)


def _tell_cap(turn: Turn, promotion: Promotion, offer: Offer) -> str:
    if promotion not in offer.capped:
        return ""
    return f" ({turn.word('promotion_most', amount=turn.money(promotion.most_off[offer.price.currency]))})"


def _name(turn: Turn, promotion: Promotion) -> str:
    return promotion.name.to(turn.language, turn.shop.default_language)
