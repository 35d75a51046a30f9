"""What Shopify's Admin GraphQL API offers of what is asked there, for :class:`.graphql.Schema`.

Written from https://shopify.dev/docs/api/admin-graphql/2026-07 (objects, inputs and enums by name) and the release notes
of 2026-10. Types have only the fields and arguments that are of use here, enums all their values where an order, a
return or a cancellation is judged by them.
"""

from __future__ import annotations

from tests.commerce.platforms.shopify.graphql import Schema

SCHEMA = Schema("""
type QueryRoot
  shop: Shop!
  order(id: ID!): Order
  orders(first: Int, after: String, query: String, sortKey: OrderSortKeys, reverse: Boolean): OrderConnection!
  customerByIdentifier(identifier: CustomerIdentifierInput!): Customer
  product(id: ID!): Product
  products(first: Int, after: String, query: String, sortKey: ProductSortKeys, reverse: Boolean): ProductConnection!
  productVariants(first: Int, after: String, query: String): ProductVariantConnection!
  codeDiscountNodeByCode(code: String!): DiscountCodeNode
  returnableFulfillments(orderId: ID!, first: Int, after: String): ReturnableFulfillmentConnection!
  returnReasonDefinitions(first: Int, after: String, handles: [String!], ids: [ID!], query: String): ReturnReasonDefinitionConnection!

type Shop
  name: String!
  myshopifyDomain: String!
  orderNumberFormatPrefix: String!
  orderNumberFormatSuffix: String!

type MoneyV2
  amount: Decimal!
  currencyCode: CurrencyCode!
type MoneyBag
  presentmentMoney: MoneyV2!
  shopMoney: MoneyV2!

connection Order
type Order
  id: ID!
  legacyResourceId: UnsignedInt64!
  name: String!
  createdAt: DateTime!
  cancelledAt: DateTime
  cancelReason: OrderCancelReason
  email: String
  phone: String
  displayFinancialStatus: OrderDisplayFinancialStatus
  displayFulfillmentStatus: OrderDisplayFulfillmentStatus!
  returnStatus: OrderReturnStatus!
  fullyPaid: Boolean!
  paymentGatewayNames: [String!]!
  totalPriceSet: MoneyBag!
  customer: Customer
  shippingAddress: MailingAddress
  billingAddress: MailingAddress
  lineItems(first: Int, after: String): LineItemConnection!
  fulfillments(first: Int, query: String): [Fulfillment!]!
  refunds(first: Int): [Refund!]!
  returns(first: Int, after: String, query: String, reverse: Boolean): ReturnConnection!
enum OrderSortKeys: CREATED_AT CUSTOMER_NAME DESTINATION FINANCIAL_STATUS FULFILLMENT_STATUS ID ORDER_NUMBER PROCESSED_AT UPDATED_AT
enum OrderCancelReason: CUSTOMER DECLINED FRAUD INVENTORY OTHER STAFF
enum OrderReturnStatus: INSPECTION_COMPLETE IN_PROGRESS NO_RETURN RETURNED RETURN_FAILED RETURN_REQUESTED

connection LineItem
type LineItem
  id: ID!
  name: String!
  sku: String
  quantity: Int!
  currentQuantity: Int!
  originalUnitPriceSet: MoneyBag!
  product: Product
  variant: ProductVariant

type Customer
  displayName: String!
  defaultEmailAddress: CustomerEmailAddress
  defaultPhoneNumber: CustomerPhoneNumber
  orders(first: Int, after: String, query: String, sortKey: OrderSortKeys, reverse: Boolean): OrderConnection!
type CustomerEmailAddress
  emailAddress: String!
type CustomerPhoneNumber
  phoneNumber: String!
input CustomerIdentifierInput
  id: ID
  emailAddress: String
  phoneNumber: String

type MailingAddress
  address1: String
  address2: String
  city: String
  company: String
  countryCodeV2: CountryCode
  firstName: String
  lastName: String
  name: String
  phone: String
  province: String
  provinceCode: String
  zip: String

type Fulfillment
  status: FulfillmentStatus!
  displayStatus: FulfillmentDisplayStatus
  createdAt: DateTime!
  inTransitAt: DateTime
  deliveredAt: DateTime
  estimatedDeliveryAt: DateTime
  trackingInfo(first: Int): [FulfillmentTrackingInfo!]!
  events(first: Int, after: String, sortKey: FulfillmentEventSortKeys, reverse: Boolean): FulfillmentEventConnection!
enum FulfillmentEventSortKeys: HAPPENED_AT ID
type FulfillmentTrackingInfo
  company: String
  number: String
  url: URL
connection FulfillmentEvent
type FulfillmentEvent
  happenedAt: DateTime!
  status: FulfillmentEventStatus!
  city: String
  province: String
  country: String

type Refund
  createdAt: DateTime
  totalRefundedSet: MoneyBag!
  transactions(first: Int, after: String): OrderTransactionConnection!
connection OrderTransaction
type OrderTransaction
  kind: OrderTransactionKind!
  status: OrderTransactionStatus!
  processedAt: DateTime
  formattedGateway: String

connection Return
type Return
  name: String!
  status: ReturnStatus!
  createdAt: DateTime!
  requestApprovedAt: DateTime
  returnLineItems(first: Int, after: String): ReturnLineItemTypeConnection!
connection ReturnLineItemType
interface ReturnLineItemType
  id: ID!
  quantity: Int!
type ReturnLineItem implements ReturnLineItemType
  id: ID!
  quantity: Int!
  withCodeDiscountedTotalPriceSet: MoneyBag!
type UnverifiedReturnLineItem implements ReturnLineItemType
  id: ID!
  quantity: Int!
connection ReturnableFulfillment
type ReturnableFulfillment
  id: ID!
  returnableFulfillmentLineItems(first: Int, after: String): ReturnableFulfillmentLineItemConnection!
connection ReturnableFulfillmentLineItem
type ReturnableFulfillmentLineItem
  quantity: Int!
  fulfillmentLineItem: FulfillmentLineItem!
type FulfillmentLineItem
  id: ID!
connection ReturnReasonDefinition
type ReturnReasonDefinition
  id: ID!
  handle: String!
  name: String!

connection Product
type Product
  id: ID!
  legacyResourceId: UnsignedInt64!
  handle: String!
  title: String!
  description(truncateAt: Int): String!
  status: ProductStatus!
  productType: String!
  onlineStoreUrl: URL
  tracksInventory: Boolean!
  featuredMedia: Media
  priceRangeV2: ProductPriceRangeV2!
  contextualPricing(context: ContextualPricingContext!): ProductContextualPricing!
  metafield(namespace: String, key: String!): Metafield
  variants(first: Int, after: String): ProductVariantConnection!
enum ProductSortKeys: CREATED_AT ID INVENTORY_TOTAL PRODUCT_TYPE PUBLISHED_AT RELEVANCE TITLE UPDATED_AT VENDOR
interface Media
  preview: MediaPreviewImage
type MediaPreviewImage
  image: Image
type Image
  url: URL!
type ProductPriceRangeV2
  minVariantPrice: MoneyV2!
  maxVariantPrice: MoneyV2!
input ContextualPricingContext
  country: CountryCode
  companyLocationId: ID
type ProductContextualPricing
  priceRange: ProductPriceRangeV2!
type Metafield
  type: String!
  value: String!
connection ProductVariant
type ProductVariant
  id: ID!
  legacyResourceId: UnsignedInt64!
  sku: String
  availableForSale: Boolean!
  inventoryQuantity: Int
  inventoryPolicy: ProductVariantInventoryPolicy!
  selectedOptions: [SelectedOption!]!
  product: Product!
type SelectedOption
  name: String!
  value: String!
enum CountryCode: DE ES FR GB ID MY PH SG TH US VN

type DiscountCodeNode
  codeDiscount: DiscountCode!
union DiscountCode: DiscountCodeApp DiscountCodeBasic DiscountCodeBxgy DiscountCodeFreeShipping
type DiscountCodeApp
  title: String!
type DiscountCodeBasic
  title: String!
  startsAt: DateTime!
  endsAt: DateTime
  usageLimit: Int
  asyncUsageCount: Int!
  appliesOncePerCustomer: Boolean!
  combinesWith: DiscountCombinesWith!
  context: DiscountContext!
  customerGets: DiscountCustomerGets!
  minimumRequirement: DiscountMinimumRequirement
type DiscountCodeBxgy
  title: String!
  startsAt: DateTime!
  endsAt: DateTime
  usageLimit: Int
  asyncUsageCount: Int!
  appliesOncePerCustomer: Boolean!
  combinesWith: DiscountCombinesWith!
  context: DiscountContext!
  customerGets: DiscountCustomerGets!
type DiscountCodeFreeShipping
  title: String!
  startsAt: DateTime!
  endsAt: DateTime
  usageLimit: Int
  asyncUsageCount: Int!
  appliesOncePerCustomer: Boolean!
  combinesWith: DiscountCombinesWith!
  context: DiscountContext!
  minimumRequirement: DiscountMinimumRequirement
  destinationSelection: DiscountShippingDestinationSelection!
  maximumShippingPrice: MoneyV2
type DiscountCombinesWith
  orderDiscounts: Boolean!
  productDiscounts: Boolean!
  shippingDiscounts: Boolean!
union DiscountContext: DiscountBuyerSelectionAll DiscountCustomerSegments DiscountCustomers DiscountMarkets
type DiscountCustomerGets
  items: DiscountItems!
  value: DiscountCustomerGetsValue!
union DiscountCustomerGetsValue: DiscountAmount DiscountOnQuantity DiscountPercentage
type DiscountAmount
  amount: MoneyV2!
  appliesOnEachItem: Boolean!
type DiscountPercentage
  percentage: Float!
union DiscountItems: AllDiscountItems DiscountCollections DiscountProducts
type DiscountProducts
  products(first: Int, after: String): ProductConnection!
  productVariants(first: Int, after: String): ProductVariantConnection!
type DiscountCollections
  collections(first: Int, after: String): CollectionConnection!
connection Collection
type Collection
  products(first: Int, after: String): ProductConnection!
union DiscountMinimumRequirement: DiscountMinimumQuantity DiscountMinimumSubtotal
type DiscountMinimumSubtotal
  greaterThanOrEqualToSubtotal: MoneyV2!
union DiscountShippingDestinationSelection: DiscountCountries DiscountCountryAll

type Mutation
  orderCancel(orderId: ID!, reason: OrderCancelReason!, restock: Boolean!, refundMethod: OrderCancelRefundMethodInput,
    notifyCustomer: Boolean, staffNote: String): OrderCancelPayload
  orderUpdate(input: OrderInput!): OrderUpdatePayload
  orderEditBegin(id: ID!): OrderEditBeginPayload
  orderEditAddVariant(id: ID!, variantId: ID!, quantity: Int!, locationId: ID, allowDuplicates: Boolean): OrderEditAddVariantPayload
  orderEditSetQuantity(id: ID!, lineItemId: ID!, quantity: Int!, restock: Boolean): OrderEditSetQuantityPayload
  orderEditCommit(id: ID!, notifyCustomer: Boolean, staffNote: String): OrderEditCommitPayload
  returnRequest(input: ReturnRequestInput!): ReturnRequestPayload

input OrderCancelRefundMethodInput
  originalPaymentMethodsRefund: Boolean
type OrderCancelPayload
  job: Job
  orderCancelUserErrors: [OrderCancelUserError!]!
type OrderCancelUserError
  code: OrderCancelUserErrorCode
  field: [String!]
  message: String!
type Job
  id: ID!
  done: Boolean!
type UserError
  field: [String!]
  message: String!

input OrderInput
  id: ID!
  shippingAddress: MailingAddressInput
  email: String
  note: String
input MailingAddressInput
  address1: String
  address2: String
  city: String
  company: String
  countryCode: CountryCode
  firstName: String
  lastName: String
  phone: String
  provinceCode: String
  zip: String
type OrderUpdatePayload
  order: Order
  userErrors: [UserError!]!

type CalculatedOrder
  id: ID!
  lineItems(first: Int, after: String): CalculatedLineItemConnection!
  totalOutstandingSet: MoneyBag!
connection CalculatedLineItem
type CalculatedLineItem
  id: ID!
  sku: String
  quantity: Int!
  editableQuantity: Int!
  variant: ProductVariant
type OrderEditBeginPayload
  calculatedOrder: CalculatedOrder
  userErrors: [UserError!]!
type OrderEditAddVariantPayload
  calculatedOrder: CalculatedOrder
  userErrors: [UserError!]!
type OrderEditSetQuantityPayload
  calculatedOrder: CalculatedOrder
  userErrors: [UserError!]!
type OrderEditCommitPayload
  order: Order
  userErrors: [UserError!]!

input ReturnRequestInput
  orderId: ID!
  returnLineItems: [ReturnRequestLineItemInput!]!
input ReturnRequestLineItemInput
  fulfillmentLineItemId: ID!
  quantity: Int!
  returnReasonDefinitionId: ID
  customerNote: String
type ReturnRequestPayload
  return: Return
  userErrors: [ReturnUserError!]!
type ReturnUserError
  code: ReturnErrorCode
  field: [String!]
  message: String!
""")
