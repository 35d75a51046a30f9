"""The only door to orders: an order is shown to its buyer, and to nobody else.

Whoever asks proves to be the buyer by what the channel has authenticated, or by the e-mail or phone
of the order. How often somebody may try is the caller's to limit.
"""

from __future__ import annotations

import dataclasses
import datetime
import decimal
import hmac
from collections.abc import Iterator, Sequence

import phonenumbers

from pasar.commerce.backend import ShopBackend
from pasar.commerce.model import Buyer, Money, Order, OrderState

MOST_NUMBER = 64  # characters of the longest order number of any platform, and more

#: Whose order is compared where there is none, so that looking takes as long.
_NOBODY = Order(
    order_id="",
    email="nobody@shop.invalid",
    phone="+12025550100",
    buyer_name="",
    country="US",
    state=OrderState.CANCELLED,
    placed_at=datetime.datetime.min.replace(tzinfo=datetime.timezone.utc),
    total=Money(decimal.Decimal(0), "USD"),
    lines=(),
    payment_method="",
)


@dataclasses.dataclass(frozen=True)
class Proof:
    """What is known of whoever asks."""

    buyer: Buyer | None = None  #: authenticated by the channel
    contacts: tuple[str, ...] = ()  #: e-mails or phones the buyer has typed


async def access_order(backend: ShopBackend, order_id: str, proof: Proof) -> Order | None:
    """The order if it is the asker's, else None.

    "There is no such order" and "it is somebody else's" cannot be told apart from outside, by the time neither.
    """
    number = order_id.strip()
    order = await backend.get_order(number) if number.isprintable() and 0 < len(number) <= MOST_NUMBER else None
    # All contacts are compared, also after a hit and where there is no order: the time tells nothing, and what cannot
    # be compared fails for every number.
    compared = order or _NOBODY
    hits = [proof.buyer is not None and _belongs(compared, proof.buyer)]
    hits += [_owns(compared, contact) for contact in proof.contacts]
    return order if any(hits) else None


async def access_orders(backend: ShopBackend, proof: Proof) -> Sequence[Order]:
    """All orders of an authenticated buyer, newest first; typed contacts open no list."""
    buyer = proof.buyer
    if buyer is None or not (buyer.email.strip() or buyer.phone.strip() or buyer.account.strip()):
        return ()
    # Checked once more here: an adapter whose search is too generous must not leak orders.
    return [order for order in await backend.find_orders(buyer) if _belongs(order, buyer)]


def mask_email(email: str) -> str:
    """An address as its owner knows it again, and nobody else learns it: ``n•••@example.com``; "" where it is none."""
    name, at, domain = email.strip().partition("@")
    return f"{name[0]}•••@{domain}" if name and at and domain else ""


def _belongs(order: Order, buyer: Buyer) -> bool:
    by_email = _same_email(order.email, buyer.email)
    by_phone = _same_phone(order.phone, buyer.phone, order.country)
    by_account = bool(buyer.account) and _same_text(order.account, buyer.account)
    return by_email or by_phone or by_account


def _owns(order: Order, contact: str) -> bool:
    if "@" in contact:
        return _same_email(order.email, contact)
    return _same_phone(order.phone, contact, order.country)


def _same_email(known: str, given: str) -> bool:
    # bytes.lower() folds ASCII only: str.lower() would also make one address of two that only look alike.
    left, right = (text.strip().encode("utf-8", "surrogatepass").lower() for text in (known, given))
    return bool(left) and bool(right) and hmac.compare_digest(left, right)


def _same_text(left: str, right: str) -> bool:
    return hmac.compare_digest(*(text.encode("utf-8", "surrogatepass") for text in (left, right)))


def _same_phone(known: str, given: str, country: str) -> bool:
    owned = list(_read_phones(known, country))[:1]
    hits = [hmac.compare_digest(left, right) for left in owned for right in _read_phones(given, country)]
    return any(hits)


def _read_phones(text: str, country: str) -> Iterator[bytes]:
    """The numbers that ``text`` may stand for, as E.164: national, international, international without its plus."""
    text = text.strip()
    forms: list[tuple[str, str | None]] = [(text, country.upper() or None)]
    if not text.startswith("+"):
        digits = "".join(character for character in text if character.isdigit())
        forms.append(("+" + digits.removeprefix("00"), None))
    for form, region in forms:
        try:
            number = phonenumbers.parse(form, region)
        except phonenumbers.NumberParseException:
            continue
        if phonenumbers.is_possible_number(number):
            yield phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164).encode()
