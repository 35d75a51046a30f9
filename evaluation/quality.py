"""The report kept small, as a page of the documentation: one table, a row a language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from evaluation.report import percent

_COLUMNS = (
    "language", "examples", "questions", "intents", "first three", "macro F1", "keywords", "DIET", "slang", "mixed",
    "no accents", "two needs", "entities F1", "calibration error", "out of scope", "language found",
)  # fmt: skip
_NOISES = ("typos", "blanks", "emoji", "lower case", "upper case", "no accents")
_WORST = 5


def render_quality(figures: Mapping[str, Any]) -> str:
    """The page, in Markdown. Shares are per cent; – where nothing was measured."""
    languages = list(figures["languages"].values())
    lines = [
        "# How well each language is understood",
        "",
        f"Written by `python -m evaluation --quality docs/quality.md` on {figures['made'][:10]}.",
        "All questions were written apart from the examples,",
        "by other writers and in other worlds (`tests/languages/`); none, nor one nearly the same, stands among the examples.",
        "",
        _row(_COLUMNS),
        _row(["---"] * len(_COLUMNS)),
        *(_row(_cells(one)) for one in languages),
        "",
        "Intents: the first one is right. First three: the right one is among the three likeliest. Keywords and DIET are baselines on",
        "the same examples, which are told the language. Slang, mixed languages, dropped accents: questions of those kinds alone.",
        "Two needs: both are found. Calibration error: the mean distance between confidence and accuracy, in points. Out of scope:",
        "of such questions, the share that is seen to be none of the shop's. Language found: of a first message, nothing said before.",
        "",
        "## Spoilt messages",
        "",
        "Points of the intents lost, on every third question: a slip of the finger in a word of four, blanks missing (in Thai and",
        "Chinese: too many), emoji added, all letters small or capital, accents left out.",
        "",
        _row(["language", *_NOISES]),
        _row(["---"] * (len(_NOISES) + 1)),
        *(_row([one["name"], *(_lost(one, noise) for noise in _NOISES)]) for one in languages),
        "",
        f"## The {_WORST} worst confusions of each language",
        "",
        _row(["language", "meant → taken for (how often)"]),
        _row(["---", "---"]),
        *(_row([one["name"], _confusions(one)]) for one in languages),
    ]
    return "\n".join(lines) + "\n"


def _cells(one: Mapping[str, Any]) -> list[str]:
    ours, harder = one["ours"], one["harder"]
    return [
        one["name"],
        f"{one['training_sentences']:,}",
        f"{one['sentences']:,}",
        _percent(ours["accuracy"]),
        _percent(ours["among_three"]),
        _percent(ours["macro_f1"]),
        _percent(one["keywords"]["accuracy"]),
        _percent(one["diet"]["accuracy"] if one["diet"] else None),
        *(
            _percent(harder[kind]["accuracy"] if kind in harder else None)
            for kind in ("slang", "mixed", "no_diacritics")
        ),
        _percent(one["two_needs"]["both"] if one["two_needs"]["sentences"] else None),
        _percent(one["marked"]["all"]["f1"] if one["marked"]["all"]["gold"] else None),
        _percent(ours["calibration_error"]),
        _percent(ours["out_of_scope_recall"]),
        _percent(one["identification"]["all"]),
    ]


def _lost(one: Mapping[str, Any], noise: str) -> str:
    result = one.get("noise", {}).get(noise)
    return f"{100 * result['lost']:.1f}" if result else "–"


def _confusions(one: Mapping[str, Any]) -> str:
    worst = one["ours"]["worst"][:_WORST]
    return ", ".join(f"{pair['gold']} → {pair['read']} ({pair['number']})" for pair in worst) or "–"


def _percent(share: float | None) -> str:
    return percent(share).removesuffix(" %")


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
