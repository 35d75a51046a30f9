"""The world the conversations happen in, made once."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

from tests.conversations.runner import World, open_world


def pytest_addoption(parser: pytest.Parser) -> None:
    """``--language th`` plays the conversations of one language only."""
    parser.addoption("--language", default=None, help="play the conversations of this language only")


@pytest.fixture(scope="package")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """The newest model, loaded once for all conversations; other tests keep their own environment."""
    with open_world(tmp_path_factory.mktemp("conversations")) as opened:
        yield opened
