"""A mail's bytes as what its writer has said. Nothing that comes by mail makes it fail.

The standard library's parser takes every sequence of bytes (its policy ``compat32``: the newer one fails at some headers);
what it leaves as it stands, encoded words and charsets, is read here and in ``charsets.py``.
"""

from __future__ import annotations

import dataclasses
import datetime
import email
import email.message
import email.utils
import hashlib
import re
from collections.abc import Sequence

from channels.mail.automatic import find_automatic
from channels.mail.charsets import decode_header, decode_text
from channels.mail.markup import read_html

MAX_ATTACHMENTS = 20
MAX_REFERENCES = 50
MAX_PARTS = 200
MAX_TEXT = 20_000  # characters: more no buyer has to say
DECORATION = 10_000  # bytes: a smaller picture within the text is a signature's, not the buyer's

_ADDRESS = re.compile(r"[^\s<>@,;:\"()\[\]\\]{1,64}@([A-Za-z0-9](?:[A-Za-z0-9-]{0,62}\.)*[A-Za-z0-9-]{1,63})")
_SENDER = re.compile(rf"\s*(?:(?P<name>[^<>]*)<\s*(?P<inner>{_ADDRESS.pattern})\s*>|(?P<bare>{_ADDRESS.pattern}))\s*")
_ID = re.compile(r"<([^<>\s]{1,500})>")


@dataclasses.dataclass(frozen=True)
class Attachment:
    """A file that came with a mail; its bytes stay in the mailbox."""

    name: str
    media_type: str
    size: int  #: bytes
    place: int  #: among the mail's attachments, from 1


@dataclasses.dataclass(frozen=True)
class Mail:
    """A mail, read."""

    message_id: str  #: without <>; made of the bytes where it has none
    sender: str  #: address of the From line, in lower case; "" where it has none
    sender_name: str
    is_plain: bool  #: one From line with one address: only then is it known whom a proof is about
    reply_to: str  #: "" where it is not another address
    subject: str
    references: tuple[str, ...]  #: ids of mails that it answers, the oldest first, without <>
    sent_at: datetime.datetime | None  #: by the sender's clock
    text: str  #: as it stands, with quotes and signature
    attachments: tuple[Attachment, ...]
    automatic: str  #: why a program must have written it; "" where a person may have
    results: tuple[str, ...]  #: Authentication-Results, top first


def read_mail(data: bytes) -> Mail:
    """Read a mail; never fails."""
    message = email.message_from_bytes(data)
    name, sender, is_plain = _read_sender(message)
    reply_to = find_address(str(message.get("Reply-To") or ""))
    text, attachments, _ = _read_parts(message)
    references = _ID.findall(" ".join(decode_header(message.get(name)) for name in ("References", "In-Reply-To")))
    return Mail(
        message_id=_read_id(message, data),
        sender=sender,
        sender_name=name[:100],
        is_plain=is_plain,
        reply_to="" if reply_to == sender else reply_to,
        subject=decode_header(message.get("Subject"))[:500],
        references=tuple(dict.fromkeys(map(_clean_id, references)))[-MAX_REFERENCES:],
        sent_at=_read_date(message),
        text=text,
        attachments=tuple(attachments),
        automatic=find_automatic(message, sender),
        results=tuple(str(value) for value in message.get_all("Authentication-Results", [])),
    )


def find_address(header: str) -> str:
    """The first address of a header, in lower case; "" where there is none."""
    match = _SENDER.fullmatch(header) or _ADDRESS.search(header)
    if match is None:
        return ""
    found = (match["inner"] or match["bare"]) if match.re is _SENDER else match.group()
    return found.lower() if found.isascii() and found.isprintable() else ""


def name_message(message_id: str) -> str:
    """An id as every store keeps it: short and printable."""
    if 0 < len(message_id) <= 120 and message_id.isprintable() and message_id.isascii():
        return message_id
    return f"sha256-{hashlib.sha256(message_id.encode('utf-8', 'surrogateescape')).hexdigest()}"


def _read_sender(message: email.message.Message) -> tuple[str, str, bool]:
    lines = [" ".join(str(line).split()) for line in message.get_all("From", [])]
    if not lines:
        return "", "", False
    match = _SENDER.fullmatch(lines[0])
    name = decode_header((match["name"] if match else "") or "").strip("\"' ")
    return name, find_address(lines[0]), match is not None and len(lines) == 1


def _read_id(message: email.message.Message, data: bytes) -> str:
    found = _ID.search(decode_header(message.get("Message-ID")))
    return _clean_id(found[1]) if found else f"sha256-{hashlib.sha256(data).hexdigest()}"


