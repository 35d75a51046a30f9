"""Whether what was said is what the shop's record says. Knows the record only, nothing of the actions that spoke.

A response claims a state by its key, and facts by its text: each fact of the record must stand in the text as the
language writes it. Responses without a check are counted, not taken for true.
"""

from __future__ import annotations

import dataclasses
import datetime
import re
import zoneinfo
from collections.abc import Callable, Iterable, Iterator

from pasar.commerce.demo.files import ShopFiles
from pasar.commerce.model import Money, Order, OrderState, Product, RefundState
from pasar.commerce.rules import ShippingRule
from pasar.languages import formatting
from pasar.languages.pack import load_pack

_NUMBER = re.compile(r"\bSH\d{4,6}\b")
_EXAMPLE = "SH1234"
_SILENT = 7  # days without a scan after which a parcel may be called lost sight of

#: They ask, confirm or excuse, and claim nothing of the record.
_CLAIMLESS = re.compile(
    r"utter_(ask_|greet|goodbye|thanked|all_right|what_can|bot_|chitchat|out_of_scope|unknown_language|language_|feedback"
    r"|sorry|unsub|data_|nothing|still_not|message_|slow|person_|handed|form_|order_id_wrong|contact_wrong|order_not_matched"
    r"|order_check|return_not_sent|change_not_made|also_inter|measure_wrong|payment_problem|coupon_ask|usage|compare|invoice)"
)


@dataclasses.dataclass(frozen=True)
class Claim:
    """What must hold for a response to be true: its condition, and the facts its text must have."""

    holds: bool
    facts: tuple[str, ...] = ()


class Record:
    """An order, its product and the shop's rules on a day, in the buyer's language."""

    def __init__(self, order: Order, language: str, files: ShopFiles, now: datetime.datetime) -> None:
        """``order`` as it is in the database after the conversation."""
        self.order, self.files, self.pack = order, files, load_pack(language)
        self.zone = zoneinfo.ZoneInfo(files.shop.time_zone)
        self.today = now.astimezone(self.zone).date()
        self.product: Product = next(product for product in files.products if product.sku == order.lines[0].sku)
        self.name = self.product.name.to(language, files.shop.default_language)
        self.tickets = 0  #: returns in the database
        self.text = ""  #: what is being judged

    def day(self, moment: datetime.date | datetime.datetime | None) -> str:
        """As the language writes it; what no text has where the record has no such day."""
        if isinstance(moment, datetime.datetime):
            moment = moment.astimezone(self.zone).date()
        return formatting.format_date(moment, self.pack, self.today) if moment else "\0"

    def money(self, amount: Money) -> str:
        """As the language writes it."""
        return formatting.format_money(amount, self.pack)


def judge(record: Record, said: Iterable[tuple[str, str]]) -> tuple[list[str], int, int]:
    """What is untrue in responses (key, text); how many claims were checked, how many have no check here."""
    wrong: list[str] = []
    checked = unchecked = 0
    for key, text in said:
        wrong += [
            f"{key}: tells order {n}" for n in _NUMBER.findall(text) if n not in (record.order.order_id, _EXAMPLE)
        ]
        make = CLAIMS.get(key)
        if make is None:
            unchecked += not _CLAIMLESS.match(key)
            continue
        checked += 1
        record.text = text
        claim = make(record)
        if not claim.holds:
            wrong.append(f"{key}: the record says otherwise ({_describe(record)})")
        wrong += [f"{key}: must tell {fact!r}" for fact in claim.facts if fact not in text]
    return wrong, checked, unchecked


def _describe(record: Record) -> str:
    order = record.order
    refund = f", refund {order.refund.state.value}" if order.refund else ""
    return f"order {order.state.value}{refund}, stock {sum(v.stock for v in record.product.variants)}"


def _in(
    *states: OrderState, facts: Callable[[Record], Iterator[str]] = lambda _: iter(())
) -> Callable[[Record], Claim]:
    return lambda record: Claim(record.order.state in states, (record.order.order_id, *facts(record)))


def _parcel(record: Record) -> Iterator[str]:
    if parcel := record.order.parcel:
        yield parcel.tracking_number
        yield parcel.courier


def _shipped(record: Record) -> Claim:
    parcel = record.order.parcel
    if record.order.state is not OrderState.SHIPPED or parcel is None or not parcel.scans:
        return Claim(holds=False)
    silent = (record.today - parcel.scans[-1].at.astimezone(record.zone).date()).days
    in_time = parcel.due_on is not None and parcel.due_on >= record.today and silent < _SILENT
    return Claim(in_time, (*_parcel(record), record.day(parcel.due_on), record.day(parcel.scans[-1].at)))


def _overdue(record: Record) -> Claim:
    parcel = record.order.parcel
    late = parcel is not None and parcel.due_on is not None and parcel.due_on < record.today
    return Claim(
        late and record.order.state is OrderState.SHIPPED, (*_parcel(record), record.day(parcel and parcel.due_on))
    )


