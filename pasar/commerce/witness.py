"""A shop's system that remembers what it was asked: where every number that a buyer is told comes from."""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Callable, Sequence
from typing import Any

from pasar.commerce.backend import ShopBackend
from pasar.commerce.changes import Change, Invoice
from pasar.commerce.model import Order, Product, ReturnTicket
from pasar.commerce.rules import Promotion, ShippingRule, Shop

_MOST = 5  # records of one answer: no buyer is told more
_READING = ("get_", "find_", "list_", "search_")


@dataclasses.dataclass(frozen=True)
class Source:
    """A record that was read."""

    record: str  #: its kind and number, as ``order SH1001``
    at: str  #: when the shop's system said so, ISO 8601 in UTC


class Witness:
    """Passes every call on to a :class:`ShopBackend` and notes the records that came back.

    What was read is not read again until something is changed: use one for one action, not longer.
    """

    def __init__(self, backend: ShopBackend) -> None:
        """Nothing was read yet."""
        self._backend = backend
        self._read: dict[str, Any] = {}
        self.sources: list[Source] = []

    def __getattr__(self, name: str) -> Any:
        """A call of the backend that notes what it gives."""
        found = getattr(self._backend, name)
        return self._watch(name, found) if callable(found) else found

    def _watch(self, name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        async def watched(*arguments: Any, **named: Any) -> Any:
            asked = repr((name, arguments, named))
            if asked in self._read:
                return self._read[asked]
            if not name.startswith(_READING):
                self._read.clear()
            answer = await call(*arguments, **named)
            if name.startswith(_READING):
                self._read[asked] = answer
            self._note(answer)
            return answer

        return watched

    def _note(self, answer: object) -> None:
        now = datetime.datetime.now(datetime.timezone.utc)
        for record in answer[:_MOST] if isinstance(answer, Sequence) else (answer,):
            if (name := _name(record)) and all(name != source.record for source in self.sources):
                read_at = getattr(record, "read_at", None) or now
                self.sources.append(Source(name, read_at.isoformat(timespec="seconds")))
            parcel = record.parcel if isinstance(record, Order) else None
            if parcel is not None and parcel.read_at is not None:  # as its carrier says, and when it said so
                said = Source(f"parcel {parcel.tracking_number}", parcel.read_at.isoformat(timespec="seconds"))
                self.sources += [] if said in self.sources else [said]


def _name(record: object) -> str:
    if isinstance(record, Order):
        return f"order {record.order_id}"
    if isinstance(record, Product):
        return f"product {record.sku}"
    if isinstance(record, Promotion):
        return f"promotion {record.code or next(iter(record.name.values()), '')}"
    if isinstance(record, ShippingRule):
        return f"shipping {record.country}"
    if isinstance(record, (ReturnTicket, Invoice)):
        return f"{'return' if isinstance(record, ReturnTicket) else 'invoice'} {record.number}"
    if isinstance(record, Change):
        return f"change {record.reference}" if record.reference else ""
    return f"shop {record.shop_id}" if isinstance(record, Shop) else ""
