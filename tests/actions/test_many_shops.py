"""Ten shops in one server: buyers of two shops speak at once, and nothing of one reaches the other."""

from __future__ import annotations

import asyncio
import json
import pathlib
from typing import Any

import pytest
import sqlalchemy as sa
import structlog

from actions.changes import ActionChangeOrder
from actions.handoff import ActionRequestPerson
from actions.orders import ActionAskOrderId, ActionTakeOrder, ActionTrackOrder, ValidateTrackOrderForm
from actions.prices import ActionAnswerCoupon, ActionAnswerPrice
from actions.returns import ValidateReturnOrderForm
from actions.suggestions import ActionRecommendProducts
from actions.tickets import ActionOpenReturn, ActionTellReturnPolicy
from actions.wishes import ActionAskChangeConfirmed, ActionTakeChange, ValidateChangeOrderForm
from channels.desk import describe
from pasar.commerce import registry
from pasar.commerce.demo import schema
from pasar.commerce.ledger import open_ledger
from pasar.conversations.store import open_store
from pasar.database import create_engine
from pasar.settings import load_settings
from tests.actions.conftest import Buyer, Outcome
from tests.commerce.ten_shops import (
    EVERYWHERE,
    SAMPLES,
    SHARED_ORDER,
    SHARED_SKU,
    Sample,
    find_strangers,
)

pytestmark = pytest.mark.usefixtures("ten")


class ShopBuyer(Buyer):
    """A buyer of one of the ten, who keeps all she hears."""

    def __init__(self, sample: Sample, **slots: Any) -> None:
        super().__init__(**{"language": sample.language, **slots})
        self.sample = sample
        self.metadata = {"shop": sample.shop_id}
        self.conversation_id = f"{sample.shop_id}-{id(self)}"
        self.heard: list[str] = []

    async def run(self, *arguments: Any, **named: Any) -> Outcome:
        outcome = await super().run(*arguments, **named)
        self.heard.append(json.dumps([outcome.messages, outcome.events], ensure_ascii=False, default=str))
        await asyncio.sleep(0)
        return outcome


async def check(buyer: ShopBuyer, form: Any, number: str, contact: str) -> Outcome:
    """She gives number and contact."""
    buyer.slots.update(checked=None, requested_slot="contact")
    return await buyer.run(form(), fills={"order_id": number, "contact": contact})


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.shop_id)
async def test_each_answers_with_its_own_rules(sample: Sample) -> None:
    """Days to return, example of a number, coupon, order; another shop's coupon and order are unknown."""
    other = SAMPLES[sample.place - 1]
    buyer = ShopBuyer(sample)
    assert sample.days == (await buyer.run(ActionTellReturnPolicy())).fact("days")
    assert f"{sample.prefix}9999" == (await buyer.run(ActionAskOrderId())).fact("example")
    for code, said in ((sample.coupon, "utter_coupon_valid"), (other.coupon, "utter_coupon_unknown")):
        entities = [{"entity": "coupon_code", "value": code}]
        assert [said] == (await buyer.run(ActionAnswerCoupon(), "coupon_problem", entities=entities)).said
    buyer.inside("track_order_form")
    for number in (sample.number(1), SHARED_ORDER):
        await check(buyer, ValidateTrackOrderForm, number, sample.email)
        assert number == buyer.slots["checked"]
    for number, contact in ((other.number(1), other.email), (SHARED_ORDER, other.email)):
        outcome = await check(buyer, ValidateTrackOrderForm, number, contact)
        assert (["utter_order_not_matched"], None) == (outcome.said, buyer.slots["checked"])


async def test_number_is_read_in_the_shops_own_form() -> None:
    """What another shop writes is no number here, and the example is this shop's."""
    sample, other = SAMPLES[:2]
    for number, said in ((sample.number(7), []), (other.number(7), ["utter_order_id_wrong_form"])):
        buyer = ShopBuyer(sample, requested_slot="order_id").inside("track_order_form")
        outcome = await buyer.run(ValidateTrackOrderForm(), text=number.lower())
        assert said == outcome.said
        assert all(message["example"] == f"{sample.prefix}9999" for message in outcome.messages)


