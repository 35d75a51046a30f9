"""Every scenario is played in every language."""

from __future__ import annotations

import pathlib

import pytest

from tests.conversations.runner import World
from tests.conversations.scenario import find_files, missing_languages, read_scenario

FILES = {f"{path.parent.name}/{path.stem}": path for path in find_files()}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """One test for each scenario and language."""
    if "language" in metafunc.fixturenames:
        wanted = metafunc.config.getoption("--language", default=None)
        cases = []
        for name, path in FILES.items():
            try:
                codes = list(read_scenario(path).languages)
            except ValueError:  # told by the test of the file itself
                continue
            cases += [pytest.param(path, code, id=f"{name}-{code}") for code in codes if wanted in (None, code)]
        metafunc.parametrize(("path", "language"), cases)


@pytest.mark.parametrize("path", FILES.values(), ids=FILES)
def test_scenario_is_written_in_every_language(path: pathlib.Path) -> None:
    """A file has only known keys, and all live languages."""
    assert missing_languages(read_scenario(path)) == []


def test_conversation(path: pathlib.Path, language: str, world: World) -> None:
    """The conversation goes as its file says."""
    transcript = world.play(read_scenario(path), language)
    if transcript.faults:
        pytest.fail(str(transcript), pytrace=False)
