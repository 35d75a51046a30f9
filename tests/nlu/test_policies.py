"""The dialogue policy against Rasa's own three, with the project's real rules and stories."""

from __future__ import annotations

import dataclasses
import logging
import pathlib
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
import structlog
import yaml
from rasa.core.policies.ensemble import DefaultPolicyPredictionEnsemble
from rasa.core.policies.memoization import MemoizationPolicy
from rasa.core.policies.policy import PolicyPrediction
from rasa.core.policies.rule_policy import RulePolicy
from rasa.engine.graph import ExecutionContext, GraphSchema
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.graph_components.providers.rule_only_provider import RuleOnlyDataProvider
from rasa.graph_components.providers.training_tracker_provider import TrainingTrackerProvider
from rasa.shared.core.constants import ACTION_LISTEN_NAME, RULE_SNIPPET_ACTION_NAME
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, ActionExecutionRejected, ActiveLoop, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.utils.io import read_model_configuration

from pasar.nlu.importer import LanguagePackImporter
from pasar.nlu.policies import NEXT_NEED, DialoguePolicy, story_features

PROJECT = pathlib.Path(__file__).resolve().parents[2]
STOCK_KEYS = (
    "core_fallback_threshold",
    "core_fallback_action_name",
    "enable_fallback_prediction",
)


@dataclasses.dataclass
class Policies:
    """Ours and the stock ones, trained on the same."""

    domain: Domain
    trackers: list[Any]
    ours: DialoguePolicy
    ours_unloaded: DialoguePolicy
    rules: RulePolicy
    memory: MemoizationPolicy
    rule_only: dict[str, Any]
    context: ExecutionContext

    def ask_ours(self, tracker: DialogueStateTracker) -> PolicyPrediction:
        """What our policy says, as Rasa's ensemble passes it on."""
        said = self.ours.predict_action_probabilities(tracker, self.domain, rule_only_data=self.rule_only)
        return self._combine(tracker, said)

    def ask_stock(self, tracker: DialogueStateTracker) -> PolicyPrediction:
        """What Rasa's own policies say together."""
        return self._combine(
            tracker,
            self.rules.predict_action_probabilities(tracker, self.domain, rule_only_data=self.rule_only),
            self.memory.predict_action_probabilities(tracker, self.domain, rule_only_data=self.rule_only),
        )

    def name(self, prediction: PolicyPrediction) -> str:
        """The action of a prediction."""
        return str(self.domain.action_names_or_texts[prediction.max_confidence_index])

    def _combine(self, tracker: DialogueStateTracker, *predictions: PolicyPrediction) -> PolicyPrediction:
        ensemble = DefaultPolicyPredictionEnsemble()
        return ensemble.combine_predictions(list(predictions), tracker, self.domain)


@pytest.fixture(scope="module")
def policies(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Policies]:
    """All policies trained on the project's domain, rules and stories."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(PROJECT)
        # Rasa tells every state of every step
        structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
        importer = LanguagePackImporter("config.yml", "domain.yml", ["data/core"])
        domain = importer.get_domain()
        storage = LocalModelStorage.create(tmp_path_factory.mktemp("policies"))
        context = ExecutionContext(GraphSchema({}), uuid.uuid4().hex)
        provider = TrainingTrackerProvider.create(
            TrainingTrackerProvider.get_default_config(), storage, Resource("trackers"), context
        )
        trackers = provider.provide(importer.get_stories(), domain)
        own = read_model_configuration("config.yml")["policies"][0]
        config = {**DialoguePolicy.get_default_config(), **{k: v for k, v in own.items() if k != "name"}}
        ours_unloaded = DialoguePolicy.create(config, storage, Resource("ours"), context)
        ours_unloaded.train(trackers, domain)
        ours = DialoguePolicy.load(config, storage, Resource("ours"), context)
        stock = {**RulePolicy.get_default_config(), **{key: own[key] for key in STOCK_KEYS}}
        rules = RulePolicy.create(stock, storage, Resource("rules"), context)
        rules.train(trackers, domain)
        remember = {**MemoizationPolicy.get_default_config(), "max_history": own["stories_max_history"]}
        memory = MemoizationPolicy.create(remember, storage, Resource("memory"), context)
        memory.train(trackers, domain)
        rule_only = RuleOnlyDataProvider.create({}, storage, Resource("rules"), context).provide()
        yield Policies(domain, trackers, ours, ours_unloaded, rules, memory, rule_only, context)
        structlog.reset_defaults()


def walk(policies: Policies, stories_only: bool = False) -> Iterator[tuple[str, DialogueStateTracker, str]]:
    """Every point of every rule and story at which an action is next: where it is, the conversation, the action."""
    for told in policies.trackers:
        if getattr(told, "is_augmented", False) or (stories_only and told.is_rule_tracker):
            continue
        tracker = DialogueStateTracker("walk", policies.domain.slots)
        for event in told.events:
            if isinstance(event, ActionExecuted) and event.action_name != RULE_SNIPPET_ACTION_NAME:
                yield told.sender_id, tracker, str(event.action_name)
            tracker.update(event, policies.domain)


def begin(policies: Policies, *events: Any) -> DialogueStateTracker:
    """A conversation with these events."""
    tracker = DialogueStateTracker("begun", policies.domain.slots)
    for event in events:
        tracker.update(event, policies.domain)
    return tracker


def say(intent: str, needs: list[str] | None = None) -> UserUttered:
    """A buyer's message as it is understood."""
    parsed = {"intent": {"name": intent, "confidence": 0.9}, "entities": [], "text": intent}
    if needs is not None:
        parsed["needs"] = needs
    return UserUttered(intent, {"name": intent, "confidence": 0.9}, [], parsed)


