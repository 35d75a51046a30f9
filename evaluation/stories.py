"""What to do next on paths nobody wrote: our story model against Rasa's TED policy.

The stories of ``data/core/stories`` are dealt into five parts. Each part is predicted by models that learnt the other
four: every action of every story of it, given the true history. Both see the same stories, without the rules, which
decide before either is asked. TED learns from Rasa's augmented stories, as it does by default; ours from those written.
"""

from __future__ import annotations

import dataclasses
import json
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from rasa.core.featurizers.tracker_featurizers import MaxHistoryTrackerFeaturizer
from rasa.core.policies.ted_policy import TEDPolicy
from rasa.engine.graph import ExecutionContext, GraphSchema
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.shared.core.constants import ACTION_LISTEN_NAME
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted
from rasa.shared.core.generator import TrackerWithCachedStates, TrainingDataGenerator
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.core.training_data.structures import StoryGraph, StoryStep
from rasa.shared.importers.importer import TrainingDataImporter

from evaluation.sentences import hash_files
from pasar.languages.classify import LinearClassifier, Settings
from pasar.languages.ngrams import hash_marks
from pasar.nlu import policies
from pasar.nlu.policies import story_features

FOLDS = 5
EPOCHS = 100
REPORTS = Path("reports")
_CODE = (Path("pasar/nlu/policies.py"), Path("pasar/languages/classify.py"), Path("pasar/languages/ngrams.py"))
_TED_HISTORY = 5  # of Rasa's default_config.yml
_AUGMENTATION = 50  # Rasa's default

Predictor = Callable[[DialogueStateTracker], str]


@dataclasses.dataclass
class Tally:
    """What one policy did over all parts."""

    name: str
    gold: list[str] = dataclasses.field(default_factory=list)
    predicted: list[str] = dataclasses.field(default_factory=list)
    training_seconds: float = 0.0
    prediction_seconds: float = 0.0

    def as_row(self) -> dict[str, Any]:
        """Accuracy of all actions, of those besides listening, and the times; training is the sum of all parts."""
        hits = np.array([one == other for one, other in zip(self.gold, self.predicted, strict=True)])
        acting = np.array([action != ACTION_LISTEN_NAME for action in self.gold])
        return {
            "name": self.name,
            "actions": len(hits),
            "accuracy": float(hits.mean()),
            "acting": int(acting.sum()),
            "acting_accuracy": float(hits[acting].mean()),
            "training_seconds": self.training_seconds / FOLDS,
            "milliseconds": 1000 * self.prediction_seconds / max(1, len(hits)),
        }


def measure_stories(epochs: int = EPOCHS, say: Callable[[str], None] = print) -> dict[str, Any]:
    """Both policies on the same held-out stories; TED with ``epochs``. From the last run where nothing changed since."""
    sources = [*sorted(Path("data/core").rglob("*.yml")), Path("domain.yml"), Path("config.yml"), *_CODE]
    kept = REPORTS / f"stories-{hash_files(sources, str(epochs))}.json"
    if kept.exists():
        known: dict[str, Any] = json.loads(kept.read_text(encoding="utf-8"))
        return known
    result = _measure(epochs, say)
    REPORTS.mkdir(exist_ok=True)
    kept.write_text(json.dumps(result), encoding="utf-8")
    return result


def _measure(epochs: int, say: Callable[[str], None]) -> dict[str, Any]:
    importer = TrainingDataImporter.load_from_config("config.yml", "domain.yml", ["data"])
    domain = importer.get_domain()
    steps = [step for step in importer.get_stories().story_steps if not hasattr(step, "condition_events_indices")]
    history = _story_history(Path("config.yml"))
    ours, ted = Tally("Pasar, linear story model"), Tally(f"Rasa, TED ({epochs} epochs)")
    for number, (known, unknown) in enumerate(split(steps), start=1):
        held_out = _trackers(unknown, domain)
        began = time.perf_counter()
        predictor = train_linear(_trackers(known, domain), domain, history)
        ours.training_seconds += time.perf_counter() - began
        _predict(held_out, predictor, ours)
        with tempfile.TemporaryDirectory(prefix="pasar-ted-") as folder:
            began = time.perf_counter()
            predictor = train_ted(_trackers(known, domain, _AUGMENTATION), domain, epochs, Path(folder))
            ted.training_seconds += time.perf_counter() - began
            _predict(held_out, predictor, ted)
        say(f"stories: part {number} of {FOLDS}")
    rows = [ours.as_row(), ted.as_row()]
    return {"stories": len(steps), "folds": FOLDS, "epochs": epochs, "policies": rows}


