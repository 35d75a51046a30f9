"""Subjects without what mail programs put before them."""

from __future__ import annotations

import functools
import pathlib
import re
import unicodedata

import yaml

PREFIXES = pathlib.Path(__file__).with_name("subjects.yml")


def is_forwarded(subject: str) -> bool:
    """Whether the writer passes somebody else's mail on."""
    return bool(_load("forwarded").match(subject))


def cut_prefixes(subject: str) -> str:
    """A subject without "Re:" and "Fwd:" before it, once or more, also counted ("Re[2]:")."""
    while (match := _load("answered", "forwarded").match(subject)) and match.end():
        subject = subject[match.end() :]
    return subject.strip()


def normalise_subject(subject: str) -> str:
    """What stays of a subject however it is written."""
    return " ".join(unicodedata.normalize("NFKC", cut_prefixes(subject)).casefold().split())


@functools.cache
def _load(*kinds: str) -> re.Pattern[str]:
    listed = yaml.safe_load(PREFIXES.read_text(encoding="utf-8"))
    words = sorted((re.escape(word) for kind in kinds for word in listed[kind]), key=len, reverse=True)
    return re.compile(rf"\s*(?:{'|'.join(words)})\s*(?:[\[(]\d+[\])])?\s*[:：]\s*", re.IGNORECASE)
