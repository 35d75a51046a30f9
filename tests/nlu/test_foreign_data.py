"""Examples of somebody else, in Rasa's own format, with a pack's settings: trained, measured and served as any model."""

from __future__ import annotations

import asyncio
import os
import pathlib
import subprocess
import sys

import pytest

from tests.nlu.small_project import CHECKOUT, find_causes

pytestmark = pytest.mark.slow

EXAMPLES = """\
version: "3.1"
nlu:
- intent: book_table
  examples: |
    - a table for two please
    - can i book for [tonight](when)
    - reserve a table [tomorrow](when)
    - we would like to reserve
    - dinner reservation for six
- intent: ask_menu
  examples: |
    - what is on the menu
    - show me the menu
    - do you have vegan dishes
    - any [pizza](dish) today
    - what do you serve
- synonym: tonight
  examples: |
    - this evening
- lookup: dish
  examples: |
    - pizza
    - soup
"""
QUESTIONS = [("i want to reserve a table", "book_table"), ("is there soup on the menu", "ask_menu")]


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    """``rasa train nlu`` as a trainer types it."""
    folder = tmp_path_factory.mktemp("foreign")
    (folder / "nlu.yml").write_text(EXAMPLES, encoding="utf-8")
    config = CHECKOUT / "data" / "en" / "config.yml"
    done = subprocess.run(
        [sys.executable, "-m", "rasa", "train", "nlu", "--config", str(config), "--nlu", str(folder / "nlu.yml"),
         "--out", str(folder / "models")],
        cwd=CHECKOUT, env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "RASA_TELEMETRY_ENABLED": "false"},
        capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == 0, find_causes(done.stderr)
    return next((folder / "models").glob("*.tar.gz"))


@pytest.mark.parametrize(("text", "intent"), QUESTIONS)
def test_a_foreign_file_is_understood(model: pathlib.Path, text: str, intent: str, monkeypatch) -> None:
    """Intents and entities of its own, no pack behind them."""
    from rasa.core.agent import Agent

    monkeypatch.chdir(CHECKOUT)
    parsed = asyncio.run(Agent.load(model).parse_message(text))
    assert parsed["intent"]["name"] == intent
    assert {entry["name"] for entry in parsed["intent_ranking"]} == {"book_table", "ask_menu"}
