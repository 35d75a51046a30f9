"""What is kept and what is not, as ``limits.yml`` says."""

from __future__ import annotations

import dataclasses
import functools
import pathlib
from collections.abc import Mapping

import yaml

from pasar.media.model import RefusedError
from pasar.messages.model import Kind

#: Of what is text in some way. A page or a drawing with a program in it is one too, and is never shown as such.
TEXT = "application/octet-stream"
_CONTROLS = frozenset(range(0x20)) - frozenset(b"\t\n\r\f\x1b")


@dataclasses.dataclass(frozen=True)
class Limits:
    """How much is kept, and of which types."""

    most_bytes: int
    conversation_bytes: int
    kinds: Mapping[Kind, tuple[str, ...]]
    refused: tuple[bytes, ...]
    types: tuple[tuple[str, Mapping[int, bytes]], ...]

    def judge(self, kind: Kind, data: bytes) -> str:
        """The media type that the bytes have; RefusedError where they are not kept."""
        if not data:
            raise RefusedError("it is empty")
        if len(data) > self.most_bytes:
            raise RefusedError(f"it has over {self.most_bytes} bytes")
        found = self._find_type(data)
        if not found.startswith(self.kinds[kind]):
            raise RefusedError(f"{found} is no {kind.value}")
        return found

    def _find_type(self, data: bytes) -> str:
        for media_type, heads in self.types:
            if all(data.startswith(head, place) for place, head in heads.items()):
                return media_type
        if data.startswith(self.refused):
            raise RefusedError("it is a program")
        if not data.startswith((b"\xff\xfe", b"\xfe\xff")) and not _CONTROLS.isdisjoint(data):
            raise RefusedError("its type is not known")
        return TEXT


@functools.lru_cache(maxsize=1)
def load_limits() -> Limits:
    """Read ``limits.yml``."""
    given = yaml.safe_load(pathlib.Path(__file__).with_name("limits.yml").read_text(encoding="utf-8"))
    return Limits(
        most_bytes=int(given["most_bytes"]),
        conversation_bytes=int(given["conversation_bytes"]),
        kinds={Kind(kind): tuple(starts) for kind, starts in given["kinds"].items()},
        refused=tuple(map(bytes.fromhex, given["refused"])),
        types=tuple(
            (str(item["type"]), {place: bytes.fromhex(head) for place, head in item["at"].items()})
            for item in given["types"]
        ),
    )
