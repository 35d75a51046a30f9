"""`make check-channel` of what the bot asks: mailboxes (Dovecot and an SMTP server) and live streams; nobody calls it."""

from __future__ import annotations

import dataclasses
import datetime
import pathlib
import uuid

import httpx
import pytest
import pytest_asyncio

from channels.check import check_account
from channels.findings import Level
from pasar.commerce.platforms.tokens import Token
from tests.channels.facebooklive_server import LIVE, PAGE, FacebookLiveServer
from tests.channels.mail_contract import AUTHSERV, write_mail
from tests.channels.mail_servers import PASSWORD, dovecot  # noqa: F401
from tests.channels.meta_server import TOKEN
from tests.channels.shopeelive_server import SESSION, USER_ID, ShopeeLiveServer
from tests.channels.smtp_server import SmtpServer
from tests.commerce.platforms.server import MemoryTokens
from tests.commerce.platforms.shopee_server import PARTNER_ID, PARTNER_KEY

TODAY = datetime.datetime.now(datetime.timezone.utc).date()
PASS = f"{AUTHSERV}; dmarc=pass header.from=buyer.example"


@dataclasses.dataclass
class Asked:
    """An account that is connected as it should be."""

    platform: str
    server: object
    settings: dict[str, str]
    tokens: MemoryTokens | None = dataclasses.field(default_factory=MemoryTokens)

    async def check(self, **changes):
        """By subject; what is not good must say what to do, and nothing may tell a secret."""
        settings = {name: value for name, value in {**self.settings, **changes}.items() if value is not None}
        async with httpx.AsyncClient() as client:
            found = await check_account(self.platform, "main", settings, client, self.tokens, "", "")
        assert all(finding.advice for finding in found if finding.level is not Level.GOOD)
        told = " ".join(f"{finding.words} {finding.advice}" for finding in found)
        assert not [secret for secret in (PASSWORD, TOKEN, PARTNER_KEY, "quite another") if secret in told]
        return {finding.subject: finding for finding in found}

    async def find_fault(self, **changes):
        """The one thing that is wrong."""
        found = await self.check(**changes)
        (fault,) = [finding for finding in found.values() if finding.level is not Level.GOOD]
        return fault.subject, fault.level, fault.words


# --- mailboxes ------------------------------------------------------------------------------------------------


@pytest_asyncio.fixture
async def relay(dovecot):  # noqa: F811
    """Where Dovecot's submission hands mails on."""
    server = await SmtpServer(relay=True).begin(port=dovecot.relay_port)
    yield server
    await server.end()


@pytest.fixture(params=["email", "amazon"])
def mail(request, dovecot, relay):  # noqa: F811
    user = f"check-{uuid.uuid4().hex}"
    dovecot.deliver(user, write_mail(results=PASS))
    dovecot.deliver(user, write_mail())
    settings = {
        "shop": "stylehub",
        "address": "help@stylehub.example",
        "since": TODAY.isoformat(),
        "user": user,
        "password": PASSWORD,
        "imap_host": "127.0.0.1",
        "imap_port": str(dovecot.imap_port),
        "smtp_host": "127.0.0.1",
        "smtp_port": str(dovecot.submission_port),
        "smtp_security": "starttls",
        "ca_file": dovecot.ca_file,
        "authserv_id": AUTHSERV,
    }
    return Asked(request.param, relay, settings)


async def test_a_mailbox_that_is_connected_is_green(mail, dovecot):  # noqa: F811
    """No address of ours is needed; no mail is sent, none is marked."""
    found = await mail.check()
    assert [Level.GOOD] * 5 == [finding.level for finding in found.values()]
    assert ["settings", "imap", "proof", "smtp", "callback"] == list(found)
    assert "nobody calls it" in found["callback"].words
    assert "1 of the last 2" in found["proof"].words
    assert [] == mail.server.mails
    with dovecot.open(mail.settings["user"]) as program:
        assert [b"1 2"] == program.search(None, "UNSEEN", "UNFLAGGED", "UNKEYWORD", "$PasarKept")[1]


@pytest.mark.parametrize(
    ("changes", "subject", "words"),
    [
        ({"smtp_user": "shop", "smtp_password": "quite another"}, "smtp", "refuses user or password"),
        ({"imap_host": "imap.pasar.invalid"}, "imap", "nobody knows the name imap.pasar.invalid"),
        ({"smtp_host": "smtp.pasar.invalid"}, "smtp", "nobody knows the name smtp.pasar.invalid"),
        ({"imap_port": "1"}, "imap", "127.0.0.1 does not answer"),
        ({"smtp_port": "1"}, "smtp", "127.0.0.1 does not answer"),
        ({"folder": "Nowhere"}, "imap", "there is no such folder"),
        ({"smtp_security": "tls"}, "smtp", "does not speak TLS"),
        ({"address": "nobody"}, "settings", "must be an e-mail address"),
        ({"since": "soon"}, "settings", "since must be a day"),
        ({"password": "${NOT_SET}"}, "settings", "environment variable"),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, dict) else "",
)
async def test_what_is_wrong_with_a_mailbox(mail, changes, subject, words):
    told, level, said = await mail.find_fault(**changes)
    assert (subject, Level.BAD) == (told, level)
    assert words in said


async def test_both_servers_are_asked_whatever_one_says(mail):
    """One password for both, and a certificate that nobody has signed."""
    for changes, words in (({"password": "quite another"}, "refuses user"), ({"ca_file": None}, "is not believed")):
        found = await mail.check(**changes)
        bad = {subject: finding.words for subject, finding in found.items() if finding.level is Level.BAD}
        assert {"imap", "smtp"} == bad.keys()
        assert all(words in said for said in bad.values())


