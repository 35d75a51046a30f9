"""From comments under live streams to the shop's answers, over HTTP, at each platform as its specification says."""

from __future__ import annotations

import asyncio
import datetime
import decimal
import hashlib
import hmac
import json
import time
import types

import httpx
import pytest
import pytest_asyncio
from rasa.shared.core.events import BotUttered

from channels.live import answering
from channels.marketplaces import PlatformInput
from channels.platforms import read_accounts
from channels.words import load_words
from pasar.commerce.model import Money
from pasar.commerce.platforms.opening import open_tokens
from pasar.commerce.platforms.tokens import Token
from pasar.conversations.store import State
from pasar.live.comment import Stream
from pasar.live.rules import load_rules
from tests.channels import live_bot
from tests.channels.conftest import DESK_TOKEN, Server
from tests.channels.facebooklive_server import LIVE, PAGE, FacebookLiveServer
from tests.channels.live_bot import ANSWERS, Script
from tests.channels.messenger_server import INSTAGRAM_ID, InstagramServer
from tests.channels.meta_server import TOKEN, write_error
from tests.channels.shopeelive_server import SESSION, USER_ID, ShopeeLiveServer
from tests.commerce.platforms.shopee_server import PARTNER_ID, PARTNER_KEY

SECRET = "app-secret-of-the-tests"
COD = ANSWERS["cod_available", "id"]


class Record:
    """The shop's record of the product that is shown; tests change it."""

    def __init__(self):
        self.price, self.stock = "249000", 5

    async def get_product(self, sku):
        price = Money(decimal.Decimal(self.price), "IDR")
        variant = types.SimpleNamespace(sku=f"{sku}-M", stock=self.stock)
        return types.SimpleNamespace(prices={"IDR": price}, variants=(variant,))

    async def get_promotions(self, day, sku=None):
        return []


class Studio:
    """A platform, the bot, and whoever looks on."""

    def __init__(self, platform, server, script, record, where):
        self.platform, self.server, self.script, self.record, self.where = platform, server, script, record, where
        self.headers = {"Authorization": f"Bearer {DESK_TOKEN}"}
        self.client = httpx.AsyncClient(base_url=server.url, timeout=30, headers=self.headers)

    @property
    def address(self):
        return f"/webhooks/live/{self.where.channel}/{self.where.account}/{self.where.stream}"

    async def look(self):
        return (await self.client.get(self.address)).json()

    async def until(self, condition, seconds=60.0):
        deadline = time.monotonic() + seconds
        while not condition() and time.monotonic() < deadline:
            await asyncio.sleep(0.05)
        assert condition()

    async def placed(self, count):
        """Once so many comments are dealt with, and no question is open."""
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            seen = await self.look()
            done = sum(entry["comments"] for state, entry in seen.get("comments", {}).items() if state != "waiting")
            if done >= count and not any(question["open"] for question in seen["questions"]):
                return seen
            await asyncio.sleep(0.1)
        raise AssertionError(seen)

    async def close(self):
        await self.client.aclose()
        await asyncio.to_thread(self.server.stop)
        self.server.store.dispose()


async def open_studio(platform, accounts, where, tmp_path, monkeypatch):
    script, record = Script(), Record()
    monkeypatch.setattr(answering, "open_shop", lambda _: record)

    def open_platforms(store):
        return [PlatformInput(read_accounts(accounts), store, script)]

    server = await asyncio.to_thread(Server, tmp_path, open_platforms)

    def say(text):
        said, response = live_bot.reply(text)
        # As the shop's record has it: what was said before in the same words is not said again.
        told = f"{int(record.price):,}".replace(",", ".") + ("" if record.stock else " (habis)")
        said = said.replace("249.000", told)
        return [BotUttered(said, metadata={"utter_action": response})]

    server.bot.reply = say
    return Studio(platform, server, script, record, where)


@pytest_asyncio.fixture
async def shopee(settings, tmp_path, monkeypatch):
    async with ShopeeLiveServer(page=7) as platform:
        access, refresh = platform.issue()
        until = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(hours=1)
        await open_tokens().put("stylehub-live", "shopee", Token(access, refresh, until))
        account = {
            "shop": "stylehub",
            "partner_id": str(PARTNER_ID),
            "partner_key": PARTNER_KEY,
            "user_id": str(USER_ID),
            "session": SESSION,
            "language": "id",
            "url": platform.base_url,
        }
        where = Stream("shopeelive", "main", SESSION)
        studio = await open_studio(platform, {"shopeelive": {"main": account}}, where, tmp_path, monkeypatch)
        yield studio
        await studio.close()


