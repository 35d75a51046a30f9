"""Settings from the environment."""

from __future__ import annotations

import pytest

from pasar.settings import SettingsError, read_settings


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    """A base folder of the test's own, and nothing else set."""
    for name in (
        "DATABASE",
        "INBOX",
        "BUYER_SECRET",
        "DESK_TOKEN",
        "TOKEN_KEY",
        "MARK_KEY",
        "PUBLIC_URL",
        "MESSAGE_LIMIT",
        "REPLY_DEADLINE",
    ):
        monkeypatch.delenv(f"PASAR_{name}", raising=False)
    monkeypatch.setenv("PASAR_HOME", str(tmp_path))
    return tmp_path


def test_settings_have_defaults(home):
    """With nothing set everything has a value, and the database is in the base folder."""
    settings = read_settings()

    assert settings.database == f"sqlite:///{home}/var/pasar.db"
    assert (settings.message_limit, settings.reply_deadline) == (4000, 5.0)
    assert (settings.public_url, settings.inbox) == ("", "")


def test_the_public_address_has_no_slash_at_its_end(monkeypatch):
    """Paths are put behind it, and platforms sign what comes of it."""
    monkeypatch.setenv("PASAR_PUBLIC_URL", "https://bot.shop.example/pasar/")

    assert read_settings().public_url == "https://bot.shop.example/pasar"


@pytest.mark.parametrize("value", ["bot.shop.example", "ftp://bot.shop.example", "https://", "https://a.example/?b=c"])
def test_a_public_address_that_is_none_is_named(monkeypatch, value):
    """Rather at the start than with the first webhook."""
    monkeypatch.setenv("PASAR_PUBLIC_URL", value)

    with pytest.raises(SettingsError, match="PASAR_PUBLIC_URL"):
        read_settings()


def test_an_inbox_that_is_no_redis_is_named(monkeypatch):
    """The address may hold a password, which the error does not show."""
    monkeypatch.setenv("PASAR_INBOX", "rediss://:secret@redis.example:6380/2")
    assert read_settings().inbox == "rediss://:secret@redis.example:6380/2"
    monkeypatch.setenv("PASAR_INBOX", "http://:secret@redis.example")
    with pytest.raises(SettingsError, match="PASAR_INBOX") as raised:
        read_settings()
    assert "secret" not in str(raised.value)


def test_secrets_are_kept_for_their_owner_only(home):
    """A secret that is not set is made once, stays the same, and is nobody else's to read."""
    first, second = read_settings(), read_settings()

    assert (first.buyer_secret, first.desk_token, first.token_key, first.mark_key) == (
        second.buyer_secret,
        second.desk_token,
        second.token_key,
        second.mark_key,
    )
    assert 4 == len({first.buyer_secret, first.desk_token, first.token_key, first.mark_key})
    assert (home / "var/secrets/desk_token").stat().st_mode & 0o777 == 0o600
    assert first.desk_token not in repr(first)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PASAR_DESK_TOKEN", "short"),
        ("PASAR_TOKEN_KEY", "short"),
        ("PASAR_MESSAGE_LIMIT", "many"),
        ("PASAR_REPLY_DEADLINE", "0"),
    ],
)
def test_wrong_setting_is_named(monkeypatch, name, value):
    """A setting that cannot be used is refused by name."""
    monkeypatch.setenv(name, value)

    with pytest.raises(SettingsError, match=name):
        read_settings()
