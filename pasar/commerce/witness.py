"""A shop's system that remembers what it was asked: where every number that a buyer is told comes from."""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Callable, Sequence
from typing import Any

from pasar.commerce.backend import ShopBackend
from pasar.commerce.model import Order, Product
from pasar.commerce.rules import Promotion, ShippingRule, Shop

_MOST = 5  # records of one answer: no buyer is told more


@dataclasses.dataclass(frozen=True)
class Source:
    """A record that was read."""

    record: str  #: its kind and number, as ``order SH1001``
    at: str  #: when the shop's system said so, ISO 8601 in UTC


class Witness:
    """Passes every call on to a :class:`ShopBackend` and notes the records that came back."""

    def __init__(self, backend: ShopBackend) -> None:
        """Nothing was read yet."""
        self._backend = backend
        self.sources: list[Source] = []

    def __getattr__(self, name: str) -> Any:
        """A call of the backend that notes what it gives."""
        found = getattr(self._backend, name)
        return self._watch(found) if callable(found) else found

    def _watch(self, call: Callable[..., Any]) -> Callable[..., Any]:
        async def watched(*arguments: Any, **named: Any) -> Any:
            answer = await call(*arguments, **named)
            now = datetime.datetime.now(datetime.timezone.utc)
            several = isinstance(answer, Sequence) and not isinstance(answer, str)
            for record in answer[:_MOST] if several else (answer,):
                if (name := _name(record)) and all(name != source.record for source in self.sources):
                    read_at = getattr(record, "read_at", None) or now
                    self.sources.append(Source(name, read_at.isoformat(timespec="seconds")))
            return answer

        return watched


def _name(record: object) -> str:
    if isinstance(record, Order):
        return f"order {record.order_id}"
    if isinstance(record, Product):
        return f"product {record.sku}"
    if isinstance(record, Promotion):
        return f"promotion {record.code or next(iter(record.name.values()), '')}"
    if isinstance(record, ShippingRule):
        return f"shipping {record.country}"
    return f"shop {record.shop_id}" if isinstance(record, Shop) else ""
