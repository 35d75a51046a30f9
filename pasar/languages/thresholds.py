"""How sure is sure enough: learnt for each language from examples that a rehearsing model has not seen."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from pasar.languages.ngrams import Floats

#: Of the messages that are asked back, at most so many may have been understood: a question too many costs a buyer
#: less than a wrong answer, but it does cost.
UNDERSTOOD_AMONG_ASKED_BACK = 0.25
#: Of messages in several clauses that have one need, at most so many may be given a second.
FALSE_SECOND_NEEDS = 0.05
_LEAST_ASKED_BACK = 20  # messages that must lie below a threshold for it to say anything
_MOST_UNSURE = 0.5  # what is likelier right than wrong is never asked back


def learn_threshold(confidences: Floats, right: npt.NDArray[np.bool_]) -> float | None:
    """The highest confidence below which at most :data:`UNDERSTOOD_AMONG_ASKED_BACK` were right; None: none such."""
    order = np.argsort(confidences)
    shares = np.cumsum(right[order]) / np.arange(1, len(order) + 1)
    enough = np.arange(len(order)) >= _LEAST_ASKED_BACK
    good = np.flatnonzero(enough & (shares <= UNDERSTOOD_AMONG_ASKED_BACK) & (confidences[order] < _MOST_UNSURE))
    return round(float(confidences[order][good[-1]]), 3) if len(good) else None


def learn_second_need(false_needs: Floats) -> float | None:
    """The least confidence at which at most :data:`FALSE_SECOND_NEEDS` of these are reached; None of too few.

    ``false_needs``: for messages of several clauses and one need, the confidence of the surest other need.
    """
    if len(false_needs) * FALSE_SECOND_NEEDS < 1:
        return None
    return round(float(np.quantile(false_needs, 1 - FALSE_SECOND_NEEDS)), 3)
