"""What to do next: rules, then remembered stories, then a model that carries stories over to paths nobody wrote.

Rasa asks every policy at every step. Here the later ones are asked only when the earlier ones do not know,
with the result that Rasa's own ensemble would give (``tests/nlu/test_policies.py`` compares them).
"""

from __future__ import annotations

import functools
import json
import logging
from collections.abc import Iterator
from typing import Any

from rasa.core.constants import (
    DEFAULT_POLICY_PRIORITY,
    MEMOIZATION_POLICY_PRIORITY,
    POLICY_MAX_HISTORY,
)
from rasa.core.featurizers.tracker_featurizers import MaxHistoryTrackerFeaturizer
from rasa.core.policies.memoization import MemoizationPolicy
from rasa.core.policies.policy import PolicyPrediction
from rasa.core.policies.rule_policy import RULES, RULES_FOR_LOOP_UNHAPPY_PATH, RulePolicy
from rasa.engine.graph import ExecutionContext
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.core.constants import ACTION_LISTEN_NAME, SHOULD_NOT_BE_SET
from rasa.shared.core.domain import Domain, State
from rasa.shared.core.events import ActionExecuted, ActionExecutionRejected
from rasa.shared.core.generator import TrackerWithCachedStates
from rasa.shared.core.trackers import DialogueStateTracker

from pasar.languages.classify import LinearClassifier, Settings
from pasar.languages.ngrams import hash_marks
from pasar.nlu.sources import hash_sources

NEXT_NEED = "action_next_need"
_CERTAIN = 1.0
_STRENGTH = 4.0

log = logging.getLogger("rasa.core.policies.rule_policy")


def story_features(states: list[State]) -> list[str]:
    """What a conversation looked like: its last turns, and how the last one goes together with what went before."""
    features: list[str] = []
    for age, state in enumerate(reversed(states)):
        facts = list(_facts(state))
        features.extend(f"{age}:{fact}" for fact in facts)
        if age:
            features.extend(f"past:{fact}" for fact in facts)
    now = list(_facts(states[-1])) if states else []
    features.extend(f"{first}&{second}" for first in now for second in now if first < second)
    return features


def _facts(state: State) -> Iterator[str]:
    user = state.get("user") or {}
    if user.get("intent"):
        yield f"intent={user['intent']}"
    for entity in user.get("entities") or ():
        yield f"entity={entity}"
    previous = state.get("prev_action") or {}
    if previous.get("action_name"):
        yield f"did={previous['action_name']}"
    for slot, value in (state.get("slots") or {}).items():
        yield f"{slot}={value}"
    loop = state.get("active_loop") or {}
    if loop.get("name"):
        yield f"in={loop['name']}"


class RuleIndex:
    """Rules by what their last turn asks for: the action before, and the buyer's intent."""

    def __init__(self, lookup: dict[str, str]) -> None:
        """``lookup``: Rasa's, from the JSON of a rule's turns to the action that follows."""
        self.lookup = lookup
        self.size = len(lookup)
        self._buckets: dict[tuple[str | None, str | None], dict[str, str]] = {}
        for key, action in lookup.items():
            self._buckets.setdefault(_asked_for(json.loads(key)), {})[key] = action

    def narrow(self, state: State) -> dict[str, str]:
        """The rules that may apply in a state."""
        before, intent = _named(state, "prev_action", "action_name"), _named(state, "user", "intent")
        return {
            key: action
            for bucket in {(before, intent), (before, None), (None, intent), (None, None)}
            for key, action in self._buckets.get(bucket, {}).items()
        }


def _asked_for(turns: list[State]) -> tuple[str | None, str | None]:
    if not turns or not turns[-1].get("prev_action"):
        return None, None  # a conversation's start, which Rasa compares in its own way
    return _named(turns[-1], "prev_action", "action_name"), _named(turns[-1], "user", "intent")


