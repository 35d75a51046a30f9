"""The folder of a new language."""

from __future__ import annotations

import pathlib
import re
import shutil

import pytest
import yaml

from launch.checks import PROJECT, LaunchError
from launch.languages import MODEL, lay_out
from pasar.languages.pack import load_pack
from pasar.languages.responses import read_responses


@pytest.fixture
def data(tmp_path: pathlib.Path) -> pathlib.Path:
    """The folder of packs, with the one that shows what is to be written."""
    shutil.copytree(PROJECT / "data" / MODEL, tmp_path / MODEL)
    return tmp_path


@pytest.mark.parametrize(
    ("code", "name", "country", "locale", "cutter"),
    [
        ("fr", "Français", "FR", "fr_FR", "spaced"),
        ("ja", "日本語", "JP", "ja_JP", "characters"),
        ("th", "ภาษาไทย", "TH", "th_TH", "thai"),
        ("qaa", "Qali", "US", "en", "spaced"),
    ],
)
def test_a_laid_out_pack_can_be_loaded(
    data: pathlib.Path, code: str, name: str, country: str, locale: str, cutter: str
) -> None:
    """Nothing is written yet, and nothing is broken; country and cutter are the likeliest."""
    written = lay_out(code, name, data)
    assert {path.relative_to(data / code) for path in written} >= {
        path.relative_to(data / MODEL) for path in (data / MODEL).rglob("*.yml")
    }
    pack = load_pack(code, data)
    assert (pack.name, pack.live, pack.country, pack.locale) == (name, False, country, locale)
    assert read_responses(data / code) == {}
    config = yaml.safe_load((data / code / "config.yml").read_text(encoding="utf-8"))
    assert {step["tokenizer"] for step in config["pipeline"] if "tokenizer" in step} == {cutter}


def test_every_text_stands_there_to_be_written_anew(data: pathlib.Path) -> None:
    """Without the signs before its lines, a file is what the model pack's is."""
    lay_out("fr", "Français", data)
    for name, key in (("responses.yml", "responses"), ("words.yml", "words"), ("lookups/color.yml", "values")):
        text = (data / "fr" / name).read_text(encoding="utf-8")
        head, _, below = text.partition(f"{key}:\n")
        assert head
        bare = yaml.safe_load(f"{key}:\n" + re.sub(r"(?m)^  # ", "  ", below))[key]
        model = yaml.safe_load((data / MODEL / name).read_text(encoding="utf-8"))[key]
        assert list(map(str, bare)) == list(map(str, model))


@pytest.mark.parametrize(("code", "name"), [("", ""), ("french", "Français"), ("fr", " "), ("../fr", "x"), ("FR", "x")])
def test_a_wrong_code_or_name_is_said(data: pathlib.Path, code: str, name: str) -> None:
    """One sentence with an example, and nothing written."""
    with pytest.raises(LaunchError, match="CODE=fr NAME=Français"):
        lay_out(code, name, data)
    assert [path.name for path in data.iterdir()] == [MODEL]


def test_a_language_that_is_there_stays_as_it_is(data: pathlib.Path) -> None:
    """Nobody loses a pack by a slip."""
    with pytest.raises(LaunchError, match="data/en is there already"):
        lay_out(MODEL, "English", data)
