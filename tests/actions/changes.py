"""Buyers who want their order changed."""

from __future__ import annotations

from typing import Any

from actions.forms import REQUESTED
from tests.actions.conftest import Buyer

FORM = "change_order_form"
ADDRESS = "48 Maple Avenue, Portland OR 97205"
OWNERS = {
    "SH1001": "siti",
    "SH1002": "siti",
    "SH1003": "nok",
    "SH1004": "nok",
    "SH1005": "anna",
    "SH1008": "tom",
    "SH1021": "linh",
}


def ready(number: str, change: str, **slots: Any) -> Buyer:
    """A buyer who has answered everything, and said yes."""
    slots = {"change": change, "change_confirmed": True, **slots}
    return Buyer(**{"order_id": number, "checked": number, "contact": f"{OWNERS[number]}@example.com", **slots})


def asked(number: str, change: str, requested: str, **slots: Any) -> Buyer:
    """A buyer in the form, who was asked for a slot."""
    slots = {"change_confirmed": None, REQUESTED: requested, **slots}
    return ready(number, change, **slots).inside(FORM)
