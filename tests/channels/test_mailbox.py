"""A real mailbox: Dovecot by IMAP and by submission, from a buyer's mail to the bot's answer."""

from __future__ import annotations

import asyncio
import dataclasses
import datetime
import email
import email.policy
import time

import httpx
import pytest
import pytest_asyncio

from channels.collector import list_wishes
from channels.connector import Account, SendError, TokenRefusedError
from channels.email import EmailConnector
from channels.mail.mailbox import KEYWORD
from channels.marketplaces import PlatformInput
from channels.platforms import read_accounts
from pasar.messages.model import Address, Kind, Reply, Sending
from tests.channels.conftest import Server
from tests.channels.mail_contract import AUTHSERV, write_mail
from tests.channels.mail_servers import PASSWORD, dovecot  # noqa: F401
from tests.channels.smtp_server import SmtpServer, read_text
from tests.media.test_limits import JPEG
from tests.messages.databases import make_sqlite, open_store

NOW = datetime.datetime.now(datetime.timezone.utc)
PASS = f"{AUTHSERV}; dmarc=pass header.from=buyer.example"


def describe(servers, user, **changes):
    """An account whose mails go out by Dovecot's submission."""
    return {
        "shop": "stylehub",
        "address": "help@stylehub.example",
        "since": (NOW - datetime.timedelta(days=30)).date().isoformat(),
        "user": user,
        "password": PASSWORD,
        "imap_host": "127.0.0.1",
        "imap_port": str(servers.imap_port),
        "smtp_host": "127.0.0.1",
        "smtp_port": str(servers.submission_port),
        "smtp_security": "starttls",
        "ca_file": servers.ca_file,
        "authserv_id": AUTHSERV,
        "every": "1",
        **changes,
    }


@pytest_asyncio.fixture
async def open_mailbox(dovecot, request):  # noqa: F811
    """A connector on a mailbox of the test's own."""
    user = f"box{abs(hash(request.node.nodeid))}"
    async with httpx.AsyncClient() as client:

        def open_connector(**changes):
            connector = EmailConnector(Account("testshop", "stylehub", describe(dovecot, user, **changes)), client)
            opened.append(connector)
            return connector

        opened = []
        open_connector.user = user
        open_connector.deliver = lambda mail, arrived_at=None: dovecot.deliver(user, mail, arrived_at)
        yield open_connector
        for connector in opened:
            connector._mailbox.close()


class Taken(list):
    """What was accepted."""

    async def __call__(self, messages):
        self.extend(messages)


async def test_what_comes_is_fetched_once_and_left_unread(open_mailbox, dovecot):  # noqa: F811
    connector, taken = open_mailbox(), Taken()
    open_mailbox.deliver(write_mail("one", message_id="1@b.example"))
    await connector.fetch(taken)
    open_mailbox.deliver(write_mail("two", message_id="2@b.example"))
    await connector.fetch(taken)
    await connector.fetch(taken)

    assert ["1@b.example", "2@b.example"] == [received.message_id for received in taken]
    with dovecot.open(open_mailbox.user) as program:
        _, unread = program.search(None, "UNSEEN")
        _, kept = program.search(None, "KEYWORD", KEYWORD)
    assert [b"1 2"] == unread == kept


async def test_what_was_taken_before_is_not_fetched_after_a_restart(open_mailbox):
    open_mailbox.deliver(write_mail())
    taken = Taken()
    await open_mailbox().fetch(taken)
    await open_mailbox().fetch(taken)

    assert 1 == len(taken)


async def test_what_could_not_be_kept_is_fetched_again(open_mailbox):
    """The database was down: the mail is not marked, and the next look has it."""
    connector, taken = open_mailbox(), Taken()
    open_mailbox.deliver(write_mail())

    async def fail(messages):
        raise RuntimeError

    with pytest.raises(RuntimeError):
        await connector.fetch(fail)
    await connector.fetch(taken)

    assert 1 == len(taken)


async def test_two_processes_on_one_mailbox_keep_a_mail_once(open_mailbox, tmp_path):
    from channels.receiver import read_waiting

    open_mailbox.deliver(write_mail())
    first, second = open_mailbox(), open_mailbox()
    uids = [
        await asyncio.to_thread(box._mailbox.find_new, NOW.date() - datetime.timedelta(days=1))
        for box in (first, second)
    ]
    assert uids[0] == uids[1] and len(uids[0]) == 1  # both have seen it, none has marked it
    with open_store(make_sqlite(tmp_path)) as store:
        fresh = []

        async def accept(messages):
            fresh.extend(await store.inbox.accept(messages, read_waiting(first.capabilities)))

        for connector in (first, second):
            connector._mailbox.mark_taken = lambda uid: None
            await connector.fetch(accept)
    assert [True, False] == fresh