@pytest_asyncio.fixture
async def facebook(settings, tmp_path, monkeypatch):
    async with FacebookLiveServer() as platform:
        account = {"shop": "stylehub", "page": PAGE, "token": TOKEN, "language": "id", "url": platform.base_url}
        where = Stream("facebooklive", "main", LIVE)
        studio = await open_studio(platform, {"facebooklive": {"main": account}}, where, tmp_path, monkeypatch)
        yield studio
        await studio.close()


@pytest_asyncio.fixture
async def instagram(settings, tmp_path, monkeypatch):
    async with InstagramServer() as platform:
        account = {
            "shop": "stylehub",
            "secret": SECRET,
            "verify_token": "v",
            "token": TOKEN,
            "id": INSTAGRAM_ID,
            "language": "id",
            "url": platform.base_url,
        }
        where = Stream("instagram", "main", "17900000000000001")
        studio = await open_studio(platform, {"instagram": {"main": account}}, where, tmp_path, monkeypatch)
        yield studio
        await studio.close()


@pytest.fixture(params=["shopee", "facebook"])
def public(request):
    """Where everybody reads the answer."""
    return request.getfixturevalue(request.param)


async def test_many_ask_and_one_answer_stands_below(public):
    for number in range(30):
        public.platform.say(("Bisa COD kak?", "COD ga", "cod ga???")[number % 3], 5000 + number)

    seen = await public.placed(30)
    await public.until(lambda: public.platform.said)
    await asyncio.sleep(3)
    assert [COD] == public.platform.said
    (question,) = seen["questions"]
    assert (30, "cod_available", "id", "") == tuple(question[name] for name in ("asked", "intent", "language", "left"))
    assert {"comments": 30, "served": 30} == seen["comments"]["answer"]


async def test_each_language_of_those_who_ask_has_its_answer(public):
    for text in ("bisa cod kak", "มีเก็บปลายทางไหมคะ", "可以货到付款吗", "能货到付款吗?", "เก็บเงินปลายทางได้ไหม"):
        public.platform.say(text)

    await public.until(lambda: len(public.platform.said) >= 3)
    await asyncio.sleep(2)
    assert sorted(ANSWERS["cod_available", code] for code in ("id", "th", "zh")) == sorted(public.platform.said)


async def test_another_country_is_another_question(facebook):
    facebook.platform.say("bisa cod kak")
    facebook.platform.say("cod ke malaysia bisa")

    await facebook.until(lambda: len(facebook.platform.said) >= 2)
    assert {COD, "COD ke Malaysia belum ada kak."} == set(facebook.platform.said)


async def test_who_asks_of_her_order_is_asked_to_the_chat_once(public):
    for text in ("Pesanan saya SH1234 mana??", "berapa ongkir ke order SH1234", "pesanan saya sh1234 mana"):
        public.platform.say(text)
    public.platform.say("ของยังไม่มาเลย")

    await public.until(lambda: len(public.platform.said) >= 2)
    await asyncio.sleep(2)
    assert {load_words(code, "live_write_to_chat") for code in ("id", "th")} == set(public.platform.said)
    assert 2 == len(public.platform.said)
    assert not any("SH1234" in said for said in public.platform.said)
    assert [] == public.server.bot.heard


async def test_chatter_and_spam_are_not_answered(public):
    texts = (
        "halo kak",
        "สวยมาก",
        "siapa presiden kita",
        "@rina bisa cod kak",
        "murah! wa.me/62812345",
        "🔥🔥🔥",
        "zzz",
    )
    for text in texts:
        public.platform.say(text)

    seen = await public.placed(len(texts))
    assert {"comments": len(texts), "served": 0} == seen["comments"]["ignore"]
    assert [] == seen["questions"]
    assert [] == public.platform.said


async def test_a_complaint_is_a_persons(public):
    public.platform.say("Barang rusak, KECEWA!", 777)

    await public.placed(1)
    (waiting,) = public.server.store.list_conversations(State.WAITING)
    assert ("damaged_item", "Barang rusak, KECEWA!") == (waiting.reason, waiting.summary["comment"])
    assert waiting.conversation_id.endswith("-777")
    assert [] == public.platform.said