async def test_a_sender_that_is_not_the_users(mail):
    trust = pathlib.Path(mail.settings["ca_file"])
    server = await SmtpServer(sender="other@stylehub.example").begin(str(trust), str(trust.with_name("key.pem")))
    changes = {"smtp_port": str(server.port), "smtp_security": "tls", "smtp_user": "shop"}
    try:
        subject, level, words = await mail.find_fault(**changes)
        assert ("smtp", Level.BAD) == (subject, level)
        assert "takes no mail from help@stylehub.example (SMTP mail 553 5.7.1)" in words
        server.sender = "help@stylehub.example"
        assert "none was sent" in (await mail.check(**changes))["smtp"].words
        assert [] == server.mails
    finally:
        await server.end()


async def test_what_cannot_be_proved_is_a_doubt(mail, dovecot):  # noqa: F811
    (subject, level, words) = await mail.find_fault(authserv_id="mx.elsewhere.example")
    assert ("proof", Level.DOUBTFUL) == (subject, level)
    assert "none of the last 2 mails" in words
    empty = f"check-{uuid.uuid4().hex}"
    assert "there is no mail yet" in (await mail.find_fault(user=empty))[2]


async def test_without_authserv_id(mail):
    subject, level, words = await mail.find_fault(authserv_id=None)
    if mail.platform == "amazon":  # none of its mails would be answered
        assert ("settings", Level.BAD) == (subject, level)
        assert "authserv_id" in words
    else:
        assert ("proof", Level.DOUBTFUL) == (subject, level)


async def test_a_day_that_is_still_to_come(mail):
    later = TODAY + datetime.timedelta(days=2)
    found = await mail.check(since=later.isoformat())
    assert (Level.DOUBTFUL, True) == (found["imap"].level, f"nothing is read before {later}" in found["imap"].words)


# --- live streams ---------------------------------------------------------------------------------------------


@pytest_asyncio.fixture
async def shopee():
    async with ShopeeLiveServer() as server:
        settings = {
            "shop": "stylehub",
            "partner_id": str(PARTNER_ID),
            "partner_key": PARTNER_KEY,
            "user_id": str(USER_ID),
            "session": SESSION,
            "url": server.base_url,
        }
        asked = Asked("shopeelive", server, settings)
        until = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(hours=1)
        asked.tokens.tokens["stylehub-live", "shopee"] = Token(*server.issue(), until)
        yield asked


@pytest_asyncio.fixture
async def facebook():
    async with FacebookLiveServer() as server:
        settings = {"shop": "stylehub", "page": PAGE, "token": TOKEN, "url": server.base_url}
        yield Asked("facebooklive", server, settings)


@pytest.fixture(params=["shopee", "facebook"])
def live(request):
    return request.getfixturevalue(request.param)


async def test_streams_that_are_connected_are_green(live):
    live.server.say("cod?")
    found = await live.check()
    assert [Level.GOOD] * 4 == [finding.level for finding in found.values()]
    assert "nobody calls it" in found["callback"].words
    assert {"GET"} == {seen.method for seen in live.server.seen}
    assert [] == live.server.said


async def test_a_platform_of_streams_that_is_down(live):
    live.server.break_next(9, status=503)
    subject, level, words = await live.find_fault()
    assert ("keys", Level.BAD) == (subject, level)
    assert "503" in words
    subject, level, words = await live.find_fault(url="http://127.0.0.1:1")
    assert ("keys", Level.BAD) == (subject, level)
    assert "could not be asked" in words


@pytest.mark.parametrize("body", [b"<html>busy</html>", b"[]", b"null", b'{"data": 5, "response": 1}'])
async def test_answers_of_another_shape(live, body):
    live.server.break_next(9, body=body)
    assert [] != [finding for finding in (await live.check()).values() if finding.level is not Level.GOOD]


async def test_a_streamers_token_that_is_refused(shopee):
    shopee.server.access.clear()
    shopee.server.refresh.clear()
    subject, level, words = await shopee.find_fault()
    assert ("keys", Level.BAD) == (subject, level)
    assert "refuses the token" in words
    shopee.tokens = None
    assert "refuses the token" in (await shopee.find_fault())[2]


async def test_a_key_or_a_streamer_of_another(shopee):
    assert "error_sign" in (await shopee.find_fault(partner_key="quite another"))[2]
    assert "error_auth" in (await shopee.find_fault(user_id="1"))[2]
    assert "must be digits" in (await shopee.find_fault(user_id="me"))[2]


async def test_a_session_of_another(shopee):
    subject, level, words = await shopee.find_fault(session="7")
    assert ("session", Level.BAD) == (subject, level)
    assert "is not belong to you" in words
    assert "is no number" in (await shopee.find_fault(session="mine"))[2]


async def test_a_session_that_has_ended_or_is_not_named(shopee):
    assert "the host names" in (await shopee.check(session=None))["session"].words
    shopee.server.status = 2
    assert ("session", Level.DOUBTFUL) == (await shopee.find_fault())[:2]


async def test_a_page_token_that_is_refused_or_anothers(facebook):
    subject, level, words = await facebook.find_fault(token="quite another")
    assert ("keys", Level.BAD) == (subject, level)
    assert "refuses the token" in words
    assert f"is for StyleHub ({PAGE}), not for page 1" in (await facebook.find_fault(page="1"))[2]
    facebook.server.owner = "1"
    assert f"is for StyleHub (1), not for page {PAGE}" in (await facebook.find_fault())[2]


async def test_comments_are_tried_while_a_stream_is_on(facebook):
    assert f"on now: {LIVE}" in (await facebook.check())["streams"].words
    facebook.server.status = "VOD"
    facebook.server.seen.clear()
    assert "none is on" in (await facebook.check())["streams"].words
    assert [] == facebook.server.calls("comments")
