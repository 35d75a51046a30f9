"""Answers of WooCommerce, whatever stands in them."""

from __future__ import annotations

import contextlib
import copy

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pasar.commerce.model import Address
from pasar.commerce.platforms.woocommerce import coupons, edits, orders, products
from pasar.commerce.platforms.woocommerce.records import Record, RecordError, read_html
from tests.commerce.platforms.woocommerce.samples import SHIPPED
from tests.commerce.platforms.woocommerce.server import make_coupon, make_line, make_order, make_product, make_variation


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Plain &amp; simple", "Plain & simple"),
        ("<p>One\ntwo</p><p>three<br />four</p>", "One two\nthree\nfour"),
        ("<ul><li>a</li><li>b</li></ul>", "a\nb"),
        ("<style>p{}</style><script>x()</script>kept", "kept"),
        ("</script>a < b", "a < b"),
        ("", ""),
    ],
)
def test_html_is_read_as_words(text, words):
    assert words == read_html(text)


ANYTHING = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=20)
    | st.sampled_from(["1E+99", "-1", "0001-01-01"]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["id", "key", "value", "0"]), inner, max_size=3)
    ),
    max_leaves=6,
)


def list_paths(value, path=()):
    """The ways to all fields of a JSON value."""
    yield path
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, inner in items:
        yield from list_paths(inner, (*path, name))


def replace(value, path, new):
    """A copy of a JSON value, with ``new`` in one place."""
    if not path:
        return new
    changed = copy.copy(value)
    changed[path[0]] = replace(value[path[0]], path[1:], new)
    return changed


ORDER = make_order(727, "completed", [make_line(1, 200, 3, "10.00", variation_id=201)], meta_data=SHIPPED)
PRODUCT = make_product(
    200, "TEE", "1.00", variations=[201], attributes=[{"name": "Care", "visible": True, "options": ["x"]}]
)
REFUND = {"id": 5, "date_created": "2026-03-05T23:59:00", "amount": "2.00", "refunded_payment": True}
SAMPLE = {
    "order": ORDER,
    "refund": REFUND,
    "product": PRODUCT,
    "variation": make_variation(201, "TEE-1", "1.00", "Black", "M"),
    "coupon": make_coupon(1, "ten", date_expires="2026-04-01T00:00:00", usage_limit=3),
}


@given(path=st.sampled_from(list(list_paths(SAMPLE))[1:]), new=ANYTHING)
@settings(max_examples=150)
def test_no_answer_raises_anything_else(path, new):
    """Whatever stands in whatever field: it is read, or the one error tells the field."""
    changed = {name: Record(name, value) for name, value in replace(SAMPLE, path, new).items()}
    address = Address(("1",), "Bandung", "1", "ID", "A B")
    for read in (
        lambda: orders.find_variable_products([changed["order"]]),
        lambda: orders.is_order(changed["order"]),
        lambda: orders.read_order(changed["order"], {200: "TEE"}, [changed["refund"]], "en"),
        lambda: products.read_product(
            changed["product"], [changed["variation"]], "USD", "en", products.AttributeNames()
        ),
        lambda: coupons.is_coupon(changed["coupon"], "TEN"),
        lambda: coupons.read_coupon(changed["coupon"], (), "USD", "en"),
        lambda: edits.find_obstacle(changed["order"]),
        lambda: edits.write_shipping(changed["order"], address),
        lambda: [edits.write_quantity(line, 2) for line in changed["order"]["line_items"].list_items()],
    ):
        with contextlib.suppress(RecordError):
            read()
