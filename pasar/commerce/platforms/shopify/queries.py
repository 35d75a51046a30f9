"""What is asked of Shopify (https://shopify.dev/docs/api/admin-graphql/2026-10/queries).

A call may cost 1000 points before it is carried out, however little comes of it
(https://shopify.dev/docs/api/usage/limits#single-query-limit): nested lists are as long as they have to be.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

ORDERS = 10  # of a buyer, a page
PRODUCTS = 10  # a page
VARIANTS = 50  # with their product; the others a page at a time

_MONEY = """
fragment MoneyFields on MoneyBag { presentmentMoney { amount currencyCode } }
"""

_ORDER = (
    """
fragment OrderFields on Order {
  legacyResourceId name createdAt cancelledAt cancelReason email phone
  displayFinancialStatus displayFulfillmentStatus returnStatus fullyPaid paymentGatewayNames
  totalPriceSet { ...MoneyFields }
  customer { displayName defaultEmailAddress { emailAddress } defaultPhoneNumber { phoneNumber } }
  shippingAddress { address1 address2 city province zip countryCodeV2 name phone }
  billingAddress { countryCodeV2 name }
  lineItems(first: 50) {
    nodes {
      id name sku quantity currentQuantity
      originalUnitPriceSet { ...MoneyFields }
      product { handle }
      variant { legacyResourceId }
    }
  }
  fulfillments(first: 5) {
    status displayStatus createdAt inTransitAt deliveredAt estimatedDeliveryAt
    trackingInfo(first: 1) { company number }
    events(first: 20, sortKey: HAPPENED_AT, reverse: true) { nodes { happenedAt status city province country } }
  }
  refunds(first: 5) {
    createdAt
    totalRefundedSet { ...MoneyFields }
    transactions(first: 3) { nodes { kind status processedAt formattedGateway } }
  }
  returns(first: 5) {
    nodes {
      createdAt requestApprovedAt status
      returnLineItems(first: 10) {
        nodes { ... on ReturnLineItem { withCodeDiscountedTotalPriceSet { ...MoneyFields } } }
      }
    }
  }
}
"""
    + _MONEY
)

READ_ORDER = (
    """
query ReadOrder($query: String!) {
  shop { orderNumberFormatPrefix orderNumberFormatSuffix }
  orders(first: 3, query: $query) { nodes { ...OrderFields } }
}
"""
    + _ORDER
)

FIND_ORDERS_BY_EMAIL = (
    """
query FindOrdersByEmail($first: Int!, $query: String!) {
  orders(first: $first, query: $query, sortKey: CREATED_AT, reverse: true) { nodes { ...OrderFields } }
}
"""
    + _ORDER
)

FIND_ORDERS_BY_PHONE = (
    """
query FindOrdersByPhone($first: Int!, $phone: String!) {
  customerByIdentifier(identifier: { phoneNumber: $phone }) {
    orders(first: $first, sortKey: CREATED_AT, reverse: true) { nodes { ...OrderFields } }
  }
}
"""
    + _ORDER
)

_VARIANTS = """
fragment VariantFields on ProductVariantConnection {
  nodes {
    legacyResourceId sku availableForSale inventoryQuantity inventoryPolicy
    selectedOptions { name value }
  }
  pageInfo { hasNextPage endCursor }
}
"""

READ_VARIANTS = (
    """
