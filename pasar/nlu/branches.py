"""One branch of Rasa's training graph a language.

Rasa's recipe knows one pipeline. Its plugin hook lets us add, for every language pack, two nodes: that language's
examples, and a node that runs the graph which the recipe itself builds from the pack's ``config.yml``. Rasa's cache
then retrains just the branch whose examples or settings changed. One node a language, because Rasa takes a
fingerprint of all examples after every node. A pack that names a sentence encoder has a third one, whose embeddings
the cache keeps: they take longer than all the rest, and other settings do not change them.
"""

from __future__ import annotations

import copy
import dataclasses
import hashlib
import inspect
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pluggy
from rasa.engine.graph import ExecutionContext, GraphComponent, GraphSchema, SchemaNode
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.graph_components.validators.default_recipe_validator import DefaultV1RecipeValidator
from rasa.plugin import plugin_manager
from rasa.shared.data import TrainingType
from rasa.shared.importers.importer import TrainingDataImporter
from rasa.shared.nlu.training_data.training_data import TrainingData
from rasa.shared.utils.io import read_model_configuration

from pasar.languages.pack import DATA, list_codes
from pasar.nlu import training
from pasar.nlu.dense import SentenceEncoder
from pasar.nlu.embeddings import Embeddings
from pasar.nlu.examples import examples_of

PIPELINES = "pasar.nlu.pipelines.LanguagePipelines"
POLICY = "pasar.nlu.policies.DialoguePolicy"
_SOURCE, _EMBEDDINGS = "nlu_training_data_provider", "embeddings"
_CHECKS = frozenset({"schema_validator", "finetuning_validator"})
_hookimpl = pluggy.HookimplMarker("rasa")


def find_entry(config: Mapping[str, Any]) -> dict[str, Any] | None:
    """The entry of a configuration's pipeline that stands for all languages; None where the pipeline is another."""
    return next((entry for entry in config.get("pipeline") or () if entry.get("name") == PIPELINES), None)


def named_languages(config: Mapping[str, Any]) -> frozenset[str]:
    """The languages a configuration names, which are trained; empty where it leaves it to the packs there are."""
    return frozenset((find_entry(config) or {}).get("languages") or ())


def branch_name(language: str) -> str:
    """The name of the node, and of the resource, that holds a language's trained pipeline."""
    return f"train_nlu_{language}"


class LanguageDataProvider(GraphComponent):
    """Provides the examples of one language."""

    def __init__(self, language: str) -> None:
        """For one language."""
        self._language = language

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> LanguageDataProvider:
        """Creates the component for ``config["language"]``."""
        return cls(config["language"])

    def provide(self, importer: TrainingDataImporter) -> TrainingData:
        """That language's examples out of all."""
        return examples_of(importer.get_nlu_data(), self._language)


class LanguageBranch(GraphComponent):
    """Trains one language's pipeline: whatever components its ``config.yml`` names, Rasa's or ours.

    All of them keep what they learn in one resource, in a storage of their own inside it.
    """

    def __init__(
        self, config: dict[str, Any], storage: ModelStorage, resource: Resource, context: ExecutionContext
    ) -> None:
        """``config``: ``language`` and ``schema``, the recipe's training graph."""
        self._language: str = config["language"]
        self._schema = _read_schema(config["schema"])
        self._storage = storage
        self._resource = resource
        self._context = context

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> LanguageBranch:
        """Creates the component."""
        return cls(config, model_storage, resource, execution_context)

    @classmethod
    def fingerprint_addon(cls, config: Mapping[str, Any]) -> str:
        """What the components add to their own fingerprints, and the components' code."""
        digest = hashlib.sha256()
        if "schema" not in config:
            return ""  # restored from the cache: Rasa asks once more, with the settings of what restores it
        for node in _read_schema(config["schema"]).nodes.values():
            digest.update(str(node.uses.fingerprint_addon({**node.uses.get_default_config(), **node.config})).encode())
            if node.uses.__module__.startswith("pasar."):
                digest.update(Path(inspect.getfile(node.uses)).read_bytes())
        return digest.hexdigest()

    @classmethod
    def trains_apart(cls, config: Mapping[str, Any]) -> bool:
        """Whether all components are ours; of Rasa's, those that use TensorFlow do not survive in a forked process."""
        schema = _read_schema(config["schema"])
        return all(schema.nodes[name].uses.__module__.startswith("pasar.") for name in _in_order(schema))

    def train(self, training_data: TrainingData, embeddings: Embeddings | None = None) -> Resource:
        """Train the language's components in the recipe's order."""
        validator = DefaultV1RecipeValidator(self._schema)
        validator._raise_if_more_than_one_tokenizer()
        validator._raise_if_featurizers_are_not_compatible()
        with self._storage.write_to(self._resource) as folder:
            nested = LocalModelStorage(folder)
            results: dict[str, Any] = {_SOURCE: training_data, _EMBEDDINGS: embeddings}
            for name in _in_order(self._schema):
                node = self._schema.nodes[name]
                component = _build(name, node, nested, self._context, results)
                inputs = {argument: results[need] for argument, need in node.needs.items() if argument != "resource"}
                results[name] = getattr(component, node.fn)(**inputs)
        return self._resource


