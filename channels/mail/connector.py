"""What every channel by mail does: fetch, read, tell who may be answered, and answer within the thread.

Secrets, hosts and rules are in the account's settings, see :class:`MailConnector`. An answer is plain text, says that a
program wrote it (``Auto-Submitted``, RFC 3834: then no other program answers it), and has a Message-ID made of the
sending's key: tried twice, it is the same mail, which receiving servers and programs show once where they compare ids.
"""

from __future__ import annotations

import abc
import asyncio
import contextlib
import datetime
import email.charset
import email.header
import email.message
import email.policy
import email.utils
import re
import ssl
from collections.abc import Sequence
from typing import Any, ClassVar

import httpx

from channels.connector import Accept, Account, Call, ConnectorSettingsError, SendError, TokenRefusedError
from channels.fetching import FetchingConnector
from channels.findings import Finding
from channels.mail.authentication import Proof, find_proof
from channels.mail.check import check_mailbox, check_submission
from channels.mail.mailbox import Login, Mailbox, MailboxError
from channels.mail.quoting import strip_quotes
from channels.mail.reading import Attachment, Mail, find_address, name_message, read_attachment, read_mail
from channels.mail.subjects import cut_prefixes, normalise_subject
from channels.mail.submission import submit
from channels.mail.threads import is_own_id, name_thread, write_id
from pasar.buyers.marks import Mark, read_email
from pasar.commerce.platforms.tokens import TokenStore
from pasar.media.model import Content, RefusedError, Wish
from pasar.messages.model import Author, Kind, Purpose, Received, Reply, ReplyKind, Sending

LOOK_BACK = datetime.timedelta(days=7)  # less than ``redelivery``, for which the inbox remembers
AT_ONCE = 50  # mails of one look
MOST_WHOLE = 40 * 2**20  # bytes of a mail that an attachment is taken from

_POLICY = email.policy.compat32.clone(linesep="\r\n", max_line_length=None)  # lines are folded here: ids stay whole
_UTF8 = email.charset.Charset("utf-8")
_UTF8.body_encoding = email.charset.QP  # readable where a person looks at it

_KINDS = {"image": Kind.IMAGE, "video": Kind.VIDEO, "audio": Kind.VOICE}


