"""How long buyers wait: two people, with and without a bot before them. A queue, first come first served.

The "before" line that StyleHub tells: two people, three hours to a first answer. Assumed here: a conversation takes a
person three minutes; a tenth of the buyers write in the first quarter of an hour after the stream, the rest ever more
slowly over twelve hours; the two work until everybody has been answered.
"""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from random import Random

TOLD_BEFORE_SECONDS = 3 * 3600
AGENTS = 2
HANDLING_SECONDS = 180.0
_MEAN_SECONDS, _LAST_SECONDS = 2.4 * 3600, 12 * 3600


def draw_arrivals(chance: Random, count: int) -> list[float]:
    """Seconds after the stream, in order."""
    return sorted(min(chance.expovariate(1 / _MEAN_SECONDS), _LAST_SECONDS) for _ in range(count))


def wait(arrivals: Sequence[float], seconds: Sequence[float], servers: int) -> list[tuple[float, float]]:
    """For each arrival when it begins to be served and when it is done."""
    free = [0.0] * servers
    served = []
    for arrival, needed in zip(arrivals, seconds, strict=True):
        begins = max(arrival, heapq.heappop(free))
        heapq.heappush(free, begins + needed)
        served.append((begins, begins + needed))
    return served


def count_backlog(
    arrivals: Sequence[float], served: Sequence[tuple[float, float]], moments: Sequence[float]
) -> list[int]:
    """At each moment how many wait."""
    pairs = list(zip(arrivals, served, strict=True))
    return [sum(arrival <= moment < begins for arrival, (begins, _) in pairs) for moment in moments]
