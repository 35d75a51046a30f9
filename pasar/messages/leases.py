"""Holding what this process has claimed, from a thread of its own: a busy event loop loses nothing, a dead process all."""

from __future__ import annotations

import threading
from collections.abc import Sequence

import sqlalchemy as sa
import structlog

from pasar.messages.sql import SqlDatabase

LEASE = 20.0  # seconds after which a dead process's claims are anybody's
EVERY = LEASE / 5

log = structlog.get_logger()


class LeaseKeeper:
    """Renews the claims of one table while they are held."""

    def __init__(self, database: SqlDatabase, table: str) -> None:
        """``table`` has ``owner`` and ``due_at``."""
        self._database = database
        self._renew = sa.text(f"UPDATE {table} SET due_at = :until WHERE owner = :owner")
        self._held: set[str] = set()
        self._lock = threading.Lock()
        self._ended = threading.Event()
        self._thread: threading.Thread | None = None

    def hold(self, owners: Sequence[str]) -> None:
        """Renew these claims from now on."""
        with self._lock:
            self._held.update(owners)
            if self._thread is None and self._held:
                self._thread = threading.Thread(target=self._run, name="pasar-leases", daemon=True)
                self._thread.start()

    def let_go(self, owner: str) -> None:
        """It is finished, or given up."""
        with self._lock:
            self._held.discard(owner)

    def close(self) -> None:
        """End the thread."""
        self._ended.set()
        if self._thread is not None:
            self._thread.join()

    def _run(self) -> None:
        while not self._ended.wait(EVERY):
            with self._lock:
                held = sorted(self._held)
            try:
                self._renew_all(held)
            except Exception as error:
                log.error("messages.renew.failed", error=type(error).__name__)

    def _renew_all(self, held: Sequence[str]) -> None:
        for owner in held:  # one transaction each: none waits for a row while it holds another
            with self._database.write() as connection:
                connection.execute(self._renew, {"owner": owner, "until": self._database.clock() + LEASE})
