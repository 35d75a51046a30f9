"""What every channel by mail must keep: :class:`ConnectorContract` as far as it is not about webhooks, and what is mail's own."""

from __future__ import annotations

import dataclasses
import datetime
import email.message
import email.policy
from collections.abc import AsyncIterator, Mapping
from typing import Any, ClassVar

import httpx
import hypothesis
import pytest
import pytest_asyncio
from hypothesis import HealthCheck, given
from hypothesis import strategies as st

from channels.connector import Account, Call, ForgedError, SendError
from pasar.messages.model import Address, Author, Kind, Received, Reply
from tests.channels.contract import NOW, ConnectorContract
from tests.channels.mail_servers import PASSWORD, certificate  # noqa: F401
from tests.channels.smtp_server import SmtpServer

AUTHSERV = "mx.stylehub.example"
SENT = (NOW - datetime.timedelta(hours=2)).replace(microsecond=0)


def write_mail(
    text: str = "Where is my parcel?",
    *,
    sender: str = "Siti <siti@buyer.example>",
    subject: str = "Order T1001",
    message_id: str = "m-1@buyer.example",
    results: str | None = None,
    headers: Mapping[str, str] = {},
    html: str = "",
    files: Mapping[str, tuple[str, bytes]] = {},
) -> bytes:
    """A mail as a mail program writes it, and the receiving server's word on it."""
    mail = email.message.EmailMessage(policy=email.policy.SMTP.clone(max_line_length=900))
    if results is not None:
        mail["Authentication-Results"] = results
    mail["From"] = sender
    mail["To"] = "StyleHub <help@stylehub.example>"
    mail["Subject"] = subject
    mail["Date"] = SENT
    if message_id:
        mail["Message-ID"] = f"<{message_id}>"
    for name, value in headers.items():
        mail[name] = value
    mail.set_content(text)
    if html:
        mail.add_alternative(html, subtype="html")
    for name, (kind, data) in files.items():
        main, _, sub = kind.partition("/")
        mail.add_attachment(data, maintype=main, subtype=sub, filename=name)
    return mail.as_bytes()


_NAMES = [
    "From", "Subject", "Date", "Message-ID", "References", "Content-Type", "Content-Transfer-Encoding", "Reply-To",
    "Content-Disposition", "Authentication-Results", "Auto-Submitted", "MIME-Version",
]  # fmt: skip
_VALUES = [
    b"=?utf-8?b?////?=", b"=?rot13?q?nop?=", b"=?utf-8?q?=ZZ?=", b"multipart/mixed", b'text/plain; charset="\xff"',
    b"text/plain; charset*=utf-8''%E2%82", b"message/rfc822", b"multipart/alternative; boundary=", b"x-uuencode",
    b"text/html; charset=base64", b"text/plain; charset=undefined", b"text/plain; charset=idna", "ส่ง <ก@ข.ไทย>".encode(),
    b"Mon, 99 Foo 99999 99:99",
]  # fmt: skip
_PIECES = [
    b"", b"\r\n", b"\r\n\r\n", b"\0", b"--", b"=?gb2312?B?", b"?=", b"\x1b$B", b"<![CDATA[", b"<!--", b"&#xD800;",
    b"&#99999999999;", b"Content-Type: multipart/mixed; boundary=a\r\n", b"Content-Transfer-Encoding: base64\r\n",
    b"<" * 500, b"(" * 500, b"\xe0\xa1" * 40, b"\r\n--a\r\n" * 50,
]  # fmt: skip
_ANYTHING = st.one_of(st.binary(max_size=80), st.sampled_from(_PIECES))


