"""What Shopify is told to do (https://shopify.dev/docs/api/admin-graphql/2026-10/mutations)."""

from __future__ import annotations

CANCEL_ORDER = """
mutation CancelOrder(
  $order: ID!, $reason: OrderCancelReason!, $refund: OrderCancelRefundMethodInput!, $note: String
) {
  orderCancel(
    orderId: $order, reason: $reason, refundMethod: $refund, restock: true, notifyCustomer: true, staffNote: $note
  ) {
    job { id done }
    orderCancelUserErrors { code field message }
  }
}
"""

CHANGE_ADDRESS = """
mutation ChangeAddress($input: OrderInput!) {
  orderUpdate(input: $input) { order { id } userErrors { field message } }
}
"""

BEGIN_EDIT = """
mutation BeginEdit($order: ID!) {
  orderEditBegin(id: $order) {
    calculatedOrder {
      id
      lineItems(first: 50) { nodes { id sku quantity editableQuantity variant { legacyResourceId } } }
    }
    userErrors { field message }
  }
}
"""

SET_QUANTITY = """
mutation SetQuantity($edit: ID!, $line: ID!, $quantity: Int!) {
  orderEditSetQuantity(id: $edit, lineItemId: $line, quantity: $quantity, restock: true) {
    calculatedOrder { totalOutstandingSet { presentmentMoney { amount currencyCode } } }
    userErrors { field message }
  }
}
"""

SWAP_VARIANT = """
mutation SwapVariant($edit: ID!, $line: ID!, $variant: ID!, $quantity: Int!) {
  orderEditAddVariant(id: $edit, variantId: $variant, quantity: $quantity, allowDuplicates: true) {
    userErrors { field message }
  }
  orderEditSetQuantity(id: $edit, lineItemId: $line, quantity: 0, restock: true) {
    calculatedOrder { totalOutstandingSet { presentmentMoney { amount currencyCode } } }
    userErrors { field message }
  }
}
"""

COMMIT_EDIT = """
mutation CommitEdit($edit: ID!) {
  orderEditCommit(id: $edit, notifyCustomer: true) {
    order { id }
    userErrors { field message }
  }
}
"""

REQUEST_RETURN = """
mutation RequestReturn($input: ReturnRequestInput!) {
  returnRequest(input: $input) {
    return { name status }
    userErrors { code field message }
  }
}
"""
