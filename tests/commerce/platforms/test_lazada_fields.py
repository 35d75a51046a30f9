"""Whatever Lazada answers, it is read or a :class:`FieldError` says where it is not as documented."""

from __future__ import annotations

import contextlib
import copy
import datetime
import decimal
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pasar.commerce.platforms.lazada import orders, parcels, products, refunds, vouchers
from pasar.commerce.platforms.lazada.envelope import read_code
from pasar.commerce.platforms.lazada.fields import FieldError, Record
from pasar.commerce.platforms.lazada.ventures import VENTURES
from tests.commerce.platforms.lazada_records import (
    add_order,
    make_package,
    make_product,
    make_reverse_line,
    make_sent,
    make_sku,
    make_voucher,
)
from tests.commerce.platforms.lazada_server import LazadaServer

SG = VENTURES["SG"]
NOW = datetime.datetime(2026, 1, 2, tzinfo=datetime.timezone.utc)

ODD = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(
        ["1e999999", "-0", "NaN", "Infinity", "9" * 400, "0x1", "٣", "2021-13-45 99:99:99 +0800", "\ud800"]
    ),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=4), inner, max_size=2),
    max_leaves=3,
)


def make_order() -> dict[str, Any]:
    """All answers about one order."""
    server = LazadaServer()
    add_order(server, "1", make_sent(1, "delivered", "NLX1"), make_sent(2, "canceled", "NLX1"))
    return {
        "head": {"data": server.orders["1"]},
        "items": {"data": server.items["1"]},
        "trace": {
            "result": {"module": [{"package_detail_info_list": [make_package("NLX1", "ready_to", "delivered")]}]}
        },
        "lines": [make_reverse_line("REFUND_SUCCESS", "100")],
    }


def read_order(answers: dict[str, Any]) -> object:
    """As the module does."""
    items = orders.read_items(Record(answers["items"]))
    state, deciding = orders.judge_order(items)
    parcel = parcels.find_parcel(Record(answers["trace"]), deciding, state)
    refund = refunds.find_refund([Record(line) for line in answers["lines"]], SG)
    return orders.read_order(Record(answers["head"]).get_record("data"), items, SG, "en", parcel, refund)


def read_product(answer: dict[str, Any]) -> object:
    """As the module does."""
    return products.read_product(Record(answer), SG, "en", NOW)


def read_voucher(answer: dict[str, Any]) -> object:
    """As the module does."""
    vouchers.needs_products(Record(answer))
    return vouchers.read_voucher(Record(answer), (), SG, "en", NOW.date())


SPECIAL = make_sku("D", special_price=9, special_from_time="2020-01-01 00:00", special_to_date="2030-01-01")
SUBJECTS: list[tuple[Callable[[Any], object], dict[str, Any]]] = [
    (read_order, make_order()),
    (read_product, make_product(7, SPECIAL)),
    (read_voucher, make_voucher("RAYA")),
]


def find_paths(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The ways to everything in there."""
    if path:
        yield path
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in inner:
        yield from find_paths(item, (*path, key))


@pytest.mark.parametrize(("read", "answer"), SUBJECTS)
@settings(max_examples=80, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_odd_values_are_read_or_named(
    read: Callable[[Any], object], answer: dict[str, Any], data: st.DataObject
) -> None:
    """One value replaced by any other, anywhere in a good answer."""
    changed = copy.deepcopy(answer)
    *way, last = data.draw(
        st.sampled_from([path for path in find_paths(answer) if len(path) > 1 or "head" not in answer])
    )
    parent = changed
    for step in way:
        parent = parent[step]
    parent[last] = data.draw(ODD)
    with contextlib.suppress(FieldError):
        read(changed)


@pytest.mark.parametrize(("read", "answer"), SUBJECTS)
def test_good_answers_are_read(read: Callable[[Any], object], answer: dict[str, Any]) -> None:
    """Else the test above proved nothing."""
    assert read(answer) is not None


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("149000.00", "149000.00"),
        (149000, "149000"),
        (23.57, "23.57"),
        (json.loads("999999999999.99"), "999999999999.99"),
        (" 0.10 ", "0.10"),
        ("null", None),
        (None, None),
        ("", None),
    ],
)
def test_numbers_are_exact(value: Any, expected: str | None) -> None:
    """As text or bare."""
    number = Record({"a": value}).find_decimal("a")
    assert (None if expected is None else decimal.Decimal(expected)) == number
    assert expected is None or str(number) == expected


@pytest.mark.parametrize(
    "value",
    [1625987646597, "1625987646597", "1625987646.597", "2021-07-11 15:14:06 +0800", "2021-07-11T07:14:06Z", 1625987646],
)
def test_times_are_utc(value: Any) -> None:
    """All that the documentation writes, and no other."""
    record = Record({"a": value})
    if value == "1625987646.597":
        with pytest.raises(FieldError, match=r"answer\.a is no time"):
            record.find_time("a")
        return
    moment = record.need_time("a")
    assert datetime.timezone.utc == moment.tzinfo
    assert datetime.datetime(2021, 7, 11, 7, 14, 6, tzinfo=datetime.timezone.utc) == moment.replace(microsecond=0)


@pytest.mark.parametrize(
    ("value", "expected"), [("true", True), (True, True), ("0", False), ("False", False), (None, True)]
)
def test_truth_is_read_as_it_is_written(value: Any, expected: bool) -> None:
    """In letters, as a number, or bare; with a default."""
    assert expected is Record({"a": value}).is_true("a", default=True)


@pytest.mark.parametrize("body", [None, [], "text", 7, {}, {"code": None}, {"code": {"a": 1}}])
def test_a_body_without_a_good_code_is_not_good(body: Any) -> None:
    """Whatever it is."""
    assert "0" != read_code(body)
