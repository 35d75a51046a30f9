"""A GraphQL document, read: https://spec.graphql.org/October2021/#sec-Document.

Not covered: directives, subscriptions, block strings, and default values of variables.
"""

from __future__ import annotations

import collections
import dataclasses
import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

TOKEN = re.compile(r'(?:[\s,]+|#[^\n]*)|(\.\.\.|[!$():=@\[\]{}]|[_A-Za-z]\w*|-?\d+(?:\.\d+)?|"(?:[^"\\\n]|\\.)*")')


class GraphError(Exception):
    """Something is wrong with a document; the code is that of the static checks of graphql-ruby, which Shopify runs."""

    def __init__(self, code: str, message: str, **details: str) -> None:
        super().__init__(message)
        self.answer = {"message": message, "extensions": {"code": code, **details}}


class EnumValue(str):
    """A bare word among the values."""


@dataclasses.dataclass(frozen=True)
class Variable:
    """A reference to what was sent with the document."""

    name: str


@dataclasses.dataclass(frozen=True)
class Selection:
    """A field, or a fragment (``on``: its type, ``spread``: its name)."""

    name: str = ""
    alias: str = ""
    args: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    selections: Sequence[Selection] = ()
    on: str = ""
    spread: str = ""


@dataclasses.dataclass
class Document:
    """One operation and its fragments."""

    kind: str
    variables: dict[str, str]
    selections: Sequence[Selection]
    fragments: dict[str, Selection]


class Parser:
    """Reads one document."""

    def __init__(self, text: str) -> None:
        self._tokens: collections.deque[str] = collections.deque()
        at = 0
        while at < len(text):
            found = TOKEN.match(text, at)
            if not found:
                raise GraphError("parseError", f"unexpected {text[at]!r}")
            if found[1]:
                self._tokens.append(found[1])
            at = found.end()

    def read(self) -> Document:
        """The document."""
        document: Document | None = None
        fragments = {}
        while self._tokens:
            kind = self._take()
            name = self._take()
            if kind == "fragment":
                self._take("on")
                fragments[name] = Selection(on=self._take(), selections=self._read_selections())
            elif kind in {"query", "mutation"} and document is None:
                document = Document(kind, self._read_variables(), self._read_selections(), fragments)
            else:
                raise GraphError("parseError", f"unexpected {kind}")
        if document is None:
            raise GraphError("parseError", "no operation")
        return document

    def _take(self, wanted: str = "") -> str:
        token = self._tokens.popleft() if self._tokens else ""
        if not token or (wanted and token != wanted):
            raise GraphError("parseError", f"unexpected {token!r}, wanted {wanted!r}")
        return token

    def _is_next(self, token: str) -> bool:
        if not self._tokens:
            raise GraphError("parseError", "unexpected end")
        if self._tokens[0] != token:
            return False
        self._tokens.popleft()
        return True

    def _read_variables(self) -> dict[str, str]:
        variables = {}
        if self._is_next("("):
            while not self._is_next(")"):
                self._take("$")
                name = self._take()
                self._take(":")
                variables[name] = self._read_type()
        return variables

    def _read_type(self) -> str:
        if self._is_next("["):
            inner = self._read_type()
            self._take("]")
            name = f"[{inner}]"
        else:
            name = self._take()
        return f"{name}!" if self._is_next("!") else name

    def _read_selections(self) -> list[Selection]:
        self._take("{")
        found = []
        while not self._is_next("}"):
            if self._is_next("..."):
                if self._is_next("on"):
                    found.append(Selection(on=self._take(), selections=self._read_selections()))
                else:
                    found.append(Selection(spread=self._take()))
                continue
            alias = name = self._take()
            if self._is_next(":"):
                name = self._take()
            args = {}
            if self._is_next("("):
                while not self._is_next(")"):
                    key = self._take()
                    self._take(":")
                    args[key] = self._read_value()
            inner = self._read_selections() if self._tokens and self._tokens[0] == "{" else ()
            found.append(Selection(name, alias, args, inner))
        return found

    def _read_value(self) -> Any:
        token = self._take()
        if token == "$":
            return Variable(self._take())
        if token == "[":
            items = []
            while not self._is_next("]"):
                items.append(self._read_value())
            return items
        if token == "{":
            fields = {}
            while not self._is_next("}"):
                key = self._take()
                self._take(":")
                fields[key] = self._read_value()
            return fields
        if token in {"true", "false", "null"} or token[0] in '"-0123456789':
            return json.loads(token)
        return EnumValue(token)
