"""Shopee, to the public specification of its Open Platform v2 (https://open.shopee.com/documents).

Read for it: the guides of 2025 (API calls, authorisation, push mechanism, orders, returns, stock and price, data
definition), the reference of each call used, and the pages of the pushes as of May 2026.

What the specification does not say, and what is done about it:

- How many calls a second are allowed. A daily limit and "too many requests" exist as errors, without figures; we stay
  at ten a second, which is a guess, and wait out the latter.
- With which HTTP status an error comes. The envelope is read whatever the status.
- Orders of one buyer. There is no search by buyer: see :meth:`.api.ShopeeApi.find_orders`.
- What became of the money of a return that is CLOSED. No refund is told then, as with one that is CANCELLED.
- How a refund is paid out. The order's own payment method is told.
- A product's page in the shop, its kind, its warranty. They stay empty.

Not possible for anybody but the buyer: opening a return, changing the address or the lines of an order.
"""

from __future__ import annotations

from pasar.commerce.platforms.shopee.api import ShopeeApi

__all__ = ["ShopeeApi"]