async def test_what_we_said_is_no_question(public):
    own = str(USER_ID) if public.where.channel == "shopeelive" else PAGE
    public.platform.say("bisa cod kak", int(own) if own == str(USER_ID) else own)
    public.platform.say("halo kak")
    seen = await public.placed(2)
    assert {"own": {"comments": 1, "served": 0}, "ignore": {"comments": 1, "served": 0}} == seen["comments"]

    public.platform.say("cara pesan gimana")
    await public.until(lambda: len(public.platform.said) == 2)
    public.platform.say(public.platform.said[-1])  # a viewer repeats it
    seen = await public.placed(5)
    assert 2 == len(public.platform.said)


async def test_asked_again_it_is_answered_when_the_truth_has_changed(shopee):
    shopee.platform.item = 3400133
    shopee.platform.say("halo kak")
    await shopee.placed(1)
    await shopee.until(lambda: bool(shopee.platform.calls("get_show_item")))
    deadline = time.monotonic() + 60
    while (await shopee.look())["product"] != "3400133" and time.monotonic() < deadline:
        await asyncio.sleep(0.1)
    shopee.platform.say("harganya berapa?")
    await shopee.until(lambda: len(shopee.platform.said) == 1)

    shopee.platform.say("berapa kak")
    await shopee.placed(4)
    assert 1 == len(shopee.platform.said)
    shopee.record.stock = 4  # one was sold: no answer says otherwise
    shopee.platform.say("berapa kakkkk")
    await shopee.placed(5)
    assert 1 == len(shopee.platform.said)

    shopee.record.price = "199000"
    shopee.platform.say("berapa kak?")
    await shopee.until(lambda: len(shopee.platform.said) == 2)
    shopee.record.stock = 0
    shopee.platform.say("harganya berapa")
    await shopee.until(lambda: len(shopee.platform.said) == 3)
    heard = shopee.server.bot.heard[-1]
    assert ("3400133", True, "id") == tuple(heard.metadata[name] for name in ("product", "live", "language"))


async def test_asked_again_after_the_shops_time_it_is_answered_again(facebook, monkeypatch):
    monkeypatch.setattr(
        "channels.live.stage.load_rules", lambda shop: types.SimpleNamespace(**{**vars(RULES), "again_after": 4.0})
    )
    facebook.platform.say("bisa cod kak")
    await facebook.until(lambda: facebook.platform.said == [COD])
    await asyncio.sleep(4)
    facebook.platform.say("cod ga")
    await facebook.until(lambda: facebook.platform.said == [COD, COD])


RULES = load_rules("stylehub")


async def test_without_a_product_a_price_is_nobodys(facebook):
    """Facebook does not tell what is shown: the host says it."""
    facebook.platform.say("harganya berapa")
    seen = await facebook.placed(1)
    assert {"ignore": {"comments": 1, "served": 0}} == seen["comments"]

    reply = await facebook.client.put(facebook.address, json={"product": "SHIRT-01"})
    assert 204 == reply.status_code
    facebook.platform.say("harganya berapa ya")
    facebook.platform.say("berapa kak")
    await facebook.until(lambda: facebook.platform.said)
    assert [ANSWERS["price_inquiry", "id"]] == facebook.platform.said


async def test_what_the_bot_would_ask_back_is_left_to_the_host(facebook):
    await facebook.client.put(facebook.address, json={"product": "SHIRT-01"})
    facebook.platform.say("apa aja")

    seen = await facebook.placed(1)
    (question,) = seen["questions"]
    assert ("apa aja", "no answer for all") == (question["question"], question["left"])
    assert [] == facebook.platform.said


async def test_the_host_needs_the_desks_token(facebook):
    for call in (facebook.client.get, facebook.client.delete):
        assert 401 == (await call(facebook.address, headers={"Authorization": "Bearer no"})).status_code
    assert 404 == (await facebook.client.put("/webhooks/live/facebooklive/other/1")).status_code


async def test_comments_come_by_pages_several_times_and_are_kept_once(public):
    for number in range(60):
        public.platform.say(f"zzz {number}")
    seen = await public.placed(60)
    await asyncio.sleep(3)
    assert seen["comments"] == (await public.look())["comments"]
    assert {"ignore": {"comments": 60, "served": 0}} == seen["comments"]


async def test_a_stream_that_has_ended_is_left(public):
    public.platform.say("bisa cod kak")
    await public.until(lambda: public.platform.said)
    public.platform.status = 2 if public.where.channel == "shopeelive" else "VOD"
    deadline = time.monotonic() + 60
    while (await public.client.get("/webhooks/live")).json() and time.monotonic() < deadline:
        await asyncio.sleep(0.2)
    assert [] == (await public.client.get("/webhooks/live")).json()
    await asyncio.sleep(1)
    before = len(public.platform.calls("comment"))
    await asyncio.sleep(4)
    assert before == len(public.platform.calls("comment"))