async def test_older_mail_is_peoples(open_mailbox):
    since = (NOW - datetime.timedelta(days=2)).date().isoformat()
    open_mailbox.deliver(write_mail("old", message_id="old@b.example"), NOW - datetime.timedelta(days=5))
    open_mailbox.deliver(write_mail("new", message_id="new@b.example"))
    taken = Taken()
    await open_mailbox(since=since).fetch(taken)

    assert ["new@b.example"] == [received.message_id for received in taken]


async def test_when_it_arrived_is_the_servers_to_say(open_mailbox):
    arrived = (NOW - datetime.timedelta(hours=7)).replace(microsecond=0)
    open_mailbox.deliver(write_mail().replace(b"Date:", b"X-Date:"), arrived)
    taken = Taken()
    await open_mailbox().fetch(taken)

    assert [arrived] == [received.sent_at for received in taken]


async def test_any_bytes_are_taken_and_stand_in_nobodys_way(open_mailbox):
    for body in (
        b"\xff\xfe\xfd",
        b"Content-Type: multipart/mixed; boundary=x\n\n--x\n--x\n",
        b"From: (((\n\n" + b"\xe0" * 9999,
    ):
        open_mailbox.deliver(body)
    open_mailbox.deliver(write_mail(message_id="last@b.example"))
    taken = Taken()
    await open_mailbox().fetch(taken)

    assert "last@b.example" == taken[-1].message_id
    assert [False, False, False, True] == [received.is_answered for received in taken]


async def test_a_large_mail_is_read(open_mailbox):
    photo = b"\xff\xd8\xff" + bytes(6 * 2**20)
    open_mailbox.deliver(write_mail(files={"a.jpg": ("image/jpeg", photo)}))
    taken = Taken()
    await open_mailbox().fetch(taken)

    assert len(photo) == taken[-1].facts["size"]


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"password": "wrong"}, TokenRefusedError),
        ({"folder": "Nowhere"}, SendError),
        ({"imap_port": "1"}, SendError),
        ({"ca_file": ""}, SendError),
    ],
)
async def test_what_is_wrong_is_told(open_mailbox, changes, error):
    with pytest.raises(error) as caught:
        await open_mailbox(**changes).fetch(Taken())
    assert error is type(caught.value)
    assert PASSWORD not in str(caught.value) and open_mailbox.user not in str(caught.value)


async def test_a_server_that_hangs_up_is_called_again(open_mailbox):
    connector, taken = open_mailbox(), Taken()
    await connector.fetch(taken)
    connector._mailbox._connection.sock.shutdown(2)
    open_mailbox.deliver(write_mail())
    with pytest.raises(SendError):
        await connector.fetch(taken)
    await connector.fetch(taken)

    assert 1 == len(taken)


@pytest_asyncio.fixture
async def relay(dovecot):  # noqa: F811
    """The buyer's server, to which Dovecot's submission hands on."""
    server = await SmtpServer(sender="help@stylehub.example", relay=True).begin(port=dovecot.relay_port)
    yield server
    await server.end()


async def test_a_real_submission_server_takes_an_answer(open_mailbox, relay):
    to = Address(
        "testshop", "stylehub", "a" * 40, "siti@buyer.example", NOW, {"mail_id": "m@b.example", "subject": "Hi"}
    )
    await open_mailbox().send(Sending("0" * 32, to, (Reply("Sudah dikirim 🚚\n.\nไทย"),)))

    assert ["Sudah dikirim 🚚\n.\nไทย"] == [shown.text for shown in relay.shown]
    assert f"<{'0' * 32}.{'a' * 40}@stylehub.example>" == relay.mails[0]["Message-ID"]


async def test_a_real_submission_server_refuses_a_wrong_password(open_mailbox, relay):
    to = Address("testshop", "stylehub", "a" * 40, "siti@buyer.example", NOW)
    with pytest.raises(TokenRefusedError):
        await open_mailbox(smtp_password="wrong").send(Sending("0" * 32, to, (Reply("hi"),)))
    assert not relay.mails


class Talk:
    """A mailbox, the bot, and the buyer's own mailbox behind the relay."""

    def __init__(self, servers, relay, server, user):
        self.servers, self.relay, self.server, self.user = servers, relay, server, user
        self.count = 0

    async def say(self, text, **fields):
        self.count += 1
        mail = write_mail(text, **{"message_id": f"m-{self.count}@buyer.example", "results": PASS, **fields})
        await asyncio.to_thread(self.servers.deliver, self.user, mail)

    async def wait(self, count):
        deadline = time.monotonic() + 60
        while len(self.relay.mails) < count and time.monotonic() < deadline:
            await asyncio.sleep(0.1)
        return [read_text(mail) for mail in self.relay.mails]


