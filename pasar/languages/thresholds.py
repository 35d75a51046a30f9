"""How sure is sure enough: learnt for each language from examples that a rehearsing model has not seen."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from pasar.languages.ngrams import Floats

#: Of the messages that are asked back, at most so many may have been understood: a question too many costs a buyer
#: less than a wrong answer, but it does cost.
UNDERSTOOD_AMONG_ASKED_BACK = 0.25
_LEAST_ASKED_BACK = 20  # messages that must lie below a threshold for it to say anything
_LEAST_FALSE = 20  # messages of each kind
_MOST_UNSURE = 0.5  # what is likelier right than wrong is never asked back


def learn_threshold(confidences: Floats, right: npt.NDArray[np.bool_]) -> float | None:
    """The highest confidence below which at most :data:`UNDERSTOOD_AMONG_ASKED_BACK` were right; None: none such."""
    order = np.argsort(confidences)
    shares = np.cumsum(right[order]) / np.arange(1, len(order) + 1)
    enough = np.arange(len(order)) >= _LEAST_ASKED_BACK
    good = np.flatnonzero(enough & (shares <= UNDERSTOOD_AMONG_ASKED_BACK) & (confidences[order] < _MOST_UNSURE))
    return round(float(confidences[order][good[-1]]), 3) if len(good) else None


def learn_second_need(confidences: Floats, right: npt.NDArray[np.bool_], false_needs: Floats) -> float | None:
    """The confidence that parts second needs from stories best: where most is found beyond what is made up.

    ``confidences`` and ``right`` are those of messages of one clause, as a second need would be; ``false_needs``, for
    messages of several clauses and one need, the confidence of the surest other need. None where there are too few.
    """
    if min(len(confidences), len(false_needs)) < _LEAST_FALSE:
        return None
    steps = np.arange(0.3, 1.0, 0.01)
    gains = [np.mean(right & (confidences >= step)) - np.mean(false_needs >= step) for step in steps]
    return round(float(steps[int(np.argmax(gains))]), 2)
