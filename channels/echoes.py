"""Our own messages, as a platform shows them to us again: they are no person's.

A platform's echo may overtake its answer to our call, or come although that answer was lost; then nobody knows the
message by its id yet. So what is being sent is remembered for some minutes by conversation and content. Another process
does not know of it: there the id decides, once it is known.
"""

from __future__ import annotations

import collections
import hashlib
import time

KEPT_SECONDS = 600.0
MOST = 10_000


class Echoes:
    """What one account has sent lately."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self._sent: collections.OrderedDict[bytes, float] = collections.OrderedDict()

    def note(self, thread: str, content: str) -> None:
        """Remember what goes out; blanks do not count, as platforms trim them. "" tells nothing, and is not kept."""
        if not content:
            return
        key = _digest(thread, content)
        self._sent[key] = time.monotonic() + KEPT_SECONDS
        self._sent.move_to_end(key)
        while len(self._sent) > MOST:
            self._sent.popitem(last=False)

    def is_ours(self, thread: str, content: str) -> bool:
        """Whether it was sent lately."""
        return self._sent.get(_digest(thread, content), 0.0) > time.monotonic()


def _digest(thread: str, content: str) -> bytes:
    # No text of a conversation is kept.
    return hashlib.sha256(f"{thread}\0{' '.join(content.split())}".encode("utf-8", "ignore")).digest()
