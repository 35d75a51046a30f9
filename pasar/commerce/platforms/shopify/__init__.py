"""Shopify, on its Admin GraphQL API.

https://shopify.dev/docs/api/admin-graphql: version 2026-10, stable since 1 October 2026 and answered until October 2027
(https://shopify.dev/docs/changelog/release-notes/2026-10); every field asked for was checked against the schema of
2026-07 and the release notes of 2026-10. The app needs the scopes read_orders, write_orders, write_order_edits,
read_customers, read_products, read_discounts, read_returns and write_returns, and Shopify's consent to protected
customer data; orders older than 60 days need read_all_orders.

What the documentation does not say, and is therefore not done here: an invoice that exists (there is none to read),
the day on which an order must be paid or sent, the sentence for a metafield that is no text, and what a discount made
by an app is worth. Names are told in the shop's default language: translations are not read.
"""

from __future__ import annotations

from pasar.commerce.platforms.shopify.api import ShopifyApi

__all__ = ["ShopifyApi"]
