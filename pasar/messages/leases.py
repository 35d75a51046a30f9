"""Holding what this process has claimed, from a thread of its own: a busy event loop loses nothing, a dead process all."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

import sqlalchemy as sa
import structlog

from pasar.messages.sql import SqlDatabase

LEASE = 20.0  # seconds after which a dead process's claims are anybody's
EVERY = LEASE / 5

Claim = TypeVar("Claim")

log = structlog.get_logger()


class LeaseKeeper(Generic[Claim]):
    """Renews claims while they are held."""

    def __init__(self, renew: Callable[[Claim], object]) -> None:
        """``renew`` puts off when a claim's lease ends, where it is still ours."""
        self._renew = renew
        self._held: set[Claim] = set()
        self._lock = threading.Lock()
        self._ended = threading.Event()
        self._thread: threading.Thread | None = None

    def hold(self, claims: Sequence[Claim]) -> None:
        """Renew these claims from now on."""
        with self._lock:
            self._held.update(claims)
            if self._thread is None and self._held:
                self._thread = threading.Thread(target=self._run, name="pasar-leases", daemon=True)
                self._thread.start()

    def let_go(self, claim: Claim) -> None:
        """It is finished, or given up."""
        with self._lock:
            self._held.discard(claim)

    def close(self) -> None:
        """End the thread."""
        self._ended.set()
        if self._thread is not None:
            self._thread.join()

    def _run(self) -> None:
        while not self._ended.wait(EVERY):
            with self._lock:
                held = list(self._held)
            try:
                for claim in held:  # one transaction each: none waits for a row while it holds another
                    self._renew(claim)
            except Exception as error:
                log.error("messages.renew.failed", error=type(error).__name__)


def keep_rows(database: SqlDatabase, table: str) -> LeaseKeeper[str]:
    """The keeper of a table's claims, each named by its ``owner``; ``due_at`` is when its lease ends."""
    statement = sa.text(f"UPDATE {table} SET due_at = :until WHERE owner = :owner")

    def renew(owner: str) -> None:
        with database.write() as connection:
            connection.execute(statement, {"owner": owner, "until": database.clock() + LEASE})

    return LeaseKeeper(renew)
