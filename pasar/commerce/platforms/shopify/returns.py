"""Asking the seller to take an order back.

https://shopify.dev/docs/api/admin-graphql/latest/mutations/returnRequest: what a buyer asks for is a request, which the
seller approves or declines in the shop's admin; ``returnCreate`` would be for what has been approved elsewhere.
"""

from __future__ import annotations

import re

from pasar.commerce.model import Order, ReturnRequest, ReturnTicket
from pasar.commerce.platforms.shopify import mutations, queries
from pasar.commerce.platforms.shopify.graph import Graph
from pasar.commerce.platforms.shopify.records import Record
from pasar.commerce.platforms.shopify.refusals import read_refusal

CALL = "open_return"
NOTE_LENGTH = 300  # of a customerNote

#: Handles of https://shopify.dev/docs/api/admin-graphql/latest/queries/returnReasonDefinitions
REASONS = {
    "damaged": "damaged-or-defective",
    "wrong": "received-the-wrong-item",
    "changed_mind": "changed-my-mind",
}
OTHER_REASON = "other-reason"
STATES = {"REQUESTED": "review", "OPEN": "approved"}


async def open_return(graph: Graph, order: Order, request: ReturnRequest) -> ReturnTicket:
    """Ask for all that can be sent back; where a return is requested or open already, that one."""
    reference = graph.write_id(CALL, "Order", order.reference)
    reason = REASONS.get(request.reason, OTHER_REASON)
    data = await graph.read(CALL, queries.READ_RETURNABLE, {"id": reference, "reasons": [reason]})
    for known in data.record("order").records("returns"):
        if known.identifier("status") in STATES:
            return _read_ticket(known)
    definition = next(iter(data.records("returnReasonDefinitions")), None)
    if definition is None:
        raise data.fail("returnReasonDefinitions", f"there is no {reason}")
    lines = [
        {
            "fulfillmentLineItemId": line.record("fulfillmentLineItem").identifier("id"),
            "quantity": line.number("quantity"),
            "returnReasonDefinitionId": definition.identifier("id"),
            "customerNote": _write_note(request),
        }
        for shipment in data.records("returnableFulfillments")
        for line in shipment.records("returnableFulfillmentLineItems")
        if line.number("quantity")
    ]
    if not lines:
        raise data.fail("returnableFulfillments", "there is nothing that can be sent back")
    fields = {"orderId": reference, "returnLineItems": lines}
    payload = (await graph.change(CALL, mutations.REQUEST_RETURN, {"input": fields})).record("returnRequest")
    refusal = read_refusal(payload, quotes=False)
    if refusal:
        raise payload.fail("userErrors", refusal.detail)
    return _read_ticket(payload.record("return"))


def _read_ticket(record: Record) -> ReturnTicket:
    return ReturnTicket(record.identifier("name"), STATES.get(record.identifier("status"), "review"))


def _write_note(request: ReturnRequest) -> str:
    """What Shopify's reason does not say, and the buyer's words."""
    parts = [request.reason if request.reason not in REASONS else "", request.wants, request.note]
    if re.match(r"https?://", request.photo):
        parts.append(request.photo)
    return "; ".join(filter(None, (part.strip() for part in parts)))[:NOTE_LENGTH]