async def test_errors_of_the_platform_cost_no_comment(shopee):
    shopee.platform.refuse_next("livestream/get_latest_comment_list", "error_rate_limit", "Too many requests.")
    shopee.platform.refuse_next("livestream/get_latest_comment_list", "error_inner", "Our system is busy.")
    shopee.platform.break_next(2, status=500)
    shopee.platform.say("bisa cod kak")
    await shopee.until(lambda: shopee.platform.said)
    assert [COD] == shopee.platform.said


async def test_a_token_that_ends_is_renewed_as_the_users(shopee):
    shopee.platform.access = dict.fromkeys(shopee.platform.access, 0.0)
    shopee.platform.say("bisa cod kak")
    await shopee.until(lambda: shopee.platform.said)
    assert 1 == shopee.platform.renewals


async def test_too_many_calls_at_facebook_are_waited_for(facebook):
    facebook.platform.break_next(2, status=400, body=write_error(32, "Page request limit reached"))
    facebook.platform.say("bisa cod kak")
    await facebook.until(lambda: facebook.platform.said)
    assert [COD] == facebook.platform.said


async def test_a_comment_whose_answer_was_lost_is_not_written_twice(public):
    await asyncio.sleep(1)
    public.platform.say("bisa cod kak")
    public.platform.break_next(1, drop=True, changing=True)
    await public.until(lambda: public.platform.said)
    await asyncio.sleep(4)
    assert [COD] == public.platform.said


async def test_no_name_and_no_words_are_logged(facebook, caplog, capsys):
    facebook.platform.say("bisa cod kak")
    await facebook.until(lambda: facebook.platform.said)
    logged = caplog.text + "".join(capsys.readouterr())
    assert "Steph" not in logged
    assert "bisa cod" not in logged


def make_event(number, text, user="1789", place="changes"):
    """A live comment as Meta's page of examples has it, for each of the two logins."""
    value = {
        "from": {"id": user, "username": "a_name"},
        "media": {"id": "17900000000000001", "media_product_type": "LIVE"},
        "id": f"1800000000000{number:04d}",
        "text": text,
    }
    change = {"field": "live_comments", "value": value}
    entry = {"id": INSTAGRAM_ID, "time": int(time.time())}
    entry |= {"changes": [change]} if place == "changes" else change
    return json.dumps({"object": "instagram", "entry": [entry]}).encode()


async def post(studio, body):
    signature = "sha256=" + hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
    return await studio.client.post(
        "/webhooks/instagram/main", content=body, headers={"X-Hub-Signature-256": signature}
    )


@pytest.mark.parametrize("place", ["changes", "entry"])
async def test_on_instagram_each_author_is_written_to_alone(instagram, place):
    events = [make_event(n, ("bisa cod kak", "cod ga")[n % 2], f"17{n}", place) for n in range(6)]
    for body in (*events, *events):  # each comes twice
        assert 200 == (await post(instagram, body)).status_code

    await instagram.until(lambda: len(instagram.platform.bodies) >= 6)
    await asyncio.sleep(2)
    assert sorted(f"1800000000000{n:04d}" for n in range(6)) == sorted(
        body["recipient"]["comment_id"] for body in instagram.platform.bodies
    )
    assert {COD} == {body["message"]["text"] for body in instagram.platform.bodies}
    assert 1 == len(instagram.server.bot.heard)
    seen = await instagram.look()
    assert {"answer": {"comments": 6, "served": 6}} == seen["comments"]


async def test_on_instagram_who_asks_later_has_the_answer_that_there_is(instagram):
    await post(instagram, make_event(1, "bisa cod kak", "171"))
    await instagram.until(lambda: len(instagram.platform.bodies) == 1)
    await post(instagram, make_event(2, "cod ga", "172"))
    await instagram.until(lambda: len(instagram.platform.bodies) == 2)
    await post(instagram, make_event(3, "pesanan saya sh1234 mana", "173"))
    await instagram.until(lambda: len(instagram.platform.bodies) == 3)
    assert load_words("id", "live_write_here") == instagram.platform.bodies[-1]["message"]["text"]
    assert 1 == len(instagram.server.bot.heard)


async def test_forged_comments_are_refused(instagram):
    body = make_event(1, "bisa cod kak")
    reply = await instagram.client.post("/webhooks/instagram/main", content=body)
    assert 401 == reply.status_code
    assert [] == (await instagram.client.get("/webhooks/live")).json()
