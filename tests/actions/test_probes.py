"""A thousand messages of people who want to see orders that are not theirs: nothing is told, not even which numbers exist."""

from __future__ import annotations

import collections
import hmac
import json
import re
from collections.abc import Callable
from typing import Any

import phonenumbers
import pytest
import sqlalchemy as sa
from rasa.core.actions.action import ActionExtractSlots
from rasa.core.channels.channel import CollectingOutputChannel
from rasa.core.nlg.response import TemplatedNaturalLanguageGenerator
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.core.training_data.story_reader.yaml_story_reader import YAMLStoryReader
from rasa.shared.nlu.training_data.message import Message

from actions.changes import ActionChangeOrder
from actions.orders import ActionAskOrderId, ActionTakeOrder, ActionTrackOrder, ValidateTrackOrderForm
from actions.prices import ActionAnswerCoupon, ActionAnswerPrice
from actions.products import ActionAnswerAvailability
from actions.refunds import ActionTellRefundStatus, ValidateRefundStatusForm
from actions.returns import ValidateReturnOrderForm
from actions.shipping import ActionTellDeliveryTime, ActionTellShipping
from actions.tickets import ActionOpenReturn
from actions.wishes import ValidateChangeOrderForm
from channels.base import PoliteRefusal, check_context, check_message
from pasar.commerce.access import Proof, access_order
from pasar.commerce.model import Buyer as KnownBuyer
from pasar.commerce.registry import open_shop
from pasar.conversations.store import open_store
from tests.actions.conftest import PROJECT, Buyer
from tests.actions.probes import LOCKED, NOWHERE, Probe, make_probes
from tests.commerce.ten_shops import SAMPLES, SHARED_ORDER, Sample, find_strangers

pytestmark = pytest.mark.usefixtures("ten")

SEED, COUNT = 20261122, 1000
FORMS = (
    ("track_order_form", ValidateTrackOrderForm, ActionTrackOrder),
    ("refund_status_form", ValidateRefundStatusForm, ActionTellRefundStatus),
    ("change_order_form", ValidateChangeOrderForm, ActionChangeOrder),
    ("return_order_form", ValidateReturnOrderForm, ActionOpenReturn),
)
#: All that may be said about an order to somebody who has not proved that it is hers.
SILENT = {
    "utter_order_not_matched", "utter_order_check_failed", "utter_form_gave_up", "utter_order_id_wrong_form",
    "utter_contact_wrong_form", "utter_ask_order_id",
}  # fmt: skip
BESIDE = (ActionAnswerCoupon, ActionAnswerPrice, ActionAnswerAvailability, ActionTellShipping, ActionTellDeliveryTime)


@pytest.fixture(scope="module")
def rasa_domain() -> Domain:
    return Domain.load(str(PROJECT / "domain.yml"))


async def fill_slots(domain: Domain, entities: list[dict[str, Any]]) -> dict[str, Any]:
    """The slots that Rasa itself fills from entities."""
    tracker = DialogueStateTracker.from_events("probe", [], domain.slots)
    tracker.update(UserUttered("/inform", {"name": "inform"}, entities), domain)
    output, texts = CollectingOutputChannel(), TemplatedNaturalLanguageGenerator({})
    events = await ActionExtractSlots(None).run(output, texts, tracker, domain)
    return {event.key: event.value for event in events if event.type_name == "slot"}


def read_entities(domain: Domain, probe: Probe, digits: str) -> list[dict[str, Any]] | None:
    """What Rasa reads from a button's payload that the channel lets through; None where the channel does not."""
    try:
        payload = check_message(probe.write_payload(digits))
    except PoliteRefusal:
        return None
    message = YAMLStoryReader.unpack_regex_message(Message.build(payload), domain)
    return message.get("entities") if payload.startswith("/") else None


