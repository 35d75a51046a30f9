"""A buyer with an order and a need: what she answers to what the bot asks."""

from __future__ import annotations

import dataclasses
from random import Random

from benchmark.day.mix import draw_line
from benchmark.day.needs import read_servants
from pasar.commerce.model import Order
from tests.conversations.judgement import Outcome

_MOST_REPHRASED = 2
#: In answer to forms; what is not here is answered by the first button, else by a yes.
_ANSWERS = {"height": "160 cm", "weight": "55 kg", "foot_length": "24 cm", "photo": "https://files.example/photo.jpg"}
_REASONS = {"damaged_item": "damaged", "wrong_item": "wrong", "missing_item": "missing"}
_NOT_UNDERSTOOD = ("utter_ask_rephrase", "utter_ask_back")


@dataclasses.dataclass
class Customer:
    """Answers from her own order; says yes where a person is offered; rephrases twice."""

    chance: Random
    language: str
    need: str
    order: Order
    product: str  #: as her language calls it
    rephrased: int = 0

    def begin(self) -> str:
        """Her first message."""
        return self._draw(self.need)

    def go_on(self, outcome: Outcome, *, served: bool) -> tuple[str, str] | None:
        """How she says it (``buyer`` or ``button``) and what; None where she is done."""
        responses = [said.response for said in outcome.said]
        if outcome.state != "bot":
            return None
        if outcome.slots.get("offer") == "person":
            return "button", "/affirm"
        if outcome.form and (slot := outcome.slots.get("requested_slot")):
            return self._answer(str(slot), outcome)
        if served:
            return None
        if any(response in _NOT_UNDERSTOOD for response in responses):
            if f"/{self.need}" in [payload for said in outcome.said for payload in said.payloads]:
                return "button", f"/{self.need}"
            if self.rephrased < _MOST_REPHRASED:
                self.rephrased += 1
                return "buyer", self._draw(self.need)
            return None
        return ("buyer", self.product) if "utter_ask_product" in responses else None

    def _answer(self, slot: str, outcome: Outcome) -> tuple[str, str]:
        own = {
            "order_id": self.order.order_id,
            "contact": self.chance.choice((self.order.email, self.order.phone)),
            "product": self.product,
            "new_address": "12 Orchard Road, 238801 Singapore",
            **_ANSWERS,
        }
        if slot in own:
            return "buyer", own[slot]
        if slot == "return_reason":
            return "button", f'/inform{{"return_reason": "{_REASONS.get(self.need, "changed_mind")}"}}'
        offered = [payload for said in outcome.said for payload in said.payloads if payload != "/talk_to_human"]
        return ("button", offered[0]) if offered else ("buyer", self._draw("affirm"))

    def _draw(self, need: str) -> str:
        own = {"order_id": self.order.order_id, "email": self.order.email, "phone": self.order.phone}
        own["product_name"] = self.product
        if self.order.parcel:
            own["tracking_number"] = self.order.parcel.tracking_number
        return draw_line(self.chance, self.language, need, own).text


def is_served(need: str, did: set[str]) -> bool:
    """Whether something was done that serves a need."""
    return bool(read_servants().get(need, frozenset()) & did)