class MailContract(ConnectorContract):
    settings: ClassVar[Mapping[str, str]] = {
        "address": "help@stylehub.example",
        "since": "2026-11-01",
        "user": "shop",
        "password": PASSWORD,
        "imap_host": "127.0.0.1",
        "smtp_host": "127.0.0.1",
    }
    buyer = "siti@buyer.example"
    errors = (
        ({"stage": "connect", "reply": "421 4.3.2 Too many connections"}, {"permanent": False, "uncertain": False}),
        ({"stage": "mail", "reply": "451 4.3.0 Try again"}, {"permanent": False, "uncertain": False}),
        ({"stage": "rcpt", "reply": "450 4.2.0 Greylisted"}, {"permanent": False, "uncertain": False}),
        ({"stage": "rcpt", "reply": "550 5.1.1 <siti@buyer.example>: unknown"}, {"permanent": True}),
        ({"stage": "mail", "reply": "552 5.2.2 Quota"}, {"permanent": True}),
        ({"stage": "data", "reply": "452 4.3.1 No space"}, {"permanent": False}),
        ({"stage": "end", "reply": "554 5.7.1 Spam"}, {"permanent": True, "uncertain": False}),
        ({"stage": "end", "reply": "451 4.7.1 Later"}, {"permanent": False, "uncertain": False}),
        ({"stage": "rcpt"}, {"permanent": False, "uncertain": False}),
        ({"stage": "end"}, {"permanent": False, "uncertain": True}),
    )
    token_refusal: ClassVar[Mapping[str, Any]] = {
        "stage": "auth",
        "reply": "535 5.7.8 Authentication credentials invalid",
    }

    def write(self, text: str = "Where is my parcel?", **fields: Any) -> bytes:
        """A buyer's mail that this channel answers."""
        return write_mail(text, **fields)

    def write_text(self, text: str, message_id: str) -> bytes:
        return self.write(text, message_id=f"{message_id}@buyer.example", headers={"References": "<root@shop.example>"})

    def sign(self, body: bytes, sent_at: datetime.datetime) -> Call:
        return Call("FETCH", "", {}, body, received_at=sent_at)

    def read(self, connector: Any, body: bytes) -> list[Received]:
        return connector.parse(self.sign(body, NOW))

    def make_address(self) -> Address:
        facts = {"mail_id": "m-1@buyer.example", "subject": "Order T1001", "references": ["m-0@buyer.example"]}
        return Address("testshop", "stylehub", "a" * 40, self.buyer, NOW, facts)

    @pytest_asyncio.fixture
    async def server(self, certificate: Any) -> AsyncIterator[SmtpServer]:  # noqa: F811
        server = await SmtpServer().begin(str(certificate / "certificate.pem"), str(certificate / "key.pem"))
        yield server
        await server.end()

    @pytest_asyncio.fixture
    async def connector(self, server: SmtpServer, certificate: Any) -> AsyncIterator[Any]:  # noqa: F811
        async with httpx.AsyncClient() as client:
            ca_file = str(certificate / "certificate.pem")
            yield self.open(client, smtp_port=str(server.port), ca_file=ca_file, authserv_id=AUTHSERV)

    # --- what a webhook would be --------------------------------------------------------------------------------

    async def test_published_signatures(self):
        """A mail has none; test_mail_authentication.py has RFC 8601's own examples."""

    @pytest.mark.parametrize("spoil", ["none"])
    async def test_a_forged_call_is_refused(self, connector, spoil):
        with pytest.raises(ForgedError) as caught:
            connector.verify(self.sign(self.write(), NOW))
        assert 404 == caught.value.status

    # --- coming in ----------------------------------------------------------------------------------------------

    @pytest.mark.parametrize(
        "body", [b"", b"{", b"\xff\xfe", b"\0" * 99, b"From: ", b"\n\n", b"a" * 100_000, b":::\n:\n"]
    )
    def test_malformed_calls_are_an_error_of_ours(self, connector, body):
        """Nobody is answered, and it is recorded once."""
        (first,), (second,) = self.read(connector, body), self.read(connector, body)
        assert not first.is_answered
        assert first.message_id == second.message_id

    @hypothesis.settings(max_examples=400, deadline=None, suppress_health_check=list(HealthCheck))
    @given(data=st.data())
    def test_a_spoilt_field_is_an_error_of_ours(self, connector, data):
        """A true mail with any bytes put anywhere in it."""
        body = self.write(html="<p>Where is <b>it</b>?</p>", files={"a.jpg": ("image/jpeg", b"\xff\xd8" * 9)})
        for _ in range(data.draw(st.integers(1, 4))):
            place = data.draw(st.integers(0, len(body)))
            end = min(len(body), place + data.draw(st.sampled_from([0, 1, 5, 40])))
            body = body[:place] + data.draw(_ANYTHING) + body[end:]
        self.check_read(connector, body)

    @hypothesis.settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
    @given(name=st.sampled_from(_NAMES), value=st.one_of(st.binary(max_size=60), st.sampled_from(_VALUES)))
    def test_any_header_is_read(self, connector, name, value):
        line = name.encode() + b": " + value.replace(b"\n", b" ").replace(b"\r", b" ") + b"\r\n"
        self.check_read(connector, line + self.write())

    def check_read(self, connector: Any, body: bytes) -> None:
        for received in self.read(connector, body):
            assert isinstance(received, Received)
            assert received.thread and 0 < len(received.message_id) <= 128 and received.message_id.isprintable()
            f"{received.text}{received.name}{received.facts}".encode()
            assert "\0" not in received.text
            assert datetime.timedelta(0) == received.sent_at.utcoffset()

    def test_the_same_mail_without_an_id_is_one(self, connector):
        """Its bytes are its name."""
        body = self.write(message_id="")
        other = self.write("Another", message_id="")
        assert self.read(connector, body)[-1].message_id == self.read(connector, body)[-1].message_id
        assert self.read(connector, body)[-1].message_id != self.read(connector, other)[-1].message_id

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("Auto-Submitted", "auto-replied"),
            ("Auto-Submitted", "auto-generated (vacation)"),
            ("Auto-Submitted", "auto-notified; owner-email=a@b.example"),
            ("Precedence", "bulk"),
            ("Precedence", "Auto_Reply"),
            ("X-Auto-Response-Suppress", "OOF, AutoReply"),
            ("X-Autoreply", "yes"),
            ("List-Id", "<news.shop.example>"),
            ("List-Unsubscribe", "<https://shop.example/u>"),
            ("Return-Path", "<>"),
            ("X-Failed-Recipients", "help@stylehub.example"),
            ("X-Spam-Flag", "YES"),
        ],
    )
    def test_programs_are_not_answered(self, connector, name, value):
        (received,) = self.read(connector, self.write(headers={name: value}))
        assert (Author.SYSTEM, Kind.OTHER, "") == (received.author, received.kind, received.text)
        assert received.facts["event"] == name

    def test_a_person_may_say_that_she_is_none(self, connector):
        assert self.read(connector, self.write(headers={"Auto-Submitted": "no"}))[-1].is_answered

    # --- going out ----------------------------------------------------------------------------------------------

    async def test_replies_go_together_in_order(self, connector, server):
        await connector.send(self.make_sending(Reply("one"), Reply("two"), Reply("three")))
        assert ["one\n\ntwo\n\nthree"] == [shown.text for shown in server.shown]

    async def test_an_answer_stays_in_the_thread(self, connector, server):
        await connector.send(self.make_sending(Reply("Sudah dikirim")))
        (mail,) = server.mails
        assert "Re: Order T1001" == mail["Subject"]
        assert "<m-1@buyer.example>" == mail["In-Reply-To"]
        assert "<m-0@buyer.example> <m-1@buyer.example>" == mail["References"]
        assert (self.buyer, "help@stylehub.example") == (mail["To"], mail["From"])

    async def test_long_ids_stay_whole(self, connector, server):
        """Outlook's are longer than a line; what is broken or encoded is no reference any more."""
        ids = [f"{'A' * 60}{n}@{'B' * 30}.apcprd01.prod.outlook.example" for n in range(11)]
        facts = {"mail_id": ids[-1], "subject": "ขอคืนเงิน " * 20, "references": ids[:-1]}
        await connector.send(
            self.make_sending(Reply("hello"), to=dataclasses.replace(self.make_address(), facts=facts))
        )
        (raw,) = server.raw
        head = raw.partition(b"\r\n\r\n")[0].replace(b"\r\n ", b" ") + b"\r\n"
        assert b"\r\nReferences: " + b" ".join(f"<{item}>".encode() for item in ids) + b"\r\n" in head
        assert f"In-Reply-To: <{ids[-1]}>".encode() in head
        assert all(len(line) < 200 for line in raw.split(b"\r\n"))
        assert server.mails[0]["Subject"].startswith("Re: ขอคืนเงิน ขอคืนเงิน")

    async def test_tried_twice_it_is_the_same_mail(self, connector, server):
        """SMTP has no key: the second comes, but every server and program can tell that it is the first."""
        sending = self.make_sending(Reply("hello"))
        server.break_next(drop=True)
        with pytest.raises(SendError) as caught:
            await connector.send(sending)
        assert caught.value.uncertain
        await connector.send(dataclasses.replace(sending, attempt=2, uncertain=True))
        await connector.send(self.make_sending(Reply("hello")))
        first, second, other = (str(mail["Message-ID"]) for mail in server.mails)
        assert first == second != other
        assert sending.key in first

    async def test_no_header_is_smuggled_in(self, connector, server):
        facts = {
            "mail_id": "a@b>\r\nBcc: evil@evil.example",
            "subject": "Hi\r\nBcc: evil@evil.example",
            "references": ["x\ny@z"],
        }
        to = dataclasses.replace(self.make_address(), facts=facts)
        await connector.send(self.make_sending(Reply("hello\n.\nworld"), to=to))
        (mail,) = server.mails
        assert mail["Bcc"] is None
        assert "hello\n.\nworld" == server.shown[0].text

    @pytest.mark.parametrize("reply", ["hello", "999 what", "25", "\xff", "250-never ends"])
    async def test_a_malformed_answer_is_no_crash(self, connector, server, reply):
        server.break_next(times=9, stage="mail", reply=reply)
        with pytest.raises(SendError) as caught:
            await connector.send(self.make_sending(Reply("hello")))
        assert not caught.value.permanent

    async def test_a_platform_that_is_down_is_worth_another_try(self, server):
        async with httpx.AsyncClient() as client:
            connector = self.open(client, smtp_port="1", authserv_id=AUTHSERV)
            with pytest.raises(SendError) as caught:
                await connector.send(self.make_sending(Reply("hello")))
        assert (False, False) == (caught.value.permanent, caught.value.uncertain)

    async def test_a_server_that_nobody_vouches_for_is_told_nothing(self, connector, server):
        """Its certificate is nobody's: no password, no mail."""
        stranger = self.open(connector.client, smtp_port=str(server.port), authserv_id=AUTHSERV)
        with pytest.raises(SendError):
            await stranger.send(self.make_sending(Reply("hello")))
        assert ([], 0) == (server.mails, server.forged)

    async def test_errors_hold_no_address(self, connector, server):
        for fault, _ in self.errors:
            server.faults.clear()
            server.break_next(times=9, **fault)
            with pytest.raises(SendError) as caught:
                await connector.send(self.make_sending(Reply("hello")))
            assert "@" not in str(caught.value)

    @pytest.mark.parametrize(
        ("name", "value"),
        [("address", "nobody"), ("since", "soon"), ("smtp_port", "x"), ("smtp_security", "none"), ("ca_file", "/none")],
    )
    def test_settings_are_checked(self, connector, name, value):
        settings = {**self.settings, "authserv_id": AUTHSERV, name: value}
        with pytest.raises(ValueError, match=f"testshop: {name}"):
            self.connector_class(Account("testshop", "stylehub", settings), connector.client)
