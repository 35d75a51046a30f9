"""A mail server that takes mails, by RFC 5321 (commands, replies, transparency), 4954 (AUTH) and 3207 (STARTTLS).

It refuses what such a server refuses: commands out of order, lines over 1000 bytes, bare line feeds, mails without From and
Date (RFC 5322, 3.6), other senders than the account's own. It does not cover sizes, pipelining and delivery reports.
"""

from __future__ import annotations

import asyncio
import base64
import collections
import dataclasses
import email
import email.message
import email.policy
import re
import ssl
from typing import Any

from tests.channels.contract import Shown
from tests.channels.mail_servers import PASSWORD


@dataclasses.dataclass
class Fault:
    """What goes wrong with the next sessions."""

    times: int
    stage: str = "data"  #: at which the reply is given instead: connect, auth, mail, rcpt, data, end (after the mail)
    reply: str = ""  #: "451 4.7.1 Greylisted"; "" hangs up
    drop: bool = False  #: the mail is taken, but the reply is lost with the connection


class SmtpServer:
    """``async with`` starts and stops it; ``mails`` is what buyers would find."""

    platform = "amazon, email"
    specification = "Dovecot 2.3 itself by IMAP and submission; for refusals an SMTP server to RFC 5321, 4954 and 3207"
    checks = "TLS, logins, folders, the sender, order of commands, lines, headers that must be there"
    leaves_out = "Gmail and other providers, sizes, quotas, delivery reports; Amazon's relay, whose form is not public"

    def __init__(self, user: str = "shop", *, sender: str = "help@stylehub.example", relay: bool = False) -> None:
        """``relay`` serves other servers: without login and encryption."""
        self.user = user
        self.sender = sender
        self.relay = relay
        self.mails: list[email.message.EmailMessage] = []
        self.raw: list[bytes] = []
        self.forged = 0
        self.sessions = 0
        self.faults: collections.deque[Fault] = collections.deque()
        self.trust: ssl.SSLContext | None = None
        self.port = 0

    @property
    def shown(self) -> list[Shown]:
        """What buyers read."""
        return [Shown(str(mail["To"]), read_text(mail)) for mail in self.mails]

    def break_next(self, times: int = 1, **fault: Any) -> None:
        self.faults.append(Fault(times, **fault))

    async def begin(self, certificate: str = "", key: str = "", port: int = 0) -> SmtpServer:
        context = None
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate, key)
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", port, ssl=context, limit=2**20)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def end(self) -> None:
        self._server.close()
        await self._server.wait_closed()

    def _take_fault(self) -> Fault | None:
        if not self.faults:
            return None
        fault = self.faults[0]
        fault.times -= 1
        if not fault.times:
            self.faults.popleft()
        return fault

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.sessions += 1
        try:
            await self._talk(reader, writer, self._take_fault())
        except (ConnectionError, asyncio.IncompleteReadError, ssl.SSLError):
            pass
        finally:
            writer.close()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, fault: Fault | None) -> None:
        async def say(*lines: str) -> None:
            writer.write("".join(f"{line}\r\n" for line in lines).encode())
            await writer.drain()

        async def breaks(stage: str) -> bool:
            """Whether the session goes wrong here."""
            if fault is None or fault.stage != stage or fault.drop:
                return False
            if not fault.reply:
                raise ConnectionAbortedError
            await say(fault.reply)
            return True

        if await breaks("connect"):
            return
        await say("220 mx.stylehub.example ESMTP")
        known, sender, recipients = self.relay, "", list[str]()
        while line := (await reader.readline()).decode("ascii", "replace"):
            if not line.endswith("\r\n"):
                await say("500 5.5.2 Bare line feed")
                return
            command, _, argument = line.strip().partition(" ")
            match command.upper():
                case "EHLO" | "HELO":
                    await say("250-mx.stylehub.example", "250-8BITMIME", "250 AUTH PLAIN")
                case "AUTH":
                    if await breaks("auth"):
                        continue
                    expected = base64.b64encode(f"\0{self.user}\0{PASSWORD}".encode()).decode()
                    known = argument == f"PLAIN {expected}"
                    self.forged += not known
                    await say("235 2.7.0 Welcome" if known else "535 5.7.8 Authentication credentials invalid")
                case "MAIL" if not known:
                    await say("530 5.7.0 Authentication required")
                case "MAIL":
                    if await breaks("mail"):
                        continue
                    found = re.match(r"FROM:<([^>]*)>", argument, re.IGNORECASE)
                    if not found or (not self.relay and found[1] != self.sender):
                        await say("553 5.7.1 Sender address rejected: not owned by user")
                        continue
                    sender, recipients = found[1], []
                    await say("250 2.1.0 Ok")
                case "RCPT":
                    if await breaks("rcpt"):
                        continue
                    found = re.match(r"TO:<([^>@\s]+@[^>@\s]+)>", argument, re.IGNORECASE)
                    if not sender or not found:
                        await say("501 5.1.3 Bad recipient address syntax")
                        continue
                    recipients.append(found[1])
                    await say("250 2.1.5 Ok")
                case "DATA":
                    if await breaks("data"):
                        continue
                    if not recipients:
                        await say("554 5.5.1 Error: no valid recipients")
                        continue
                    await say("354 End data with <CR><LF>.<CR><LF>")
                    data = await reader.readuntil(b"\r\n.\r\n")
                    if await breaks("end"):
                        continue
                    problem = self._take(b"\r\n" + data[: -len(b".\r\n")])
                    if fault is not None and fault.drop:
                        raise ConnectionAbortedError
                    await say(problem or "250 2.0.0 Ok: queued")
                case "QUIT":
                    await say("221 2.0.0 Bye")
                    return
                case "RSET" | "NOOP":
                    await say("250 2.0.0 Ok")
                case "XCLIENT":
                    await say("550 5.7.0 Error")
                case _:
                    await say("502 5.5.2 Error: command not recognized")

    def _take(self, data: bytes) -> str:
        """Keep a mail; why it is refused."""
        content = data.replace(b"\r\n..", b"\r\n.").removeprefix(b"\r\n")
        if re.search(rb"(?<!\r)\n|\r(?!\n)", content):
            return "554 5.6.0 Bare line feed"
        if any(len(line) > 998 for line in content.split(b"\r\n")):
            return "554 5.6.0 Line too long"
        mail = email.message_from_bytes(content, policy=email.policy.default)
        if any(mail[name] is None for name in ("From", "Date", "To")) or mail.defects:
            return "550 5.7.1 Messages missing a valid header"
        self.mails.append(mail)
        self.raw.append(content)
        return ""


def read_text(mail: email.message.EmailMessage) -> str:
    """What a mail program shows."""
    return mail.get_content().replace("\r\n", "\n").removesuffix("\n")
