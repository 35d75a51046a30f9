"""The needs of a message: found in what its clauses were judged to be, weighed against the whole, put in order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

_SEEN_IN_WHOLE = 0.01
_SURE_OF_WHOLE, _SEEN_BESIDE_SURE = 0.9, 0.05
_SURE_OF_CLAUSE = 0.85
_STANDS_OUT = 0.15
_SURE_WORDS = 3  # a clause of fewer says nothing that the whole does not

#: Acts of talk; a need beside one of these is the need.
ACTS = frozenset({
    "greet", "goodbye", "thank", "affirm", "deny", "inform", "chitchat", "out_of_scope", "feedback", "complaint",
    "bot_challenge", "switch_language",
})  # fmt: skip


def find_needs(
    clauses: Iterable[tuple[int, str, float]], scores: Mapping[str, float], least: float
) -> dict[str, float]:
    """The needs of clauses with their confidence, which is ``least`` or more, in order.

    Of a clause there are the number of its words, the surest intent and its confidence. ``scores`` are those of the
    whole message: a clause of two words ("quick q") must not say what the whole does not.
    """
    found: dict[str, float] = {}
    for words, intent, confidence in clauses:
        if words < _SURE_WORDS and scores[intent] < _SEEN_IN_WHOLE:
            continue
        if intent not in ACTS and confidence >= least:
            found[intent] = max(confidence, found.get(intent, 0.0))
    return found


def find_surest_other(clauses: Iterable[tuple[str, float]], own: str) -> float:
    """The confidence of the surest need of clauses besides the message's own; 0 where there is none."""
    return max((sure for need, sure in clauses if need not in ACTS and need != own), default=0.0)


def keep_beside_act(
    needs: Mapping[str, float], scores: Mapping[str, float], confidence: float, *, gives: bool
) -> dict[str, float]:
    """The needs that count where the whole message is an act of talk, of this confidence.

    A clause of a complaint or a no is mostly its story: the whole must show the need too. Where a message gives what
    was asked for (``gives``), the clause alone must be sure.
    """
    least = _SEEN_BESIDE_SURE if confidence >= _SURE_OF_WHOLE else _SEEN_IN_WHOLE
    return {
        intent: sure
        for intent, sure in needs.items()
        if (sure >= _SURE_OF_CLAUSE if gives else scores[intent] >= least)
    }


def order_needs(best: str, needs: Mapping[str, float], scores: Mapping[str, float]) -> list[str]:
    """One need or two. They come as the message has them if the other one stands out, else the whole's comes first."""
    others = [intent for intent in needs if intent != best]
    if not others:
        return [best]
    other = max(others, key=lambda intent: scores[intent])
    order = list(needs)
    # what is but the story around a need ("the grey one came, can I swap it") must not be answered first
    stands_out = scores[other] >= _STANDS_OUT or needs[other] >= _SURE_OF_CLAUSE
    if best in needs and stands_out and order.index(other) < order.index(best):
        return [other, best]
    return [best, other]
