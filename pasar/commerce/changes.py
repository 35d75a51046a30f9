"""What can be changed in a shop's system, and what came of it.

A change is asked for by its buyer, confirmed by her, and made once: :mod:`pasar.commerce.ledger` sees to that.
"""

from __future__ import annotations

import dataclasses
import enum
from collections.abc import Collection, Mapping
from typing import Any

from pasar.commerce.model import Address, Order, OrderState
from pasar.commerce.rules import ChangeRules


class Ability(enum.Enum):
    """What a shop's system lets a programme do. What is missing here, a person does."""

    FIND_ORDERS = "find_orders"  #: list a buyer's orders without their numbers
    LIVE_STOCK = "live_stock"  #: tell the pieces left at the moment of asking
    SYNC_CHANGES = "sync_changes"  #: give only the products changed since a time
    NOTICES = "notices"  #: send a webhook when a product or an order changes
    COUPONS = "coupons"  #: tell what a voucher's code is worth
    CANCEL = "cancel"
    CHANGE_ADDRESS = "change_address"
    EDIT_ORDER = "edit_order"
    OPEN_RETURN = "open_return"
    SHOW_RETURNS = "show_returns"  #: tell where a return and its refund stand
    INVOICE = "invoice"


class Outcome(enum.Enum):
    """What came of a change."""

    DONE = "done"  #: the shop's system has it
    REQUESTED = "requested"  #: the platform or the seller decides
    REFUSED = "refused"  #: not possible, by a rule of the shop or the platform


@dataclasses.dataclass(frozen=True)
class Change:
    """The answer of a shop's system to a change."""

    outcome: Outcome
    reason: str = ""  #: a code where refused: shipped, cancelled, not_allowed, no_stock, other
    reference: str = ""  #: what the shop's system calls the change
    detail: str = ""  #: what the system said, for the log and the desk; never shown to a buyer


@dataclasses.dataclass(frozen=True)
class AddressChange:
    """A wish to have an order sent elsewhere."""

    order_id: str
    address: Address


@dataclasses.dataclass(frozen=True)
class LineChange:
    """A wish to have another variant, or another number of pieces, in an order."""

    order_id: str
    variant_sku: str  #: the one ordered
    new_variant_sku: str
    quantity: int  #: pieces wanted; 0 takes the line out


@dataclasses.dataclass(frozen=True)
class Invoice:
    """An invoice that exists already."""

    number: str
    url: str = ""  #: "" where it can only be sent by e-mail


@dataclasses.dataclass(frozen=True)
class Permission:
    """Whether an order may be changed now."""

    allowed: bool
    reason: str  #: ok, shipped, delivered, returned, cancelled; by_person where only a person may decide


#: A change's kind → what the shop's system must be able to do.
ABILITIES = {"cancel": Ability.CANCEL, "address": Ability.CHANGE_ADDRESS, "edit": Ability.EDIT_ORDER}
_TOO_LATE = {
    OrderState.SHIPPED: "shipped",
    OrderState.DELIVERED: "delivered",
    OrderState.RETURNED: "returned",
    OrderState.CANCELLED: "cancelled",
}
_STEPS = tuple(OrderState)  # in the order in which an order goes through them


def judge_change(kind: str, order: Order, rules: ChangeRules, abilities: Collection[Ability]) -> Permission:
    """Whether a buyer may have ``kind`` (cancel, address, edit) made of an order, by its state and the shop's rules."""
    last: OrderState | None = getattr(rules, kind)
    if order.state in _TOO_LATE and (last is None or _STEPS.index(order.state) > _STEPS.index(last)):
        return Permission(False, _TOO_LATE[order.state])
    if last is None or ABILITIES[kind] not in abilities or _STEPS.index(order.state) > _STEPS.index(last):
        return Permission(False, "by_person")
    limit = rules.cancel_limit.get(order.total.currency) if kind == "cancel" else None
    if limit is not None and limit < order.total:
        return Permission(False, "by_person")
    return Permission(True, "ok")


def shows(order: Order, kind: str, after: Mapping[str, Any]) -> bool:
    """Whether an order, as it is now, has what a change was to make of it; ``after`` as in the ledger's wish.

    False also where the record does not tell: platforms mask addresses.
    """
    if kind == "cancel":
        return order.state is OrderState.CANCELLED
    if kind == "address":
        return order.address is not None and list(order.address.lines) == list(after["address"]["lines"])
    if kind == "edit":
        wanted = (after["new_variant_sku"], after["quantity"])
        return any((line.variant_sku, line.quantity) == wanted for line in order.lines)
    return False
