"""WooCommerce, by its REST API v3 (https://woocommerce.github.io/woocommerce-rest-api-docs/).

What is decided here, because the interface does not say it:

- **States.** ``pending``, ``on-hold`` and ``failed`` are unpaid (on-hold with a date of payment is paid), ``processing``
  is paid. WooCommerce knows no "shipped" and no "delivered": ``completed`` means that the seller has finished the order,
  so it counts as shipped, never as delivered; so does an order with tracking in whatever state it waits.
  ``refunded`` is returned where it had been completed or sent, else cancelled. ``trash`` and ``checkout-draft`` are no
  orders. States that plugins add are judged by what the order shows: tracking, date of completion, date of payment.
- **Tracking** comes from the order's meta ``_wc_shipment_tracking_items``, which the extensions Shipment Tracking and
  Advanced Shipment Tracking write; of several parcels the newest. Carriers' scans are not in it.
- **SKUs** may be empty in WooCommerce, and a variation without one shows its product's: then ``#<id>`` stands for the
  product and ``<product>#<variation id>`` for the variation.
- **Prices** are what the cart charges at the moment of reading: a sale's price only between its dates. A product of
  several prices has its lowest. The currency is asked of the shop, since products do not carry it.
- **Stock** that WooCommerce does not count is told as 1: that one piece can be sold is all that is known. What can only
  be ordered ahead (backorder) is 0.
- **Coupons** with conditions that :class:`~pasar.commerce.rules.Promotion` cannot hold (excluded products, sale items,
  e-mails, maximum amount, number of items) are a ``ShopError`` naming the condition: half of the truth about money is
  a person's business.
- **Changes** are checked against the order as it is at that moment; WooCommerce itself would take any of them at any
  time. A cancelled order's payment is not given back by WooCommerce: that is the seller's.
"""

from pasar.commerce.platforms.woocommerce.api import WooCommerceApi

__all__ = ["WooCommerceApi"]
