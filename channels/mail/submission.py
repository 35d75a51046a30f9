"""Handing in a mail by SMTP (RFC 6409) over TLS. Its calls block: they are made in a thread."""

from __future__ import annotations

import contextlib
import re
import smtplib
from collections.abc import Iterator, Sequence

from channels.connector import SendError, TokenRefusedError
from channels.mail.mailbox import Login

SECONDS = 30.0
_CODE = re.compile(rb"\s*([245]\.\d{1,3}\.\d{1,3})\b")


def submit(login: Login, sender: str, recipients: Sequence[str], data: bytes, *, starttls: bool) -> None:
    """Hand in a mail to all recipients or to none. SendError, with codes only: servers' words hold addresses."""
    with _sign_in(login, starttls=starttls) as server:
        with _name("mail"):
            _check("mail", server.mail(sender))
            for recipient in recipients:
                _check("rcpt", server.rcpt(recipient))
        with _name("data"):
            _check("data", server.data(data))


def try_login(login: Login, sender: str, *, starttls: bool) -> None:
    """Begin a mail from ``sender`` and take it back; SendError as :func:`submit`."""
    with _sign_in(login, starttls=starttls) as server, _name("mail"):
        _check("mail", server.mail(sender))
        server.rset()


@contextlib.contextmanager
def _sign_in(login: Login, *, starttls: bool) -> Iterator[smtplib.SMTP]:
    with _name("connect"):
        server = _open(login, starttls=starttls)
    try:
        with _name("connect"):
            server.ehlo_or_helo_if_needed()
        with _name("login"):
            server.login(login.user, login.password)
        yield server
    finally:
        # It is in already, or refused.
        with contextlib.suppress(OSError, smtplib.SMTPException):
            server.quit()
        server.close()


@contextlib.contextmanager
def _name(stage: str) -> Iterator[None]:
    """Tell what fails within as a failure of ``stage``."""
    try:
        yield
    except (OSError, smtplib.SMTPException, ValueError) as error:
        raise _explain(stage, error) from error


def _open(login: Login, *, starttls: bool) -> smtplib.SMTP:
    if not starttls:
        return smtplib.SMTP_SSL(login.host, login.port, timeout=SECONDS, context=login.trust)
    server = smtplib.SMTP(login.host, login.port, timeout=SECONDS)
    try:
        server.starttls(context=login.trust)  # raises where the server has none: nothing goes in the clear
    except BaseException:
        server.close()
        raise
    return server


def _check(stage: str, answer: tuple[int, bytes]) -> None:
    code, words = answer
    if code not in (250, 251):
        raise _read_code(stage, code, words)


def _read_code(stage: str, code: int, words: bytes | str) -> SendError:
    """4 means another time, 5 never (RFC 5321, 4.2.1); 535 that user or password are wrong."""
    raw = words if isinstance(words, bytes) else words.encode("utf-8", "replace")
    found = _CODE.match(raw)
    reason = f"SMTP {stage} {code}" + (f" {found[1].decode()}" if found else "")
    if code in (530, 534, 535, 538) or stage == "login":
        return TokenRefusedError(reason)
    return SendError(reason, permanent=500 <= code < 600)


def _explain(stage: str, error: Exception) -> SendError:
    if isinstance(error, smtplib.SMTPResponseException):
        return _read_code(stage, error.smtp_code, error.smtp_error)
    # From when the mail was on its way, nobody knows whether it has arrived.
    return SendError(f"SMTP {stage} {type(error).__name__}", uncertain=stage == "data")
