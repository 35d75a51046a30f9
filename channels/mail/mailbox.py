r"""A mailbox, read by IMAP (RFC 3501) over TLS. Its calls block: they are made in a thread.

What was taken gets the keyword ``$PasarKept``, so that it is not read again; people may read, flag and move mails as they
like, nothing depends on \\Seen. A server that keeps no keywords shows the last days' mails again after a restart, and the
inbox knows them by their ids.
"""

from __future__ import annotations

import contextlib
import dataclasses
import datetime
import email
import imaplib
import re
import ssl
import time
from collections.abc import Iterator

KEYWORD = "$PasarKept"
SECONDS = 30.0
MOST = 10 * 2**20  # bytes of a mail that are read; what is behind them are attachments
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


class MailboxError(Exception):
    """The mailbox cannot be read; names the call and what went wrong, nothing of a mail."""

    def __init__(self, call: str, reason: str, *, refused: bool = False) -> None:
        """``refused``: user or password are wrong."""
        super().__init__(f"{call}: {reason}")
        self.call = call
        self.reason = reason
        self.refused = refused


@dataclasses.dataclass(frozen=True)
class Login:
    """A server and who we are there."""

    host: str
    port: int
    user: str
    password: str = dataclasses.field(repr=False)
    trust: ssl.SSLContext = dataclasses.field(repr=False)


@dataclasses.dataclass(frozen=True)
class Found:
    """A mail as it lies in the mailbox."""

    uid: int
    data: bytes = dataclasses.field(repr=False)
    arrived_at: datetime.datetime  #: aware UTC, by the receiving server's clock


class Mailbox:
    """One folder; connected when it is first asked, and again after an error."""

    def __init__(self, login: Login, folder: str = "INBOX") -> None:
        """Connect to nothing yet."""
        self._login = login
        self._folder = folder
        self._connection: imaplib.IMAP4_SSL | None = None
        self._validity = ""  # of the uids below
        self._taken: set[int] = set()

    @property
    def host(self) -> str:
        """Where it is."""
        return self._login.host

    def find_new(self, since: datetime.date) -> list[int]:
        """The uids of mails that came since that day and are not taken yet, in order; MailboxError."""
        with self._ask("search") as connection:
            connection.noop()  # else some servers do not tell what has come
            status, data = connection.uid("SEARCH", "UNDELETED", "UNKEYWORD", KEYWORD, "SINCE", _write_day(since))
            if status != "OK":
                raise MailboxError("search", status)
            found = {int(word) for line in data if isinstance(line, bytes) for word in line.split() if word.isdigit()}
        return sorted(found - self._taken)

    def find(self, message_id: str) -> list[int]:
        """The uids of mails with that Message-ID; MailboxError."""
        with self._ask("search") as connection:
            connection.noop()
            status, data = connection.uid("SEARCH", "HEADER", "Message-ID", f'"{message_id}"')
            if status != "OK":
                raise MailboxError("search", status)
            return [int(word) for line in data if isinstance(line, bytes) for word in line.split() if word.isdigit()]

    def read(self, uid: int, most: int = MOST) -> Found | None:
        """A mail's first ``most`` bytes, unread as before; None where it is gone. MailboxError."""
        with self._ask("fetch") as connection:
            status, data = connection.uid("FETCH", str(uid), f"(UID INTERNALDATE BODY.PEEK[]<0.{most}>)")
            if status != "OK":
                raise MailboxError("fetch", status)
        for item in data:
            # Others' changes of flags may stand in between.
            if isinstance(item, tuple) and len(item) == 2 and re.search(rb"\bUID %d\b" % uid, item[0]):
                return Found(uid, item[1], _read_date(item[0]))
        return None

    def read_results(self, since: datetime.date, most: int) -> list[str]:
        """The topmost Authentication-Results of the last mails since that day, "" where one has none; MailboxError."""
        with self._ask("fetch") as connection:
            status, data = connection.uid("SEARCH", "SINCE", _write_day(since))
            uids = sorted(int(word) for word in (data[0] or b"").split())[-most:] if status == "OK" else []
            if not uids:
                return []
            query = "(BODY.PEEK[HEADER.FIELDS (AUTHENTICATION-RESULTS)])"
            status, data = connection.uid("FETCH", ",".join(map(str, uids)), query)
            if status != "OK":
                raise MailboxError("fetch", status)
        heads = [item[1] for item in data if isinstance(item, tuple) and len(item) == 2]
        return [email.message_from_bytes(head).get("Authentication-Results", "") for head in heads]

    def mark_taken(self, uid: int) -> None:
        """Do not find it again; MailboxError."""
        self._taken.add(uid)
        # One that keeps no keywords says NO; then the inbox remembers.
        with self._ask("store") as connection:
            connection.uid("STORE", str(uid), "+FLAGS.SILENT", f"({KEYWORD})")

    def close(self) -> None:
        """Hang up, also while another thread waits for an answer."""
        connection, self._connection = self._connection, None
        if connection is not None:
            with contextlib.suppress(Exception):
                connection.shutdown()

    @contextlib.contextmanager
    def _ask(self, call: str) -> Iterator[imaplib.IMAP4_SSL]:
        try:
            yield self._connect()
        except MailboxError:
            self.close()
            raise
        except imaplib.IMAP4.error as error:
            self.close()
            raise MailboxError(call, type(error).__name__) from error
        except (OSError, ValueError, EOFError) as error:
            self.close()
            raise MailboxError(call, type(error).__name__) from error

    def _connect(self) -> imaplib.IMAP4_SSL:
        if self._connection is not None:
            return self._connection
        login = self._login
        connection = imaplib.IMAP4_SSL(login.host, login.port, ssl_context=login.trust, timeout=SECONDS)
        self._connection = connection
        try:
            connection.login(login.user, login.password)
        except imaplib.IMAP4.abort:
            raise
        except imaplib.IMAP4.error as error:
            raise MailboxError("login", "refused", refused=True) from error
        folder = '"' + self._folder.replace("\\", "\\\\").replace('"', '\\"') + '"'
        status, _ = connection.select(folder)
        if status != "OK":
            raise MailboxError("select", "there is no such folder")
        _, told = connection.response("UIDVALIDITY")
        validity = str(told[-1]) if told else ""
        if validity != self._validity:  # the uids are others now
            self._validity, self._taken = validity, set()
        return connection


def _write_day(day: datetime.date) -> str:
    return f"{day.day:02d}-{_MONTHS[day.month - 1]}-{day.year}"


def _read_date(head: bytes) -> datetime.datetime:
    found = imaplib.Internaldate2tuple(head)
    moment = time.mktime(found) if found else time.time()
    return datetime.datetime.fromtimestamp(moment, datetime.timezone.utc)