def _clean_id(value: str) -> str:
    return value.encode("ascii", "replace").decode()


def _read_date(message: email.message.Message) -> datetime.datetime | None:
    try:
        found = email.utils.parsedate_to_datetime(str(message.get("Date") or ""))
        if found.tzinfo is None:
            found = found.replace(tzinfo=datetime.timezone.utc)
        return found.astimezone(datetime.timezone.utc)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def read_attachment(data: bytes, place: int) -> bytes | None:
    """The bytes of a mail's so-many-th attachment, from 1; None where it has none."""
    _, attachments, files = _read_parts(email.message_from_bytes(data))
    return files[place - 1] if 1 <= place <= len(attachments) else None


def _read_parts(message: email.message.Message) -> tuple[str, list[Attachment], list[bytes]]:
    """The text, the files beside it, and their bytes."""
    plain, marked, attachments, files = list[str](), list[str](), list[Attachment](), list[bytes]()
    for part in _list_parts(message):
        kind = part.get_content_type()
        data = _read_payload(part)
        name, disposition = _read_name(part), str(part.get("Content-Disposition") or "").strip().lower()
        is_file = disposition.startswith("attachment") or bool(name)
        if kind == "text/plain" and not is_file:
            plain.append(_unfold(decode_text(data, _read_charset(part)), part))
        elif kind == "text/html" and not is_file:
            marked.append(read_html(decode_text(data, _read_charset(part))))
        elif _is_decoration(part, kind, disposition, data) or kind.startswith("application/pgp-signature"):
            continue
        elif len(attachments) < MAX_ATTACHMENTS:
            attachments.append(Attachment(name[:200], kind[:100], len(data), len(attachments) + 1))
            files.append(data)
    text = "\n".join(filter(None, (part.strip() for part in plain))) or "\n".join(filter(None, marked))
    return text[:MAX_TEXT], attachments, files


def _list_parts(message: email.message.Message) -> Sequence[email.message.Message]:
    """The leaves; a mail that is attached to a mail is one file, not more text of the buyer."""
    found: list[email.message.Message] = []
    waiting = [message]
    while waiting and len(found) < MAX_PARTS:
        part = waiting.pop()
        payload = part.get_payload()
        if part is not message and part.get_content_maintype() == "message":
            found.append(part)
        elif isinstance(payload, list):
            waiting += reversed([inner for inner in payload if isinstance(inner, email.message.Message)])
        else:
            found.append(part)
    return found


def _read_payload(part: email.message.Message) -> bytes:
    try:
        data = part.get_payload(decode=True)
    except (ValueError, LookupError, TypeError, AttributeError, AssertionError):
        data = None
    if isinstance(data, bytes):
        return data
    raw = part.get_payload()
    return (
        raw.encode("utf-8", "surrogateescape")
        if isinstance(raw, str)
        else bytes(str(part.get_payload()), "utf-8", "replace")
    )


def _read_charset(part: email.message.Message) -> str | None:
    try:
        found = part.get_param("charset")
        return email.utils.collapse_rfc2231_value(found) if found else None
    except (ValueError, LookupError, TypeError):
        return None


def _read_name(part: email.message.Message) -> str:
    try:
        name = part.get_filename() or ""
    except (ValueError, LookupError, TypeError, AttributeError):
        name = ""
    # No path, whatever a program makes of it.
    return re.split(r"[/\\]", decode_header(name))[-1].strip()


def _is_decoration(part: email.message.Message, kind: str, disposition: str, data: bytes) -> bool:
    return (
        kind.startswith("image/")
        and part.get("Content-ID") is not None
        and not disposition.startswith("attachment")
        and len(data) < DECORATION
    )


def _unfold(text: str, part: email.message.Message) -> str:
    """Lines that the mail program has broken are one again (RFC 3676)."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if str(part.get_param("format") or "").lower() != "flowed":
        return text
    blank = "" if str(part.get_param("delsp") or "").lower() == "yes" else " "
    lines: list[str] = []
    flows = False
    for line in text.split("\n"):
        is_own = not line.startswith(">")
        shown = line.removeprefix(" ")
        if flows and is_own and line != "-- ":
            lines[-1] += shown
        else:
            lines.append(shown)
        flows = is_own and line.endswith(" ") and line != "-- "
        if flows:
            lines[-1] = lines[-1].rstrip(" ") + blank
    return "\n".join(line.rstrip() if line != "-- " else line for line in lines)
