"""Reading the sentences, and knowing one again."""

from __future__ import annotations

from pathlib import Path

from evaluation.sentences import (
    Sentence,
    Span,
    count_seen,
    hash_files,
    list_trained,
    read_evaluation,
    read_harder,
    read_marked,
    read_pairs,
    read_two_needs,
)
from pasar.nlu.branches import PIPELINES

FILE = """
version: "3.1"
language: en
nlu:
- intent: order_status
  examples: |
    - where is [SH1001](order_id)
    - still waiting
"""


def test_annotations_become_spans_of_the_plain_text(tmp_path: Path) -> None:
    """As the buyer wrote it, without brackets."""
    (tmp_path / "en" / "nlu").mkdir(parents=True)
    (tmp_path / "en" / "nlu" / "order_status.yml").write_text(FILE)

    assert read_evaluation("en", tmp_path) == [
        Sentence("en", "where is SH1001", "order_status", (Span("order_id", 9, 15),)),
        Sentence("en", "still waiting", "order_status"),
    ]
    assert read_pairs("en", tmp_path) == []


def test_a_sentence_is_known_again_whatever_its_case_and_signs() -> None:
    """Thai vowels are letters enough; an emoji is itself."""
    learnt = [Sentence("en", text, "x") for text in ("Still waiting!!", "ส่งยัง", "👍")]
    asked = [Sentence("en", text, "x") for text in ("still waiting", "ส่งยัง?", "👍", "👎", "waiting")]

    assert count_seen(asked, learnt) == 3


def test_hash_changes_with_content_and_facts(tmp_path: Path) -> None:
    """A kept result belongs to one content."""
    path = tmp_path / "one.yml"
    path.write_text("a")
    first = hash_files([path], "20 epochs")
    path.write_text("b")

    assert len({first, hash_files([path], "20 epochs"), hash_files([path], "40 epochs")}) == 3


def test_harder_sets_have_forms_of_their_own(tmp_path: Path) -> None:
    """Slang is read as any file of Rasa's; two needs and marked entities are not taken for one."""
    folder = tmp_path / "id"
    folder.mkdir()
    plain = 'version: "3.1"\nnlu:\n- intent: greet\n  examples: |\n    - %s\n'
    (folder / "slang.yml").write_text(plain % "oi oi")
    (folder / "pairs.yml").write_text(plain % "apa")
    (folder / "two_needs.yml").write_text("language: id\nmessages:\n- needs: [a, b]\n  text: satu dan dua\n")
    (folder / "entities.yml").write_text("language: id\nexamples: |\n  - ke [Medan](city) ya\n")

    assert {"slang": ["oi oi"]} == {name: [one.text for one in of] for name, of in read_harder("id", tmp_path).items()}
    assert [("satu dan dua", frozenset({"a", "b"}))] == read_two_needs("id", tmp_path)
    assert [("ke Medan ya", (Span("city", 3, 8),))] == [(one.text, one.entities) for one in read_marked("id", tmp_path)]
    assert ({}, [], []) == (read_harder("th", tmp_path), read_two_needs("th", tmp_path), read_marked("th", tmp_path))


def test_drafts_are_not_judged_until_they_are_trained(tmp_path: Path) -> None:
    """What config.yml names, or all where it names nothing."""
    for code in ("id", "th", "vi"):
        (tmp_path / code / "nlu").mkdir(parents=True)
    config = tmp_path / "config.yml"
    config.write_text(f"pipeline:\n- name: {PIPELINES}\n  languages: [th, id]\n")
    assert ("id", "th") == list_trained(config, tmp_path)
    config.write_text(f"pipeline:\n- name: {PIPELINES}\n")
    assert ("id", "th", "vi") == list_trained(config, tmp_path)
