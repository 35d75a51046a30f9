"""What a buyer is told of a parcel under way: where it is, what concerns it, when it comes."""

from __future__ import annotations

import datetime

from actions.turn import Turn
from pasar.commerce.model import Order, OrderState
from pasar.commerce.tracking import ParcelView

#: Orders that may still come by a day she named.
_AWAITED = frozenset({OrderState.SHIPPED, OrderState.PAID})
#: Concerns that are told by a response of their own.
_CONCERNS = frozenset({
    "failed_attempt", "ready_for_pickup", "customs_held", "delayed", "returning", "returned", "exception",
})  # fmt: skip
#: Those after which it may still be delivered, as the carrier says or does not say when.
_DATED = frozenset({"failed_attempt", "customs_held", "delayed"})
#: The buyer has it in her own hands: no person is offered.
_HERS = frozenset({"ready_for_pickup"})
_OLD = datetime.timedelta(hours=1)  # an answer of the carrier that is told as of when


def tell_parcel(turn: Turn, order: Order, view: ParcelView) -> bool:
    """Say where a parcel is and what concerns it; whether a person was offered."""
    facts = {
        "order_id": order.order_id,
        "courier": view.courier,
        "tracking_number": view.tracking_number,
        "shipped_date": turn.date(view.shipped_on),
    }
    if view.concern in _CONCERNS and view.concern_scan is not None:
        _tell_concern(turn, view, facts)
        return view.concern not in _HERS
    if view.last_scan is None:
        if view.state != "late":
            turn.say("utter_order_shipped_no_scan", **facts)
            return False
        turn.say("utter_parcel_never_scanned", **facts, days=view.days_silent)
        return True
    facts |= {"scan_date": turn.date(view.last_scan.at), "scan_place": view.last_scan.place}
    if view.concern == "not_moving":
        turn.say("utter_order_late", **facts, days=view.days_silent)
        return True
    if view.state == "late":
        turn.say("utter_order_overdue", **facts, date=turn.date(view.due_on or turn.today))
        return True
    if view.expected_on:
        turn.say("utter_order_shipped", **facts, date=turn.date(view.expected_on))
    else:
        turn.say("utter_order_shipped_no_due", **facts)
    return False


def _tell_concern(turn: Turn, view: ParcelView, facts: dict[str, str]) -> None:
    """With the carrier's new date where it gives one, and "unknown" where it gives none."""
    scan = view.concern_scan
    assert scan is not None
    facts = {**facts, "scan_date": turn.date(scan.at), "scan_place": scan.place}
    if view.concern in _DATED and view.expected_on:
        facts["expected"] = turn.word("expected_on", date=turn.date(view.expected_on))
    elif view.concern in _DATED:
        facts["expected"] = turn.word("expected_unknown")
    turn.say(f"utter_parcel_{view.concern}", **facts)


def tell_source(turn: Turn, view: ParcelView) -> None:
    """Say that the carrier did not answer, or how old its answer is, where that is so."""
    if view.unanswered:
        turn.say("utter_parcel_carrier_silent", courier=view.courier)
    elif view.read_at is not None and turn.now - view.read_at > _OLD:
        turn.say("utter_parcel_as_of", courier=view.courier, date=turn.date(view.read_at), time=turn.time(view.read_at))


def tell_deadline(turn: Turn, order: Order, view: ParcelView | None) -> None:
    """Whether the parcel makes it by the day the buyer named, where it is still on its way."""
    deadline = turn.deadline
    if deadline is None or deadline < turn.today or order.state not in _AWAITED:
        return
    if view is not None and view.state == "delivered":
        return
    if view is None or view.expected_on is None:
        turn.say("utter_deadline_unknown", deadline=turn.date(deadline))
    elif view.expected_on <= deadline:
        turn.say("utter_deadline_met", deadline=turn.date(deadline), date=turn.date(view.expected_on))
    else:
        turn.say("utter_deadline_missed", deadline=turn.date(deadline), date=turn.date(view.expected_on))
