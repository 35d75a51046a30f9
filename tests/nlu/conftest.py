"""A database of a test's own, and the sample conversations on the path."""

from __future__ import annotations

import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parent))


@pytest.fixture
def url(tmp_path: pathlib.Path) -> str:
    """The address of an empty database."""
    return f"sqlite:///{tmp_path}/events.db"
