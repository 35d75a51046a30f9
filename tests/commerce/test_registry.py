"""Shops are opened by name, once in a process."""

from __future__ import annotations

import pathlib
from collections.abc import Iterator

import pytest

from pasar.commerce import registry
from pasar.commerce.backend import UnknownShopError
from pasar.commerce.profiles.profile import Profile
from pasar.commerce.registry import close_shops, default_shop, find_platform, list_shops, open_shop, order_formats

original = registry.read_profile
DEMO = "platform: demo\ndatabase: '{}'\norder_formats: ['SH\\d{{4}}']\n"


@pytest.fixture(autouse=True)
def no_open_shops(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Every test starts and ends without open shops, and without the environment's database."""
    monkeypatch.delenv("PASAR_DEMO_DATABASE", raising=False)
    close_shops()
    yield
    close_shops()


@pytest.fixture
def shops(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> pathlib.Path:
    """A folder of shops for a test to fill."""
    folder = tmp_path / "shops"
    folder.mkdir()
    monkeypatch.setattr(registry, "SHOPS", folder)
    return folder


def test_stylehub_is_configured() -> None:
    """The repository's own folder has the demo shop and makes it the default."""
    assert "stylehub" in list_shops()
    assert "stylehub" == default_shop()


async def test_shop_is_opened_from_its_file(shops: pathlib.Path, database: str) -> None:
    """The backend reads the database that the file names."""
    (shops / "stylehub.yml").write_text(DEMO.format(database))
    assert "StyleHub" == (await open_shop("stylehub").get_shop()).name


async def test_environment_names_another_database(
    shops: pathlib.Path, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """PASAR_DEMO_DATABASE counts more than the file."""
    (shops / "stylehub.yml").write_text(DEMO.format("sqlite:////nowhere/shop.db"))
    monkeypatch.setenv("PASAR_DEMO_DATABASE", database)
    assert "StyleHub" == (await open_shop("stylehub").get_shop()).name


def test_shop_is_opened_once() -> None:
    """The same backend is given until the shops are closed."""
    first = open_shop("stylehub")
    assert first is open_shop("stylehub")
    close_shops()
    assert first is not open_shop("stylehub")


def test_a_shops_orders_are_on_a_platform(shops: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A demo shop's are on none, and of a shop that is not known, or whose file is wrong, nothing is known."""
    for name, text in (("demo", DEMO.format("sqlite:////nowhere/shop.db")), ("thai", "{}"), ("wrong", "platform: 1\n")):
        (shops / f"{name}.yml").write_text(text)
    profile = object.__new__(Profile)
    object.__setattr__(profile, "platform", "shopee")
    monkeypatch.setattr(registry, "read_profile", lambda path: profile if path.stem == "thai" else original(path))
    assert ["shopee", "", "", ""] == [find_platform(name) for name in ("thai", "demo", "wrong", "nobody")]


def test_unknown_shop() -> None:
    """A shop that has no file is an error that names it."""
    with pytest.raises(UnknownShopError, match="nobody"):
        open_shop("nobody")


@pytest.mark.parametrize("content", ["", "shops: []", "platform: abacus\ndatabase: x", "platform: demo"])
def test_bad_file_is_an_unknown_shop(shops: pathlib.Path, content: str) -> None:
    """A file that does not describe the shop says so, with its line, instead of failing somewhere else."""
    (shops / "stylehub.yml").write_text(content)
    with pytest.raises(UnknownShopError, match=r"stylehub\.yml:1: error"):
        open_shop("stylehub")


def test_bad_file_does_not_stop_other_shops(shops: pathlib.Path, database: str) -> None:
    """Whose file is right is opened, and is the default."""
    (shops / "broken.yml").write_text("platform: [")
    (shops / "stylehub.yml").write_text(f"default: true\n{DEMO.format(database)}")
    assert ("broken", "stylehub") == list_shops()
    assert "stylehub" == default_shop()
    assert "stylehub" == open_shop(default_shop()).shop_id
    assert order_formats("stylehub") == order_formats("broken") == order_formats(None)


def test_bad_file_is_read_once(shops: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Shops are listed at every message."""
    (shops / "broken.yml").write_text("platform: [")
    read = []
    monkeypatch.setattr(registry, "read_profile", lambda path: read.append(path) or original(path))
    for _ in range(3):
        default_shop()
        order_formats(None)
    assert 1 == len(read)


def test_default_is_the_first_shop_unless_one_says_so(shops: pathlib.Path) -> None:
    """Without ``default`` the first by name answers."""
    (shops / "two.yml").write_text(DEMO.format("x"))
    (shops / "one.yml").write_text(DEMO.format("x"))
    assert "one" == default_shop()
    close_shops()
    (shops / "two.yml").write_text(f"default: true\n{DEMO.format('x')}")
    assert "two" == default_shop()


def test_two_defaults_are_an_error(shops: pathlib.Path) -> None:
    """It is not left to chance who answers."""
    for name in ("one", "two"):
        (shops / f"{name}.yml").write_text(f"default: true\n{DEMO.format('x')}")
    with pytest.raises(UnknownShopError, match="shop two: default_shop: one is the default already"):
        default_shop()


def test_order_formats_are_the_shops_own(shops: pathlib.Path) -> None:
    """Those of the default shop count where a shop is not known."""
    (shops / "one.yml").write_text(DEMO.format("x"))
    (shops / "two.yml").write_text("platform: demo\ndatabase: x\norder_formats: ['T-\\d+']\n")
    assert "T-12" == order_formats("two")[0].search("where is t-12?".upper())[0]  # type: ignore[index]
    assert order_formats("nobody") == order_formats(None) == order_formats("one")
    assert order_formats("one")[0].search("is sh1234 sent")
    assert not order_formats("one")[0].search("is XSH12345 sent")


def test_no_shops(shops: pathlib.Path) -> None:
    """Without files there are no shops."""
    assert () == list_shops()
    assert () == order_formats(None)
    with pytest.raises(UnknownShopError, match=str(shops)):
        default_shop()
