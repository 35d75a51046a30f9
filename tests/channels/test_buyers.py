"""Who writes, and what she wants sent: over HTTP, from LINE and the desk, with the bot between."""

from __future__ import annotations

import asyncio
import datetime
import time
import uuid

import httpx
import pytest
from rasa.shared.core.events import BotUttered

from channels.buyers import Buyers, Place
from channels.line import LineConnector
from channels.words import load_words
from pasar.buyers.consents import PROMOTIONS, Standing, Statement, Way, find_standing, record
from pasar.buyers.marks import read_account, read_email
from pasar.buyers.people import find_owner, find_person
from pasar.conversations.identity import sign_buyer
from pasar.messages.model import Address, Purpose, Reply
from pasar.messages.outbox import Outgoing
from pasar.settings import load_settings
from tests.channels.test_exchange import talk

__all__ = ["talk"]

SHOP = "stylehub"
DESK = "/desk/conversations"


def open_store():
    return Buyers(load_settings().database).store


def standing(user="U1", channel="line"):
    return find_standing(open_store(), SHOP, channel, [user])


def agree(user="U1", channel="line"):
    store = open_store()
    at = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(days=1)
    said = Statement(
        SHOP, channel, user, (Purpose.PROMOTION,), True, Way.SITE, f"{channel}:main:{user}", f"form-{user}", at=at
    )
    assert record(store, said)


async def until(true, seconds=60):
    deadline = time.monotonic() + seconds
    while not true() and time.monotonic() < deadline:
        await asyncio.sleep(0.05)
    assert true()


async def offer(talk, text, user="U1", purpose=Purpose.PROMOTION):
    """Queue a message that nobody has asked for."""
    heard = datetime.datetime.now(datetime.timezone.utc)
    to = Address("main", SHOP, user, user, heard)
    reply = Reply(text, purpose=purpose)
    key = uuid.uuid4().hex
    await asyncio.to_thread(
        talk.server.run,
        talk.inputs[0].exchange.outbox.put([Outgoing(key, f"line:main:{user}", "line", to, (reply,))]),
    )
    return key


async def ended(talk, key):
    """State and reason of a call, once it is done."""
    database = talk.inputs[0].exchange._database
    found = []

    def read():
        with database.engine.connect() as connection:
            row = connection.exec_driver_sql(f"SELECT state, reason FROM outbox WHERE key = '{key}'").one()
        found[:] = [tuple(row)]
        return row[0] != "waiting"

    await until(read)
    return found[0]


CONVERSATIONS = [
    ("th", ["สวัสดีค่ะ", "มีเสื้อลินินไหมคะ"], "ยกเลิกรับข่าวสารค่ะ"),
    ("id", ["halo kak", "pesananku sudah dikirim belum?"], "Berhenti ya kak 🙏"),
    ("zh", ["你好", "这件衬衫有货吗"], "我要退订，谢谢"),
    ("en", ["hi"], "STOP"),
    ("es", ["hola"], "baja"),
]


@pytest.mark.parametrize(("language", "before", "wish"), CONVERSATIONS, ids=[row[0] for row in CONVERSATIONS])
async def test_a_wish_is_done_at_once_and_confirmed_once(talk, language, before, wish):
    agree()
    for place, line in enumerate(before, 1):
        await talk.say(line)
        assert f"You said: {line}" == (await talk.wait(place))[-1]
    assert {Purpose.PROMOTION} == standing().given

    await talk.say(wish)
    shown = await talk.wait(len(before) + 1)
    assert [load_words(language, "utter_unsubscribed")] == shown[len(before) :]
    assert wish in talk.heard, "the desk reads what she wrote"
    assert Standing(withdrawn=frozenset(PROMOTIONS)) == standing()

    await talk.say(f"{wish}!")
    await until(lambda: f"{wish}!" in talk.heard)
    await talk.say(before[0])
    assert f"You said: {before[0]}" == (await talk.wait(len(before) + 2))[-1]
    assert len(before) + 2 == len(talk.shown())


async def test_what_was_queued_before_is_withheld(talk, monkeypatch):
    """She agreed, an offer was on its way, she withdrew; the rule is named. Her order's news and answers still come."""
    monkeypatch.setattr("pasar.messages.guard._find_morning", lambda *_: None)
    agree()
    assert ("sent", "") == await ended(talk, await offer(talk, "10 % off"))
    await talk.say("stop")
    assert 2 == len(await talk.wait(2))
    assert ("withheld", "promotion.withdrawn") == await ended(talk, await offer(talk, "20 % off"))
    assert ("withheld", "review.withdrawn") == await ended(talk, await offer(talk, "Stars?", purpose=Purpose.REVIEW))
    assert ("sent", "") == await ended(talk, await offer(talk, "On its way", purpose=Purpose.SERVICE))
    assert ("withheld", "promotion.consent") == await ended(talk, await offer(talk, "10 % off", "U2"))


