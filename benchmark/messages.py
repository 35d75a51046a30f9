"""The buyers of a run: two of five ask for their parcel with number and e-mail, the rest ask anything."""

from __future__ import annotations

import dataclasses
import datetime
import json
import random
from collections.abc import Mapping, Sequence
from typing import Any

from evaluation.sentences import Sentence, list_trained, read_evaluation
from pasar.commerce.demo.files import read_shop
from pasar.commerce.demo.seed import STYLEHUB
from pasar.commerce.model import Order, OrderState
from pasar.languages.pack import load_pack

ORDER_SHARE = 0.4
_ASKING = "order_status"
_TRACKED = frozenset({OrderState.SHIPPED, OrderState.DELIVERED})


@dataclasses.dataclass(frozen=True)
class BuyerMessage:
    """One buyer's message, each in a conversation of its own."""

    text: str
    language: str
    order: Order | None = None  #: what she asks for, where the answer can be checked

    def is_true(self, replies: Sequence[Mapping[str, Any]]) -> bool:
        """Whether replies tell how the order stands: its tracking number on the way, its state otherwise."""
        if self.order is None:
            return bool(replies)
        said = json.dumps(list(replies), ensure_ascii=False)
        if self.order.order_id not in said:
            return False
        if self.order.state in _TRACKED and self.order.parcel:
            return self.order.parcel.tracking_number in said
        return any(load_pack(code).words["state_" + self.order.state.value] in said for code in list_trained())

    def is_in_language(self, replies: Sequence[Mapping[str, Any]]) -> bool:
        """Whether the order's card is written in the buyer's language."""
        if self.order is None:
            return True
        wanted = load_pack(self.language).words["state_" + self.order.state.value]
        return wanted in json.dumps(list(replies), ensure_ascii=False)


class Crowd:
    """Messages by a seed: the same seed gives the same messages while sentences and demo shop stay as they are."""

    def __init__(self, seed: int) -> None:
        """Read sentences and orders once."""
        self._random = random.Random(seed)  # noqa: S311 - a mix, no secret
        self._orders = read_shop(STYLEHUB, datetime.datetime.now(datetime.timezone.utc).date()).orders
        self._asking: dict[str, list[Sentence]] = {}
        self._others: dict[str, list[Sentence]] = {}
        for code in list_trained():
            sentences = read_evaluation(code)
            self._asking[code] = [one for one in sentences if one.intent == _ASKING and not one.entities]
            self._others[code] = [one for one in sentences if one.intent != _ASKING]

    def write(self, number: int) -> list[BuyerMessage]:
        """So many messages, languages and kinds in turn, in random order."""
        codes = sorted(self._asking)
        asking = round(number * ORDER_SHARE)
        messages = [self._write_one(codes[place % len(codes)], about_order=place < asking) for place in range(number)]
        self._random.shuffle(messages)
        return messages

    def _write_one(self, code: str, *, about_order: bool) -> BuyerMessage:
        if not about_order:
            return BuyerMessage(self._random.choice(self._others[code]).text, code)
        order = self._random.choice(self._orders)
        sentence = self._random.choice(self._asking[code])
        return BuyerMessage(f"{sentence.text} {order.order_id} {order.email}", code, order)
