"""The store of media: what is to be fetched and what was kept is in SQL, the bytes are in files.

A file is named and a row says so within one transaction that nobody else deletes files in: so no row names a file that
is gone. A file that no row names, left by who was killed, is deleted later (:meth:`MediaStore.tidy`).
"""

from __future__ import annotations

import contextlib
import datetime
import functools
import json
import pathlib
import threading
import time
import uuid
from collections.abc import Callable, Collection, Iterator, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from pasar import database
from pasar.media.files import Files
from pasar.media.limits import load_limits
from pasar.media.model import Content, Medium, RefusedError, State, Wish
from pasar.media.schema import media, upgrade
from pasar.messages.model import Kind

LEASE = 300.0  # seconds: longer than a fetch may take
ORPHAN_SECONDS = 3600.0  # so old is a file that nobody is about to name
MAX_NAME = 200
_INSERTS: dict[str, Any] = {"postgresql": postgresql.insert, "sqlite": sqlite.insert}
_LOCK = 0x6D65646961  # any number that is ours: PostgreSQL's advisory lock


class MediaStore:
    """Every call may be made from any thread."""

    def __init__(self, url: str, folder: pathlib.Path, clock: Callable[[], float] = time.time) -> None:
        """Open the database, bringing it to the newest version first. ``clock``: seconds since 1970."""
        upgrade(url)
        self.engine = database.create_engine(url)
        self.files = Files(folder)
        self.clock = clock
        self._lock = threading.Lock()

    def want(self, wishes: Sequence[Wish]) -> int:
        """Commit that these are to be fetched; how many are new. The same message's is wanted once."""
        count = 0
        with self._write() as connection:
            for wish in wishes:
                values = {
                    "shop": wish.shop, "channel": wish.channel, "account": wish.account,
                    "conversation_id": wish.conversation_id, "message_id": wish.message_id, "place": wish.place,
                    "kind": wish.kind.value, "name": _clean_name(wish.name),
                    "facts": json.dumps(dict(wish.facts)), "state": State.WAITING.value, "asked_at": self.clock(),
                    "due_at": self.clock(), "owner": "", "attempts": 0, "fetched_at": None, "media_type": "",
                    "size": 0, "digest": "", "reason": "",
                }  # fmt: skip
                insert = _INSERTS[self.engine.dialect.name](media).values(values).on_conflict_do_nothing()
                count += connection.execute(insert).rowcount
        return count

    def claim(self, limit: int) -> list[Medium]:
        """At most so many that are due, for this process to fetch; whom it dies over, another gets when its lease ends."""
        now = self.clock()
        due = (media.c.state == State.WAITING.value) & (media.c.due_at <= now)
        query = sa.select(media.c.number).where(due).order_by(media.c.due_at).limit(limit)
        with self.engine.connect() as connection:  # only to look costs no lock
            if connection.execute(query).first() is None:
                return []
        with self._write() as connection:
            numbers = list(connection.execute(query.with_for_update(skip_locked=True)).scalars())
            owner = uuid.uuid4().hex
            changes = {"owner": owner, "due_at": now + LEASE, "attempts": media.c.attempts + 1}
            connection.execute(sa.update(media).where(media.c.number.in_(numbers)).values(changes))
            rows = connection.execute(sa.select(media).where(media.c.number.in_(numbers)).order_by(media.c.number))
            return [_read(row) for row in rows]

    def keep(self, medium: Medium, content: Content) -> Medium | None:
        """Keep the bytes; None where it is wanted no more, or another's by now. RefusedError where they are not kept."""
        limits = load_limits()
        media_type = limits.judge(medium.wish.kind, content.data)
        with self.files.draft(content.data) as (digest, draft), self._write(names_files=True) as connection:
            of_conversation = media.c.conversation_id == medium.wish.conversation_id
            kept = connection.execute(sa.select(sa.func.coalesce(sa.func.sum(media.c.size), 0)).where(of_conversation))
            if int(kept.scalar_one()) + len(content.data) > limits.conversation_bytes:
                raise RefusedError(f"the conversation has {limits.conversation_bytes} bytes of media")
            values: dict[str, Any] = {
                "state": State.KEPT.value, "facts": "", "reason": "", "fetched_at": self.clock(),
                "media_type": media_type, "size": len(content.data), "digest": digest,
                "name": medium.wish.name or _clean_name(content.name),
            }  # fmt: skip
            if connection.execute(sa.update(media).where(_is_own(medium)).values(values)).rowcount != 1:
                return None
            self.files.keep(digest, draft)
        return self.find(medium.wish.conversation_id, medium.number)

    def retry(self, medium: Medium, reason: str, after: float) -> bool:
        """Fetch it again in so many seconds; False where it is another's by now, or forgotten."""
        return self._change(medium, owner="", due_at=self.clock() + after, reason=reason[:300])

    def end(self, medium: Medium, state: State, reason: str) -> bool:
        """It is lost or refused; False as above."""
        return self._change(medium, owner="", state=state.value, reason=reason[:300], facts="")

    def list_media(self, conversation_id: str) -> list[Medium]:
        """All of a conversation, the earliest first."""
        query = sa.select(media).where(media.c.conversation_id == conversation_id).order_by(media.c.number)
        with self.engine.connect() as connection:
            return [_read(row) for row in connection.execute(query)]

    def find(self, conversation_id: str, number: int) -> Medium | None:
        """One of a conversation; None where it has none of that number."""
        query = sa.select(media).where(media.c.conversation_id == conversation_id, media.c.number == number)
        with self.engine.connect() as connection:
            row = connection.execute(query).first()
        return None if row is None else _read(row)

    def read(self, medium: Medium) -> bytes | None:
        """The bytes of one that is kept; None where there are none, or they were deleted meanwhile."""
        if medium.state is not State.KEPT:
            return None
        try:
            return self.files.find(medium.digest).read_bytes()
        except FileNotFoundError:
            return None

    def forget(self, conversation_ids: Collection[str]) -> int:
        """Delete all of these conversations, files too; how many. What is being fetched for them is not kept."""
        return self._delete(media.c.conversation_id.in_(list(conversation_ids)))

    def tidy(self, before: float) -> int:
        """Delete what was sent before that time, and files that nobody knows; how many media."""
        count = self._delete(media.c.asked_at < before)
        found = self.files.list_old(ORPHAN_SECONDS)
        for start in range(0, len(found), 100):
            with self._write(names_files=True) as connection:
                self._drop_unnamed(connection, set(found[start : start + 100]))
        return count

    def dispose(self) -> None:
        """Close the database."""
        self.engine.dispose()

    def _delete(self, which: sa.sql.ColumnElement[bool]) -> int:
        with self._write(names_files=True) as connection:
            digests = set(connection.execute(sa.select(media.c.digest).where(which)).scalars())
            count = connection.execute(sa.delete(media).where(which)).rowcount
            self._drop_unnamed(connection, digests - {""})
        return int(count)

    def _drop_unnamed(self, connection: sa.engine.Connection, digests: set[str]) -> None:
        for digest in digests:
            if connection.execute(sa.select(media.c.number).where(media.c.digest == digest)).first() is None:
                self.files.drop(digest)

    def _change(self, medium: Medium, **values: Any) -> bool:
        with self._write() as connection:
            return bool(connection.execute(sa.update(media).where(_is_own(medium)).values(values)).rowcount == 1)

    @contextlib.contextmanager
    def _write(self, *, names_files: bool = False) -> Iterator[sa.engine.Connection]:
        """A transaction; with ``names_files`` the only one that names or deletes files."""
        with contextlib.ExitStack() as opened:
            if self.engine.dialect.name == "sqlite":
                # A process's own writers queue here: SQLite would let them look again in pauses that grow.
                opened.enter_context(self._lock)
            connection = opened.enter_context(database.write(self.engine))
            if names_files and self.engine.dialect.name == "postgresql":
                connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))
            yield connection