def _named(state: State, part: str, name: str) -> str | None:
    value = (state.get(part) or {}).get(name)
    return value if value and isinstance(value, str) and value != SHOULD_NOT_BE_SET else None


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.POLICY_WITHOUT_END_TO_END_SUPPORT, is_trainable=True)
class DialoguePolicy(RulePolicy):
    """Rasa's rule policy with memory and a linear model behind it, and room for the second need of a message.

    Before the bot would listen, a need of the message that is still open is served (``action_next_need``).
    """

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Those of Rasa's rule policy, and ours.

        ``stories_max_history``: how many turns a story is remembered by; ``covers``: needs whose answer serves
        others of the same message too.
        """
        return {**RulePolicy.get_default_config(), "stories_max_history": 6, "covers": {}}

    def __init__(
        self,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        *args: Any,
        **kwargs: Any,
    ) -> None:
        """Empty until trained or loaded."""
        super().__init__(config, model_storage, resource, execution_context, *args, **kwargs)
        self._memory = MemoizationPolicy(
            {**MemoizationPolicy.get_default_config(), POLICY_MAX_HISTORY: config["stories_max_history"]},
            model_storage,
            resource,
            execution_context,
        )
        self._stories: LinearClassifier | None = None
        self._rules: dict[int, RuleIndex] = {}

    def train(self, training_trackers: list[TrackerWithCachedStates], domain: Domain, **kwargs: Any) -> Resource:
        """Learn rules as Rasa does, then the stories."""
        super().train(training_trackers, domain, **kwargs)
        stories = [t for t in training_trackers if not t.is_rule_tracker and not getattr(t, "is_augmented", False)]
        featurizer = self._memory.featurizer
        assert isinstance(featurizer, MaxHistoryTrackerFeaturizer)
        if stories:
            states, actions = featurizer.training_states_and_labels(stories, domain)
            self._memory.lookup = self._memory._create_lookup_from_states(states, actions)
            labels = [names[0] for names in actions]
            if len(set(labels)) > 1:
                ngrams = hash_marks([story_features(turns) for turns in states])
                self._stories = LinearClassifier.fit(ngrams, labels, Settings(strength=_STRENGTH, balanced=True))
        with self._model_storage.write_to(self._resource) as folder:
            (folder / "memory.json").write_text(json.dumps(self._memory.lookup), encoding="utf-8")
            if self._stories:
                self._stories.save(folder / "stories.npz")
        return self._resource

    @classmethod
    def fingerprint_addon(cls, config: dict[str, Any]) -> str:
        """The story model's code."""
        return hash_sources(("classify", "ngrams"))

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> DialoguePolicy:
        """Loads rules, memory and model."""
        policy = super().load(config, model_storage, resource, execution_context, **kwargs)
        assert isinstance(policy, DialoguePolicy)
        with model_storage.read_from(resource) as folder:
            policy._memory.lookup = json.loads((folder / "memory.json").read_text(encoding="utf-8"))
            if (folder / "stories.npz").exists():
                policy._stories = LinearClassifier.load(folder / "stories.npz")
        return policy

    def predict_action_probabilities(
        self,
        tracker: DialogueStateTracker,
        domain: Domain,
        rule_only_data: dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> PolicyPrediction:
        """The next action; certain where a rule or a remembered story says so."""
        prediction = self._decide(tracker, domain, rule_only_data)
        if self._has_open_need(tracker) and _chosen(prediction, domain) == ACTION_LISTEN_NAME:
            served = self._default_predictions(domain)
            served[domain.index_for_action(NEXT_NEED)] = _CERTAIN
            return PolicyPrediction(served, type(self).__name__, self.priority, events=prediction.events)
        return prediction

    def _find_action_from_rules(
        self, tracker: DialogueStateTracker, domain: Domain, use_text_for_last_user_input: bool
    ) -> tuple[str | None, str | None, bool]:
        """Rasa looks for rules by the buyer's text first, then by intent; no rule here has a text."""
        if use_text_for_last_user_input and not self._has_text_rules:
            return None, None, False
        return super()._find_action_from_rules(tracker, domain, use_text_for_last_user_input)  # type: ignore[no-any-return]

    @functools.cached_property
    def _has_text_rules(self) -> bool:
        """Whether any rule was written with a buyer's very words (Rasa's end-to-end rules)."""
        return any(
            '"text":' in key for rules in (RULES, RULES_FOR_LOOP_UNHAPPY_PATH) for key in self.lookup.get(rules, {})
        )

    def _get_possible_keys(self, lookup: dict[str, str], states: list[State]) -> set[str]:
        """Rasa looks at every rule; here only at those of the last action and the buyer's intent."""
        known = self._rules.get(id(lookup))
        if known is None or known.lookup is not lookup or known.size != len(lookup):
            known = self._rules[id(lookup)] = RuleIndex(lookup)
        return super()._get_possible_keys(known.narrow(states[-1]), states) if states else set(lookup)

    @staticmethod
    def format_tracker_states(states: list[State]) -> str:
        """What Rasa logs for debugging, and makes even where nobody debugs."""
        return RulePolicy.format_tracker_states(states) if log.isEnabledFor(logging.DEBUG) else ""

    def _has_open_need(self, tracker: DialogueStateTracker) -> bool:
        """Whether the last message named a second need; ``action_next_need`` makes that a message of its own."""
        message = tracker.latest_message
        needs = (message.parse_data or {}).get("needs") if message else None
        if not needs or len(needs) < 2 or tracker.latest_action_name == NEXT_NEED:
            return False
        return needs[1] not in self.config["covers"].get(needs[0], ())

    def _decide(
        self, tracker: DialogueStateTracker, domain: Domain, rule_only_data: dict[str, Any] | None
    ) -> PolicyPrediction:
        rejected = _rejected_action(tracker)
        ruled, _ = self._predict(tracker, domain)
        if rejected:
            ruled.probabilities[domain.index_for_action(rejected)] = 0.0
        if ruled.is_no_user_prediction or ruled.max_confidence >= _CERTAIN:
            return ruled
        states = self._memory._prediction_states(tracker, domain, rule_only_data=rule_only_data)
        remembered = self._memory._recall_states(states)
        if remembered and remembered != rejected:
            return self._predict_one(remembered, _CERTAIN, MEMOIZATION_POLICY_PRIORITY, domain, ruled)
        if self._stories:
            ranking = self._stories.rank(hash_marks([story_features(states)]))
            action, confidence = next((entry for entry in ranking if entry[0] != rejected), ranking[0])
            if confidence > ruled.max_confidence:
                return self._predict_one(action, confidence, DEFAULT_POLICY_PRIORITY, domain, ruled)
        return ruled

    def _predict_one(
        self, action: str, confidence: float, priority: int, domain: Domain, ruled: PolicyPrediction
    ) -> PolicyPrediction:
        probabilities = [0.0] * domain.num_actions
        probabilities[domain.index_for_action(action)] = confidence
        return PolicyPrediction(probabilities, type(self).__name__, priority, events=ruled.events)


def _chosen(prediction: PolicyPrediction, domain: Domain) -> str:
    return str(domain.action_names_or_texts[prediction.max_confidence_index])


def _rejected_action(tracker: DialogueStateTracker) -> str | None:
    """The action that the last event about actions rejected."""
    for event in reversed(tracker.events):
        if isinstance(event, ActionExecuted):
            return None
        if isinstance(event, ActionExecutionRejected):
            return str(event.action_name)
    return None
