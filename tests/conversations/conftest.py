"""The world the conversations happen in, made once."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import pytest

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

from tests.conversations.matrix import read_results
from tests.conversations.runner import World, open_world


def pytest_addoption(parser: pytest.Parser) -> None:
    """``--language th`` plays the conversations of one language only."""
    parser.addoption("--matrix", action="store_true", help="print which conversations went as written, by language")
    parser.addoption("--language", default=None, help="play the conversations of this language only")


def pytest_terminal_summary(terminalreporter: Any, exitstatus: int) -> None:
    """A line how far languages are apart; with ``--matrix`` the whole table of scenarios and languages."""
    played = {
        outcome: [
            report.nodeid.partition("[")[2].rstrip("]")
            for report in terminalreporter.getreports(outcome)
            if "::test_conversation[" in report.nodeid and report.when == "call"
        ]
        for outcome in ("passed", "failed")
    }
    matrix = read_results(played)
    if len(matrix.languages) < 2:
        return
    terminalreporter.section("languages")
    for line in matrix.lines() if terminalreporter.config.getoption("--matrix", default=False) else matrix.lines()[-1:]:
        terminalreporter.write_line(line)
    for fault in matrix.faults():
        terminalreporter.write_line(fault, red=True)


@pytest.fixture(scope="package")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """The newest model, loaded once for all conversations; other tests keep their own environment."""
    with open_world(tmp_path_factory.mktemp("conversations")) as opened:
        yield opened
