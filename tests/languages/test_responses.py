"""All packs' texts as one set: each for its language, the default's for every other."""

from __future__ import annotations

import pathlib
from typing import Any

import pytest
import yaml
from rasa.core.nlg.response import TemplatedNaturalLanguageGenerator

from pasar.languages.pack import PackError
from pasar.languages.responses import check_packs, merge_packs, read_responses, reword
from tests.languages.samples import DATA, LIVE, load

CODES = ("en", "xx", "yy")


@pytest.fixture
def data(tmp_path: pathlib.Path) -> pathlib.Path:
    """Three small sound packs."""
    for code in CODES:
        folder = tmp_path / code
        folder.mkdir()
        about = {**load(DATA / "en" / "pack.yml"), "language": code, "name": code, "status": "live"}
        write(folder / "pack.yml", {**about, "particles": {"female": {"particle": "ka"}}})
        write(folder / "slang.yml", {"slang": {}})
        write(folder / "words.yml", {"words": {"and": f"and {code}"}})
        texts = {"utter_a": [{"text": f"a {code} {{order_id}}"}], "utter_b": [{"text": f"b {code}"}]}
        write(folder / "responses.yml", {"version": "3.1", "language": code, "responses": texts})
    return tmp_path


def write(path: pathlib.Path, content: dict[str, Any]) -> None:
    """A YAML file."""
    path.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")


def edit(data: pathlib.Path, path: str, change: Any) -> None:
    """Change a YAML file by a function."""
    content = yaml.safe_load((data / path).read_text(encoding="utf-8"))
    change(content)
    write(data / path, content)


def test_check_packs_lets_complete_packs_pass(data: pathlib.Path) -> None:
    """Nothing missing, nothing said."""
    assert check_packs(CODES, "en", data) is None


@pytest.mark.parametrize(
    ("path", "change", "told"),
    [
        (
            "xx/responses.yml",
            lambda c: c["responses"].pop("utter_b"),
            ["data/xx/responses.yml", "utter_b", "is missing"],
        ),
        ("yy/words.yml", lambda c: c["words"].pop("and"), ["data/yy/words.yml", "and", "is missing"]),
        (
            "xx/responses.yml",
            lambda c: c["responses"].update(utter_c=[{"text": "c"}]),
            ["data/xx/responses.yml", "utter_c"],
        ),
        (
            "xx/responses.yml",
            lambda c: c["responses"].update(utter_b=[{"text": "b {total}"}]),
            ["data/xx/responses.yml", "utter_b", "{total}"],
        ),
    ],
)
def test_check_packs_names_pack_and_key(data: pathlib.Path, path: str, change: Any, told: list[str]) -> None:
    """What a live pack misses, or has too much, is named with its file."""
    edit(data, path, change)
    with pytest.raises(PackError) as raised:
        check_packs(CODES, "en", data)
    assert [] == [part for part in told if part not in str(raised.value)]


def test_check_packs_counts_the_rest(data: pathlib.Path) -> None:
    """The first fault is told, and how many more there are."""
    edit(data, "xx/responses.yml", lambda c: c["responses"].clear())
    with pytest.raises(PackError, match=r"utter_a: is missing.*\(and 1 more\)"):
        check_packs(CODES, "en", data)


def test_check_packs_lets_a_draft_miss_texts(data: pathlib.Path) -> None:
    """A pack in the making need not be complete."""
    edit(data, "xx/pack.yml", lambda c: c.update(status="draft"))
    edit(data, "xx/responses.yml", lambda c: c["responses"].pop("utter_b"))
    assert check_packs(CODES, "en", data) is None


def test_check_packs_lets_particles_stand(data: pathlib.Path) -> None:
    """A pack's own particles are placeholders that English has not got."""
    edit(data, "xx/responses.yml", lambda c: c["responses"].update(utter_b=[{"text": "b {particle}"}]))
    assert check_packs(CODES, "en", data) is None


def test_check_packs_needs_the_default(data: pathlib.Path) -> None:
    """A default language without a pack is told by its name."""
    with pytest.raises(PackError, match=r"config\.yml: language: zz"):
        check_packs(CODES, "zz", data)


def test_check_packs_passes_for_the_project() -> None:
    """The project's own packs are complete."""
    assert check_packs(LIVE, "en", DATA) is None


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("language: en\nresponses: {}\n", "language: is 'en'"),
        ("language: xx\nresponses:\n  utter_a: hello\n", "responses: utter_a: must be a list"),
        ("language: xx\nresponses: [\n", "responses.yml"),
    ],
)
def test_read_responses_broken_names_file_and_key(data: pathlib.Path, content: str, told: str) -> None:
    """A slip in the texts is told with its place."""
    (data / "xx" / "responses.yml").write_text(content, encoding="utf-8")
    with pytest.raises(PackError) as raised:
        read_responses(data / "xx")
    assert told in str(raised.value)
    assert "responses.yml" in str(raised.value)