query ReadVariants($id: ID!, $after: String!) {
  product(id: $id) { variants(first: 100, after: $after) { ...VariantFields } }
}
"""
    + _VARIANTS
)

_READ_PRODUCTS = """
query ReadProducts($first: Int!, $after: String, $query: String!) {
  products(first: $first, after: $after, query: $query, sortKey: ID) {
    nodes { ...ProductFields }
    pageInfo { hasNextPage endCursor }
  }
}
"""

_READ_PRODUCT = """
query ReadProduct($id: ID!) {
  product(id: $id) { ...ProductFields }
}
"""

READ_COUPON = """
query ReadCoupon($code: String!) {
  codeDiscountNodeByCode(code: $code) {
    codeDiscount {
      __typename
      ... on DiscountCodeBasic {
        title startsAt endsAt usageLimit asyncUsageCount appliesOncePerCustomer
        combinesWith { orderDiscounts productDiscounts }
        context { __typename }
        minimumRequirement { ...MinimumFields }
        customerGets {
          value {
            __typename
            ... on DiscountPercentage { percentage }
            ... on DiscountAmount { amount { amount currencyCode } appliesOnEachItem }
          }
          items { ...ItemFields }
        }
      }
      ... on DiscountCodeBxgy {
        title startsAt endsAt usageLimit asyncUsageCount appliesOncePerCustomer
        combinesWith { orderDiscounts productDiscounts }
        context { __typename }
        customerGets { items { ...ItemFields } }
      }
      ... on DiscountCodeFreeShipping {
        title startsAt endsAt usageLimit asyncUsageCount appliesOncePerCustomer
        combinesWith { orderDiscounts productDiscounts }
        context { __typename }
        minimumRequirement { ...MinimumFields }
        destinationSelection { __typename }
        maximumShippingPrice { amount currencyCode }
      }
    }
  }
}
fragment MinimumFields on DiscountMinimumRequirement {
  __typename
  ... on DiscountMinimumSubtotal { greaterThanOrEqualToSubtotal { amount currencyCode } }
}
fragment ItemFields on DiscountItems {
  __typename
  ... on DiscountProducts {
    products(first: 50) { nodes { handle } pageInfo { hasNextPage } }
    productVariants(first: 50) { nodes { id } }
  }
  ... on DiscountCollections {
    collections(first: 5) {
      nodes { products(first: 50) { nodes { handle } pageInfo { hasNextPage } } }
      pageInfo { hasNextPage }
    }
  }
}
"""

READ_ADDRESS = """
query ReadAddress($id: ID!) {
  order(id: $id) {
    cancelledAt displayFulfillmentStatus
    shippingAddress { city provinceCode countryCodeV2 firstName lastName phone }
  }
}
"""

FIND_VARIANT = """
query FindVariant($query: String!) {
  productVariants(first: 10, query: $query) {
    nodes {
      id legacyResourceId sku availableForSale inventoryQuantity inventoryPolicy
      product { tracksInventory }
    }
  }
}
"""

READ_RETURNABLE = """
query ReadReturnable($id: ID!, $reasons: [String!]) {
  order(id: $id) { returns(first: 20) { nodes { name status createdAt } } }
  returnableFulfillments(orderId: $id, first: 10) {
    nodes {
      returnableFulfillmentLineItems(first: 50) { nodes { quantity fulfillmentLineItem { id } } }
    }
  }
  returnReasonDefinitions(handles: $reasons, first: 2) { nodes { id handle } }
}
"""


def write_read_products(countries: Mapping[str, str], facts: Sequence[tuple[str, str]]) -> str:
    """The query for a page of products, see :func:`_write_product`."""
    return _READ_PRODUCTS + _write_product(countries, facts) + _VARIANTS


def write_read_product(countries: Mapping[str, str], facts: Sequence[tuple[str, str]]) -> str:
    """The query for one product, see :func:`_write_product`."""
    return _READ_PRODUCT + _write_product(countries, facts) + _VARIANTS


def _write_product(countries: Mapping[str, str], facts: Sequence[tuple[str, str]]) -> str:
    """What is asked of a product.

    ``countries``: by currency, one in which it is paid with; its price is ``price_<currency>``.
    ``facts``: namespaces and keys of metafields; each is ``fact_<index>``.
    """
    prices = [
        f"price_{currency}: contextualPricing(context: {{ country: {country} }}) "
        "{ priceRange { minVariantPrice { amount currencyCode } } }"
        for currency, country in countries.items()
    ]
    metafields = [
        f"fact_{index}: metafield(namespace: {json.dumps(namespace)}, key: {json.dumps(key)}) {{ type value }}"
        for index, (namespace, key) in enumerate(facts)
    ]
    return f"""
fragment ProductFields on Product {{
  id legacyResourceId handle title description status productType onlineStoreUrl tracksInventory
  featuredMedia {{ preview {{ image {{ url }} }} }}
  priceRangeV2 {{ minVariantPrice {{ amount currencyCode }} }}
  {" ".join(prices + metafields)}
  variants(first: {VARIANTS}) {{ ...VariantFields }}
}}
"""
