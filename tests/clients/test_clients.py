"""What stands for a platform here is what the platform's own clients take for it; what we read, they read alike.

LINE's SDK is LINE's own. python-telegram-bot and pywa are the most used ones for Telegram and WhatsApp.
"""

from __future__ import annotations

import dataclasses
import json

import httpx
import pytest

from channels.connector import Account
from pasar.messages.model import Button, ReplyKind
from tests.channels import test_line, test_telegram, test_whatsapp
from tests.channels.contract import NOW
from tests.channels.line_server import TOKEN as LINE_TOKEN
from tests.channels.line_server import LineServer
from tests.channels.meta_server import TOKEN as META_TOKEN
from tests.channels.telegram_server import TOKEN as TELEGRAM_TOKEN
from tests.channels.telegram_server import TelegramServer
from tests.channels.whatsapp_server import NUMBER, WhatsAppServer
from tests.clients.installed import HERE, LOCK, run

pytestmark = pytest.mark.slow

RETURNS = Button("Returns", "/return_item")


def open_connector(contract):
    """A connector that only reads."""
    account = Account("testshop", "stylehub", {**contract.settings, "url": "http://127.0.0.1:1"})
    return contract.connector_class(account, httpx.AsyncClient())


def test_locks_name_packages_and_no_addresses():
    """Where they come from is the installation's business; that they are what was locked, their hashes say."""
    lock, node = LOCK.read_text(), json.loads((HERE / "node" / "package-lock.json").read_text())
    assert "://" not in lock and lock.count("==") <= lock.count("--hash=sha256:")
    packages = [package for name, package in node["packages"].items() if name]
    assert packages and all("integrity" in package and "resolved" not in package for package in packages)


# --- LINE -----------------------------------------------------------------------------------------------------


async def test_lines_sdk_reads_what_we_read():
    contract = test_line.TestLine()
    connector = open_connector(contract)
    bodies = [
        contract.write_text("Kapan dikirim? 🚚", "01FZ74A0TDDPYRVKNK77XKC3ZR"),
        test_line.write(test_line.change(type="postback", postback={"data": "/order_status"})),
        test_line.write(),
    ]
    calls = [*(contract.sign(body, NOW) for body in bodies), *connector.probe()]
    (forged,) = (dataclasses.replace(call, body=call.body + b" ") for call in calls[:1])
    shown = [(call.body.decode(), call.headers["x-line-signature"]) for call in (*calls, forged)]
    *read, refused = await run("line.py", do="read", secret=test_line.SECRET, calls=shown)
    assert refused is None
    ours = []
    for call in calls:
        connector.verify(call)
        ours.append(connector.parse(call))
    assert [len(events) for events in read] == [len(received) for received in ours] == [1, 1, 0, 0]
    for events, received in zip(read[:2], ours[:2], strict=True):
        (event,), (message,) = events, received
        assert (event["id"], event["user"]) == (message.message_id, message.buyer)
        assert event["token"] == message.facts["reply_token"]
        assert (event["text"] or "", event["data"] or "") == (message.text, message.payload)


async def test_lines_sdk_takes_our_server_for_line():
    async with LineServer() as server:
        server.tokens["token-1"] = test_line.USER
        server.callback = "https://bot.example/webhooks/line/main"
        question = {"url": server.base_url, "token": LINE_TOKEN, "reply_token": "token-1", "user": test_line.USER}
        done = await run("line.py", do="send", **question)
        assert ["a", "b", "c"] == [shown.text for shown in server.shown]
        assert [(), (RETURNS,), ()] == [shown.buttons for shown in server.shown]
    assert {
        "replied": 2,
        "pushed": 1,
        "again": [409, "The retry key is already accepted"],
        "spent": [400, "Invalid reply token"],
        "bot": "StyleHub",
        "webhook": ["https://bot.example/webhooks/line/main", True],
        "test": True,
    } == done


# --- Telegram ---------------------------------------------------------------------------------------------------


async def test_python_telegram_bot_reads_what_we_read():
    contract = test_telegram.TestTelegram()
    connector = open_connector(contract)
    bodies = [contract.write_text("Kapan dikirim? 🚚", "m-1"), test_telegram.write_query()]
    read = await run("telegram_bot.py", do="read", updates=[body.decode() for body in bodies])
    for body, update in zip(bodies, read, strict=True):
        (message,) = connector.parse(contract.sign(body, NOW))
        assert (str(update["update"]), update["chat"], update["user"]) == (
            message.message_id,
            message.thread,
            message.buyer,
        )
        assert (update["text"] or "", update["data"] or "") == (message.text, message.payload)


async def test_python_telegram_bot_takes_our_server_for_telegram():
    async with TelegramServer() as server:
        server.callback = "https://bot.example/webhooks/telegram/main"
        server.blocked.add("13")
        question = {"url": server.base_url, "token": TELEGRAM_TOKEN, "chat": "1111111", "blocked": "13"}
        done = await run("telegram_bot.py", do="send", **question)
        assert [("Sudah dikirim 🚚", (RETURNS,)), ("A shirt", ())] == [
            (shown.text, shown.buttons) for shown in server.shown
        ]
        assert [ReplyKind.TEXT, ReplyKind.IMAGE] == [shown.kind for shown in server.shown]
    assert ("stylehub_bot", 1, 2) == (done["me"], done["sent"], done["photo"])
    assert [server.callback, 0, ["message", "callback_query"]] == done["webhook"]
    assert "bot was blocked by the user" in done["blocked"] and "is empty" in done["empty"]
    assert done["wrong"]


# --- WhatsApp ---------------------------------------------------------------------------------------------------


async def test_pywa_reads_what_we_read():
    contract = test_whatsapp.TestWhatsApp()
    connector = open_connector(contract)
    call = contract.sign(contract.write_text("Kapan dikirim? 🚚", "wamid.1"), NOW)
    forged = dataclasses.replace(call, headers={"x-hub-signature-256": f"sha256={'0' * 64}"})
    shown = [(one.body.decode(), one.headers["x-hub-signature-256"]) for one in (call, forged)]
    read, refused = await run("whatsapp.py", do="read", secret=contract.settings["secret"], number=NUMBER, calls=shown)
    (message,) = connector.parse(call)
    assert [True, message.message_id, message.text, NUMBER] == read
    assert refused[0] is False


async def test_pywa_takes_our_server_for_whatsapp():
    async with WhatsAppServer() as server:
        question = {"url": server.base_url, "token": META_TOKEN, "number": NUMBER, "to": "16505551234"}
        done = await run("whatsapp.py", do="send", **question)
        assert ["Sudah dikirim", "What is it about?", "A shirt"] == [shown.text for shown in server.shown]
        assert (RETURNS,) == server.shown[1].buttons
    assert {"text": "wamid.1", "buttons": "wamid.2", "image": "wamid.3", "wrong": 190} == done
