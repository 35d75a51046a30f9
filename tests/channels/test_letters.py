"""Dead letters, by command and at the desk."""

from __future__ import annotations

import asyncio
import json
import os
import pathlib
import subprocess
import sys
import time
import uuid

import httpx
import pytest

from channels import __main__ as command
from channels.marketplaces import PlatformInput
from channels.platforms import read_accounts
from pasar.messages.model import Address, Button, Reply, ReplyKind
from pasar.messages.outbox import Outgoing
from pasar.messages.sql import SqlDatabase
from pasar.messages.sql_outbox import SqlOutbox
from pasar.settings import load_settings
from tests.channels.conftest import Server
from tests.channels.line_server import TOKEN, LineServer
from tests.channels.test_line import SECRET

PROJECT = pathlib.Path(__file__).resolve().parents[2]


async def bury(channel, text):
    """Something that was given up; its number."""
    database = SqlDatabase(load_settings().database)
    outbox = SqlOutbox(database, renew=False)
    try:
        to = Address("main", "stylehub", "U1", "U1")
        reply = Reply(text, ReplyKind.BUTTONS, (Button("Yes", "/affirm"),))
        await outbox.put([Outgoing(uuid.uuid4().hex, f"{channel}:main:U1", channel, to, (reply,))])
        (claimed,) = await outbox.claim(1)
        await outbox.bury(claimed, "HTTP 400 no such buyer")
        return claimed.number
    finally:
        outbox.close()
        database.close()


@pytest.fixture
def letters(settings):
    """Two of LINE, one of Zalo; their numbers."""
    return [asyncio.run(bury(channel, f"secret words {channel}")) for channel in ("line", "zalo", "line")]


def run(capsys, *arguments):
    status = command.main(["dead-letters", *map(str, arguments)])
    return status, capsys.readouterr().out


def test_the_list_says_why_and_not_what(letters, capsys):
    status, shown = run(capsys)
    assert (0, letters[::-1]) == (status, [int(line.split()[0]) for line in shown.splitlines()])
    assert "HTTP 400 no such buyer" in shown and "line/main" in shown
    assert "secret words" not in shown and "U1" not in shown


def test_a_list_of_one_channel(letters, capsys):
    assert [str(letters[1])] == [line.split()[0] for line in run(capsys, "list", "--channel", "zalo")[1].splitlines()]
    assert "no dead letters" in run(capsys, "list", "--channel", "ebay")[1]
    assert "the latest 2" in run(capsys, "list", "--limit", 2)[1]


def test_one_is_shown_with_its_words(letters, capsys):
    status, shown = run(capsys, "show", letters[0])
    assert status == 0 and "secret words line" in shown and "(Yes)" in shown and "line:main:U1" in shown
    assert (1, "999 is no dead letter\n") == run(capsys, "show", 999)


def test_some_are_sent_again(letters, capsys):
    assert 0 == run(capsys, "resend", *letters[:2])[0]
    status, shown = run(capsys, "resend", letters[0])
    assert status == 1 and "is no dead letter" in shown
    assert [str(letters[2])] == [line.split()[0] for line in run(capsys)[1].splitlines()]


def test_all_of_a_channel_are_sent_again(letters, capsys):
    assert (0, "2 dead letters go out again, as soon as a bot runs\n") == run(
        capsys, "resend", "--all", "--channel", "line"
    )
    assert (0, "1 dead letters go out again, as soon as a bot runs\n") == run(capsys, "resend", "--all")
    assert "no dead letters" in run(capsys)[1]


@pytest.mark.parametrize(
    "arguments", [("resend",), ("resend", "--all", "1"), ("resend", "1", "--channel", "line")], ids=" ".join
)
def test_what_is_meant_must_be_said(settings, capsys, arguments):
    assert (2, "") == run(capsys, *arguments)


@pytest.mark.parametrize("arguments", [("burn",), ("list", "--channel", "fax"), ("show", "one")], ids=" ".join)
def test_what_is_not_known_is_refused(settings, arguments):
    with pytest.raises(SystemExit):
        command.main(["dead-letters", *arguments])


