"""What may differ between two installations, read from the environment; everything has a default."""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import os
import pathlib
import secrets
import tempfile
import urllib.parse

import environs

PROJECT = pathlib.Path(__file__).resolve().parent.parent
MIN_SECRET_BYTES = 32  # HS256 asks for a key as long as its hash (RFC 7518, 3.2)


class SettingsError(ValueError):
    """A setting in the environment cannot be used; the message names it."""


@dataclasses.dataclass(frozen=True)
class Settings:
    """How this installation runs."""

    home: pathlib.Path  #: PASAR_HOME: the folder of ``data/``, ``config.yml`` and ``var/``
    database: str  #: PASAR_DATABASE: an SQLAlchemy URL; a relative SQLite path counts from ``home``
    inbox: str = dataclasses.field(
        repr=False
    )  #: PASAR_INBOX: where platforms' messages wait, a URL of Redis; "" in ``database``
    buyer_secret: str = dataclasses.field(repr=False)  #: PASAR_BUYER_SECRET: shops sign their buyers with it
    desk_token: str = dataclasses.field(repr=False)  #: PASAR_DESK_TOKEN: what a person's desk shows to be let in
    token_key: str = dataclasses.field(repr=False)  #: PASAR_TOKEN_KEY: platforms' tokens are encrypted with it
    mark_key: str = dataclasses.field(
        repr=False
    )  #: PASAR_MARK_KEY: what is known of buyers is digested and encrypted with it
    public_url: str  #: PASAR_PUBLIC_URL: where the Internet reaches this server, without a slash at its end; "" nowhere
    message_limit: int  #: PASAR_MESSAGE_LIMIT: characters of one message
    reply_deadline: float  #: PASAR_REPLY_DEADLINE: seconds until a buyer hears something
    media_days: int  #: PASAR_MEDIA_DAYS: for so long what buyers send is kept

    @property
    def data(self) -> pathlib.Path:
        """The folder of the language packs."""
        return self.home / "data"

    @property
    def var(self) -> pathlib.Path:
        """The folder of what the running system writes."""
        return self.home / "var"


@functools.lru_cache(maxsize=1)
def load_settings() -> Settings:
    """Read the environment once; ``load_settings.cache_clear()`` lets a test read it again."""
    return read_settings()


def read_settings() -> Settings:
    """Read the environment now; secrets that are not set are made up once and kept under ``var/secrets``."""
    env = environs.Env()
    home = pathlib.Path(env.str("PASAR_HOME", "") or PROJECT).resolve()
    try:
        limit = env.int("PASAR_MESSAGE_LIMIT", 4000)
        deadline = env.float("PASAR_REPLY_DEADLINE", 5.0)
        days = env.int("PASAR_MEDIA_DAYS", 90)
    except environs.EnvError as error:
        raise SettingsError(str(error)) from error
    if limit < 1 or deadline <= 0:
        raise SettingsError("PASAR_MESSAGE_LIMIT and PASAR_REPLY_DEADLINE must be greater than zero")
    if days < 1:
        raise SettingsError("PASAR_MEDIA_DAYS must be greater than zero")
    return Settings(
        home=home,
        database=_resolve_database(env.str("PASAR_DATABASE", "") or "sqlite:///var/pasar.db", home),
        inbox=_read_inbox(env),
        buyer_secret=_read_secret(env, "PASAR_BUYER_SECRET", home),
        desk_token=_read_secret(env, "PASAR_DESK_TOKEN", home),
        token_key=_read_secret(env, "PASAR_TOKEN_KEY", home),
        mark_key=_read_secret(env, "PASAR_MARK_KEY", home),
        public_url=_read_address(env, "PASAR_PUBLIC_URL"),
        message_limit=limit,
        reply_deadline=deadline,
        media_days=days,
    )


def _resolve_database(url: str, home: pathlib.Path) -> str:
    scheme, separator, path = url.partition(":///")
    if not scheme.startswith("sqlite") or not separator or not path or path.startswith((":memory:", "/")):
        return url
    return f"{scheme}:///{home / path}"


def _read_inbox(env: environs.Env) -> str:
    given: str = env.str("PASAR_INBOX", "").strip()
    if given and not given.startswith(("redis://", "rediss://", "unix://")):
        raise SettingsError("PASAR_INBOX must be like redis://redis.example:6379/0")
    return given


def _read_address(env: environs.Env, name: str) -> str:
    given: str = env.str(name, "").strip().rstrip("/")
    parts = urllib.parse.urlsplit(given)
    if given and (parts.scheme not in ("http", "https") or not parts.netloc or parts.query or parts.fragment):
        raise SettingsError(f"{name} must be like https://bot.shop.example")
    return given


def _read_secret(env: environs.Env, name: str, home: pathlib.Path) -> str:
    given: str = env.str(name, "")
    if not given:
        return _keep_secret(home / "var" / "secrets" / name.removeprefix("PASAR_").lower())
    if len(given.encode()) < MIN_SECRET_BYTES:
        raise SettingsError(f"{name} must be at least {MIN_SECRET_BYTES} bytes long")
    return given


def _keep_secret(path: pathlib.Path) -> str:
    """Return the secret kept at ``path``; processes that start together agree on one."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor, draft = tempfile.mkstemp(dir=path.parent)  # mkstemp gives mode 0600
        try:
            with os.fdopen(descriptor, "w") as file:
                file.write(secrets.token_urlsafe(MIN_SECRET_BYTES))
            # A link appears whole or not at all, and fails where another process was first.
            with contextlib.suppress(FileExistsError):
                os.link(draft, path)
        finally:
            pathlib.Path(draft).unlink()
    return path.read_text().strip()