def _is_own(medium: Medium) -> sa.sql.ColumnElement[bool]:
    own: sa.sql.ColumnElement[bool] = (
        (media.c.number == medium.number) & (media.c.owner == medium.owner) & (media.c.state == State.WAITING.value)
    )
    return own


def _read(row: sa.engine.Row) -> Medium:
    facts = json.loads(row.facts) if row.facts else {}
    wish = Wish(
        row.shop,
        row.channel,
        row.account,
        row.conversation_id,
        row.message_id,
        Kind(row.kind),
        row.place,
        row.name,
        facts,
    )
    return Medium(
        number=row.number, wish=wish, state=State(row.state), asked_at=_read_time(row.asked_at), attempts=row.attempts,
        fetched_at=None if row.fetched_at is None else _read_time(row.fetched_at), media_type=row.media_type,
        size=row.size, digest=row.digest, reason=row.reason, owner=row.owner,
    )  # fmt: skip


def _read_time(seconds: float) -> datetime.datetime:
    return datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc)


def _clean_name(name: str) -> str:
    """A file's name without folders, and in one printable line."""
    last = name.replace("\\", "/").rpartition("/")[2]
    return "".join(character for character in last if character.isprintable()).strip()[:MAX_NAME]


@functools.lru_cache(maxsize=4)
def open_media(url: str, folder: pathlib.Path) -> MediaStore:
    """Open a store, once in a process."""
    return MediaStore(url, folder)