async def play(domain: Domain, probe: Probe, digits: str, place: int) -> str:
    """All that is said and remembered, with digits that exist or do not; the digits themselves are left out."""
    entities = read_entities(domain, probe, digits)
    if entities is None:
        # typed, or sent by a channel that checks less: entities as nothing but their names allow
        entities = [{"entity": name, "value": value} for name, value in probe.list_entities(digits).items()]
    fills = await fill_slots(domain, entities)
    assert not fills.keys() & set(LOCKED) - {"contact"}
    assert "contact" not in fills or any(entity["entity"] in ("email", "phone") for entity in entities)
    context = check_context(
        {**probe.metadata, "shop": probe.sample.shop_id, "product": ""}, "probe", "rest", open_store()
    )
    form, check, act = FORMS[place % len(FORMS)]
    before = {"language": probe.sample.language, "requested_slot": "order_id", "change": "cancel"}
    buyer = Buyer(**{**before, **fills}).inside(form)
    buyer.metadata = {**context.describe("rest", probe.sample.language), "product": probe.metadata.get("product")}
    heard = []
    said = probe.write_text(digits)
    heard.append(await buyer.run(check(), text=said, fills=fills, entities=entities))
    heard.append(await buyer.run(act(), text=said, entities=entities))
    assert set(heard[0].said + heard[1].said) <= SILENT
    if place % 5 == 0:
        buyer.slots["order_id"] = None
        heard.append(await buyer.run(ActionTakeOrder(), "order_status", text=said, entities=entities))
        heard.append(await buyer.run(ActionAskOrderId(), text=said, entities=entities))
        assert set(heard[-1].said) <= SILENT
    if digits != NOWHERE:
        beside = await buyer.run(BESIDE[place % len(BESIDE)](), text=said, entities=entities)
        check_secrets(json.dumps(beside.messages, ensure_ascii=False, default=str), probe, entities)
    told = json.dumps([[item.messages, item.events] for item in heard], ensure_ascii=False, default=str)
    check_secrets(json.dumps([item.messages for item in heard], ensure_ascii=False, default=str), probe, entities)
    return re.sub(r"\d{4}-\d\d-\d\dT[\d:+]*", "", told).replace(digits, "#")  # but for the moment of reading


def check_secrets(told: str, probe: Probe, entities: list[dict[str, Any]]) -> None:
    """Nothing of an order, of no shop; no words of an exception, no secret of the installation."""
    own = "".join(str(entity["value"]) for entity in entities)
    plain = re.sub(r"[\W_]", "", told).lower()
    for sample in SAMPLES:
        secret = (
            f"Ann {sample.mark}",
            f"7 {sample.mark} Road",
            f"{sample.mark} hub",
            f"{sample.place}TRK",
            sample.words[-2],
        )
        assert [] == [word for word in secret if re.sub(r"\W", "", word).lower() in plain]
    repeated = [word for word in find_strangers(told, probe.sample) if word not in own.upper()]
    assert [] == repeated
    for trace in ("Traceback", "Exception", "sqlalchemy", "NoneType", "object at 0x", "sqlite", "UnicodeEncode"):
        assert trace not in told


@pytest.mark.filterwarnings("ignore:Failed to parse arguments")  # Rasa of entities that the domain has not
async def test_thousand_probes_are_told_nothing(rasa_domain: Domain, capsys: pytest.CaptureFixture[str]) -> None:
    """Each with a number that exists and with one that does not: the same is said, the same is remembered."""
    counted: collections.Counter[str] = collections.Counter()
    faults = []
    for place, probe in enumerate(make_probes(SEED, COUNT)):
        try:
            existing = await play(rasa_domain, probe, probe.digits, place)
            assert existing == await play(rasa_domain, probe, NOWHERE, place)
        except Exception as error:  # an action that fails tells something, too
            faults.append(f"{place} {probe}: {type(error).__name__}: {error}"[-900:])
        counted[probe.kind] += 1
    assert COUNT == sum(counted.values())
    assert not faults, f"{len(faults)} faults, the first ones:\n" + "\n".join(faults[:12])
    with capsys.disabled():
        print(f"\n{COUNT} probes, each twice: " + ", ".join(f"{kind} {number}" for kind, number in counted.items()))


async def test_same_is_done_for_numbers_that_exist_and_that_do_not(monkeypatch: pytest.MonkeyPatch) -> None:
    """A stranger's number is looked up and compared as one that does not exist: so the time tells nothing.

    What is done is counted, not timed: a machine that is busy would tell more than the code.
    """
    sample: Sample = SAMPLES[0]
    backend = open_shop(sample.shop_id)
    proof = Proof(
        KnownBuyer(email="stranger@example.com", phone="+12025559999"), ("other@example.com", "0812 5559 999")
    )
    done: list[str] = []

    def note(name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        def noted(*arguments: Any, **named: Any) -> Any:
            done.append(name)
            return call(*arguments, **named)

        return noted

    monkeypatch.setattr(hmac, "compare_digest", note("compare", hmac.compare_digest))
    monkeypatch.setattr(phonenumbers, "parse", note("read a phone", phonenumbers.parse))

    async def list_done(number: str) -> list[str]:
        done.clear()
        assert None is await access_order(backend, number, proof)
        return list(done)

    @sa.event.listens_for(backend._engine, "before_cursor_execute")
    def keep(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        done.append(statement)

    nowhere = await list_done(f"{sample.prefix}{NOWHERE}")
    assert {"compare", "read a phone"} < set(nowhere)
    assert 1 == sum("FROM orders" in step for step in nowhere)
    for number in (sample.number(1), sample.number(2), sample.number(3), SHARED_ORDER):
        assert nowhere == await list_done(number)