async def live(sample: Sample) -> ShopBuyer:
    """A whole life with a shop: she looks, asks, changes, sends back, wants a person."""
    buyer = ShopBuyer(sample, country=None)
    buyer.metadata["product"] = SHARED_SKU
    await buyer.run(ActionAnswerPrice(), "price_inquiry", text="how much")
    await buyer.run(ActionRecommendProducts(), "recommend_product", text="a lamp")
    buyer.inside("track_order_form")
    for number in (sample.number(1), SHARED_ORDER):
        await check(buyer, ValidateTrackOrderForm, number, sample.email)
        await buyer.run(ActionTrackOrder())
    buyer.inside("change_order_form")
    await buyer.run(ActionTakeChange(), "cancel_order")
    await check(buyer, ValidateChangeOrderForm, sample.number(3), sample.email)
    await buyer.run(ActionAskChangeConfirmed())
    buyer.slots["change_confirmed"] = True
    await buyer.run(ActionChangeOrder(), "affirm", message_id="the same in all shops")
    buyer.slots["return_reason"] = "size"
    await check(buyer.inside("return_order_form"), ValidateReturnOrderForm, sample.number(2), sample.email)
    buyer.slots["return_confirmed"] = True
    await buyer.run(ActionOpenReturn(), "affirm")
    await buyer.run(ActionRequestPerson(), "talk_to_human")
    known = ShopBuyer(sample).known_as(EVERYWHERE)
    await known.run(ActionAskOrderId())
    await known.run(ActionTakeOrder(), "order_status")
    buyer.heard += known.heard
    return buyer


async def test_nothing_of_one_shop_reaches_another(ten: str, caplog: pytest.LogCaptureFixture) -> None:
    """Answers, rows of every table, exports and logs, after buyers of all ten shops have spoken at the same time."""
    caplog.set_level("DEBUG")
    with structlog.testing.capture_logs() as logs:
        buyers = await asyncio.gather(*(live(sample) for sample in SAMPLES for _ in range(2)))
    for buyer in buyers:
        heard = "\n".join(buyer.heard)
        assert [] == find_strangers(heard, buyer.sample)
        assert buyer.sample.mark.upper() in heard.upper()
        assert buyer.sample.number(4) in heard
    for sample in SAMPLES:
        assert [] == find_strangers(repr([line for line in logs if line.get("shop") == sample.shop_id]), sample)
        waiting = open_store().list_conversations(shop=sample.shop_id)
        assert 2 == len(waiting)
        assert [] == find_strangers(json.dumps([describe(item) for item in waiting]), sample)
        other = SAMPLES[sample.place - 1]
        assert [] == open_ledger().list_of_order(sample.shop_id, other.number(3))
    written = read_rows(ten, load_settings().database)
    assert {"orders", "returns", "change", "conversation", "products", "shops"} <= {name for name, *_ in written}
    for name, shop_id, row in written:
        own = [sample for sample in SAMPLES if sample.shop_id == shop_id]
        assert [] == find_strangers(row, *own), name
    # What is written into logs holds nothing of an order, not even of one's own shop.
    private = [word for sample in SAMPLES for word in (sample.email, f"ANN {sample.mark}", *sample.words[1:])]
    lines = f"{logs!r}{caplog.text}".upper()
    assert [] == [word for word in private if word.upper() in lines]


def read_rows(*urls: str) -> list[tuple[str, str, str]]:
    """All rows of all tables that belong to a shop: table, shop, and all that stands there."""
    rows = []
    for url in urls:
        engine = create_engine(url)
        metadata = sa.MetaData()
        metadata.reflect(engine)
        with engine.connect() as connection:
            for table in metadata.sorted_tables:
                column = next((table.c[name] for name in ("shop_id", "shop") if name in table.c), None)
                for row in connection.execute(sa.select(table)) if column is not None else ():
                    rows.append((table.name, row._mapping[column.name], repr(tuple(row))))
        engine.dispose()
    assert schema.metadata.tables.keys() & {name for name, *_ in rows}
    return rows


async def test_change_of_one_shop_changes_no_other(ten: str) -> None:
    """An order of the same number, cancelled in one shop by the same message: each shop has made its own."""
    samples = [sample for sample in SAMPLES if sample.place % 2 == 0]
    await asyncio.gather(*(live(sample) for sample in samples[:3]))
    for sample in SAMPLES:
        order = await registry.open_shop(sample.shop_id).get_order(sample.number(3))
        assert order is not None
        assert ("cancelled" if sample in samples[:3] else "paid") == order.state.value
        assert bool(open_ledger().list_of_order(sample.shop_id, sample.number(3))) is (sample in samples[:3])


async def test_conversation_of_a_shop_that_is_gone_is_no_other_shops(tmp_path: pathlib.Path) -> None:
    """What was proved to one shop is not shown to another by its order's number."""
    sample = SAMPLES[0]
    buyer = ShopBuyer(sample, order_id=SHARED_ORDER, contact=sample.email, checked=SHARED_ORDER)
    (tmp_path / "shops" / f"{sample.shop_id}.yml").unlink()
    registry.close_shops()
    outcome = await buyer.run(ActionTrackOrder())
    assert [] == find_strangers(json.dumps(outcome.messages, default=str), sample)
