"""Cancelling an order, and sending it elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pasar.commerce.changes import AddressChange, Change, Outcome
from pasar.commerce.model import Address, Order
from pasar.commerce.platforms.shopify import mutations, queries
from pasar.commerce.platforms.shopify.graph import Graph
from pasar.commerce.platforms.shopify.records import Record
from pasar.commerce.platforms.shopify.refusals import judge_state, read_refusal, refuse

#: Nothing has been given to a carrier or a warehouse yet.
UNTOUCHED = frozenset({"UNFULFILLED", "OPEN", "ON_HOLD", "SCHEDULED", "REQUEST_DECLINED", "RESTOCKED"})
#: Something has left.
LEFT = frozenset({"PARTIALLY_FULFILLED", "FULFILLED"})


async def cancel_order(graph: Graph, order: Order, reason: str) -> Change:
    """Stop an order: what was paid goes back the way it came, pieces go back into stock, the buyer gets an e-mail.

    Shopify takes it as a job, whose end a webhook tells (orders/cancelled). An order of which something has left is
    refused without asking: Shopify would cancel the fulfilment with it where that can still be done.
    """
    refusal = judge_state(order)
    if refusal:
        return refusal
    variables = {
        "order": graph.write_id("cancel_order", "Order", order.reference),
        "reason": "CUSTOMER",
        "refund": {"originalPaymentMethodsRefund": True},
        "note": reason,
    }
    payload = (await graph.change("cancel_order", mutations.CANCEL_ORDER, variables)).record("orderCancel")
    refusal = read_refusal(payload, "orderCancelUserErrors")
    if refusal:
        return refusal
    job = payload.record("job")
    return Change(Outcome.DONE if job.flag("done") else Outcome.REQUESTED, reference=job.identifier("id"))


async def change_address(graph: Graph, order: Order, change: AddressChange) -> Change:
    """Have an order sent elsewhere while nobody has begun to pack it.

    Shopify itself takes a new address at any time, also when the parcel is on its way: so its state is asked first.
    """
    call = "change_address"
    if not any(line.strip() for line in change.address.lines):
        raise graph.fail(call, "address.lines", "are empty")
    reference = graph.write_id(call, "Order", order.reference)
    record = (await graph.read(call, queries.READ_ADDRESS, {"id": reference})).find("order")
    if record is None:
        return refuse("other", "there is no such order")
    if record.find_time("cancelledAt"):
        return refuse("cancelled")
    state = record.identifier("displayFulfillmentStatus")
    if state not in UNTOUCHED:
        return refuse("shipped" if state in LEFT else "not_allowed", state)
    address = write_address(change.address, record.find("shippingAddress"))
    fields = {"id": reference, "shippingAddress": address}
    data = await graph.change(call, mutations.CHANGE_ADDRESS, {"input": fields})
    return read_refusal(data.record("orderUpdate"), quotes=False) or Change(Outcome.DONE)


def write_address(address: Address, current: Record | None) -> Mapping[str, Any]:
    """A MailingAddressInput. What the buyer leaves out of name, phone and country stays as it is.

    An address of ours has no province: it stays where the city and the country do.
    """
    first, _, last = address.recipient.strip().rpartition(" ")
    if not last and current:
        first, last = current.text("firstName"), current.text("lastName")
    known = current.text("countryCodeV2") if current else ""
    country = address.country.strip().upper() or known
    lines = [line.strip() for line in address.lines if line.strip()]
    fields = {
        "address1": lines[0],
        "address2": ", ".join(lines[1:]),
        "city": address.city.strip(),
        "zip": address.postcode.strip(),
        "countryCode": country,
        "firstName": first,
        "lastName": last,
        "phone": address.phone.strip() or (current.text("phone") if current else ""),
    }
    if current and country == known and fields["city"].casefold() == current.text("city").strip().casefold():
        fields["provinceCode"] = current.text("provinceCode")
    return {name: value for name, value in fields.items() if value}
