"""GraphQL as far as a test's server needs it: check a document against a table of types, price it, answer it.

Not covered: fields of one name in a document that contradict one another.

The table is text: ``type Order`` (``input``, ``interface``) and below it ``name(argument: Type): Type`` line by line;
``type A implements B``; ``enum E: ONE TWO``; ``union U: A B``; ``connection Order`` for a list by pages. A line that ends
with a comma goes on in the next.
"""

from __future__ import annotations

import collections
import dataclasses
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from tests.commerce.platforms.shopify.document import Document, GraphError, Selection, Variable

SCALARS = {"ID": str, "String": str, "Int": int, "Float": float, "Boolean": bool}
MOST = 250  # items of a page


@dataclasses.dataclass(frozen=True)
class FieldType:
    """What the table says of a field."""

    type: str
    args: Mapping[str, str]


class Schema:
    """The table of types."""

    def __init__(self, text: str) -> None:
        self.types: dict[str, dict[str, FieldType]] = {
            "PageInfo": {"hasNextPage": FieldType("Boolean!", {}), "endCursor": FieldType("String", {})}
        }
        self._enums: dict[str, set[str]] = {}
        self._members: dict[str, set[str]] = collections.defaultdict(set)
        fields: dict[str, FieldType] = {}
        for line in filter(str.strip, re.sub(r",\n\s+", ", ", text).splitlines()):
            if line.startswith(" "):
                found = re.fullmatch(r"(\w+)(?:\((.+)\))?: (\S+)", line.strip())
                assert found, line
                args = dict(part.split(": ") for part in found[2].split(", ")) if found[2] else {}
                fields[found[1]] = FieldType(found[3], args)
                continue
            kind, name, *rest = line.replace(":", " ").split()
            if kind == "enum":
                self._enums[name] = set(rest)
            elif kind == "union":
                self._members[name].update(rest)
                self.types[name] = {}
            elif kind == "connection":
                nodes = FieldType(f"[{name}!]!", {})
                self.types[f"{name}Connection"] = {"nodes": nodes, "pageInfo": FieldType("PageInfo!", {})}
            else:
                fields = self.types[name] = {}
                for interface in rest[1:]:
                    self._members[interface].add(name)

    def check(self, document: Document, variables: Mapping[str, Any]) -> None:
        """Raise GraphError where the document or its variables do not fit the table."""
        used: set[str] = set()
        self._check_selections(_root(document), document.selections, document, used)
        if unused := set(document.variables) - used:
            raise GraphError("variableNotUsed", f"${sorted(unused)[0]} is declared but not used")
        for name, kind in document.variables.items():
            self._check_value(kind, variables.get(name), f"${name}")

    def price(self, document: Document, variables: Mapping[str, Any]) -> int:
        """What the document costs, in points.

        Objects one, mutations ten (https://shopify.dev/docs/api/usage/limits). How the cost of a list grows with its
        page is kept secret; this is what was observed (https://community.shopify.dev/t/24364), and counts for plain
        lists too, which may be too much.
        """
        return self._price(_root(document), document.selections, document, variables)

    def answer(self, document: Document, variables: Mapping[str, Any], roots: Mapping[str, Any]) -> dict[str, Any]:
        """The data, from records as nested as the types; a function among them is given the arguments."""
        return self._answer(_root(document), document.selections, document, variables, roots)

    def _check_selections(
        self, owner: str, selections: Sequence[Selection], document: Document, used: set[str]
    ) -> None:
        for item in selections:
            if item.spread or item.on:
                fragment = _find_fragment(item, document)
                self._check_fragment(owner, fragment.on)
                self._check_selections(fragment.on, fragment.selections, document, used)
            elif item.name != "__typename":
                self._check_field(owner, item, document, used)

    def _check_fragment(self, owner: str, on: str) -> None:
        if on not in self.types:
            raise GraphError("undefinedType", f"No such type {on}, so it can't be a fragment condition", typeName=on)
        if on != owner and on not in self._members[owner] and owner not in self._members[on]:
            raise GraphError("cannotSpreadFragment", f"Fragment on {on} can't be spread inside {owner}")

    def _check_field(self, owner: str, item: Selection, document: Document, used: set[str]) -> None:
        field = self.types[owner].get(item.name)
        if field is None:
            message = f"Field '{item.name}' doesn't exist on type '{owner}'"
            raise GraphError("undefinedField", message, typeName=owner, fieldName=item.name)
        place = f"{owner}.{item.name}"
        for name, value in item.args.items():
            if name not in field.args:
                raise GraphError("argumentNotAccepted", f"Field '{item.name}' doesn't accept argument '{name}'")
            self._check_argument(field.args[name], value, f"{place}({name})", document, used)
        missing = [name for name, kind in field.args.items() if kind.endswith("!") and name not in item.args]
        if missing:
            raise GraphError("missingRequiredArguments", f"{place} is missing required arguments: {missing}")
        base = _base(field.type)
        if base.endswith("Connection") and "first" not in item.args:
            raise GraphError("BAD_REQUEST", f"{place}: you must provide one of first or last")
        if (base in self.types) != bool(item.selections):
            raise GraphError("selectionMismatch", f"{place}: {base} and its selections do not go together")
        if item.selections:
            self._check_selections(base, item.selections, document, used)

    def _check_argument(self, kind: str, value: Any, place: str, document: Document, used: set[str]) -> None:
        if isinstance(value, Variable):
            used.add(value.name)
            declared = document.variables.get(value.name, "")
            if not declared:
                raise GraphError("variableNotDefined", f"${value.name} is used but not declared")
            if declared not in {kind, f"{kind}!"}:
                raise GraphError("variableMismatch", f"{place}: ${value.name} is {declared}, wanted {kind}")
        elif isinstance(value, dict):
            fields = self.types[_base(kind)]
            for name, inner in value.items():
                if name not in fields:
                    raise GraphError("argumentNotAccepted", f"{place}: InputObject doesn't accept argument '{name}'")
                self._check_argument(fields[name].type, inner, f"{place}.{name}", document, used)
        else:
            self._check_value(kind, value, place)

    def _check_value(self, kind: str, value: Any, place: str) -> None:
        base = kind.rstrip("!")
        if value is None:
            fits = not kind.endswith("!")
        elif base.startswith("["):
            fits = isinstance(value, list)
            for item in value if fits else ():
                self._check_value(base[1:-1], item, place)
        elif base in self._enums:
            fits = value in self._enums[base]
        elif base in self.types:
            fits = isinstance(value, dict) and set(value) <= set(self.types[base])
            for name, field in self.types[base].items() if fits else ():
                self._check_value(field.type, value.get(name), f"{place}.{name}")
        else:
            fits = type(value) is SCALARS.get(base, str)
        if not fits:
            raise GraphError("INVALID_VARIABLE", f"{place} of type {kind} was provided invalid value")

    def _price(
        self, owner: str, selections: Sequence[Selection], document: Document, variables: Mapping[str, Any]
    ) -> int:
        total = 0
        branches = [0]  # of a union, the dearest
        for item in selections:
            if item.spread or item.on:
                fragment = _find_fragment(item, document)
                cost = self._price(fragment.on, fragment.selections, document, variables)
                if owner in self._members:
                    branches.append(cost)
                else:
                    total += cost
            elif owner == "Mutation":
                total += 10
            elif item.name != "__typename":
                field = self.types[owner][item.name]
                if _base(field.type) in self.types and item.name != "pageInfo":
                    cost = self._price(_base(field.type), item.selections, document, variables)
                    size = _fill(item.args, variables).get("first")
                    is_page = field.type.endswith("Connection!")
                    total += 2 * is_page + _scale(size) * (cost + (not is_page)) if size else 1 + cost
        return total + max(branches)

    def _answer(
        self,
        owner: str,
        selections: Sequence[Selection],
        document: Document,
        variables: Mapping[str, Any],
        record: Mapping[str, Any],
    ) -> dict[str, Any]:
        concrete = record.get("__typename", owner)
        answer: dict[str, Any] = {}
        for item in selections:
            if item.spread or item.on:
                fragment = _find_fragment(item, document)
                if fragment.on in {concrete, owner} or concrete in self._members[fragment.on]:
                    answer.update(self._answer(fragment.on, fragment.selections, document, variables, record))
            elif item.name == "__typename":
                answer[item.alias] = concrete
            else:
                field = self.types[owner][item.name]
                args = _fill(item.args, variables)
                value = record[item.name]
                value = value(args) if callable(value) else value
                if field.type.rstrip("!").endswith("Connection") and value is not None:
                    value = _page(value, args)
                elif isinstance(value, list) and "first" in args:
                    value = value[: args["first"]]
                assert value is not None or not field.type.endswith("!"), f"the server lacks {owner}.{item.name}"
                base = _base(field.type)
                if isinstance(value, list) and base in self.types:
                    inner: Any = [self._answer(base, item.selections, document, variables, each) for each in value]
                elif value is not None and base in self.types:
                    inner = self._answer(base, item.selections, document, variables, value)
                else:
                    inner = value
                answer[item.alias] = inner
        return answer


