"""E-mail: what a shop's mailbox holds, and what may be believed of it."""

from __future__ import annotations

import dataclasses

import pytest

from channels.email import EmailConnector
from pasar.messages.model import Author, Kind, Purpose, Reply, ReplyKind
from tests.channels.contract import NOW
from tests.channels.mail_contract import AUTHSERV, MailContract, certificate, write_mail  # noqa: F401

PASS = f"{AUTHSERV}; dkim=pass header.d=buyer.example; dmarc=pass (p=reject) header.from=buyer.example"
FAIL = f"{AUTHSERV}; dmarc=fail header.from=buyer.example"


def vouched(connector, message):
    """The address that is proved, or ""."""
    return "".join(mark.value for mark in connector.vouch(message))


class TestEmail(MailContract):
    connector_class = EmailConnector

    def write_ignored(self):
        return {
            "automatic": write_mail(headers={"Auto-Submitted": "auto-replied"}),
            "our own address": write_mail(sender="help@stylehub.example"),
            "our own mail, back": write_mail(message_id=f"{'0' * 32}.{'a' * 40}@stylehub.example"),
            "bounce": BOUNCE,
            "read receipt": RECEIPT,
            "nobody's address": write_mail(sender="no-reply@bank.example"),
            "mailer daemon": write_mail(sender="MAILER-DAEMON@mx.example"),
            "not from its domain": write_mail(results=FAIL),
            "no sender": b"Subject: hi\r\n\r\nhello",
            "reaction": REACTION,
        }

    # --- whom a mail is from ------------------------------------------------------------------------------------

    @pytest.mark.parametrize(
        ("results", "email"),
        [
            (PASS, "siti@buyer.example"),
            (None, ""),
            (f"other.example; {PASS.partition('; ')[2]}", ""),
            (f"{AUTHSERV}; dmarc=none; spf=pass smtp.mailfrom=x@evil.example", ""),
            (f"{AUTHSERV}; spf=pass smtp.mailfrom=x@buyer.example", "siti@buyer.example"),
        ],
    )
    def test_only_the_receiving_server_proves_a_sender(self, connector, results, email):
        (received,) = self.read(connector, write_mail(results=results))
        assert (email, bool(email)) == (vouched(connector, received), connector.is_authentic(received))

    def test_a_senders_own_word_on_herself_counts_for_nothing(self, connector):
        """She wrote the header below the server's."""
        forged = write_mail(results=f"{AUTHSERV}; dmarc=none header.from=buyer.example").replace(
            b"From:", b"Authentication-Results: " + PASS.encode() + b"\r\nFrom:", 1
        )
        assert "" == vouched(connector, self.read(connector, forged)[0])

    @pytest.mark.parametrize(
        "line",
        [
            "siti@buyer.example, evil@evil.example",
            "<evil@evil.example> <siti@buyer.example>",
            "siti@buyer.example\r\nFrom: evil@evil.example",
            "siti@buyer.example (evil@evil.example)",
        ],
    )
    def test_two_senders_are_none(self, connector, line):
        """Nobody knows which of them the server has looked at."""
        mail = write_mail(results=PASS).replace(b"Siti <siti@buyer.example>", line.encode())
        assert "" == vouched(connector, self.read(connector, mail)[0])

    def test_who_claims_to_be_her_is_in_another_conversation(self, connector):
        """Nor does a copied header bring him into hers, and the answer goes to nobody he has named."""
        (hers,) = self.read(connector, write_mail(results=PASS))
        reference = f"<{'0' * 32}.{hers.thread}@stylehub.example>"
        headers = {"References": reference, "Reply-To": "evil@evil.example"}
        (claimed,) = self.read(connector, write_mail(message_id="x@evil.example", headers=headers))
        (other,) = self.read(connector, write_mail(sender="evil@evil.example", headers={"References": reference}))
        assert 3 == len({hers.thread, claimed.thread, other.thread})
        assert "siti@buyer.example" == claimed.buyer

    def test_a_proved_mail_may_name_whom_to_answer(self, connector):
        """A shop's contact form writes for the buyer, who is not proved by it."""
        results = f"{AUTHSERV}; dmarc=pass header.from=forms.example"
        mail = write_mail(
            sender="noreply@forms.example", results=results, headers={"Reply-To": "Siti <siti@buyer.example>"}
        )
        (received,) = self.read(connector, mail)
        assert ("siti@buyer.example", "", True) == (
            received.buyer,
            vouched(connector, received),
            received.is_answered,
        )

    # --- threads ------------------------------------------------------------------------------------------------

    def test_her_answer_to_us_is_the_same_conversation(self, connector):
        (first,) = self.read(connector, write_mail())
        ours = f"<{'0' * 32}.{first.thread}@stylehub.example>"
        answer = write_mail(subject="Re: whatever", message_id="m-2@buyer.example", headers={"In-Reply-To": ours})
        assert first.thread == self.read(connector, answer)[0].thread

    @pytest.mark.parametrize(
        "subject",
        [
            "Re: Order T1001",
            "RE: re: Order T1001",
            "回复：Order T1001",
            "ตอบกลับ: Order T1001",
            "Trả lời: Order T1001",
            "Re[2]: ORDER  T1001",
        ],
    )
    def test_without_references_the_subject_tells(self, connector, subject):
        (first,), (second,) = self.read(connector, write_mail()), self.read(connector, write_mail(subject=subject))
        assert first.thread == second.thread

    def test_another_subject_and_another_buyer_are_other_conversations(self, connector):
        mails = [write_mail(), write_mail(subject="A return"), write_mail(sender="budi@buyer.example")]
        assert 3 == len({self.read(connector, mail)[0].thread for mail in mails})

    # --- what is in it ------------------------------------------------------------------------------------------

    def test_the_subject_of_a_first_mail_is_said_too(self, connector):
        (received,) = self.read(connector, write_mail("Where is it?", subject="Order T1001"))
        assert "Order T1001\nWhere is it?" == received.text
        (answer,) = self.read(connector, write_mail("Where is it?", subject="Re: Order T1001"))
        assert "Where is it?" == answer.text

    def test_files_are_facts(self, connector):
        mail = write_mail(
            files={"foto rusak.jpg": ("image/jpeg", b"\xff\xd8" * 9000), "ใบเสร็จ.pdf": ("application/pdf", b"%PDF-1.7")}
        )
        text, picture, paper = self.read(connector, mail)
        assert (Kind.TEXT, Kind.IMAGE, Kind.FILE) == (text.kind, picture.kind, paper.kind)
        told = [(file.facts["file"], file.facts["media_type"], file.facts["size"]) for file in (picture, paper)]
        assert [("foto rusak.jpg", "image/jpeg", 18000), ("ใบเสร็จ.pdf", "application/pdf", 8)] == told
        assert 3 == len({text.message_id, picture.message_id, paper.message_id})
        assert all(received.is_answered and received.thread == text.thread for received in (text, picture, paper))

    def test_a_mail_with_a_picture_only(self, connector):
        mail = write_mail("Sent from my iPhone", subject="Re: hi", files={"IMG_1.heic": ("image/heic", b"x" * 20_000)})
        assert [Kind.IMAGE] == [received.kind for received in self.read(connector, mail)]

    def test_a_senders_clock_is_believed_within_reason(self, connector):
        (received,) = self.read(
            connector, write_mail().replace(b"Date: ", b"Date: Fri, 01 Jan 2100 00:00:00 +0000\r\nX: ")
        )
        assert NOW == received.sent_at

    # --- what goes out ------------------------------------------------------------------------------------------

    async def test_a_program_says_so_and_a_person_does_not(self, connector, server):
        to = self.make_address()
        await connector.send(self.make_sending(Reply("a"), to=to))
        await connector.send(self.make_sending(Reply("b", purpose=Purpose.SERVICE), to=to))
        await connector.send(self.make_sending(Reply("c", author=Author.AGENT), to=to))
        assert ["auto-replied", "auto-generated", None] == [mail["Auto-Submitted"] for mail in server.mails]

    async def test_our_answers_are_not_answered_by_ourselves(self, connector, server):
        """What we send is read as nobody's, should it come back."""
        await connector.send(self.make_sending(Reply("a")))
        (received,) = self.read(connector, server.mails[0].as_bytes())
        assert (Author.BOT, False) == (received.author, received.is_answered)

    async def test_thai_and_long_lines_arrive_whole(self, connector, server):
        text = "พัสดุของคุณอยู่ที่กรุงเทพฯ ค่ะ " * 80 + "\n.\n" + "x" * 3000
        await connector.send(self.make_sending(Reply(text)))
        assert [text] == [shown.text for shown in server.shown]

    async def test_a_picture_is_an_address(self, connector, server):
        await connector.send(self.make_sending(Reply("", ReplyKind.IMAGE, facts={"url": "https://shop.example/a.jpg"})))
        assert ["https://shop.example/a.jpg"] == [shown.text for shown in server.shown]

    async def test_ourselves_are_never_written_to(self, connector, server):
        from channels.connector import SendError

        to = dataclasses.replace(self.make_address(), buyer="help@stylehub.example")
        with pytest.raises(SendError) as caught:
            await connector.send(self.make_sending(Reply("a"), to=to))
        assert caught.value.permanent and not server.mails


