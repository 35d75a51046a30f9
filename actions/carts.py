"""What a buyer wants to have priced: pieces of a product, her cart, or a sum."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection

from actions.catalogue import match_variants, named_money
from actions.turn import Turn
from pasar.commerce.model import Money, Product
from pasar.commerce.promotions import CartLine, CartOffer, price_amount, price_cart


@dataclasses.dataclass(frozen=True)
class Cart:
    """What a buyer wants to have priced: lines, or a sum alone."""

    lines: tuple[CartLine, ...] = ()
    amount: Money | None = None

    @property
    def skus(self) -> tuple[str, ...]:
        """Of its products; that of a sum is of none."""
        return tuple(line.product.sku for line in self.lines) or ("",)


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


async def price_of_cart(turn: Turn, cart: Cart, codes: Collection[str] = ()) -> CartOffer | None:
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
