"""Putting another variant or number of pieces into an order.

https://shopify.dev/docs/apps/build/orders-fulfillment/order-management-apps/edit-orders: an edit is begun, changed and
committed; nothing happens to the order before the last call.
"""

from __future__ import annotations

from pasar.commerce.changes import Change, LineChange, Outcome
from pasar.commerce.model import Order
from pasar.commerce.platforms.shopify import mutations, queries
from pasar.commerce.platforms.shopify.graph import Graph
from pasar.commerce.platforms.shopify.orders import read_variant_sku
from pasar.commerce.platforms.shopify.products import read_stock
from pasar.commerce.platforms.shopify.records import Record
from pasar.commerce.platforms.shopify.refusals import judge_state, read_refusal, refuse

CALL = "edit_order"


async def edit_order(graph: Graph, order: Order, change: LineChange) -> Change:
    """Change one line of an order; Shopify tells the buyer by e-mail what it costs now.

    The detail names what is left to pay then, below zero what is to be paid back; neither is done by itself.
    """
    if change.quantity < 0:
        raise graph.fail(CALL, "quantity", "is below zero")
    refusal = judge_state(order)
    if refusal:
        return refusal
    ordered = next((line for line in order.lines if _is_same(line.variant_sku, change.variant_sku)), None)
    if ordered is None:
        return refuse("other", "variant_sku: is not in the order")
    swaps = change.quantity > 0 and not _is_same(change.variant_sku, change.new_variant_sku)
    more = change.quantity if swaps else change.quantity - ordered.quantity
    variant = await _find_variant(graph, change.new_variant_sku) if more > 0 else None
    if more > 0 and variant is None:
        return refuse("other", "new_variant_sku: there is no such variant")
    if variant and more > read_stock(variant, tracked=variant.record("product").flag("tracksInventory")):
        return refuse("no_stock")
    begun = await _change(graph, mutations.BEGIN_EDIT, {"order": graph.write_id(CALL, "Order", order.reference)})
    refusal = read_refusal(begun.record("orderEditBegin"))
    if refusal:
        return refusal
    edit = begun.record("orderEditBegin").record("calculatedOrder")
    line = _find_line(edit, change.variant_sku)
    if line is None or line.number("editableQuantity") < line.number("quantity"):
        return refuse("shipped", "the line can no longer be edited")
    target = variant if swaps else None
    return await _finish(graph, edit.identifier("id"), line.identifier("id"), target, change.quantity)


async def _finish(graph: Graph, edit: str, line: str, variant: Record | None, quantity: int) -> Change:
    """Stage the change, and commit it where Shopify takes all of it."""
    variables: dict[str, str | int] = {"edit": edit, "line": line, "quantity": quantity}
    if variant is None:
        staged = await _change(graph, mutations.SET_QUANTITY, variables)
        payloads = [staged.record("orderEditSetQuantity")]
    else:
        staged = await _change(graph, mutations.SWAP_VARIANT, {**variables, "variant": variant.identifier("id")})
        payloads = [staged.record("orderEditAddVariant"), staged.record("orderEditSetQuantity")]
    for payload in payloads:
        refusal = read_refusal(payload)
        if refusal:
            return refusal
    left = payloads[-1].record("calculatedOrder").money("totalOutstandingSet")
    committed = (await _change(graph, mutations.COMMIT_EDIT, {"edit": edit})).record("orderEditCommit")
    detail = f"balance {left.amount} {left.currency}" if left.amount else ""
    return read_refusal(committed) or Change(Outcome.DONE, reference=edit, detail=detail)


async def _change(graph: Graph, document: str, variables: dict[str, str | int] | dict[str, str]) -> Record:
    return await graph.change(CALL, document, variables)


async def _find_variant(graph: Graph, sku: str) -> Record | None:
    """The variant of that SKU, or of that number where it has none."""
    query = f"sku:{graph.quote(sku)}"
    if sku.isascii() and sku.isdecimal():
        query += f" OR id:{sku}"
    found = (await graph.read(CALL, queries.FIND_VARIANT, {"query": query})).records("productVariants")
    return next((variant for variant in found if _is_same(read_variant_sku(variant, variant), sku)), None)


def _find_line(edit: Record, sku: str) -> Record | None:
    lines = [line for line in edit.records("lineItems") if line.number("quantity")]
    return next((line for line in lines if _is_same(read_variant_sku(line, line.find("variant")), sku)), None)


def _is_same(left: str, right: str) -> bool:
    return left.strip().casefold() == right.strip().casefold()