def test_launch_passes_it_on(letters):
    """With its exit status."""
    begin = [sys.executable, "-m", "launch", "dead-letters"]
    listed = subprocess.run([*begin, "list"], cwd=PROJECT, env=os.environ, capture_output=True, text=True, check=False)
    assert (0, 3) == (listed.returncode, len(listed.stdout.splitlines()))
    gone = subprocess.run([*begin, "show", "999"], cwd=PROJECT, env=os.environ, capture_output=True, check=False)
    assert 1 == gone.returncode


# --- the desk -------------------------------------------------------------------------------------------------


@pytest.fixture
def desk(letters, tmp_path, desk_headers):
    """A client of the desk, beside a bot on LINE."""
    with httpx.Client(headers=dict(desk_headers), timeout=20) as client:
        line = {"shop": "stylehub", "secret": SECRET, "token": TOKEN, "url": "http://127.0.0.1:1"}
        accounts = read_accounts({"line": {"main": line}})
        server = Server(tmp_path, lambda store: [PlatformInput(accounts, store)])
        client.base_url = f"{server.url}/desk/dead-letters"
        yield client
        server.stop()
        server.store.dispose()


def test_the_desk_lists_shows_and_sends_again(desk, letters):
    listed = desk.get("")
    assert letters[::-1] == [letter["number"] for letter in listed.json()]
    assert "secret words" not in listed.text
    zalo = letters[1]
    assert [zalo] == [letter["number"] for letter in desk.get("", params={"channel": "zalo"}).json()]
    shown = desk.get(f"/{zalo}").json()
    assert ("HTTP 400 no such buyer", "zalo:main:U1") == (shown["reason"], shown["conversation_id"])
    assert [("secret words zalo", ["Yes"])] == [(reply["text"], reply["buttons"]) for reply in shown["replies"]]
    assert [202, 404] == [desk.post(f"/{zalo}/resend").status_code for _ in range(2)]
    assert [letters[2], letters[0]] == [letter["number"] for letter in desk.get("").json()]
    assert 404 == desk.get("/999").status_code == desk.post("/999/resend").status_code


def test_strangers_see_none(desk, letters):
    strangers = {"Authorization": "Bearer wrong"}
    answers = [desk.get("", headers=strangers), desk.get(f"/{letters[0]}", headers=strangers)]
    answers.append(desk.post(f"/{letters[0]}/resend", headers=strangers))
    assert [401, 401, 401] == [answer.status_code for answer in answers]
    assert 3 == len(desk.get("").json())


def test_a_desk_without_platforms_has_none(server, desk_headers):
    headers = dict(desk_headers)
    assert [] == httpx.get(f"{server.url}/desk/dead-letters", headers=headers).json()
    assert 404 == httpx.get(f"{server.url}/desk/dead-letters/1", headers=headers).status_code


async def test_what_is_sent_again_arrives(settings, tmp_path, desk_headers):
    """Refused for good, then sent again from the desk: the buyer sees it once."""
    async with LineServer() as line:
        settings_of_line = {"shop": "stylehub", "secret": SECRET, "token": TOKEN, "url": line.base_url}
        accounts = read_accounts({"line": {"main": settings_of_line}})
        number = await bury("line", "Yes, we have it")
        server = await asyncio.to_thread(Server, tmp_path, lambda store: [PlatformInput(accounts, store)])
        async with httpx.AsyncClient(base_url=server.url, headers=dict(desk_headers), timeout=20) as client:
            health = (await client.get("/webhooks/platforms")).json()
            assert 1 == health["channels"]["line"]["dead_letters"]
            assert 202 == (await client.post(f"/desk/dead-letters/{number}/resend")).status_code
            deadline = time.monotonic() + 60
            while not line.shown and time.monotonic() < deadline:
                await asyncio.sleep(0.05)
            assert ["Yes, we have it"] == [shown.text for shown in line.shown]
            assert "Yes" not in json.dumps(health)
        await asyncio.to_thread(server.stop)
        server.store.dispose()
