"""Which conversation a mail belongs to, and how our own mails say it.

A conversation is one person's about one thing. Mails that answer one of ours carry it: it is part of our Message-IDs, which
come back in References. All others belong together by who wrote them and what the subject is, without "Re:" before it.
Who is part of it even where a mail answers one of ours: nobody gets into another's conversation by a header he has copied.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence

_HALF = 20  # hexadecimal digits of a thread for who, and as many for what
_OURS = re.compile(rf"([0-9a-f]{{32}})\.([0-9a-f]{{{2 * _HALF}}})@[^@]+")


def name_thread(who: str, what: str, references: Sequence[str] = ()) -> str:
    """The conversation: 40 hexadecimal digits. ``who`` is the writer, proved or not; ``what`` the subject or an order."""
    person = _digest(who)
    for reference in reversed(references):
        ours = _OURS.fullmatch(reference)
        if ours:
            return person + ours[2][_HALF:]
    return person + _digest(what)


def write_id(key: str, thread: str, domain: str) -> str:
    """The Message-ID of what is sent by ``key``, without <>: the same however often it is tried."""
    return f"{key}.{thread}@{domain}"


def is_own_id(message_id: str, domain: str) -> bool:
    """Whether a mail is one of ours, come back to us."""
    return bool(_OURS.fullmatch(message_id)) and message_id.rpartition("@")[2].lower() == domain.lower()


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "ignore")).hexdigest()[:_HALF]