def split(steps: Sequence[StoryStep], folds: int = FOLDS) -> Iterator[tuple[list[StoryStep], list[StoryStep]]]:
    """Each part of the stories, every ``folds``-th of the file, with the rest before it: known, unknown."""
    for fold in range(folds):
        known = [step for place, step in enumerate(steps) if place % folds != fold]
        yield known, [step for place, step in enumerate(steps) if place % folds == fold]


def train_linear(trackers: list[TrackerWithCachedStates], domain: Domain, history: int) -> Predictor:
    """Our story model, learnt and asked as :class:`pasar.nlu.policies.DialoguePolicy` does."""
    featurizer = MaxHistoryTrackerFeaturizer(max_history=history)
    states, actions = featurizer.training_states_and_labels(trackers, domain)
    ngrams = hash_marks([story_features(turns) for turns in states])
    model = LinearClassifier.fit(
        ngrams, [names[0] for names in actions], Settings(strength=policies._STRENGTH, balanced=True)
    )

    def predict(tracker: DialogueStateTracker) -> str:
        return model.rank(hash_marks([story_features(featurizer.prediction_states([tracker], domain)[0])]))[0][0]

    return predict


def train_ted(trackers: list[TrackerWithCachedStates], domain: Domain, epochs: int, folder: Path) -> Predictor:
    """Rasa's policy with the settings of its default configuration."""
    config = {
        **TEDPolicy.get_default_config(),
        "epochs": epochs,
        "max_history": _TED_HISTORY,
        "constrain_similarities": True,
        "random_seed": 1,
    }
    context = ExecutionContext(GraphSchema({}), "evaluation", node_name="ted")
    policy = TEDPolicy.create(config, LocalModelStorage(folder), Resource("ted"), context)
    policy.train(trackers, domain)

    def predict(tracker: DialogueStateTracker) -> str:
        prediction = policy.predict_action_probabilities(tracker, domain)
        return str(domain.action_names_or_texts[prediction.max_confidence_index])

    return predict


def list_decisions(trackers: Sequence[DialogueStateTracker]) -> Iterator[tuple[DialogueStateTracker, str]]:
    """Every point where a policy decides, as the conversation before it and the action it led to."""
    for tracker in trackers:
        actions = [event for event in tracker.applied_events() if isinstance(event, ActionExecuted)]
        for action, (before, _) in zip(actions, tracker.generate_all_prior_trackers()):  # noqa: B905 - one more at the end
            if not action.unpredictable and before.latest_message and before.latest_message.intent_name:
                yield before, action.action_name or action.action_text


def _predict(trackers: Sequence[DialogueStateTracker], predictor: Predictor, tally: Tally) -> None:
    for before, action in list_decisions(trackers):
        began = time.perf_counter()
        predicted = predictor(before)
        tally.prediction_seconds += time.perf_counter() - began
        tally.gold.append(action)
        tally.predicted.append(predicted)


def _trackers(steps: Sequence[StoryStep], domain: Domain, augmentation: int = 0) -> list[TrackerWithCachedStates]:
    generator = TrainingDataGenerator(StoryGraph(list(steps)), domain, augmentation_factor=augmentation)
    trackers: list[TrackerWithCachedStates] = generator.generate()
    return trackers


def _story_history(config: Path) -> int:
    """How many turns our policy looks back, as the configuration says."""
    entries = yaml.safe_load(config.read_text(encoding="utf-8"))["policies"]
    default = policies.DialoguePolicy.get_default_config()["stories_max_history"]
    return int(next((e["stories_max_history"] for e in entries if "stories_max_history" in e), default))
