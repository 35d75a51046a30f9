"""What a message's place is worth, and what it costs: ``python -m evaluation.context``.

Every evaluation sentence is read as if it had been written in a place: the place helps those of its own intents, and may
spoil others. From both follows which share of messages must be of its intents for it to pay. Needs a trained model.
"""

from __future__ import annotations

import asyncio
import dataclasses
import sys
from collections.abc import Iterable, Sequence

from evaluation.readings import ModelError, newest_model, open_model
from evaluation.sentences import list_trained, read_evaluation
from pasar.nlu.context import PLACES, weigh

#: What was meant, and the best of a ranking with their probabilities.
Judged = tuple[str, Sequence[tuple[str, float]]]


@dataclasses.dataclass(frozen=True)
class Worth:
    """What comes of writing sentences in a place: shares of those that become right, less those that become wrong."""

    place: str
    helped: float  #: of the sentences with the place's intents
    spoilt: float  #: of the others

    @property
    def pays_from(self) -> float:
        """The share of messages with the place's intents from which on more becomes right than wrong."""
        return self.spoilt / (self.helped + self.spoilt) if self.helped + self.spoilt else 0.0


def measure(judged: Iterable[Judged], place: str) -> Worth:
    """The worth of one place."""
    changes: dict[bool, list[int]] = {True: [], False: []}
    for meant, ranking in judged:
        before, after = ranking[0][0] == meant, weigh(ranking, [place])[0][0] == meant
        changes[meant in PLACES[place].intents].append(after - before)
    own, others = changes[True], changes[False]
    return Worth(place, sum(own) / max(1, len(own)), -sum(others) / max(1, len(others)))


def judge_all() -> list[Judged]:
    """Every evaluation sentence of the trained languages, read by the newest model. ModelError where there is none."""
    agent = open_model(newest_model())

    async def read() -> list[Judged]:
        judged = []
        for sentence in (sentence for language in list_trained() for sentence in read_evaluation(language)):
            parsed = await agent.parse_message(sentence.text)
            ranking = [(entry["name"], entry["confidence"]) for entry in parsed.get("intent_ranking") or ()]
            if ranking:
                judged.append((sentence.intent, ranking))
        return judged

    return asyncio.run(read())


def main() -> int:
    """Print a line a place."""
    try:
        judged = judge_all()
    except ModelError as error:
        print(error, file=sys.stderr)  # noqa: T201
        return 1
    for place in PLACES:
        worth = measure(judged, place)
        told = f"helped {100 * worth.helped:5.2f} %  spoilt {100 * worth.spoilt:5.2f} %"
        print(f"{place:13} {told}  pays from {100 * worth.pays_from:2.0f} %")  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main())
