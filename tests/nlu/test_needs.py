"""Which needs a message has, by what its clauses were judged to be."""

from __future__ import annotations

import pathlib

import pytest

from pasar.nlu.classifier import NgramIntentClassifier
from pasar.nlu.needs import find_needs, find_surest_other, keep_beside_act, order_needs


def test_find_needs_leaves_out_talk_doubt_and_what_two_words_alone_say() -> None:
    """Of one need said twice, the surer time counts."""
    clauses = [
        (4, "greet", 0.99),
        (4, "refund_status", 0.75),
        (4, "track_order", 0.6),
        (2, "coupon_info", 0.9),
        (3, "refund_status", 0.8),
    ]
    scores = {"greet": 0.4, "refund_status": 0.3, "track_order": 0.2, "coupon_info": 0.001}
    assert {"refund_status": 0.8} == find_needs(clauses, scores, 0.7)
    assert ["refund_status", "coupon_info"] == list(find_needs(clauses, {**scores, "coupon_info": 0.02}, 0.7))


def test_find_surest_other_counts_neither_talk_nor_the_messages_own_need() -> None:
    """Nothing else is no need at all."""
    assert 0.5 == find_surest_other([("thank", 0.9), ("track_order", 0.8), ("price_inquiry", 0.5)], "track_order")
    assert 0.0 == find_surest_other([("thank", 0.9), ("track_order", 0.8)], "track_order")


@pytest.mark.parametrize(
    ("confidence", "gives", "kept"), [(0.5, False, ["story", "seen"]), (0.95, False, ["seen"]), (0.5, True, ["story"])]
)
def test_keep_beside_act_asks_the_whole_or_where_it_gives_the_clause(
    confidence: float, *, gives: bool, kept: list[str]
) -> None:
    """The surer the whole is of the talk, the more of the need it must show."""
    needs = {"story": 0.9, "seen": 0.8}
    assert kept == list(keep_beside_act(needs, {"story": 0.02, "seen": 0.06}, confidence, gives=gives))


def test_order_needs_follows_the_message_where_the_other_need_stands_out() -> None:
    """What is but the story around a need is not answered first."""
    needs = {"other": 0.75, "best": 0.8}
    assert ["other", "best"] == order_needs("best", needs, {"other": 0.2, "best": 0.5})
    assert ["best", "other"] == order_needs("best", needs, {"other": 0.1, "best": 0.5})
    assert ["best"] == order_needs("best", {"best": 0.8}, {"best": 0.5})


def test_the_classifiers_own_modules_count_as_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """Another way to cut clauses or to count needs learns another threshold: it must be trained anew."""
    before = NgramIntentClassifier.fingerprint_addon({"language": "en"})
    read = pathlib.Path.read_bytes
    for name in ("clauses.py", "needs.py", "classify.py"):
        with monkeypatch.context() as patch:
            patch.setattr(pathlib.Path, "read_bytes", lambda path, name=name: read(path) + b"#" * (path.name == name))
            assert before != NgramIntentClassifier.fingerprint_addon({"language": "en"}), name
    assert before == NgramIntentClassifier.fingerprint_addon({"language": "en"})
