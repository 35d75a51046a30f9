"""What must be so before anything is started; each failure is one sentence that says what to do."""

from __future__ import annotations

import contextlib
import os
import pathlib
import socket
import sys
from collections.abc import Mapping

PROJECT = pathlib.Path(__file__).resolve().parent.parent
HOST = "127.0.0.1"  # Rasa's server is old: what faces the Internet stands before it (docs/operate.md)
PORT = 5005
_MAX_PORT = 65535


class LaunchError(Exception):
    """Pasar cannot be started; the message is for whoever typed the command."""


def read_port(environment: Mapping[str, str] = os.environ) -> int:
    """Return PASAR_PORT, 5005 where it is not set."""
    given = environment.get("PASAR_PORT", "").strip() or str(PORT)
    if not given.isascii() or not given.isdigit() or not 0 < int(given) <= _MAX_PORT:
        raise LaunchError(f"PASAR_PORT must be a number from 1 to {_MAX_PORT}, it is {given!r}")
    return int(given)


def check_port(port: int) -> None:
    """LaunchError where something else listens at ``port``."""
    with contextlib.closing(socket.socket()) as probe:
        # As the server itself does: a port whose last connection has just closed is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except PermissionError:
            raise LaunchError(f"Port {port} may not be used by you: set PASAR_PORT to one above 1023") from None
        except OSError:
            raise LaunchError(
                f"Port {port} is in use, perhaps by another Pasar: stop that, or set PASAR_PORT to a free port"
            ) from None


def check_environment(version: tuple[int, int] = sys.version_info[:2]) -> None:
    """LaunchError where this is not the environment that setup made, or a setting cannot be used."""
    if version != (3, 10):
        raise LaunchError("Rasa needs Python 3.10: run `make setup`, then use .venv/bin/python or make")
    try:
        import environs  # noqa: F401, PLC0415 -- the first package that would be missed
    except ModuleNotFoundError:
        raise LaunchError("The packages are not installed: run `make setup`") from None
    from pasar.settings import SettingsError, read_settings  # noqa: PLC0415 -- not before it is sure to import

    try:
        read_settings()
    except SettingsError as error:
        raise LaunchError(str(error)) from None