class MailConnector(FetchingConnector):
    """Settings of an account.

    ``address`` is what buyers write to and see as the sender. ``since`` is the day it was connected (2026-11-23): older mail
    is people's. ``authserv_id`` names the receiving server in Authentication-Results. ``imap_host``, ``smtp_host``,
    ``user`` and ``password``; ``smtp_user`` and ``smtp_password`` where they differ. Optional: ``imap_port`` (993),
    ``folder`` (INBOX), ``smtp_port`` (465), ``smtp_security`` (tls or starttls), ``aliases`` (other addresses of the shop,
    with blanks between), ``ca_file`` (who has signed the servers' certificates), ``every`` (seconds between two looks).
    """

    declares: ClassVar[bool] = True  #: whether answers say that a program wrote them

    def __init__(self, account: Account, client: httpx.AsyncClient, tokens: TokenStore | None = None) -> None:
        """Read the settings."""
        super().__init__(account, client, tokens)
        self.address = find_address(account.read("address"))
        if not self.address:
            raise ConnectorSettingsError(account.name, "address", "must be an e-mail address")
        self.domain = self.address.rpartition("@")[2]
        self._own = {self.address, *filter(None, map(find_address, account.read("aliases", " ").split()))}
        self._since = _read_day(account, "since")
        self._authserv_id = self.read_authserv_id()
        user, password = account.read("user"), account.read("password")
        trust = _open_trust(account)
        incoming = Login(account.read("imap_host"), _read_port(account, "imap_port", 993), user, password, trust)
        folder = account.read("folder", "INBOX")
        self._mailbox, self._incoming, self._folder = Mailbox(incoming, folder), incoming, folder
        security = account.read("smtp_security", "tls")
        if security not in ("tls", "starttls"):
            raise ConnectorSettingsError(account.name, "smtp_security", "must be tls or starttls")
        self._starttls = security == "starttls"
        port = _read_port(account, "smtp_port", 587 if self._starttls else 465)
        self._outgoing = Login(
            account.read("smtp_host"),
            port,
            account.read("smtp_user", user),
            account.read("smtp_password", password),
            trust,
        )
        self.every = float(_read_port(account, "every", 20))

    def read_authserv_id(self) -> str:
        """The receiving server's name; "" where it writes no results, and then nobody is proved."""
        return self.account.settings.get("authserv_id", "")

    # --- coming in -------------------------------------------------------------------------------------------

    async def fetch(self, accept: Accept) -> None:
        """Take what has come; one at a time, so that what was kept is not read again."""
        today = datetime.datetime.now(datetime.timezone.utc).date()
        try:
            since = max(self._since, today - LOOK_BACK)
            for uid in (await asyncio.to_thread(self._mailbox.find_new, since))[:AT_ONCE]:
                found = await asyncio.to_thread(self._mailbox.read, uid)
                if found is not None:
                    call = Call("FETCH", "", {}, found.data, received_at=found.arrived_at)
                    messages = await asyncio.to_thread(self.parse, call)
                    if messages:
                        await accept(messages)
                await asyncio.to_thread(self._mailbox.mark_taken, uid)
        except MailboxError as error:
            raise (TokenRefusedError if error.refused else SendError)(f"IMAP {error}") from error
        except asyncio.CancelledError:
            self._mailbox.close()
            raise

    def parse(self, call: Call) -> list[Received]:
        """A mail: its words, then each file beside them; nothing makes it fail."""
        mail = read_mail(call.body)
        proof = Proof.UNKNOWN
        if mail.is_plain:
            proof = find_proof(mail.results, self._authserv_id, mail.sender.rpartition("@")[2])
        author, reason = self._find_author(mail, proof)
        # A reply address in the mail is as good as the mail is: else whoever claims to be her would be told her orders.
        reply_to = mail.reply_to if proof is Proof.PROVED and mail.reply_to not in self._own else ""
        answered = reply_to or mail.sender
        who = f"{proof.value}:{answered}"
        sent_at = mail.sent_at
        if sent_at is None or not call.received_at - LOOK_BACK <= sent_at <= call.received_at:
            sent_at = call.received_at  # a sender's clock may say anything
        text = self.find_words(mail) if author is Author.BUYER else ""
        facts: dict[str, Any] = {
            "mail_id": mail.message_id,
            "subject": mail.subject,
            "references": [*mail.references[:1], *mail.references[1:][-9:]],
            "proved": mail.sender if proof is Proof.PROVED and not reply_to else "",
            **({"event": reason} if reason else {}),
        }
        name = name_message(mail.message_id)
        common: dict[str, Any] = {
            "channel": self.name,
            "account": self.account.name,
            "shop": self.account.shop,
            "thread": name_thread(who, self.find_topic(mail), mail.references),
            "buyer": answered or "nobody",
            "sent_at": sent_at,
            "author": author,
            "name": mail.sender_name,
        }
        if author is not Author.BUYER:
            return [Received(**common, message_id=name, kind=Kind.OTHER, facts=facts)]
        found: list[Received] = []
        order = self.find_order(mail)
        if order and order not in text:
            found.append(
                Received(**common, message_id=f"{name}#order", kind=Kind.ORDER, facts={**facts, "order_id": order})
            )
        if text or not mail.attachments:
            found.append(
                Received(**common, message_id=name, text=text, kind=Kind.TEXT if text else Kind.OTHER, facts=facts)
            )
        for file in mail.attachments:
            kind = _KINDS.get(file.media_type.partition("/")[0], Kind.FILE)
            found.append(
                Received(
                    **common, message_id=f"{name}#{file.place}", kind=kind, facts=facts | _describe_file(name, file)
                )
            )
        return found

    def find_words(self, mail: Mail) -> str:
        """What the buyer says: her own words, below the subject where she begins a thread."""
        words = strip_quotes(mail.text, mail.subject)
        subject = cut_prefixes(mail.subject)
        is_new = not mail.references and subject == mail.subject.strip()
        return f"{subject}\n{words}".strip() if is_new and subject.casefold() not in words.casefold() else words

    def find_topic(self, mail: Mail) -> str:
        """What a conversation is about, where the mail answers none of ours."""
        return normalise_subject(mail.subject)

    def find_order(self, mail: Mail) -> str:
        """The order that the platform says it is about; "" where it says none."""
        return ""

    @abc.abstractmethod
    def refuse(self, mail: Mail, proof: Proof) -> str:
        """Why a person's mail is not answered, in a word or two; "" where it is."""

    def _find_author(self, mail: Mail, proof: Proof) -> tuple[Author, str]:
        if mail.sender in self._own or is_own_id(mail.message_id, self.domain):
            return Author.BOT, "own"
        # A shop's contact form writes from nobody's address, proved, and names the buyer's to reply to.
        is_form = mail.automatic == "nobody's address" and proof is Proof.PROVED and bool(mail.reply_to)
        reason = ("" if is_form else mail.automatic) or ("" if mail.sender else "no sender") or self.refuse(mail, proof)
        return (Author.SYSTEM if reason else Author.BUYER), reason

    def vouch(self, message: Received) -> Sequence[Mark]:
        """The sender's address where the receiving server found that her domain has sent it."""
        mark = read_email(str(message.facts.get("proved") or ""))
        return () if mark is None else (mark,)

    def is_authentic(self, message: Received) -> bool:
        """A From alone anybody can write."""
        return bool(message.facts.get("proved"))

    async def fetch_media(self, wish: Wish) -> Content:
        """The attachment, which has stayed in the mailbox; found by the mail's Message-ID, since uids may change."""
        mail_id, place = _clean_id(wish.facts.get("mail_id")), str(wish.facts.get("media_id", "")).rpartition("#")[2]
        if not mail_id or not place.isdecimal():
            raise SendError("the mail has no Message-ID to find it by", permanent=True)
        try:
            data = await asyncio.to_thread(self._read_whole, mail_id)
        except MailboxError as error:
            raise (TokenRefusedError if error.refused else SendError)(f"IMAP {error}") from error
        if data is None:
            raise SendError("the mail is in the mailbox no more", permanent=True)
        if len(data) >= MOST_WHOLE:
            raise RefusedError(f"the mail has over {MOST_WHOLE} bytes")
        found = await asyncio.to_thread(read_attachment, data, int(place))
        if found is None:
            raise SendError("the mail has no such attachment", permanent=True)
        return Content(found)

    def _read_whole(self, mail_id: str) -> bytes | None:
        # A connection of its own: the other one waits for new mail in another thread.
        mailbox = Mailbox(self._incoming, self._folder)
        try:
            for uid in mailbox.find(mail_id):
                found = mailbox.read(uid, MOST_WHOLE)
                if found is not None:
                    return found.data
            return None
        finally:
            mailbox.close()

    async def check(self, callback: str) -> list[Finding]:
        """Whether mailbox and submission let us in, and whether what is believed of senders can be found there."""
        return await asyncio.to_thread(self._look)

    def _look(self) -> list[Finding]:
        since = max(self._since, datetime.datetime.now(datetime.timezone.utc).date() - LOOK_BACK)
        found = check_mailbox(self._mailbox, self._since, since, self._authserv_id)
        return [*found, check_submission(self._outgoing, self.address, starttls=self._starttls)]

    # --- going out -------------------------------------------------------------------------------------------

    async def send(self, sending: Sending) -> Sequence[str]:
        """One mail for all replies."""
        to = find_address(sending.to.buyer)
        if not to or to in self._own:
            raise SendError("there is no address to answer", permanent=True)
        message_id = write_id(sending.key, sending.to.thread, self.domain)
        data = self.write(sending, to, message_id)
        await asyncio.to_thread(submit, self._outgoing, self.address, [to], data, starttls=self._starttls)
        return [name_message(message_id)]

    def write(self, sending: Sending, to: str, message_id: str) -> bytes:
        """The mail's bytes."""
        facts = sending.to.facts
        text = "\n\n".join(filter(None, map(_read_text, sending.replies))) + "\n"
        # The older way to write mails: the newer one breaks ids that are longer than a line.
        mail = email.message.Message()
        name = email.header.Header(_clean(self.account.settings.get("sender_name", "")), "utf-8").encode()
        mail["From"] = email.utils.formataddr((name, self.address))
        mail["To"] = to
        mail["Subject"] = _write_subject(str(facts.get("subject") or ""))
        mail["Date"] = email.utils.format_datetime(datetime.datetime.now(datetime.timezone.utc))
        mail["Message-ID"] = f"<{message_id}>"
        answered = _clean_id(facts.get("mail_id"))
        if answered:
            references = map(_clean_id, facts.get("references") or ())
            mail["In-Reply-To"] = f"<{answered}>"
            mail["References"] = "\n ".join(f"<{item}>" for item in dict.fromkeys([*references, answered]) if item)
        if self.declares and all(reply.author is Author.BOT for reply in sending.replies):
            unasked = all(reply.purpose is not Purpose.ANSWER for reply in sending.replies)
            mail["Auto-Submitted"] = "auto-generated" if unasked else "auto-replied"
            mail["X-Auto-Response-Suppress"] = "All"
        mail.set_payload(re.sub(r"\r\n?", "\n", text), _UTF8)
        return mail.as_bytes(policy=_POLICY)


