"""A YAML file whose values know their lines, and what is found wrong in it."""

from __future__ import annotations

import contextlib
import dataclasses
import enum
import pathlib
from collections.abc import Sequence
from typing import Any

import ruamel.yaml
from ruamel.yaml.constructor import DuplicateKeyError, SafeConstructor
from ruamel.yaml.error import YAMLError

#: The way to a value: keys of mappings, places in lists. It may end at a key that is missing.
Way = Sequence[str | int]


class Level(enum.Enum):
    """How bad it is."""

    ERROR = "error"  #: the shop cannot be opened
    WARNING = "warning"  #: it can, but buyers may be told less or other than is meant


@dataclasses.dataclass(frozen=True)
class Finding:
    """What is wrong at one place of a file. Says nothing of a value that may be a secret."""

    file: pathlib.Path
    line: int  #: from 1
    level: Level
    message: str  #: begins with the field's name where there is one

    def __str__(self) -> str:
        """As compilers write it, so that editors find the place."""
        return f"{self.file}:{self.line}: {self.level.value}: {self.message}"


class ProfileError(Exception):
    """A shop's file is not as it must be; the message has one line a finding."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        """Keep what was found."""
        super().__init__("\n".join(str(finding) for finding in findings))
        self.findings = tuple(findings)


class Document:
    """A file that holds one mapping."""

    def __init__(self, path: pathlib.Path) -> None:
        """Read it as YAML 1.2, where ``NO`` is Norway and ``09:00`` a text; ProfileError where it is none."""
        self.path = path
        self.findings: list[Finding] = []
        self._nodes: Any = None
        try:
            self._text = path.read_text(encoding="utf-8")
            content = _load(self._text)
        except OSError as error:
            raise ProfileError([self._find(1, Level.ERROR, error.strerror or "cannot be read")]) from error
        except UnicodeDecodeError as error:
            raise ProfileError([self._find(1, Level.ERROR, "is not UTF-8")]) from error
        except YAMLError as error:
            mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
            problem = getattr(error, "problem", None) or "is no YAML"
            if isinstance(error, DuplicateKeyError):
                problem = "a key stands there twice"  # its own words repeat the values
            raise ProfileError([self._find(mark.line + 1 if mark else 1, Level.ERROR, problem)]) from None
        if not isinstance(content, dict):
            raise ProfileError([self._find(1, Level.ERROR, "must hold keys and values")])
        self.content: dict[Any, Any] = content

    def error(self, way: Way, message: str) -> None:
        """Note an error at a value."""
        self._note(way, Level.ERROR, message)

    def warn(self, way: Way, message: str) -> None:
        """Note a warning at a value."""
        self._note(way, Level.WARNING, message)

    def check(self) -> None:
        """ProfileError where errors were noted."""
        if errors := [finding for finding in self.findings if finding.level is Level.ERROR]:
            raise ProfileError(errors)

    def find_line(self, way: Way) -> int:
        """The line of a value, counted from 1; that of the nearest thing around it where it is missing."""
        if self._nodes is None:
            self._nodes = ruamel.yaml.YAML(typ="safe", pure=True).compose(self._text)
        node, line = self._nodes, 1
        for step in way:
            if isinstance(node, ruamel.yaml.MappingNode):
                pairs = [pair for pair in node.value if pair[0].value == str(step)]
                if not pairs:
                    break
                line, node = pairs[0][0].start_mark.line + 1, pairs[0][1]
            elif isinstance(node, ruamel.yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
                node = node.value[step]
                line = node.start_mark.line + 1
            else:
                break
        return line

    def _note(self, way: Way, level: Level, message: str) -> None:
        name = name_way(way)
        self.findings.append(self._find(self.find_line(way), level, f"{name}: {message}" if name else message))

    def _find(self, line: int, level: Level, message: str) -> Finding:
        shown = self.path
        with contextlib.suppress(ValueError):
            shown = shown.relative_to(pathlib.Path.cwd())
        return Finding(shown, line, level, message)


class _Constructor(SafeConstructor):
    """Reads ``${NAME}`` as it stands there."""


# Rasa teaches the whole process's ruamel.yaml to put variables' values in their place. Here only the name may be known.
_Constructor.add_constructor("!env_var", _Constructor.construct_yaml_str)


def _load(text: str) -> Any:
    reader = ruamel.yaml.YAML(typ="safe")
    reader.Constructor = _Constructor
    return reader.load(text)


def name_way(way: Way) -> str:
    """``shipping.ID.options[0].cost``."""
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in way).removeprefix(".")