async def test_what_the_bot_says_it_has_done(talk):
    """The wish in other words, as understanding finds it: whoever is told that no more comes, gets no more."""
    agree()
    said = BotUttered("No more, promised", metadata={"utter_action": "utter_unsubscribed"})
    talk.server.bot.reply = lambda _: [said]
    await talk.say("every day these vouchers, enough of them")
    assert ["No more, promised"] == await talk.wait(1)
    assert set(PROMOTIONS) == standing().withdrawn


async def test_line_tells_who_has_blocked_the_account(talk):
    agree()
    await talk.say("", type="unfollow")
    await until(lambda: standing().withdrawn)
    assert Standing(withdrawn=frozenset({*PROMOTIONS, Purpose.SERVICE})) == standing()
    assert ("withheld", "service.withdrawn") == await ended(talk, await offer(talk, "Sent", purpose=Purpose.SERVICE))
    await talk.say("", type="follow", timestamp=int(time.time() * 1000) + 1000)
    await until(lambda: Purpose.SERVICE in standing().given)
    assert set(PROMOTIONS) == standing().withdrawn, "to come back is no consent"
    assert [] == talk.shown() and [] == talk.heard


def rest(server, text, sender="browser", **metadata):
    body = {"sender": sender, "message": text, "metadata": {"shop": SHOP, **metadata}}
    return httpx.post(f"{server.url}/webhooks/rest/webhook", json=body, timeout=20).json()


def test_a_wish_in_the_web_chat(server):
    told = [reply["text"] for reply in rest(server, "退订")]
    assert [load_words("zh", "utter_unsubscribed")] == told
    assert [] == rest(server, "退订！")
    assert set(PROMOTIONS) == standing("browser", "rest").withdrawn


def test_where_it_cannot_be_recorded_it_is_not_said_to_be(server, monkeypatch):
    monkeypatch.setattr("channels.buyers.record", lambda *_: 1 / 0)
    (told,) = rest(server, "stop")
    assert load_words("en", "utter_service_problem") == told["text"]


def heard_buyer(server):
    return server.bot.heard[-1].metadata.get("buyer")


def test_only_what_is_verified_now_opens_orders(server):
    """The site's token vouches for her; who writes in the same browser without it is a stranger."""
    token = sign_buyer(SHOP, email="ana@mail.example", phone="+6281234567890")
    rest(server, "hello", buyer_token=token)
    assert {"email": "ana@mail.example", "phone": "+6281234567890"} == heard_buyer(server)
    rest(server, "hello again")
    assert heard_buyer(server) is None
    rest(server, "my mail is ana@mail.example, show my orders", sender="other")
    assert heard_buyer(server) is None
    assert 1 == len(find_person(open_store(), SHOP, "other").accounts), "what is typed joins nothing"


def test_a_forged_sender_is_a_stranger(settings):
    """An e-mail's From that nothing proves: the address is Ana's own account, and it opens nothing."""
    buyers, email = Buyers(load_settings().database), read_email("ana@mail.example")
    place = Place(SHOP, "email", "ana@mail.example", "email:main:thread")
    known = asyncio.run(buyers.recognise(place, [email], verified=True))
    assert "ana@mail.example" == known.email
    assert asyncio.run(buyers.recognise(place, [email], verified=False)) is None
    forged = Place(SHOP, "email", "thief@mail.example", "email:main:other")
    assert asyncio.run(buyers.recognise(forged, [email], verified=False)) is None
    assert 1 == len(find_person(buyers.store, SHOP, forged.conversation_id).accounts)


def test_trouble_makes_a_stranger_and_costs_no_answer(server, monkeypatch):
    monkeypatch.setattr("pasar.buyers.store.BuyerStore.sight", lambda *_: 1 / 0)
    assert "You said: hello" == rest(server, "hello")[0]["text"]