def _read_text(reply: Reply) -> str:
    return reply.text or (str(reply.facts.get("url", "")) if reply.kind is ReplyKind.IMAGE else "")


def _describe_file(name: str, file: Attachment) -> dict[str, Any]:
    return {
        "media_id": f"{name}#{file.place}",
        "file": file.name,
        "media_type": file.media_type,
        "size": file.size,
    }


def _write_subject(subject: str) -> str:
    text = f"Re: {_clean(cut_prefixes(subject))}".strip()[:250]
    return email.header.Header(text, None if text.isascii() else "utf-8", header_name="Subject").encode()


def _clean(text: str) -> str:
    """One line of a header: a line break would begin another header."""
    return " ".join(re.sub(r"[\x00-\x1f\x7f<>]", " ", text).split()).encode("utf-8", "ignore").decode()


def _clean_id(value: object) -> str:
    """An id as a header can carry it; "" for what is none, as the one that is made of a mail's bytes."""
    text = str(value or "")
    return text if re.fullmatch(r"[!-;=?-~]{1,400}@[!-;=?-~]{1,400}", text) else ""


def _read_day(account: Account, setting: str) -> datetime.date:
    try:
        return datetime.date.fromisoformat(account.read(setting))
    except ValueError as error:
        if isinstance(error, ConnectorSettingsError):
            raise
        raise ConnectorSettingsError(account.name, setting, "must be a day as 2026-11-23") from error


def _read_port(account: Account, setting: str, default: int) -> int:
    value = account.read(setting, str(default))
    if not value.isdecimal() or not 0 < int(value) < 65536:
        raise ConnectorSettingsError(account.name, setting, "must be a whole number up to 65535")
    return int(value)


def _open_trust(account: Account) -> ssl.SSLContext:
    path = account.settings.get("ca_file")
    if not path:
        return httpx.create_ssl_context()  # one of its own: the shared one offers HTTP in its handshakes
    with contextlib.suppress(OSError, ssl.SSLError):
        return ssl.create_default_context(cafile=path)
    raise ConnectorSettingsError(account.name, "ca_file", "cannot be read")
