"""The server of the channels' tests."""

from tests.channels.conftest import server, settings

__all__ = ["server", "settings"]
