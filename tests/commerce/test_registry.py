"""Shops are opened by name, once in a process."""

from __future__ import annotations

import pathlib
from collections.abc import Iterator

import pytest

from pasar.commerce import registry
from pasar.commerce.backend import UnknownShopError
from pasar.commerce.registry import close_shops, default_shop, list_shops, open_shop


@pytest.fixture(autouse=True)
def no_open_shops(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Every test starts and ends without open shops, and without the environment's database."""
    monkeypatch.delenv("PASAR_DEMO_DATABASE", raising=False)
    close_shops()
    yield
    close_shops()


@pytest.fixture
def shops_file(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> pathlib.Path:
    """A file of shops for a test to write."""
    path = tmp_path / "shops.yml"
    monkeypatch.setattr(registry, "SHOPS_FILE", path)
    return path


def test_stylehub_is_configured() -> None:
    """The repository's own file names the demo shop and makes it the default."""
    assert "stylehub" in list_shops()
    assert "stylehub" == default_shop()


async def test_shop_is_opened_from_its_file(shops_file: pathlib.Path, database: str) -> None:
    """The backend reads the database that the file names."""
    shops_file.write_text(f"shops: {{stylehub: {{backend: demo, database: '{database}'}}}}")
    assert "StyleHub" == (await open_shop("stylehub").get_shop()).name


async def test_environment_names_another_database(
    shops_file: pathlib.Path, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """PASAR_DEMO_DATABASE counts more than the file."""
    shops_file.write_text("shops: {stylehub: {backend: demo, database: 'sqlite:////nowhere/shop.db'}}")
    monkeypatch.setenv("PASAR_DEMO_DATABASE", database)
    assert "StyleHub" == (await open_shop("stylehub").get_shop()).name


def test_shop_is_opened_once() -> None:
    """The same backend is given until the shops are closed."""
    first = open_shop("stylehub")
    assert first is open_shop("stylehub")
    close_shops()
    assert first is not open_shop("stylehub")


def test_unknown_shop() -> None:
    """A shop that is not in the file is an error that names it."""
    with pytest.raises(UnknownShopError, match="nobody"):
        open_shop("nobody")


@pytest.mark.parametrize(
    "content",
    [
        "",
        "shops: []",
        "shops: {stylehub: demo}",
        "shops: {other: {backend: demo}}",
        "shops: {stylehub: {backend: abacus, database: x}}",
        "shops: {stylehub: {backend: demo}}",
    ],
)
def test_bad_file_is_an_unknown_shop(shops_file: pathlib.Path, content: str) -> None:
    """A file that does not describe the shop says so instead of failing somewhere else."""
    shops_file.write_text(content)
    with pytest.raises(UnknownShopError):
        open_shop("stylehub")


def test_default_is_the_first_shop_unless_named(shops_file: pathlib.Path) -> None:
    """Without ``default`` the first shop of the file answers."""
    shops_file.write_text("shops: {one: {backend: demo}, two: {backend: demo}}")
    assert "one" == default_shop()
    close_shops()
    shops_file.write_text("default: two\nshops: {one: {backend: demo}, two: {backend: demo}}")
    assert "two" == default_shop()


def test_default_must_exist(shops_file: pathlib.Path) -> None:
    """A default that names no shop is an error."""
    shops_file.write_text("default: three\nshops: {one: {backend: demo}}")
    with pytest.raises(UnknownShopError, match="three"):
        default_shop()


def test_missing_file(shops_file: pathlib.Path) -> None:
    """Without a file there are no shops."""
    with pytest.raises(UnknownShopError, match=str(shops_file.name)):
        list_shops()
