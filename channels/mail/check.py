"""Whether a mailbox and its submission server serve: logins, folder, sender, and the results that prove who has written.

Nothing is marked as read or taken, and no mail is sent: one is begun and taken back.
"""

from __future__ import annotations

import datetime
import smtplib
import socket
import ssl

from channels.connector import SendError, TokenRefusedError
from channels.findings import Finding
from channels.mail.authentication import find_server
from channels.mail.mailbox import Login, Mailbox, MailboxError
from channels.mail.submission import try_login

LATEST = 20  # mails whose results are looked at
_REFUSED = "correct user and password; many providers want an app's password, or IMAP and SMTP switched on"
_PAGE = "docs/channels/email.md"


def check_mailbox(mailbox: Mailbox, begin: datetime.date, since: datetime.date, authserv_id: str) -> list[Finding]:
    """Look into the mailbox and hang up; ``begin`` is the account's ``since``, ``since`` from when mail is read now."""
    try:
        results = mailbox.read_results(since, LATEST)
    except MailboxError as error:
        if error.refused:
            return [Finding.bad("imap", "the server refuses user or password", _REFUSED)]
        words, advice = _explain(error, mailbox.host, "imap_host and imap_port")
        if error.call == "select":
            words, advice = f"it cannot be opened: {error.reason}", "correct folder, as the provider's settings name it"
        return [Finding.bad("imap", words, advice)]
    finally:
        mailbox.close()
    found = [Finding("imap", f"the mailbox opens, mail since {since} is read")]
    if begin > datetime.datetime.now(datetime.timezone.utc).date():
        found = [Finding.doubt("imap", f"the mailbox opens, nothing is read before {begin}", "correct since")]
    return [*found, _judge(results, authserv_id)]


def check_submission(login: Login, sender: str, *, starttls: bool) -> Finding:
    """Begin a mail and take it back."""
    try:
        try_login(login, sender, starttls=starttls)
    except TokenRefusedError as error:
        return Finding.bad("smtp", f"the server refuses user or password ({error})", _REFUSED)
    except SendError as error:
        if isinstance(error.__cause__, Exception):
            return Finding.bad("smtp", *_explain(error, login.host, "smtp_host, smtp_port and smtp_security"))
        words = f"the server takes no mail from {sender} ({error})"
        advice = "let the server's user send from address" if error.permanent else "try again"
        return Finding.bad("smtp", words, advice)
    return Finding("smtp", f"the server takes mail from {sender}; none was sent")


def _judge(results: list[str], authserv_id: str) -> Finding:
    """Whether the receiving server is the one whose word is believed."""
    if not authserv_id:
        words = "authserv_id is not set: no buyer is known by her address"
        return Finding.doubt("proof", words, f"{_PAGE}, step 2")
    named = sum(find_server(header) == authserv_id.strip().lower() for header in results)
    if not results:
        return Finding.doubt("proof", "there is no mail yet to find authserv_id in", "write a mail, and check again")
    if not named:
        words = f"none of the last {len(results)} mails has results of {authserv_id} on top: nobody is proved"
        return Finding.doubt("proof", words, f"correct authserv_id ({_PAGE}, step 2)")
    return Finding("proof", f"{named} of the last {len(results)} mails have results of {authserv_id}")


def _explain(error: Exception, host: str, settings: str) -> tuple[str, str]:
    """What is below a failure, and what to do."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            words = f"the certificate of {host} is not believed: {cause.verify_message}"
            return words, "name the host as its certificate does, or the authority in ca_file"
        if isinstance(cause, ssl.SSLError):
            return f"{host} does not speak TLS there ({cause.reason or type(cause).__name__})", f"correct {settings}"
        if isinstance(cause, smtplib.SMTPNotSupportedError):
            return f"{host} has no STARTTLS, or no login", f"correct {settings}"
        if isinstance(cause, socket.gaierror):
            return f"nobody knows the name {host}", f"correct {settings}"
        cause = cause.__cause__ or cause.__context__
    return f"{host} does not answer ({error})", f"correct {settings}; may this machine call it?"