@pytest_asyncio.fixture
async def talk(settings, tmp_path, dovecot, relay, request):  # noqa: F811
    user = f"talk{abs(hash(request.node.nodeid))}"
    accounts = read_accounts({"email": {"main": describe(dovecot, user)}})
    server = await asyncio.to_thread(Server, tmp_path, lambda store: [PlatformInput(accounts, store)])
    yield Talk(dovecot, relay, server, user)
    await asyncio.to_thread(server.stop)
    server.store.dispose()


async def test_a_mail_is_answered_and_so_is_the_answer_to_it(talk):
    await talk.say("hello", subject="Re: my order")
    assert ["You said: hello"] == await talk.wait(1)
    (answer,) = talk.relay.mails
    assert ("<m-1@buyer.example>", "Re: my order", "auto-replied") == (
        answer["In-Reply-To"], answer["Subject"], answer["Auto-Submitted"],
    )  # fmt: skip
    quoted = "choose\n\nOn Mon, Nov 23, 2026 at 9:41 AM StyleHub <help@stylehub.example> wrote:\n> You said: hello\n"
    await talk.say(quoted, subject="another subject", headers={"References": str(answer["Message-ID"])})
    assert "What is it about?\n1. Order status\n2. Returns" == (await talk.wait(2))[1]
    await talk.say("2", subject="Re: my order", headers={"In-Reply-To": str(talk.relay.mails[1]["Message-ID"])})
    assert "You said: /return_item" == (await talk.wait(3))[2]
    heard = talk.server.bot.heard
    assert 1 == len({message.sender_id for message in heard})
    assert [{"email": "siti@buyer.example"}] * 3 == [message.metadata.get("buyer") for message in heard]


async def test_who_is_not_proved_is_answered_as_a_stranger(talk):
    await talk.say("hello", results=None, subject="Re: x")
    assert ["You said: hello"] == await talk.wait(1)
    assert "buyer" not in talk.server.bot.heard[0].metadata


async def test_programs_that_answer_each_other_come_to_an_end(talk):
    """The other one says nothing of being one, and begins a new thread each time."""
    answered = 0
    deadline = time.monotonic() + 150
    while answered < 11 and time.monotonic() < deadline:
        await talk.say(f"We have received your message {answered}", subject=f"Ticket {answered}")
        answered += 1
    while time.monotonic() < deadline:
        depth = await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(_count_ended(talk), talk.server._loop))
        if depth >= 11:
            break
        await asyncio.sleep(0.2)
    assert 10 == len(talk.relay.mails)


async def _count_ended(talk):
    import sqlalchemy as sa

    from pasar.settings import load_settings

    engine = sa.create_engine(load_settings().database)
    with engine.connect() as connection:
        count = connection.execute(sa.text("SELECT COUNT(*) FROM outbox WHERE state <> 'waiting'")).scalar()
    engine.dispose()
    return count


async def test_two_bots_that_say_so_do_not_begin(talk):
    """Our own answer, delivered to ourselves as another bot's would be."""
    await talk.say("hello", subject="Re: x")
    await talk.wait(1)
    mail = email.message_from_bytes(talk.relay.raw[0], policy=email.policy.SMTP)
    mail.replace_header("From", "bot@other.example")
    mail.replace_header("Message-ID", "<their@other.example>")
    await asyncio.to_thread(talk.servers.deliver, talk.user, mail.as_bytes())
    await talk.say("and now?", subject="Re: x")
    assert ["You said: hello", "You said: and now?"] == await talk.wait(2)
    assert 2 == len(talk.server.bot.heard)


async def test_an_attachment_is_fetched_from_the_mailbox(open_mailbox):
    """Also once the mail was read, and after another one was delivered; one that was deleted is lost."""
    connector, taken = open_mailbox(), Taken()
    files = {"tas.jpg": ("image/jpeg", JPEG), "invoice.pdf": ("application/pdf", b"%PDF-1.7 " + bytes(100_000))}
    open_mailbox.deliver(write_mail("two files", message_id="files@b.example", files=files))
    open_mailbox.deliver(write_mail("no file", message_id="none@b.example"))
    await connector.fetch(taken)
    wishes = list_wishes(taken)
    assert [(Kind.IMAGE, "tas.jpg"), (Kind.FILE, "invoice.pdf")] == [(wish.kind, wish.name) for wish in wishes]
    assert [data for _, data in files.values()] == [(await connector.fetch_media(wish)).data for wish in wishes]

    for facts in ({"mail_id": "gone@b.example"}, {"media_id": "files@b.example#9"}, {"mail_id": ""}):
        with pytest.raises(SendError) as caught:
            await connector.fetch_media(dataclasses.replace(wishes[0], facts={**wishes[0].facts, **facts}))
        assert caught.value.permanent
    with pytest.raises(TokenRefusedError):
        await open_mailbox(password="wrong").fetch_media(wishes[0])