def _read_schema(schema: Mapping[str, Any]) -> GraphSchema:
    """A graph from its dictionary, which Rasa would change on reading."""
    return GraphSchema.from_dict(copy.deepcopy(dict(schema)))


def _in_order(schema: GraphSchema) -> list[str]:
    """Node names, each after those it needs; the providers and checks of the shared graph left out."""
    names = [name for name in schema.nodes if name not in _CHECKS and name != _SOURCE]
    ordered: list[str] = []
    while names:
        ready = [name for name in names if not set(schema.nodes[name].needs.values()) & set(names)]
        ordered.extend(ready)
        names = [name for name in names if name not in ready]
    return ordered


def _build(
    name: str, node: SchemaNode, storage: ModelStorage, context: ExecutionContext, results: Mapping[str, Any]
) -> Any:
    """A component of a branch; one that processes after training loads what its training node learnt."""
    resource = results.get(node.needs.get("resource", "")) or node.resource or Resource(name)
    return getattr(node.uses, node.constructor_name)(
        config={**node.uses.get_default_config(), **node.config},
        model_storage=storage,
        resource=resource,
        execution_context=dataclasses.replace(context, node_name=name),
    )


def load_pipeline(
    language: str, schema: Mapping[str, Any], storage: ModelStorage, context: ExecutionContext
) -> list[Any]:
    """The trained components of one language in order; each has ``process(messages)``."""
    provided: dict[str, Any] = {}
    components: list[Any] = []
    with storage.read_from(Resource(branch_name(language))) as folder:
        nested = LocalModelStorage(folder)
        for name, node in _read_schema(schema).nodes.items():
            component = _build(name, node, nested, context, {})
            if node.fn == "provide":
                provided[name] = component.provide()
            elif model := provided.get(node.needs.get("model", "")):
                components.append(_WithModel(component, model))
            else:
                components.append(component)
    return components


@dataclasses.dataclass
class _WithModel:
    """A component that takes a loaded model with every message, as spaCy's do."""

    component: Any
    model: Any

    def process(self, messages: list[Any]) -> list[Any]:
        return self.component.process(messages, model=self.model)  # type: ignore[no-any-return]


def _language_graph(language: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """The recipe's training and prediction graph of a language's ``config.yml``, as dictionaries."""
    config = read_model_configuration(str(DATA / language / "config.yml"))
    config.setdefault("assistant_id", f"pasar-{language}")
    graph = DefaultV1Recipe().graph_config_for_recipe(config, {}, training_type=TrainingType.NLU)
    understood = {
        name: node
        for name, node in graph.predict_schema.nodes.items()
        if name not in ("nlu_message_converter", "run_RegexMessageHandler")
    }
    predict_schema = GraphSchema(understood).as_dict()
    for node in predict_schema["nodes"].values():
        if node["resource"]:
            # Rasa makes up a new fingerprint each time: with it, nothing that has these settings came from the cache
            node["resource"] = {"name": node["resource"]["name"]}
    return graph.train_schema.as_dict(), predict_schema


def _take_embeddings(schema: Mapping[str, Any]) -> dict[str, Any] | None:
    """Let the classifier that has a sentence encoder take the branch's embeddings; the encoder's settings, None without."""
    for node in schema["nodes"].values():
        if node["fn"] == "train" and node["config"].get("encoder"):
            node["needs"]["embeddings"] = _EMBEDDINGS
            return {key: node["config"].get(key) for key in SentenceEncoder.get_default_config()}
    return None


class Branches:
    """Rasa's plugin hook."""

    @_hookimpl
    def modify_default_recipe_graph_train_nodes(
        self, train_config: dict[str, Any], train_nodes: dict[str, SchemaNode], cli_parameters: dict[str, Any]
    ) -> None:
        """Add the branches where the pipeline asks for them. Rasa calls twice; the second time names are gone."""
        entry = find_entry(train_config)
        if entry is None:
            return
        if all(policy.get("name") == POLICY for policy in train_config.get("policies") or []):
            # Rasa would glue stories together at random, for policies that need it; ours leaves those out
            cli_parameters["augmentation_factor"] = 0
        # a pack's settings belong to what LanguagePipelines is trained from
        entry["schemas"] = {}
        for language in entry.get("languages") or list_codes():
            train_schema, entry["schemas"][language] = _language_graph(language)
            train_nodes[f"language_data_{language}"] = SchemaNode(
                needs={"importer": "finetuning_validator"},
                uses=LanguageDataProvider,
                constructor_name="create",
                fn="provide",
                config={"language": language},
                is_input=True,
            )
            needs = {"training_data": f"language_data_{language}"}
            if config := _take_embeddings(train_schema):
                train_nodes[f"embed_{language}"] = SchemaNode(
                    needs=dict(needs), uses=SentenceEncoder, constructor_name="create", fn="embed", config=config
                )
                needs["embeddings"] = f"embed_{language}"
            train_nodes[branch_name(language)] = SchemaNode(
                needs=needs,
                uses=LanguageBranch,
                constructor_name="create",
                fn="train",
                config={"language": language, "schema": train_schema},
                is_target=True,
            )


def register() -> None:
    """Make the hook known to Rasa, once a process, and let branches train side by side."""
    training.use()
    manager = plugin_manager()
    if not manager.has_plugin("pasar-branches"):
        manager.register(Branches(), "pasar-branches")