def test_read_responses_names_a_missing_file(data: pathlib.Path) -> None:
    """No texts at all is told as well."""
    (data / "xx" / "responses.yml").unlink()
    with pytest.raises(PackError, match=r"responses\.yml: is missing"):
        read_responses(data / "xx")


# ---- what Rasa says of the merged texts


def say(merged: dict[str, Any], language: str | None, channel: str = "rest", key: str = "utter_a") -> str | None:
    """The text that Rasa's own generator chooses."""
    found = TemplatedNaturalLanguageGenerator(merged).generate_from_slots(key, {"language": language}, channel)
    return found and found["text"]


PACKS = {
    "en": {"utter_a": [{"text": "english"}], "utter_b": [{"text": "only english"}]},
    "th": {"utter_a": [{"text": "thai"}, {"text": "thai for whatsapp", "channel": "whatsapp"}]},
    "id": {"utter_a": [{"text": "indonesian"}]},
}


@pytest.mark.parametrize(("language", "text"), [("en", "english"), ("th", "thai"), ("id", "indonesian")])
def test_merge_packs_says_the_text_of_the_language(language: str, text: str) -> None:
    """Each buyer hears her own language."""
    merged = merge_packs(PACKS, PACKS["en"])
    assert {text} == {say(merged, language) for _ in range(20)}


@pytest.mark.parametrize("language", ["de", None])
def test_merge_packs_falls_back_to_the_default(language: str | None) -> None:
    """A language without a pack, or none yet, hears the default's text."""
    merged = merge_packs(PACKS, PACKS["en"])
    assert {"english"} == {say(merged, language) for _ in range(20)}


def test_merge_packs_falls_back_where_a_draft_misses_a_text() -> None:
    """A text that a pack has not got yet is said in the default language."""
    assert {"only english"} == {say(merge_packs(PACKS, PACKS["en"]), "th", key="utter_b") for _ in range(20)}


def test_merge_packs_language_outranks_channel() -> None:
    """A text for a channel is said there in its own language only, never to a buyer of another."""
    merged = merge_packs(PACKS, PACKS["en"])
    assert {"thai for whatsapp"} == {say(merged, "th", "whatsapp") for _ in range(20)}
    assert {"thai"} == {say(merged, "th") for _ in range(20)}
    assert {"indonesian"} == {say(merged, "id", "whatsapp") for _ in range(20)}
    assert {"english"} == {say(merged, "en", "whatsapp") for _ in range(20)}


def test_merge_packs_keeps_a_text_s_own_condition() -> None:
    """A condition of a text holds beside the one of its language."""
    packs = {
        "en": {
            "utter_a": [
                {"text": "plain"},
                {"text": "red", "condition": [{"type": "slot", "name": "color", "value": "red"}]},
            ]
        }
    }
    merged = merge_packs(packs, packs["en"])
    generator = TemplatedNaturalLanguageGenerator(merged)
    said = {
        generator.generate_from_slots("utter_a", {"language": "de", "color": "red"}, "rest")["text"] for _ in range(20)
    }
    assert {"plain"} == said


def test_merge_packs_leaves_the_packs_alone() -> None:
    """Merging changes nothing in what was read."""
    packs = {"en": {"utter_a": [{"text": "english"}]}}
    merge_packs(packs, packs["en"])
    assert {"en": {"utter_a": [{"text": "english"}]}} == packs


def test_merge_packs_of_the_project_answers_in_every_language() -> None:
    """Every text of the project is said in each live language, another one each."""
    packs = {code: read_responses(DATA / code) for code in LIVE}
    merged = merge_packs(packs, packs["en"])
    for key in packs["en"]:
        for code in LIVE:
            assert say(merged, code, key=key) in {entry.get("text") for entry in packs[code][key]}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Maaf kak, pesanan kakak", "Maaf Bapak/Ibu, pesanan Anda"),
        ("Kak, aku cek. Aku ya", "Bapak/Ibu, saya cek. Saya ya"),
        ("kakinya {kak} {aku_id} bakukan", "kakinya {kak} {aku_id} bakukan"),
        ("", ""),
    ],
)
def test_reword_replaces_whole_words_only(text: str, expected: str) -> None:
    """Parts of words and placeholders stay; a capital stays a capital."""
    assert expected == reword(text, {"kakak": "Anda", "kak": "Bapak/Ibu", "aku": "saya"})


def test_reword_chinese_characters() -> None:
    """Where there are no blanks, every occurrence counts."""
    assert "你好，请问你的订单" == reword("您好，请问您的订单", {"您": "你"})
