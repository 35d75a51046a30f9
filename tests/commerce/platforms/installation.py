"""An installation with its own database and shops, where the example's platform is one in memory."""

from __future__ import annotations

import pathlib
from collections.abc import Iterator

import pytest

from pasar.commerce import registry
from pasar.commerce.platforms import names
from pasar.settings import load_settings
from tests.commerce.platforms.memory import MemoryApi
from tests.commerce.profiles.example import ENVIRONMENT, write_example


@pytest.fixture
def shops(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[pathlib.Path]:
    """The folder of shops, for a test to fill."""
    folder = tmp_path / "shops"
    folder.mkdir()
    monkeypatch.setattr(registry, "SHOPS", folder)
    monkeypatch.setenv("PASAR_HOME", str(tmp_path))
    monkeypatch.delenv("PASAR_DATABASE", raising=False)
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setitem(names.PLATFORMS, "shopee", f"{MemoryApi.__module__}:MemoryApi")
    load_settings.cache_clear()
    registry.close_shops()
    yield folder
    registry.close_shops()
    load_settings.cache_clear()


def write_plain(folder: pathlib.Path, name: str = "batikhaus") -> pathlib.Path:
    """The example without carriers, and not the default."""
    path = write_example(folder, "default: true", "default: false", name=f"{name}.yml")
    example = path.read_text(encoding="utf-8")
    start, end = example.index("carriers:"), example.index("# Who sells.")
    path.write_text(example[:start] + example[end:], encoding="utf-8")
    return path
