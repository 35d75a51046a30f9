"""An order of Shopee's as ours.

Source: https://open.shopee.com/documents/v2/v2.order.get_order_detail?module=94&type=1 and the data definition,
https://open.shopee.com/developer-guide/31.
"""

from __future__ import annotations

import datetime
import decimal
import re

import phonenumbers

from pasar.commerce.model import Address, Money, Order, OrderLine, OrderState, Parcel, Refund, Text
from pasar.commerce.platforms.shopee.fields import Field

#: What is asked for besides what comes by default.
OPTIONAL_FIELDS = (
    "buyer_user_id,buyer_username,recipient_address,item_list,pay_time,cancel_by,pickup_done_time,package_list,"
    "shipping_carrier,payment_method,total_amount,edt"
)
#: How Shopee numbers orders; anything else is none, and would ask for something else in a query.
ORDER_NUMBER = re.compile(r"[0-9A-Z]{5,30}")
#: The parcel has been given to a carrier.
HANDED_OVER = frozenset({"SHIPPED", "TO_CONFIRM_RECEIVE", "COMPLETED", "TO_RETURN"})

_STATES = {
    "UNPAID": OrderState.UNPAID,
    "PENDING": OrderState.PAID,  # Shopee checks it
    "INVOICE_PENDING": OrderState.PAID,  # Brazil: the seller has yet to upload the invoice
    "READY_TO_SHIP": OrderState.PAID,
    "PROCESSED": OrderState.PAID,  # has a tracking number, but no carrier has the parcel
    "RETRY_SHIP": OrderState.PAID,  # the carrier failed to fetch it
    "IN_CANCEL": OrderState.PAID,  # a cancellation is asked for, not decided
    "SHIPPED": OrderState.SHIPPED,
    "TO_CONFIRM_RECEIVE": OrderState.DELIVERED,
    "COMPLETED": OrderState.DELIVERED,
    "CANCELLED": OrderState.CANCELLED,
}
_DELIVERED = "LOGISTICS_DELIVERY_DONE"
#: What a package's status says once a carrier has it; what a buyer wants to know of first.
_CARRIED = ("LOGISTICS_PICKUP_DONE", "LOGISTICS_LOST", "LOGISTICS_DELIVERY_FAILED", _DELIVERED)
_CANCELLED_BY = {"buyer": "buyer", "seller": "shop", "system": "system", "ops": "system"}
#: What Shopee's names of payment methods hold → our code. The first that is found counts.
_PAYMENTS = (
    ("cash on delivery", "cod"),
    ("現付", "cod"),
    ("shopee wallet", "shopeepay"),
    ("shopeepay", "shopeepay"),
    ("installment", "instalments"),
    ("credit card", "card"),
    ("debit card", "card"),
    ("cybersource", "card"),
    ("stripe", "card"),
    ("indomaret", "convenience_store"),
    ("bank", "bank_transfer"),
    ("atm payment", "bank_transfer"),
)


def read_order(
    detail: Field, language: str, time_zone: datetime.tzinfo, parcel: Parcel | None, refund: Refund | None
) -> Order:
    """Put an order together. The total of one that is not paid yet is the sum of its lines: Shopee tells it later.

    A phone or name that Shopee masks with asterisks stays in the address, but identifies nobody.
    """
    status, currency, region = detail["order_status"].text(), detail["currency"].currency(), detail["region"].text()
    lines = tuple(_read_line(item, currency, language) for item in detail["item_list"].items())
    cancelled = status == "CANCELLED"
    waits = status in ("READY_TO_SHIP", "PROCESSED", "RETRY_SHIP")
    address = _read_address(detail["recipient_address"]) if detail["recipient_address"] else None
    return Order(
        order_id=detail["order_sn"].text(),
        email="",
        phone=_read_phone(address.phone, region) if address else "",
        buyer_name=_find_name(address, detail["buyer_username"].text("")),
        country=region,
        state=_read_state(detail),
        placed_at=detail["create_time"].time(),
        total=_read_total(detail, lines),
        lines=lines,
        payment_method=read_payment(detail),
        ship_on=_find_day(detail["ship_by_date"], time_zone) if waits else None,
        parcel=parcel,
        refund=refund,
        # The last change of a cancelled order is its cancellation, as far as the record goes.
        cancelled_on=_find_day(detail["update_time"], time_zone) if cancelled else None,
        cancelled_by=_CANCELLED_BY.get(detail["cancel_by"].text("").lower(), "") if cancelled else "",
        address=address,
        account=detail["buyer_user_id"].identifier() if detail["buyer_user_id"].value else "",
    )


