"""What each world of examples is worth: ``python -m evaluation.curve th id zh`` draws ``docs/learning-curve.png``.

The linear model alone, its language known: its first intent on the evaluation sentences, after one world more each time.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from pathlib import Path

from evaluation.features import open_reader
from evaluation.sentences import Sentence, find_training_files, list_trained, read_evaluation
from pasar.languages.classify import LinearClassifier, Settings, features_of
from pasar.languages.ngrams import Ngrams
from pasar.languages.pack import DATA

PICTURE = Path("docs/learning-curve.png")
FIRST = "base"  # lines before the first "# world:"
_WORLD = re.compile(r"^# world: (.+)$")
_LINE = re.compile(r"^    - (.+)$")
_MARK = re.compile(r"\[([^\]]+)\]\(\w+\)")
_LEAST = 1000  # examples of a first point


def read_worlds(language: str, data: Path = DATA) -> dict[str, list[Sentence]]:
    """A language's examples by the world they were written in, in the order of the files."""
    worlds: dict[str, list[Sentence]] = {}
    for path in find_training_files(language, data):
        world = FIRST
        for line in path.read_text(encoding="utf-8").splitlines():
            if found := _WORLD.match(line):
                world = found[1]
            elif found := _LINE.match(line):
                text = _MARK.sub(r"\1", found[1])
                worlds.setdefault(world, []).append(Sentence(language, text, path.stem))
    return worlds


def measure_worlds(language: str) -> list[tuple[str, int, float]]:
    """World, examples so far, share of intents right."""
    read = open_reader(language)

    def extract(texts: Sequence[str]) -> Ngrams:
        return features_of(*read(texts), Settings())

    questions = read_evaluation(language)
    asked = [extract([question.text]) for question in questions]
    examples: list[Sentence] = []
    points = []
    for world, sentences in read_worlds(language).items():
        examples += sentences
        model = LinearClassifier.fit(
            extract([one.text for one in examples]), [one.intent for one in examples], Settings()
        )
        right = [model.rank(own)[0][0] == one.intent for own, one in zip(asked, questions, strict=True)]
        points.append((world, len(examples), sum(right) / len(right)))
    return points


def draw(curves: dict[str, list[tuple[str, int, float]]], path: Path = PICTURE) -> None:
    """One line a language: intents right against examples an intent."""
    import matplotlib as mpl  # noqa: PLC0415 - slow to load, and Rasa's own choice of window is not ours

    mpl.use("Agg")
    from matplotlib import pyplot as plt  # noqa: PLC0415

    figure, axes = plt.subplots(figsize=(8, 4.6), dpi=110)
    for language, points in curves.items():
        intents = len(find_training_files(language))
        shown = [(number / intents, 100 * share) for _, number, share in points if number >= _LEAST]
        axes.plot(*zip(*shown, strict=True), marker="o", ms=3.5, lw=1.4, label=language)
    axes.set_xlabel("examples an intent (mean); each point is one more world of buyers")
    axes.set_ylabel("intents right, %")
    axes.grid(alpha=0.3)
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(ncol=2, fontsize=8, loc="lower right")
    figure.tight_layout()
    figure.savefig(path)


def main() -> int:
    """Measure the languages that are named, or all; a minute each."""
    curves = {}
    for language in sys.argv[1:] or list_trained():
        curves[language] = measure_worlds(language)
        for world, number, share in curves[language]:
            print(f"{language}  {number:7,}  {100 * share:5.1f} %  {world}", flush=True)  # noqa: T201
    draw(curves)
    return 0


if __name__ == "__main__":
    sys.exit(main())
