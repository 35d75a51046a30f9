"""kill -9 at random moments while messages flow: every message is answered exactly once, in order.

A small run of ``python -m benchmark.faults``, with moments that are the same each time.
"""

from __future__ import annotations

import os

import pytest

from benchmark.faults.run import Plan, judge, run

MESSAGES = int(os.environ.get("PASAR_TEST_MESSAGES", "160"))  # of all buyers together
KILLS = int(os.environ.get("PASAR_TEST_KILLS", "3"))


@pytest.mark.slow
@pytest.mark.parametrize("store", ["sqlite", "postgresql", "redis"])
async def test_every_message_is_answered_once_in_order_whoever_dies(store):
    """With PostgreSQL and with Redis two bots share the work, and each of all these is killed at least once."""
    result = await run(Plan(store, MESSAGES, 40, seed=5, kills=KILLS, between=3.0, gap=3.0), print)
    print(result.figures)
    assert result.is_right, result.figures


@pytest.mark.parametrize(
    ("found", "wrong"),
    [
        (["m0", "m1", "m2"], {"answered_once": 3}),
        (["m0", "m2"], {"answered_once": 2, "lost": 1}),
        (["m0", "m1", "m1", "m2"], {"answered_once": 2, "doubled": 1}),
        (["m0", "m2", "m1"], {"answered_once": 3, "out_of_order": 1}),
        (["m0", "m1", "m2", "m0"], {"answered_once": 2, "doubled": 1}),
        ([], {"lost": 3}),
    ],
)
def test_what_goes_wrong_is_counted(found, wrong):
    counted = judge({"U1": ["m0", "m1", "m2"]}, {"U1": found})
    assert wrong == {name: count for name, count in counted.items() if count}
