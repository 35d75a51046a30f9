"""Commands about shops: their files, their products, their tokens."""

from __future__ import annotations

import asyncio
import datetime

import pytest

from launch import __main__ as launch
from launch import shops as commands
from launch.checks import PROJECT, LaunchError
from launch.platforms import PAGE, render
from pasar.commerce.backend import ShopUnavailableError
from pasar.commerce.platforms.opening import open_tokens
from pasar.commerce.platforms.tokens import Token
from pasar.commerce.registry import open_shop
from tests.commerce.platforms.installation import shops, write_plain
from tests.commerce.platforms.memory import MemoryApi
from tests.commerce.profiles.example import write_example

__all__ = ["shops"]


@pytest.fixture(autouse=True)
def rasa(monkeypatch):
    """Stands for Rasa's own validation, which takes half a minute; its exit status, and what was started."""

    class Rasa:
        status = 0
        started: list[list[str]] = []  # noqa: RUF012

        def __init__(self, arguments, log):
            self.started.append(arguments)

        def __enter__(self):
            return self

        def __exit__(self, *_):
            """It ends by itself."""

        def wait(self):
            return self.status

        def tail(self):
            return "    the last line"

    Rasa.started = []
    monkeypatch.setattr(commands, "Child", Rasa)
    return Rasa


@pytest.fixture
def commands_folder(shops, monkeypatch):
    """The folder of shops that commands see."""
    monkeypatch.setattr(commands, "SHOPS", shops)
    return shops


def test_right_files_are_fine(commands_folder, rasa, capsys):
    write_plain(commands_folder)
    commands.validate(PROJECT)
    assert "" == capsys.readouterr().out
    assert [["-m", "rasa", "data", "validate"]] == rasa.started


def test_errors_are_printed_with_file_and_line(commands_folder, rasa, capsys):
    """Rasa's validation runs nevertheless: all that is wrong is told at once."""
    path = write_plain(commands_folder)
    path.write_text(path.read_text(encoding="utf-8").replace("country: SG\n", "country: XX\n"), encoding="utf-8")
    line = path.read_text(encoding="utf-8").splitlines().index("country: XX") + 1
    with pytest.raises(LaunchError):
        commands.validate(PROJECT)
    assert f"{path}:{line}: error: country: 'XX' is no country code" in capsys.readouterr().out
    assert 1 == len(rasa.started)


def test_warnings_are_no_errors(commands_folder, monkeypatch, capsys):
    write_plain(commands_folder)
    monkeypatch.delenv("BATIKHAUS_SHOPEE_PARTNER_KEY")
    commands.validate(PROJECT)
    assert "warning: keys.partner_key: BATIKHAUS_SHOPEE_PARTNER_KEY is not set" in capsys.readouterr().out


def test_what_rasa_finds_is_an_error(commands_folder, rasa):
    write_plain(commands_folder)
    rasa.status = 1
    with pytest.raises(LaunchError, match="the last line"):
        commands.validate(PROJECT)


def test_the_status_tells_of_errors(commands_folder, monkeypatch):
    monkeypatch.setattr(launch, "listen_for_stop", lambda: None)
    write_plain(commands_folder)
    assert 0 == launch.main(["validate"])
    write_example(commands_folder, "country: SG\n", "country: XX\n", name="second.yml")
    assert 1 == launch.main(["validate"])


def test_no_shop_is_an_error(commands_folder):
    with pytest.raises(LaunchError, match="no shop"):
        commands.validate(PROJECT)


def test_the_shops_of_this_repository_are_right(capsys):
    commands.validate(PROJECT)
    assert "" == capsys.readouterr().out


async def test_a_sync_fills_the_catalogue(shops, capsys):
    write_plain(shops)
    await commands._sync("batikhaus", False)
    assert "batikhaus: all read: 5 new, 0 changed, 0 as before, 0 taken out" in capsys.readouterr().err
    assert 5 == len(await open_shop("batikhaus").list_products())


def test_a_sync_that_fails_is_told(shops, monkeypatch):
    write_plain(shops)

    def fail(_self, call):
        raise ShopUnavailableError("batikhaus", call, "is down in this test")

    monkeypatch.setattr(MemoryApi, "_answer", fail)
    with pytest.raises(LaunchError, match="shop batikhaus: read_products: is down"):
        commands.sync("batikhaus", whole=False)
    with pytest.raises(LaunchError, match="nobody"):
        commands.sync("nobody", whole=False)


def test_a_demo_shop_has_nothing_to_sync(shops):
    (shops / "toys.yml").write_text(f"platform: demo\ndatabase: sqlite:///{shops / 'toys.db'}\n")
    with pytest.raises(LaunchError, match="toys is on no platform"):
        commands.sync("toys", whole=False)


def test_a_token_is_tried_again_when_a_person_says_so(commands_folder):
    write_plain(commands_folder)
    with pytest.raises(LaunchError, match="no token whose renewal was cut off"):
        commands.retry_token("batikhaus")

    async def fail(_token):
        raise ShopUnavailableError("batikhaus", "renew_token", "HTTP 503")

    async def spend():
        tokens = open_tokens()
        await tokens.put("batikhaus", "shopee", Token("a", "r", datetime.datetime.now(datetime.timezone.utc)))
        with pytest.raises(ShopUnavailableError):
            await tokens.get("batikhaus", "shopee", fail)

    asyncio.run(spend())
    commands.retry_token("batikhaus")
    with pytest.raises(LaunchError):
        commands.retry_token("batikhaus")


def test_the_page_of_platforms_is_as_their_modules_say():
    """``python -m launch shops-table`` writes it."""
    assert render() == (PROJECT / PAGE).read_text(encoding="utf-8")
