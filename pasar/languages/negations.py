"""Whether a message may mean the contrary of what it names: "don't cancel it"."""

from __future__ import annotations

import re

from pasar.languages.pack import Pack

#: Scripts that write words without blanks between them.
_UNSPACED = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]")


def may_negate(text: str, pack: Pack) -> bool:
    """Whether a message has a word of ``negations`` in ``pack.yml``.

    Too often rather than too seldom: "I don't want it, cancel it" has one too. It is for asking once more before
    something that cannot be undone.
    """
    plain = text.lower().replace("’", "'")
    return any(_has_word(plain, word) for word in pack.negations)


def _has_word(text: str, word: str) -> bool:
    if _UNSPACED.search(word):
        return word in text
    return re.search(rf"(?<!\w){re.escape(word)}(?!\w)", text) is not None
