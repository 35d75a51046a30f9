"""Reading a pack's examples: what Rasa reads, sooner."""

from __future__ import annotations

import copy
import pathlib

import pytest
from rasa.shared.exceptions import YamlException
from rasa.shared.nlu.training_data.loading import load_data

from pasar.nlu.examples import Example, holds_examples, holds_stories, read_examples

PLAIN = """version: "3.1"
language: id
nlu:
- intent: shipping_cost
  examples: |
    - berapa ongkir ke [Makassar](city)
    - ongkir [Jkt]{"entity": "city", "value": "Jakarta"} brp?
    - - tanda hubung di depan
    - kirim: "besok" # bukan komentar
- intent: greet
  examples: |
    - halo 🙂
    - halo 🙂
"""
UNUSUAL = {
    "a list of examples": 'version: "3.1"\nnlu:\n- intent: greet\n  examples:\n  - text: halo\n    metadata: {mood: glad}\n',
    "a lookup": 'version: "3.1"\nnlu:\n- lookup: city\n  examples: |\n    - Medan\n',
    "a synonym": 'version: "3.1"\nnlu:\n- synonym: Jakarta\n  examples: |\n    - jkt\n',
    "a retrieval intent": 'version: "3.1"\nnlu:\n- intent: faq/hours\n  examples: |\n    - buka jam berapa\n',
    "metadata of an intent": 'version: "3.1"\nnlu:\n- intent: greet\n  metadata: {mood: glad}\n  examples: |\n    - halo\n',
    "no version": "nlu:\n- intent: greet\n  examples: |\n    - halo\n",
    "a folded block": 'version: "3.1"\nnlu:\n- intent: greet\n  examples: >\n    - halo\n\n    - hai\n',
}


def write(folder: pathlib.Path, text: str) -> str:
    path = folder / "sample.yml"
    path.write_text(text, encoding="utf-8")
    return str(path)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("text", [PLAIN, *UNUSUAL.values()], ids=["plain", *UNUSUAL])
def test_read_examples_gives_what_rasa_gives(tmp_path: pathlib.Path, text: str) -> None:
    path = write(tmp_path, text)
    ours, stock = read_examples(path, "id"), load_data(path, "id")
    assert [described(message) for message in ours.training_examples] == [
        described(message) for message in stock.training_examples
    ]
    assert ours.entity_synonyms == stock.entity_synonyms
    assert ours.lookup_tables == stock.lookup_tables
    assert all(message.get("metadata")["example"]["language"] == "id" for message in ours.training_examples)


def described(message: object) -> dict[str, object]:
    """A message without the mark of its language."""
    data = dict(message.data)  # type: ignore[attr-defined]
    data.pop("metadata", None)
    return data


@pytest.mark.parametrize(
    "text", ['version: "3.1"\nnlu:\n- intent: a\n  examples: |\n   - b\n  - c\n', "nlu: [", "nlu: {"]
)
def test_read_examples_of_broken_yaml_says_what_rasa_says(tmp_path: pathlib.Path, text: str) -> None:
    with pytest.raises(YamlException) as caught:
        read_examples(write(tmp_path, text), "id")
    assert "sample.yml" in str(caught.value)


def test_read_examples_of_texts_only_is_empty(tmp_path: pathlib.Path) -> None:
    path = write(tmp_path, 'version: "3.1"\nresponses:\n  utter_a:\n  - text: "A"\n')
    assert read_examples(path, "id").training_examples == []


@pytest.mark.parametrize(
    ("text", "examples", "stories"),
    [
        (PLAIN, True, False),
        ('version: "3.1"\nrules:\n- rule: a\n  steps: []\n', False, True),
        ('version: "3.1"\nstories: []\nnlu: []\n', True, True),
        ("values:\n  black: [hitam]\n", False, False),
        ("status: live\nname: nlu\n", False, False),
    ],
)
def test_files_are_sorted_as_rasa_sorts_them(tmp_path: pathlib.Path, text: str, examples: bool, stories: bool) -> None:
    path = write(tmp_path, text)
    assert (holds_examples(path), holds_stories(path)) == (examples, stories)


def test_a_copied_example_shares_nothing_that_is_changed() -> None:
    example = Example({"text": "a", "intent": "b", "entities": [{"entity": "city", "value": "c"}]})
    twin = copy.deepcopy(example)
    assert twin == example
    assert twin.fingerprint() == example.fingerprint()
    twin.set("intent", "other")
    twin.set("entities", [])
    twin.add_diagnostic_data("part", {"a": 1})
    again = copy.deepcopy(twin)
    again.add_diagnostic_data("other", {"a": 1})
    assert twin.get("diagnostic_data") == {"part": {"a": 1}}
    assert example.data == {"text": "a", "intent": "b", "entities": [{"entity": "city", "value": "c"}]}
    assert twin.fingerprint() != example.fingerprint()


def test_fingerprints_tell_examples_apart() -> None:
    variants = [
        {"text": "a", "intent": "b"},
        {"text": "a", "intent": "c"},
        {"text": "a", "intent": "b", "entities": [{"entity": "city"}]},
        {"text": "a", "intent": "b", "metadata": {"example": {"language": "id"}}},
        {"text": "a", "intent": "b", "metadata": {"example": {"language": "th"}}},
        {"text": "a", "intent": "b", "text_tokens": [1]},
    ]
    assert len({Example(data).fingerprint() for data in variants}) == len(variants)