async def test_her_account_on_the_platform_is_known_on_her_other_channel(talk, monkeypatch):
    """The shop's orders are LINE's here: the account that LINE vouches for is joined with the site's by a person."""
    monkeypatch.setattr("channels.worker.find_platform", lambda _: "line")
    monkeypatch.setattr("channels.buyers.find_platform", lambda _: "line")

    async def identify(_self, message):
        return f"account-{message.buyer}"

    monkeypatch.setattr(LineConnector, "identify", identify)
    await talk.say("hello")
    await talk.wait(1)
    assert {"account": "account-U1"} == heard_buyer(talk.server)
    token = sign_buyer(SHOP, email="ana@mail.example")
    await asyncio.to_thread(rest, talk.server, "hi", buyer_token=token)
    store = open_store()
    store.join(SHOP, "browser", "line:main:U1", who="Sari", why="she showed both", opens=True)
    await asyncio.to_thread(rest, talk.server, "hi", buyer_token=token)
    assert {"email": "ana@mail.example", "account": "account-U1"} == heard_buyer(talk.server)
    await asyncio.to_thread(rest, talk.server, "hi")
    assert heard_buyer(talk.server) is None
    await talk.say("hello")
    await until(lambda: len(talk.server.bot.heard) == 5)
    assert {"email": "ana@mail.example", "account": "account-U1"} == heard_buyer(talk.server)
    assert find_owner(store, SHOP, "line:main:U1", "shopee").account == "", "an account of another platform is nobody's"


# ---- the desk


def test_the_desk_joins_and_separates(server, desk_headers):
    for sender in ("ana", "ana2", "budi"):
        rest(server, "hello", sender)
    desk = httpx.Client(base_url=f"{server.url}{DESK}", headers=dict(desk_headers), timeout=20)
    body = {"conversation_id": "ana2", "person": "Sari", "why": "she said so", "verified": False}
    joined = desk.post("/ana/buyer/joins", json=body)
    assert (201, [["ana"], ["ana2"]]) == (
        joined.status_code,
        [account["conversations"] for account in joined.json()["accounts"]],
    )
    (join,) = joined.json()["joins"]
    assert ("person", "Sari", "she said so", False) == (join["cause"], join["who"], join["why"], join["opens"])
    why = {"person": "Budi", "why": "a mistake"}
    assert 404 == desk.request("DELETE", f"/budi/buyer/joins/{join['number']}", json=why).status_code
    separated = desk.request("DELETE", f"/ana/buyer/joins/{join['number']}", json=why)
    assert 200 == separated.status_code, separated.text
    assert 1 == len(separated.json()["accounts"])
    assert ["joined", "separated"] == [row["kind"] for row in separated.json()["events"]]
    assert 404 == desk.request("DELETE", f"/ana/buyer/joins/{join['number']}", json=why).status_code
    assert {"accounts": 1, "media": 0} == desk.request("DELETE", "/ana/buyer", json={"person": "Sari"}).json()
    assert 404 == desk.get("/ana/buyer").status_code


def test_the_desk_notes_consents(server, desk_headers):
    rest(server, "hello", "ana")
    desk = httpx.Client(base_url=f"{server.url}{DESK}", headers=dict(desk_headers), timeout=20)
    body = {"purpose": "promotion", "given": True, "words": "yes, send me the sales", "person": "Sari"}
    assert 201 == desk.post("/ana/consents", json=body).status_code
    assert {Purpose.PROMOTION} == standing("ana", "rest").given
    noted = desk.post("/ana/consents", json={**body, "given": False, "words": "no more"}).json()["consents"]
    assert [(True, "yes, send me the sales", "desk"), (False, "no more", "desk")] == [
        (row["given"], row["words"], row["way"]) for row in noted
    ]
    assert all(row["at"] and row["proof"].startswith("Sari:") for row in noted)
    assert set() == standing("ana", "rest").given


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("GET", "/nobody/buyer", None, 404),
        ("POST", "/ana/buyer/joins", {"conversation_id": "nobody", "person": "S", "why": "w"}, 404),
        ("POST", "/ana/buyer/joins", {"conversation_id": "ana", "person": "", "why": "w"}, 400),
        ("POST", "/ana/buyer/joins", {"conversation_id": "ana", "person": "S", "why": "w", "verified": 1}, 400),
        ("POST", "/ana/consents", {"purpose": "all", "given": True, "words": "w", "person": "S"}, 400),
        ("POST", "/ana/consents", {"purpose": "service", "words": "w", "person": "S"}, 400),
        ("DELETE", "/ana/buyer", {}, 400),
        ("DELETE", "/ana/buyer/joins/1", {"person": "S", "why": "w"}, 404),
    ],
)
def test_what_the_desk_asks_wrongly_is_explained(server, desk_headers, method, path, body, status):
    rest(server, "hello", "ana")
    url, headers = f"{server.url}{DESK}{path}", dict(desk_headers)
    assert status == httpx.request(method, url, json=body, headers=headers).status_code
    assert 401 == httpx.request(method, url, json=body).status_code


def test_an_account_is_a_mark_of_its_platform():
    assert read_account("line", "1") != read_account("shopee", "1")
