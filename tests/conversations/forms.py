"""The assistant's forms, what begins them and what interrupts them, read from ``domain.yml`` and ``data/core/rules``.

A new form is found as soon as the domain and a rule have it; only those that an action begins are named here.
"""

from __future__ import annotations

import dataclasses
import functools
import json
from collections.abc import Mapping, Sequence
from typing import Any

import yaml

from tests.conversations.scenario import PROJECT

#: The product page a buyer looks at, where an answer needs a product.
PAGE = "DRESS-01"

#: What a buyer says of the things that messages name.
_NAMED: dict[str, Any] = {
    "height": 165,
    "weight": 55,
    "foot_length": 24.5,
    "return_reason": "damaged",
    "size": "L",
    "color": "black",
    "country": "ID",
    "date": "2026-12-20",
}

#: What is pressed for slots that no mapping in the domain fills: entities, as in a button's payload.
_CUSTOM: dict[str, dict[str, Any]] = {
    "photo": {"no_photo": "none"},
    "new_variant": {"color": "black", "size": "L"},
}

#: What is typed for slots that no button fills, by language.
_TYPED = {
    "new_address": {
        "en": "45 Maple Street, Springfield 62704",
        "es": "Calle Olmo 14, 28012 Madrid",
        "fil": "Blk 5 Lot 2 Rizal Street, Quezon City 1100",
        "id": "Jl. Melati No. 12, Bandung 40115",
        "ms": "No 8 Jalan Mawar, 47800 Petaling Jaya",
        "th": "99/1 ถนนสุขุมวิท แขวงคลองเตย กรุงเทพ 10110",
        "vi": "12 đường Nguyễn Trãi, Quận 1, TP.HCM",
        "zh": "上海市徐汇区漕溪路88号 200030",
    }
}

#: What a need is usually told with; all others are told bare.
_TOLD_WITH = {
    "shipping_cost": {"country": "SG"},
    "ship_to_country": {"country": "TH"},
    "delivery_time": {"country": "ID"},
}


#: Forms that no rule begins but an action, where the message names an order: by the intent of that message.
_BEGUN_WITH_ORDER = {"complaint_form": "complaint", "warranty_form": "warranty"}


@dataclasses.dataclass(frozen=True)
class Purchase:
    """An order of the demo shop, and the e-mail it was made with."""

    order_id: str
    email: str


@dataclasses.dataclass(frozen=True)
class Form:
    """A form of the domain."""

    name: str
    slots: tuple[str, ...]
    openers: tuple[str, ...]  #: intents that begin it

    def begin(self, opener: str, purchase: Purchase) -> str:
        """The payload of the button that begins it."""
        named = {"order_id": purchase.order_id} if _BEGUN_WITH_ORDER.get(self.name) == opener else None
        return write_payload(opener, named)


@dataclasses.dataclass(frozen=True)
class Digression:
    """A need that a rule answers wherever it is told."""

    intent: str
    action: str  #: what answers it

    def write(self, other: str) -> str:
        """The button's payload; ``other`` is a language to switch to."""
        named = {"language": other} if self.intent == "switch_language" else _TOLD_WITH.get(self.intent)
        return write_payload(self.intent, named)


def write_payload(intent: str, named: Mapping[str, Any] | None = None) -> str:
    """A button's payload."""
    return f"/{intent}{json.dumps(named, ensure_ascii=False)}" if named else f"/{intent}"


@functools.lru_cache(maxsize=1)
def read_domain() -> Mapping[str, Any]:
    """The domain's file."""
    loaded: Mapping[str, Any] = yaml.safe_load((PROJECT / "domain.yml").read_text(encoding="utf-8"))
    return loaded


@functools.lru_cache(maxsize=1)
def read_answers() -> Mapping[str, Sequence[str]]:
    """By intent, what is done wherever it is told: rules without a condition, in the order of their files."""
    answers: dict[str, Sequence[str]] = {}
    for path in sorted((PROJECT / "data" / "core" / "rules").glob("*.yml")):
        for rule in yaml.safe_load(path.read_text(encoding="utf-8")).get("rules") or ():
            first, *rest = rule["steps"]
            if "condition" in rule or "intent" not in first or "entities" in first:
                continue
            answers.setdefault(first["intent"], [step["action"] for step in rest if "action" in step])
    return answers


def read_forms() -> list[Form]:
    """All forms, with the intents that begin them."""
    return [
        Form(
            name,
            tuple((form or {}).get("required_slots") or ()),
            (
                *(intent for intent, actions in read_answers().items() if name in actions),
                *filter(None, [_BEGUN_WITH_ORDER.get(name)]),
            ),
        )
        for name, form in read_domain()["forms"].items()
    ]


def read_digressions() -> list[Digression]:
    """Needs that begin no form and are no call for a person."""
    forms = set(read_domain()["forms"])
    return [
        Digression(intent, actions[0])
        for intent, actions in read_answers().items()
        if actions and not forms.intersection(actions) and intent != "talk_to_human"
    ]


def find_answers(
    slot: str, form: str, purchase: Purchase, payloads: Sequence[str], language: str
) -> list[tuple[str, str]]:
    """Payloads or words that answer a form's question, the likeliest first, each with the page it is given on.

    From the slot's mappings in the domain, else from what the bot offers to press, else from the few that only code fills.
    """
    named = {**_NAMED, **dataclasses.asdict(purchase)}
    answers: list[str] = []
    for mapping in read_domain()["slots"].get(slot, {}).get("mappings") or ():
        conditions = mapping.get("conditions") or ()
        if conditions and not any(condition.get("active_loop") == form for condition in conditions):
            continue
        if mapping["type"] == "from_entity" and mapping["entity"] in named:
            answers.append(write_payload("inform", {mapping["entity"]: named[mapping["entity"]]}))
        elif mapping["type"] == "from_intent" and mapping["intent"] in ("affirm", "deny"):
            answers.append(write_payload(mapping["intent"]))
    answers.sort(key=lambda answer: answer == "/deny")
    if slot in _CUSTOM:
        answers.append(write_payload("inform", _CUSTOM[slot]))
    answers += [_TYPED[slot][language]] if slot in _TYPED else []
    answers += [payload for payload in payloads if payload.partition("{")[0] not in ("/talk_to_human", "/deny")]
    found = [(answer, "") for answer in answers]
    return [*found, (write_payload("inform"), PAGE)] if slot == "product" or not found else found


@functools.lru_cache(maxsize=1)
def read_purchases() -> list[Purchase]:
    """All orders of the demo shop."""
    path = PROJECT / "pasar" / "commerce" / "demo" / "stylehub" / "orders.yml"
    orders = yaml.safe_load(path.read_text(encoding="utf-8"))
    return [Purchase(order["order_id"], order["email"]) for order in orders]