def test_policy_agrees_with_stock_wherever_that_is_certain(policies: Policies) -> None:
    """At every step of every rule and story, where Rasa's own policies are certain, ours says the same action."""
    certain, differing = 0, []
    for name, tracker, action in walk(policies):
        stock = policies.ask_stock(tracker)
        if stock.max_confidence < 1.0:
            continue
        certain += 1
        ours = policies.ask_ours(tracker)
        if (policies.name(stock), 1.0) != (policies.name(ours), ours.max_confidence):
            differing.append((name, action, policies.name(stock), policies.name(ours)))
    assert [] == differing
    assert 200 < certain


def test_policy_agrees_with_stock_after_each_rejection(policies: Policies) -> None:
    """After the stock action was rejected, ours is the same wherever stock is still certain, and never the rejected one."""
    compared, differing = 0, []
    for name, tracker, action in walk(policies):
        before = tracker.copy()
        before.update(ActionExecutionRejected(action), policies.domain)
        stock, ours = policies.ask_stock(before), policies.ask_ours(before)
        if policies.name(ours) == action and action != ACTION_LISTEN_NAME and policies.name(stock) != action:
            differing.append((name, action, policies.name(stock), policies.name(ours)))
        if stock.max_confidence >= 1.0:
            compared += 1
            if policies.name(stock) != policies.name(ours):
                differing.append((name, action, policies.name(stock), policies.name(ours)))
    assert [] == differing
    assert 0 < compared


def test_policy_follows_every_story(policies: Policies) -> None:
    """Every story is told to its end as it is written, form or no form."""
    told, wrong = 0, []
    for name, tracker, action in walk(policies, stories_only=True):
        told += 1
        if policies.name(ours := policies.ask_ours(tracker)) != action:
            wrong.append((name, action, policies.name(ours)))
    assert [] == wrong
    assert 20 < told


def test_policy_loaded_is_as_trained(policies: Policies) -> None:
    """What was stored and loaded decides as what was trained."""
    places = list(walk(policies))[::7]
    for _, tracker, _ in places:
        trained = policies.ours_unloaded.predict_action_probabilities(tracker, policies.domain, policies.rule_only)
        loaded = policies.ours.predict_action_probabilities(tracker, policies.domain, policies.rule_only)
        assert trained.max_confidence_index == loaded.max_confidence_index
        assert trained.probabilities == pytest.approx(loaded.probabilities, abs=0.02)


def test_policy_rejected_action_is_not_chosen_again(policies: Policies) -> None:
    """A form that refuses a message is not asked again at once."""
    tracker = begin(
        policies,
        ActionExecuted(ACTION_LISTEN_NAME),
        say("order_status"),
        ActionExecuted("action_take_order"),
        ActionExecuted("track_order_form"),
        ActiveLoop("track_order_form"),
        SlotSet("requested_slot", "order_id"),
        ActionExecuted(ACTION_LISTEN_NAME),
        say("thank"),
    )
    assert "track_order_form" == policies.name(policies.ask_ours(tracker))
    tracker.update(ActionExecutionRejected("track_order_form"), policies.domain)
    assert policies.name(policies.ask_stock(tracker)) == policies.name(policies.ask_ours(tracker))
    assert "track_order_form" != policies.name(policies.ask_ours(tracker))


