"""Reading a pack: what is broken is named by file and field."""

from __future__ import annotations

import json
import pathlib
import shutil

import pytest

from pasar.languages.pack import PackError, list_codes, load_pack
from tests.languages.samples import DATA, LIVE, load

#: What a sound pack says of itself: the fields of the English one, with values that the tests know.
ABOUT = {
    **load(DATA / "en" / "pack.yml"),
    "language": "xx",
    "name": "Xish",
    "status": "live",
    "country": "US",
    "locale": "en_US",
    "joiners": ["and"],
}
PACK = "".join(f"{key}: {json.dumps(value)}\n" for key, value in ABOUT.items())


@pytest.fixture
def data(tmp_path: pathlib.Path) -> pathlib.Path:
    """A folder with one small sound pack."""
    folder = tmp_path / "data" / "xx"
    (folder / "lookups").mkdir(parents=True)
    (folder / "pack.yml").write_text(PACK, encoding="utf-8")
    (folder / "slang.yml").write_text('slang:\n  "u": "you"\n', encoding="utf-8")
    (folder / "words.yml").write_text('words:\n  and: "and"\n', encoding="utf-8")
    (folder / "lookups" / "color.yml").write_text('values:\n  red: ["Red", "crimson"]\n', encoding="utf-8")
    return tmp_path / "data"


def test_load_pack_reads_all_parts(data: pathlib.Path) -> None:
    """Everything of the folder is in the pack; the first form of a value is its label, all are found in small letters."""
    pack = load_pack("xx", data)
    assert ("xx", "Xish", True, "US", "en_US") == (pack.code, pack.name, pack.live, pack.country, pack.locale)
    assert {"u": "you"} == dict(pack.slang)
    assert {"red": "red", "crimson": "red"} == dict(pack.lookups["color"])
    assert {"red": "Red"} == dict(pack.labels["color"])
    assert {"and": "and"} == dict(pack.words)


def test_load_pack_draft_is_not_live(data: pathlib.Path) -> None:
    """Any other status than live is a draft."""
    change(data, "xx/pack.yml", 'status: "live"', 'status: "draft"')
    assert load_pack("xx", data).live is False


def test_list_codes_lists_folders_with_a_pack(data: pathlib.Path) -> None:
    """A folder without pack.yml is no language."""
    (data / "core").mkdir()
    assert ("xx",) == list_codes(data)


def change(data: pathlib.Path, path: str, old: str, new: str) -> None:
    """Change one place of a file."""
    file = data / path
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")


@pytest.mark.parametrize(
    ("path", "old", "new", "told"),
    [
        ("xx/pack.yml", 'language: "xx"', 'language: "yy"', ["xx/pack.yml", "language", "'yy'", "'xx'"]),
        ("xx/pack.yml", 'name: "Xish"\n', "", ["xx/pack.yml", "name", "str"]),
        ("xx/pack.yml", 'joiners: ["and"]', "joiners: and", ["xx/pack.yml", "joiners", "list"]),
        ("xx/pack.yml", 'country: "US"', "country: NO", ["xx/pack.yml", "country", "False"]),
        ("xx/pack.yml", 'status: "live"', "status: [live", ["xx/pack.yml"]),
        ("xx/slang.yml", '"you"', "yes", ["xx/slang.yml", "slang", "'u'", "quotes"]),
        ("xx/slang.yml", 'slang:\n  "u": "you"', "- u", ["xx/slang.yml", "keys and values"]),
        ("xx/lookups/color.yml", '["Red", "crimson"]', "Red", ["lookups/color.yml", "values", "red", "list of texts"]),
        ("xx/lookups/color.yml", '["Red", "crimson"]', "[]", ["lookups/color.yml", "values", "red"]),
        ("xx/lookups/color.yml", '"crimson"', "12", ["lookups/color.yml", "values", "red"]),
        ("xx/words.yml", "words:", "words: {", ["xx/words.yml"]),
    ],
)
def test_load_pack_broken_names_file_and_field(
    data: pathlib.Path, path: str, old: str, new: str, told: list[str]
) -> None:
    """Who writes a pack is told where the slip is."""
    change(data, path, old, new)
    with pytest.raises(PackError) as raised:
        load_pack("xx", data)
    assert [] == [part for part in told if part not in str(raised.value)]


@pytest.mark.parametrize("path", ["pack.yml", "slang.yml", "words.yml"])
def test_load_pack_names_a_missing_file(data: pathlib.Path, path: str) -> None:
    """A file that is not there is named."""
    (data / "xx" / path).unlink()
    with pytest.raises(PackError, match=rf"{path}: is missing"):
        load_pack("xx", data)


def test_load_pack_names_a_file_that_is_no_text(data: pathlib.Path) -> None:
    """A file in another encoding is named, not crashed on."""
    (data / "xx" / "words.yml").write_bytes(b"words:\n  and: \xff\xfe\n")
    with pytest.raises(PackError, match=r"words\.yml"):
        load_pack("xx", data)


@pytest.mark.parametrize("code", LIVE)
def test_live_packs_are_sound(code: str, tmp_path: pathlib.Path) -> None:
    """Every pack that goes live can be read from a fresh copy."""
    copy = shutil.copytree(DATA / code, tmp_path / code, ignore=shutil.ignore_patterns("nlu"))
    pack = load_pack(code, copy.parent)
    assert (code, True) == (pack.code, pack.live)
    assert {"color", "size", "date", "unit", "city"} <= set(pack.lookups)
