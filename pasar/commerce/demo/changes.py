"""What buyers may change in the demo shop: an order is read, changed and written in one transaction."""

from __future__ import annotations

import dataclasses
import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from pasar.commerce.changes import AddressChange, Change, LineChange, Outcome
from pasar.commerce.demo import schema
from pasar.commerce.model import Money, Order, OrderState, Refund, RefundState
from pasar.commerce.refunds import promise_payout_days
from pasar.commerce.rows import decode, encode
from pasar.commerce.rules import Shop

_OPEN = (OrderState.UNPAID, OrderState.PAID)


def cancel(connection: Connection, shop: Shop, order_id: str, reason: str, today: datetime.date) -> Change:
    """Stop an order that has not left; what was paid goes back the way it came."""
    order = _lock(connection, shop, order_id)
    if order.state not in _OPEN:
        return _refuse(order)
    refund = None
    if order.state is OrderState.PAID and order.payment_method != "cod":
        days = promise_payout_days(order.payment_method, shop.returns)
        refund = Refund(order.total, RefundState.APPROVED, today, days, order.payment_method)
    for line in order.lines:
        _move_stock(connection, shop, line.variant_sku, line.quantity)
    changed = dataclasses.replace(
        order, state=OrderState.CANCELLED, cancelled_on=today, cancelled_by="buyer", refund=refund, ship_on=None
    )
    _write(connection, shop, changed)
    return Change(Outcome.DONE, reference=f"CAN-{order.order_id}", detail=reason)


def change_address(connection: Connection, shop: Shop, change: AddressChange) -> Change:
    """Send an order that has not left elsewhere, within its country: duties and delivery are that country's."""
    order = _lock(connection, shop, change.order_id)
    if order.state not in _OPEN:
        return _refuse(order)
    if change.address.country and change.address.country != order.country:
        return Change(Outcome.REFUSED, "not_allowed", detail="another country")
    before = order.address
    address = dataclasses.replace(
        change.address,
        country=order.country,
        recipient=change.address.recipient or (before.recipient if before else order.buyer_name),
        phone=change.address.phone or (before.phone if before else order.phone),
    )
    _write(connection, shop, dataclasses.replace(order, address=address))
    return Change(Outcome.DONE, reference=f"ADR-{order.order_id}")


def edit(connection: Connection, shop: Shop, change: LineChange) -> Change:
    """Another colour or size of the same product while it is there; another number only before payment."""
    order = _lock(connection, shop, change.order_id)
    if order.state not in _OPEN:
        return _refuse(order)
    line = next((line for line in order.lines if line.variant_sku == change.variant_sku), None)
    variant = _find_variant(connection, shop, change.new_variant_sku)
    if line is None or variant is None or variant.product_sku != line.sku:
        return Change(Outcome.REFUSED, "not_allowed", detail="no such variant of this order's product")
    if change.quantity != line.quantity and order.state is OrderState.PAID:
        return Change(Outcome.REFUSED, "not_allowed", detail="another number after payment")
    needed = change.quantity - (line.quantity if change.new_variant_sku == line.variant_sku else 0)
    if variant.stock < needed:
        return Change(Outcome.REFUSED, "no_stock")
    new = dataclasses.replace(line, variant_sku=change.new_variant_sku, quantity=change.quantity)
    lines = tuple(item for item in (new if old is line else old for old in order.lines) if item.quantity)
    if not lines:
        return Change(Outcome.REFUSED, "not_allowed", detail="nothing would be left")
    _move_stock(connection, shop, line.variant_sku, line.quantity)
    _move_stock(connection, shop, change.new_variant_sku, -change.quantity)
    more = line.price.amount * (change.quantity - line.quantity)
    total = Money(order.total.amount + more, order.total.currency)
    _write(connection, shop, dataclasses.replace(order, lines=lines, total=total))
    return Change(Outcome.DONE, reference=f"EDT-{order.order_id}")


def _refuse(order: Order) -> Change:
    return Change(Outcome.REFUSED, "cancelled" if order.state is OrderState.CANCELLED else "shipped")


def _lock(connection: Connection, shop: Shop, order_id: str) -> Order:
    """The order, kept from other writers until the transaction ends."""
    where = _is_order(shop, order_id.strip().upper())
    # a writer's lock first, also where the database knows no SELECT FOR UPDATE
    connection.execute(schema.orders.update().where(*where).values(shop_id=shop.shop_id))
    row = connection.execute(sa.select(schema.orders).where(*where)).one()
    return decode(Order, row.record)


def _write(connection: Connection, shop: Shop, order: Order) -> None:
    where = _is_order(shop, order.order_id)
    connection.execute(schema.orders.update().where(*where).values(record=encode(order)))


def _is_order(shop: Shop, order_id: str) -> tuple[Any, Any]:
    return schema.orders.c.shop_id == shop.shop_id, schema.orders.c.order_id == order_id


def _find_variant(connection: Connection, shop: Shop, sku: str) -> Any:
    where = (schema.variants.c.shop_id == shop.shop_id, schema.variants.c.sku == sku)
    return connection.execute(sa.select(schema.variants).where(*where)).first()


def _move_stock(connection: Connection, shop: Shop, sku: str, pieces: int) -> None:
    where = (schema.variants.c.shop_id == shop.shop_id, schema.variants.c.sku == sku)
    connection.execute(schema.variants.update().where(*where).values(stock=schema.variants.c.stock + pieces))
