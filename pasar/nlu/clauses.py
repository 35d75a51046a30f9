"""The clauses of a message, each of which may hold a need of its own."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rasa.nlu.tokenizers.tokenizer import Token

_LEAST_WORDS = 2  # a clause of fewer is no need of its own


class ClauseCutter:
    """Cuts where a pack's joiners stand: words and signs, and where words are not parted by blanks, blanks."""

    def __init__(self, joiners: Sequence[str]) -> None:
        """With the pack's joiners."""
        self._joiners = re.compile("|".join(map(re.escape, joiners)) or r"(?!)")
        self.at_blanks = " " in joiners

    def cut(self, tokens: Sequence[Token]) -> list[list[Token]]:
        """The words of each clause; empty where it is one clause."""
        clauses: list[list[Token]] = [[]]
        end = 0
        for token in tokens:
            if self.at_blanks and clauses[-1] and token.start > end and _is_unspaced(token, clauses[-1][-1]):
                clauses.append([])
            end = token.end
            if self._joiners.fullmatch(token.text):
                clauses.append([])
            else:
                clauses[-1].append(token)
        clauses = [clause for clause in clauses if len(clause) >= _LEAST_WORDS]
        return clauses if len(clauses) > 1 else []


def _is_unspaced(token: Token, before: Token) -> bool:
    """Whether a blank between two words parts more than words: one of them at least is not Latin."""
    return not (token.text + before.text).isascii()
