"""What a buyer wants of an order, by the intent she said it with."""

from __future__ import annotations

from collections.abc import Collection

from actions.turn import Turn

#: Which change an intent asks for.
CHANGES = {"cancel_order": "cancel", "change_address": "address", "edit_order": "edit"}
#: Which form an intent begins; all others that name an order begin with where it is.
FORMS = {
    "refund_status": "refund_status_form",
    "invoice_request": "get_invoice_form",
    **dict.fromkeys(CHANGES, "change_order_form"),
    **dict.fromkeys(
        ("return_item", "exchange_item", "refund_request", "damaged_item", "wrong_item"), "return_order_form"
    ),
}
TRACKED = frozenset({"order_status", "missing_item"})
ABOUT_PRODUCTS = frozenset({
    "product_info", "product_availability", "price_inquiry", "authenticity", "warranty", "size_help", "usage_help",
    "compare_product", "recommend_product", "promotion_inquiry",
})  # fmt: skip


def find_form(need: str) -> str:
    """The form that finds the order of a need."""
    return FORMS.get(need, "track_order_form")


def find_last_need(turn: Turn, of: Collection[str]) -> str:
    """The last intent of the conversation that is one of ``of``; "" where none was."""
    for event in reversed(turn.tracker.events):
        if event.get("event") == "user":
            intent = ((event.get("parse_data") or {}).get("intent") or {}).get("name")
            if intent in of:
                return str(intent)
    return ""
