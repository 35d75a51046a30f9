"""The model's records as JSON and back."""

from __future__ import annotations

import dataclasses
import datetime
import decimal
import enum
import functools
import types
import typing
from collections.abc import Mapping
from typing import Any, TypeVar

from pasar.commerce.model import Text

Record = TypeVar("Record")
_PLAIN = frozenset({str, int, float, bool, type(None)})


def encode(value: object) -> Any:
    """``value``, a record of the model, as JSON types: nothing is lost that :func:`decode` needs."""
    kind = type(value)
    if kind in _PLAIN:
        return value
    if dataclasses.is_dataclass(kind):
        return {name: encode(getattr(value, name)) for name in _list_fields(kind)}
    if isinstance(value, enum.Enum):
        return value.value
    if isinstance(value, decimal.Decimal):
        return str(value)
    if isinstance(value, (datetime.date, datetime.time)):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {key: encode(item) for key, item in value.items()}
    if isinstance(value, (tuple, list)):
        return [encode(item) for item in value]
    return value


@functools.cache
def _list_fields(kind: type) -> tuple[str, ...]:
    return tuple(field.name for field in dataclasses.fields(kind))


def decode(kind: type[Record], value: Any) -> Record:
    """The record of type ``kind`` that :func:`encode` has made ``value`` of."""
    return typing.cast(Record, _decode(kind, value))


@functools.cache
def _read_fields(kind: type) -> dict[str, Any]:
    # Resolving the annotations' text is slow; they never change.
    return typing.get_type_hints(kind)


def _decode(kind: Any, value: Any) -> Any:
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin in (typing.Union, types.UnionType):
        return _decode_union(arguments, value)
    if origin is tuple:
        kinds = arguments[:1] * len(value) if arguments[-1] is ... else arguments
        return tuple(_decode(item_kind, item) for item_kind, item in zip(kinds, value, strict=True))
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return {key: _decode(arguments[1], item) for key, item in value.items()}
    if dataclasses.is_dataclass(kind):
        fields = _read_fields(typing.cast(type, kind))
        return typing.cast(type, kind)(**{name: _decode(fields[name], item) for name, item in value.items()})
    return _decode_single(kind, value)


def _decode_union(kinds: tuple[Any, ...], value: Any) -> Any:
    if value is None:
        return None
    candidates = [kind for kind in kinds if kind is not type(None)]
    # The model's only wider union is an attribute's value: text, truth or number, which JSON tells apart itself.
    return _decode(candidates[0], value) if len(candidates) == 1 else value


def _decode_single(kind: Any, value: Any) -> Any:
    if kind is decimal.Decimal or kind is Text or (isinstance(kind, type) and issubclass(kind, enum.Enum)):
        return kind(value)
    if kind is float:
        return float(value)
    if kind in (datetime.date, datetime.datetime, datetime.time):
        return kind.fromisoformat(value)
    return value