def answered(policies: Policies, needs: list[str] | None) -> DialogueStateTracker:
    """A question about the rules of returns that has just been answered."""
    return begin(
        policies,
        ActionExecuted(ACTION_LISTEN_NAME),
        say("return_policy", needs),
        ActionExecuted("action_tell_return_policy"),
    )


def test_policy_serves_the_second_need_before_listening(policies: Policies) -> None:
    """After the first need's answer the second one's turn comes, not the buyer's."""
    tracker = answered(policies, ["return_policy", "customs_duty"])
    prediction = policies.ask_ours(tracker)
    assert (NEXT_NEED, 1.0) == (policies.name(prediction), prediction.max_confidence)


def test_policy_answers_the_first_need_first(policies: Policies) -> None:
    """The second need waits until the first is answered."""
    tracker = begin(
        policies, ActionExecuted(ACTION_LISTEN_NAME), say("return_policy", ["return_policy", "customs_duty"])
    )
    assert "action_tell_return_policy" == policies.name(policies.ask_ours(tracker))


@pytest.mark.parametrize("needs", [None, [], ["return_policy"]])
def test_policy_listens_where_no_need_is_open(policies: Policies, needs: list[str] | None) -> None:
    """One need only: then it is the buyer's turn, as Rasa's own policies say."""
    tracker = answered(policies, needs)
    assert ACTION_LISTEN_NAME == policies.name(policies.ask_ours(tracker))
    assert ACTION_LISTEN_NAME == policies.name(policies.ask_stock(tracker))


def test_policy_does_not_serve_the_second_need_twice(policies: Policies) -> None:
    """Once it was made a message of its own, it is not made one again."""
    tracker = answered(policies, ["return_policy", "customs_duty"])
    tracker.update(ActionExecuted(NEXT_NEED), policies.domain)
    assert NEXT_NEED != policies.name(policies.ask_ours(tracker))


def covered() -> list[tuple[str, str]]:
    """All pairs of needs that one answer serves, as config.yml has them."""
    policy = yaml.safe_load((PROJECT / "config.yml").read_text(encoding="utf-8"))["policies"][0]
    return [(first, second) for first, others in policy["covers"].items() for second in others]


@pytest.mark.parametrize(("first", "second"), covered())
def test_policy_leaves_a_covered_need(policies: Policies, first: str, second: str) -> None:
    """A need that the first answer served too is not answered again."""
    tracker = answered(policies, [first, second])
    assert ACTION_LISTEN_NAME == policies.name(policies.ask_ours(tracker))


def test_policy_without_any_knowledge_asks_back(policies: Policies) -> None:
    """What is not understood is answered by asking back."""
    tracker = begin(policies, ActionExecuted(ACTION_LISTEN_NAME), say("nlu_fallback"))
    assert "action_ask_back" == policies.name(policies.ask_ours(tracker))


def test_policy_answers_every_intent_at_once(policies: Policies) -> None:
    """Whatever a buyer says first, she is answered: no intent leads to silence."""
    silent = [
        intent
        for intent in policies.domain.intents
        if not intent.startswith("utter")
        and ACTION_LISTEN_NAME
        == policies.name(policies.ask_ours(begin(policies, ActionExecuted(ACTION_LISTEN_NAME), say(intent))))
    ]
    assert [] == [intent for intent in silent if intent not in ("back", "restart", "session_start")]


def test_story_features_name_what_was_when() -> None:
    """Features tell the age of a fact, that it was once, and pairs of what is now."""
    states = [
        {"user": {"intent": "greet"}},
        {
            "user": {"intent": "deny", "entities": ("color",)},
            "slots": {"offer": (1.0, 0.0)},
            "active_loop": {"name": "f"},
        },
    ]
    features = story_features(states)
    assert {"1:intent=greet", "past:intent=greet", "0:intent=deny", "0:entity=color", "0:in=f"} <= set(features)
    assert "past:intent=deny" not in features
    assert "entity=color&intent=deny" in features
    assert [] == story_features([])
