"""What differs by TikTok Shop's market: the reasons a seller may give for stopping an order or taking it back.

TikTok refuses a reason that is not in its market's list (25001014, 25001015, 25001021). A list without a true one means
that a person, or the buyer in the app, must do it.

Lists: https://partner.tiktokshop.com/docv2/page/67e61eee427345048595487d (cancel),
https://partner.tiktokshop.com/docv2/page/67e61d87fcf2dd04c982ef1d (return).
"""

from __future__ import annotations

import dataclasses
import datetime
import zoneinfo
from collections.abc import Mapping

from pasar.commerce.model import OrderState, Text

_EU = ("DE", "ES", "FR", "IE", "IT")

#: Markets in whose list the buyer's own wish is a reason; elsewhere there are only faults of the seller.
CANCEL_MARKETS = frozenset({*_EU, "BR", "JP", "MX", "PH", "US"})

#: That reason, by where the order stands.
CANCEL_REASONS: Mapping[OrderState, str] = {
    OrderState.UNPAID: "seller_cancel_unpaid_reason_buyer_requested_cancellation",
    OrderState.PAID: "seller_cancel_paid_reason_buyer_requested_cancellation",
}

_BY_NAME = {
    "changed_mind": "seller_ecom_delivered_return_refund_reason1",
    "damaged": "ecom_order_delivered_refund_and_return_reason_damaged_seller",
    "wrong": "ecom_order_delivered_refund_and_return_reason_wrong_product_seller",
    "missing": "ecom_order_delivered_refund_and_return_reason_missing_product_seller",
}
_LATIN = {
    "changed_mind": "seller_ecom_delivered_return_refund_reason1",
    "damaged": "seller_return_damaged_item",
    "wrong": "seller_return_wrong_item_was_sent",
    "missing": "seller_return_missing_item",
}

#: Reasons for a return with refund that a seller may open, by market and reason of ours.
RETURN_REASONS: Mapping[str, Mapping[str, str]] = {
    "US": {"changed_mind": _BY_NAME["changed_mind"]},
    "GB": {reason: f"{name}_uk" for reason, name in _BY_NAME.items()},
    "ID": {"wrong": _BY_NAME["wrong"]},
    "VN": _BY_NAME,
    **dict.fromkeys(_EU, _BY_NAME),
    "BR": _LATIN,
    "MX": _LATIN,
}


@dataclasses.dataclass(frozen=True)
class Market:
    """Where the shop sells, and in which language and time zone its records are told."""

    region: str  #: as TikTok calls it: ID, TH, VN, GB …
    language: str
    zone: zoneinfo.ZoneInfo

    def date(self, moment: datetime.datetime | None) -> datetime.date | None:
        """The shop's day of a moment."""
        return None if moment is None else moment.astimezone(self.zone).date()

    def text(self, words: str) -> Text:
        """The seller's words; their language is not told, the shop's own is taken."""
        return Text({self.language: words}) if words else Text()
