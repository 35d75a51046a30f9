"""What each world of examples is worth."""

from __future__ import annotations

import pathlib

from evaluation.curve import draw, read_worlds
from tests.languages.samples import PROJECT


def test_examples_are_told_by_their_world(tmp_path: pathlib.Path) -> None:
    """Lines before the first comment are the base; marks are taken off."""
    folder = tmp_path / "qaa" / "nlu"
    folder.mkdir(parents=True)
    (folder / "greet.yml").write_text(
        'version: "3.1"\nnlu:\n- intent: greet\n  examples: |\n    - zumba [orri](color)\n'
        "# world: gear\n- intent: greet\n  examples: |\n    - zumbi\n    - zumbo\n",
        encoding="utf-8",
    )
    worlds = read_worlds("qaa", tmp_path)
    assert {world: [(one.text, one.intent) for one in own] for world, own in worlds.items()} == {
        "base": [("zumba orri", "greet")],
        "gear": [("zumbi", "greet"), ("zumbo", "greet")],
    }


def test_a_picture_is_drawn(tmp_path: pathlib.Path, monkeypatch) -> None:
    monkeypatch.chdir(PROJECT)
    draw({"th": [("gear", 2000, 0.8), ("small shops", 4000, 0.85)]}, tmp_path / "curve.png")
    assert (tmp_path / "curve.png").read_bytes().startswith(b"\x89PNG")