def _refund(state: RefundState) -> Callable[[Record], Claim]:
    def make(record: Record) -> Claim:
        refund = record.order.refund
        return Claim(refund is not None and refund.state is state, (record.money(refund.amount),) if refund else ())

    return make


def _stock(*, there: bool) -> Callable[[Record], Claim]:
    return lambda record: Claim(any(v.stock > 0 for v in record.product.variants) is there, (record.name,))


def _named(record: Record) -> Claim:
    return Claim(holds=True, facts=(record.name,))


def _price(record: Record) -> Claim:
    price = record.product.prices.get(record.order.total.currency)
    return Claim(price is not None, (record.name, record.money(price)) if price else (record.name,))


def _rules(record: Record) -> list[ShippingRule]:
    """Those of the country that the text names: a buyer may ask for another one than her order's."""
    return [r for r in record.files.shipping if formatting.format_country(r.country, record.pack) in record.text]


def _shipping(record: Record) -> Claim:
    rules = _rules(record)
    costs = [record.money(option.cost) for rule in rules for option in rule.options if option.cost.amount]
    return Claim(bool(rules), tuple(costs))


def _days(record: Record) -> Claim:
    options = [option for rule in _rules(record) for option in rule.options]
    if not options:
        return Claim(holds=False)
    return Claim(holds=True, facts=(str(min(o.days[0] for o in options)), str(max(o.days[1] for o in options))))


def _cod(*, there: bool) -> Callable[[Record], Claim]:
    return lambda record: Claim(any(rule.cod is there for rule in _rules(record)))


def _opened(record: Record) -> Claim:
    return Claim(record.tickets > 0, (record.order.order_id,))


#: By response, what must hold.
CLAIMS: dict[str, Callable[[Record], Claim]] = {
    "utter_order_unpaid": _in(
        OrderState.UNPAID, facts=lambda r: iter((r.money(r.order.total), r.day(r.order.pay_until)))
    ),
    "utter_order_paid": _in(OrderState.PAID, facts=lambda r: iter((r.day(r.order.ship_on),))),
    "utter_order_paid_no_date": _in(OrderState.PAID),
    "utter_order_shipped": _shipped,
    "utter_order_shipped_no_scan": lambda r: Claim(
        r.order.state is OrderState.SHIPPED and not (r.order.parcel and r.order.parcel.scans), tuple(_parcel(r))
    ),
    "utter_order_overdue": _overdue,
    "utter_order_delivered": _in(
        OrderState.DELIVERED, facts=lambda r: iter((r.day(r.order.parcel and r.order.parcel.delivered_at), *_parcel(r)))
    ),
    "utter_delivered_not_received": _in(OrderState.DELIVERED),
    "utter_order_returned": _in(OrderState.RETURNED),
    "utter_order_cancelled": _in(OrderState.CANCELLED, facts=lambda r: iter((r.day(r.order.cancelled_on),))),
    "utter_order_cancelled_now": _in(OrderState.CANCELLED),
    "utter_change_cancelled_before": _in(OrderState.CANCELLED),
    "utter_change_too_late_shipped": _in(OrderState.SHIPPED),
    "utter_change_too_late_delivered": _in(OrderState.DELIVERED),
    "utter_refund_approved": _refund(RefundState.APPROVED),
    "utter_refund_paid": _refund(RefundState.PAID),
    "utter_refund_requested": _refund(RefundState.REQUESTED),
    "utter_no_refund": lambda r: Claim(r.order.refund is None),
    "utter_return_opened": _opened,
    "utter_return_in_review": _opened,
    "utter_return_not_delivered": _in(OrderState.UNPAID, OrderState.PAID, OrderState.SHIPPED),
    "utter_return_unpaid": _in(OrderState.UNPAID),
    "utter_return_cancelled": _in(OrderState.CANCELLED),
    "utter_return_already": lambda r: Claim(r.order.state is OrderState.RETURNED or r.order.refund is not None),
    "utter_return_not_returnable": lambda r: Claim(not r.product.returnable),
    "utter_return_policy": lambda r: Claim(holds=True, facts=(str(r.files.shop.returns.days),)),
    "utter_available": _stock(there=True),
    "utter_unavailable": _stock(there=False),
    "utter_unavailable_until": _stock(there=False),
    "utter_price": _price,
    "utter_price_reduced": _price,
    "utter_promotion_product": _named,
    "utter_promotion_none_product": _named,
    "utter_promotion_none": lambda r: Claim(not r.files.promotions),
    "utter_promotion_list": lambda r: Claim(bool(r.files.promotions)),
    "utter_size_fits": _named,
    "utter_size_between": _named,
    "utter_size_above": _named,
    "utter_size_below": _named,
    "utter_size_no_chart": lambda r: Claim(not r.product.size_chart, (r.name,)),
    "utter_shipping_cost": _shipping,
    "utter_shipping_options": _shipping,
    "utter_delivery_time": _days,
    "utter_cod_yes": _cod(there=True),
    "utter_cod_yes_no_limit": _cod(there=True),
    "utter_cod_no": _cod(there=False),
}
