"""The day after a live stream: who buys, who asks, what is true, who waits. Without a model."""

from __future__ import annotations

import dataclasses
from random import Random

import pytest

from benchmark.day import staff
from benchmark.day.mix import LANGUAGES, MUST_ESCALATE, SHARES, SIMPLE, draw_line
from benchmark.day.needs import read_servants
from benchmark.day.orders import make_orders
from benchmark.day.play import Conversation
from benchmark.day.report import summarise, write_report
from benchmark.day.truth import Record, judge
from pasar.commerce.demo.files import read_shop
from pasar.commerce.demo.seed import STYLEHUB
from pasar.commerce.model import OrderState
from tests.conversations.scenario import NOW, TODAY

FILES = read_shop(STYLEHUB, TODAY)


def make(count: int, seed: int = 1) -> list:
    """Orders of a live stream."""
    return make_orders(Random(seed), count, LANGUAGES, FILES, NOW)


def test_shares_are_of_a_hundred_and_every_need_has_lines_and_a_servant() -> None:
    """In every language of the day."""
    assert 100 == sum(SHARES.values())
    assert set(SHARES) >= SIMPLE | MUST_ESCALATE
    assert all(read_servants().get(need) for need in SHARES)
    assert all(draw_line(Random(1), code, need, {}).text for code in LANGUAGES for need in SHARES)


def test_a_servant_of_a_need_is_what_ends_its_form() -> None:
    """Not the form's beginning."""
    assert {"action_track_order"} == read_servants()["order_status"]
    assert {"action_open_return"} == read_servants()["damaged_item"]


def test_a_line_names_the_buyers_own_order() -> None:
    """What was marked as another's is replaced."""
    lines = [draw_line(Random(seed), "id", "order_status", {"order_id": "SH200001"}).text for seed in range(300)]
    assert any("SH200001" in line for line in lines)
    assert not any("240902QWXN7B" in line for line in lines)


def test_the_same_seed_gives_the_same_orders() -> None:
    """And another seed others."""
    assert make(40) == make(40)
    assert make(40) != make(40, seed=2)
    assert {order.state for _, order in make(200)} == set(OrderState)


def find(state: OrderState) -> Record:
    """An order of a state, as its buyer's language tells it."""
    language, order = next(
        (code, order) for code, order in make(300) if order.state is state and (not order.parcel or order.parcel.scans)
    )
    return Record(order, language, FILES, NOW)


def test_truth_is_state_and_facts() -> None:
    """Each wrong one is told."""
    record = find(OrderState.UNPAID)
    number, total, until = record.order.order_id, record.money(record.order.total), record.day(record.order.pay_until)
    assert ([], 1, 0) == judge(record, [("utter_order_unpaid", f"{number}: {total}, {until}")])
    assert [f"utter_order_unpaid: must tell {total!r}"] == judge(record, [("utter_order_unpaid", f"{number} {until}")])[
        0
    ]
    wrong = judge(record, [("utter_order_returned", number)])[0]
    assert len(wrong) == 1 and "the record says otherwise (order unpaid" in wrong[0]
    assert ["utter_thanked: tells order SH9999"] == judge(record, [("utter_thanked", "SH9999?")])[0]
    assert ([], 0, 1) == judge(record, [("utter_nobody_checks_this", "")])


def test_a_return_that_is_not_in_the_database_was_not_opened() -> None:
    """Whatever was said."""
    record = find(OrderState.DELIVERED)
    said = [("utter_return_opened", record.order.order_id)]
    assert judge(record, said)[0]
    record.tickets = 1
    assert judge(record, said)[0] == []


def test_two_people_are_a_queue() -> None:
    """The third buyer waits for the first to be done."""
    served = staff.wait([0, 0, 0], [10, 20, 5], servers=2)
    assert [(0, 10), (0, 20), (10, 15)] == served
    assert [1, 0] == staff.count_backlog([0, 0, 0], served, [5, 10])


@pytest.mark.slow
def test_report_lists_every_wrong_one(tmp_path) -> None:
    """With what was said, and why it is wrong."""
    right = Conversation("id", "order_status", "SH1", "paid", known=True, outcome="right", seconds=0.1)
    person = dataclasses.replace(right, need="talk_to_human", outcome="person", reason="asked for")
    heard = [("buyer", "<mana>"), ("bot", "tak ada")]
    wrong = dataclasses.replace(right, outcome="wrong", reason="utter_price: no", heard=heard)
    figures = summarise([right, right, wrong, person], seed=1)
    assert (0.75, 2 / 3, 1.0, 1) == tuple(
        figures[key] for key in ("answered_alone", "alone_right", "must_escalate_reached", "untrue")
    )
    data, page = write_report(figures, tmp_path)
    assert '"mana"' not in data.read_text(encoding="utf-8") and "<mana>" in data.read_text(encoding="utf-8")
    assert "&lt;mana&gt;" in page.read_text(encoding="utf-8")
