"""Buyers who send something back."""

from __future__ import annotations

from typing import Any

from actions.forms import REQUESTED
from actions.tickets import ActionAskReturnOrderFormReturnConfirmed
from tests.actions.conftest import Buyer

FORM = "return_order_form"


def ready(number: str, contact: str, **slots: object) -> Buyer:
    """A buyer who has answered everything."""
    return Buyer(**{"checked": number, "contact": contact, "return_reason": "size", "return_confirmed": True, **slots})


def exchanging(number: str, contact: str, requested: str = "new_variant", **slots: Any) -> Buyer:
    """A buyer in the form who wants another one for it."""
    known = {
        "order_id": number,
        "checked": number,
        "contact": contact,
        "return_wants": "exchange",
        "return_reason": "size",
    }
    return Buyer(**{**known, REQUESTED: requested, **slots}).inside(FORM)


async def summarise(**slots: Any) -> Any:
    """What she reads before she says yes."""
    return await ready("SH1003", "nok@example.com", **slots).run(ActionAskReturnOrderFormReturnConfirmed())
