"""The demo shop, seeded once for all tests of shops."""

from __future__ import annotations

import datetime
import pathlib
import shutil
from collections.abc import Iterator

import pytest

import pasar.commerce.demo.backend
from pasar.commerce.demo.backend import DemoBackend
from pasar.commerce.demo.database import upgrade
from pasar.commerce.demo.seed import seed

TODAY = datetime.date(2026, 3, 10)


@pytest.fixture(scope="session")
def seeded_file(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    """A seeded database that tests copy and never change."""
    path = tmp_path_factory.mktemp("demo") / "seeded.db"
    upgrade(f"sqlite:///{path}")
    seed(f"sqlite:///{path}", TODAY)
    return path


@pytest.fixture
def database(seeded_file: pathlib.Path, tmp_path: pathlib.Path) -> str:
    """The URL of a test's own seeded database."""
    path = tmp_path / "shop.db"
    shutil.copy(seeded_file, path)
    return f"sqlite:///{path}"


@pytest.fixture
def stylehub(database: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[DemoBackend]:
    """The demo shop; the machine may be busy, so it has more time than a buyer would wait."""
    monkeypatch.setattr(pasar.commerce.demo.backend, "CALL_SECONDS", 30.0)
    backend = DemoBackend(database, "stylehub")
    yield backend
    backend.close()