def walk(document: Document) -> Iterator[str]:
    """The operation's root fields."""
    return (item.name for item in document.selections)


def _root(document: Document) -> str:
    return "Mutation" if document.kind == "mutation" else "QueryRoot"


def _find_fragment(item: Selection, document: Document) -> Selection:
    if item.on:
        return item
    if item.spread not in document.fragments:
        raise GraphError("useAndDefineFragment", f"Fragment {item.spread} was used, but not defined")
    return document.fragments[item.spread]


def _base(kind: str) -> str:
    return re.sub(r"\W", "", kind)


def _fill(args: Any, variables: Mapping[str, Any]) -> Any:
    if isinstance(args, Variable):
        return variables.get(args.name)
    if isinstance(args, list):
        return [_fill(item, variables) for item in args]
    return {name: _fill(value, variables) for name, value in args.items()} if isinstance(args, dict) else args


def _scale(size: int) -> int:
    return math.floor(2 * math.log(max(2, size)))


def _page(items: Sequence[Any], args: Mapping[str, Any]) -> dict[str, Any]:
    """The page after a cursor, which nobody but this server can read."""
    begin = int(args["after"].removeprefix("cursor-")) if args.get("after") else 0
    end = begin + min(args["first"], MOST)
    info = {"hasNextPage": end < len(items), "endCursor": f"cursor-{end}" if items else None}
    return {"nodes": list(items[begin:end]), "pageInfo": info}
