"""A tiny sentence encoder."""

from __future__ import annotations

import pathlib

import pytest

from tests.nlu.tiny_encoder import write_encoder


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    """A tiny encoder."""
    return write_encoder(tmp_path_factory.mktemp("encoders") / "tiny")
