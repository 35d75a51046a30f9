"""``orders.csv``: one row a line of an order; rows that follow one another with the same ``order_id`` are one order."""

from __future__ import annotations

import pathlib
import zoneinfo
from collections.abc import Sequence

from pasar.commerce.files import cells
from pasar.commerce.files.tables import LANGUAGE, Columns, Problem, Row, check_same, group_rows, read_rows
from pasar.commerce.model import (
    Address,
    Money,
    Order,
    OrderLine,
    OrderState,
    Parcel,
    Refund,
    RefundState,
)

FILE = "orders.csv"
OF_A_LINE = ("sku", "variant_sku", "quantity", "price")
STATES = {state.value: state for state in OrderState}
REFUND_STATES = {state.value: state for state in RefundState}
COLUMNS = Columns(
    required=("order_id", "placed_at", "state", "country", "currency", "total", "sku", "quantity", "price"),
    optional=(
        "variant_sku",
        "email",
        "phone",
        "account",
        "buyer_name",
        "payment_method",
        "pay_until",
        "ship_on",
        "courier",
        "tracking_number",
        "shipped_at",
        "due_on",
        "delivered_at",
        "cancelled_on",
        "cancelled_by",
        "refund_amount",
        "refund_state",
        "refund_method",
        "refund_days",
        "refund_decided_on",
        "refund_paid_on",
        "recipient",
        "address_1",
        "address_2",
        "address_3",
        "city",
        "postcode",
    ),
    families={"name": LANGUAGE},
    needed_families=("name",),
)


def read_orders(folder: pathlib.Path, zone: zoneinfo.ZoneInfo, problems: list[Problem]) -> list[Order]:
    """The orders. One of which any row is wrong, unreadable or elsewhere is left out: half of it would be untrue.

    TableError where the header is wrong, OSError where the file cannot be read.
    """
    orders: dict[str, Order | None] = {}
    for group in group_rows(read_rows(folder / FILE, COLUMNS, problems), "order_id"):
        number = group[0]["order_id"].casefold()
        if number in orders:  # has been told
            orders[number] = None
            continue
        check_same(group, lambda column: column not in OF_A_LINE and not column.startswith("name_"))
        if group[-1].cut:
            group[-1].fail("order_id", "a row after it that can be read: it may be of the same order")
        orders[number] = _read_order(group, zone)
    return [order for order in orders.values() if order is not None]


def _read_order(group: Sequence[Row], zone: zoneinfo.ZoneInfo) -> Order | None:
    row = group[0]
    country, currency = cells.read_country(row, "country"), cells.read_currency(row, "currency")
    cells.read_text(row, "country")
    state, total = STATES.get(row["state"].lower()), cells.read_money(row, "total", currency)
    if state is None:
        row.fail("state", f"one of {', '.join(STATES)}")
    placed_at = cells.read_moment(row, "placed_at", zone)
    for column in ("placed_at", "total"):
        cells.read_text(row, column)
    email, phone = cells.read_email(row, "email"), cells.read_phone(row, "phone", country)
    if not (row["email"] or row["phone"] or row["account"]):
        row.fail("email", "an e-mail, a phone number or an account: else nobody can be shown the order")
    dates = {name: cells.read_date(row, name) for name in ("pay_until", "ship_on", "cancelled_on")}
    parcel, refund = _read_parcel(row, zone), _read_refund(row, currency)
    lines = tuple(_read_line(line, currency) for line in group)
    if not all(line.good for line in group) or placed_at is None or state is None or total is None:
        return None
    return Order(
        order_id=row["order_id"],
        email=email,
        phone=phone,
        buyer_name=row["buyer_name"],
        country=country,
        state=state,
        placed_at=placed_at,
        total=total,
        lines=tuple(line for line in lines if line is not None),
        payment_method=row["payment_method"],
        pay_until=dates["pay_until"],
        ship_on=dates["ship_on"],
        parcel=parcel,
        refund=refund,
        cancelled_on=dates["cancelled_on"],
        cancelled_by=row["cancelled_by"],
        address=_read_address(row, country),
        account=row["account"],
    )


def _read_line(row: Row, currency: str) -> OrderLine | None:
    sku, quantity = cells.read_text(row, "sku"), cells.need_int(row, "quantity", least=1)
    cells.read_text(row, "price")
    price, names = cells.read_money(row, "price", currency), cells.read_names(row, "name")
    return None if price is None else OrderLine(sku, row["variant_sku"] or sku, names, quantity, price)


def _read_parcel(row: Row, zone: zoneinfo.ZoneInfo) -> Parcel | None:
    shipped_at, delivered_at = (cells.read_moment(row, name, zone) for name in ("shipped_at", "delivered_at"))
    due_on = cells.read_date(row, "due_on")
    if not any(row[name] for name in ("courier", "tracking_number", "shipped_at", "due_on", "delivered_at")):
        return None
    for column in ("courier", "tracking_number", "shipped_at"):
        cells.read_text(row, column)
    if shipped_at is None:
        return None
    return Parcel(row["courier"], row["tracking_number"], shipped_at, due_on, (), delivered_at)


def _read_refund(row: Row, currency: str) -> Refund | None:
    amount, state = cells.read_money(row, "refund_amount", currency), REFUND_STATES.get(row["refund_state"].lower())
    days = _read_days(row, "refund_days")
    decided_on, paid_on = (cells.read_date(row, name) for name in ("refund_decided_on", "refund_paid_on"))
    if not any(row[name] for name in COLUMNS.optional if name.startswith("refund_")):
        return None
    cells.read_text(row, "refund_amount")
    if state is None:
        row.fail("refund_state", f"one of {', '.join(REFUND_STATES)}")
    if amount is None or state is None:
        return None
    return Refund(
        amount=Money(amount.amount, currency),
        state=state,
        decided_on=decided_on,
        payout_days=days,
        method=row["refund_method"] or row["payment_method"],
        paid_on=paid_on,
    )


def _read_days(row: Row, column: str) -> tuple[int, int] | None:
    days = cells.read_range(row, column)
    return None if days is None else (int(days[0]), int(days[1]))


def _read_address(row: Row, country: str) -> Address | None:
    lines = tuple(row[name] for name in ("address_1", "address_2", "address_3") if row[name])
    if not (lines or row["city"] or row["postcode"]):
        return None
    return Address(lines, row["city"], row["postcode"], country, row["recipient"] or row["buyer_name"])