def find_package(detail: Field) -> Field | None:
    """The package that a buyer waits for; None where none is recorded.

    Our order has one parcel, a split order of Shopee's has several: the first that is on its way, else one that has
    trouble, else the delivered one.
    """
    packages = {
        package["logistics_status"].text(""): package for package in reversed([*detail["package_list"].items()])
    }
    return next((packages[status] for status in _CARRIED if status in packages), next(iter(packages.values()), None))


def product_sku(item_sku: str, item_id: str) -> str:
    """A product's SKU: the seller's, or Shopee's id where the seller gave none."""
    return item_sku or item_id


def variant_sku(model_sku: str, item_sku: str, item_id: str, model_id: str) -> str:
    """A variant's SKU: the seller's of the model; the product's where it comes as one thing only (model id 0)."""
    if model_sku:
        return model_sku
    return product_sku(item_sku, item_id) if model_id == "0" else f"{item_id}-{model_id}"


def _read_state(detail: Field) -> OrderState:
    status = detail["order_status"].text()
    if status == "TO_RETURN":
        # A return is being decided, which the refund tells; the goods are where the carrier says.
        statuses = [package["logistics_status"].text("") for package in detail["package_list"].items()]
        return OrderState.DELIVERED if _DELIVERED in statuses else OrderState.SHIPPED
    if status not in _STATES:
        raise detail["order_status"].fail("is a state that is not in the specification")
    return _STATES[status]


def _read_line(item: Field, currency: str, language: str) -> OrderLine:
    item_id, model_id = item["item_id"].identifier(), item["model_id"].identifier()
    item_sku = item["item_sku"].text("")
    price = item["model_discounted_price"].money(currency)
    if not price.amount and item["promotion_type"].text("") == "bundle_deal":
        # "In case of bundle deal item, this value will return 0."
        price = item["model_original_price"].money(currency)
    return OrderLine(
        sku=product_sku(item_sku, item_id),
        variant_sku=variant_sku(item["model_sku"].text(""), item_sku, item_id, model_id),
        name=Text({language: item["item_name"].text()}),
        quantity=item["model_quantity_purchased"].number(),
        price=price,
        reference=f"{item['order_item_id'].identifier()}-{model_id}",
    )


def _read_total(detail: Field, lines: tuple[OrderLine, ...]) -> Money:
    currency, total = detail["currency"].currency(), detail["total_amount"]
    if total and (total.value or detail["pay_time"].moment()):
        return total.money(currency)
    return Money(sum((line.price.amount * line.quantity for line in lines), decimal.Decimal(0)), currency)


def read_payment(detail: Field) -> str:
    """How it is paid: our code, or Shopee's name where we have none."""
    name = detail["payment_method"].text("")
    if detail["cod"].flag():
        return "cod"
    return next((code for part, code in _PAYMENTS if part in name.lower()), name)


def _read_address(address: Field) -> Address:
    return Address(
        lines=(address["full_address"].text(""),),
        city=address["city"].text(""),
        postcode=address["zipcode"].text(""),
        country=address["region"].text(""),
        recipient=address["name"].text(""),
        phone=address["phone"].text(""),
    )


def _read_phone(phone: str, region: str) -> str:
    try:
        number = phonenumbers.parse(phone, region)
    except phonenumbers.NumberParseException:
        return ""
    if "*" in phone or not phonenumbers.is_possible_number(number):
        return ""
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


def _find_name(address: Address | None, username: str) -> str:
    names = (address.recipient if address else "", username)
    return next((name for name in names if name and "*" not in name), "")


def _find_day(field: Field, time_zone: datetime.tzinfo) -> datetime.date | None:
    moment = field.moment()
    return moment.astimezone(time_zone).date() if moment else None