BOUNCE = b"""Return-Path: <>
From: Mail Delivery System <MAILER-DAEMON@mx.example>
To: help@stylehub.example
Subject: Undelivered Mail Returned to Sender
Date: Mon, 23 Nov 2026 01:00:00 +0000
Message-ID: <20261123.B1@mx.example>
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="B"

--B
Content-Type: text/plain

I'm sorry to have to inform you that your message could not be delivered.
--B
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example

Final-Recipient: rfc822; siti@buyer.example
Action: failed
Status: 5.1.1
--B
Content-Type: message/rfc822

From: help@stylehub.example
Subject: Re: Order T1001

Your parcel is in Bangkok.
--B--
"""

RECEIPT = b"""From: siti@buyer.example
To: help@stylehub.example
Subject: Read: Re: Order T1001
Message-ID: <r-1@buyer.example>
Content-Type: multipart/report; report-type=disposition-notification; boundary="B"

--B
Content-Type: text/plain

Your message was displayed.
--B
Content-Type: message/disposition-notification

Disposition: manual-action/MDN-sent-manually; displayed
--B--
"""

REACTION = b"""From: siti@buyer.example
To: help@stylehub.example
Subject: Re: Order T1001
Message-ID: <e-1@buyer.example>
Content-Type: multipart/alternative; boundary="B"

--B
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: 8bit

\xf0\x9f\x91\x8d
--B
Content-Type: text/vnd.google.email-reaction+json

{"emoji": "\xf0\x9f\x91\x8d", "version": 1}
--B--
"""
