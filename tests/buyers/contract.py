"""What every database must keep of buyers. Inherit it, and give the fixture ``store``."""

from __future__ import annotations

import datetime
import itertools

import pytest
import sqlalchemy as sa

from pasar.buyers.consents import PROMOTIONS, Statement, Way, find_standing, list_records, record
from pasar.buyers.joins import reach
from pasar.buyers.marks import LASTS, Mark, MarkKind, read_account, read_email, read_order, read_phone
from pasar.buyers.model import Sighting, UnknownBuyerError
from pasar.buyers.people import find_owner, find_person, list_events
from pasar.buyers.schema import account, apart, consent, conversation, event, mark
from pasar.commerce.model import Buyer
from pasar.messages.model import Purpose

SHOP = "stylehub"
P = Purpose.PROMOTION
_numbers = itertools.count()
DAY = 24 * 3600.0
EMAIL, OTHER_EMAIL = read_email("ana@mail.example"), read_email("budi@mail.example")
PHONE = read_phone("+6281234567890")
WHATSAPP = read_phone("+6281234567890", sole=True)
SHOPEE = read_account("shopee", "165105353")
ORDER = read_order("SH1024")


def see(store, channel, *marks, user="ana", shop=SHOP, name=""):
    """Somebody writes; her account's number."""
    return store.sight(Sighting(shop, channel, user, f"{channel}:main:{user}:{shop}", name, marks))


def talk(channel, user="ana", shop=SHOP):
    return f"{channel}:main:{user}:{shop}"


def person(store, channel, user="ana", shop=SHOP):
    return find_person(store, shop, talk(channel, user, shop))


def buyer_of(store, channel, user="ana", shop=SHOP):
    return person(store, channel, user, shop).number


def owner(store, channel, user="ana", shop=SHOP):
    return find_owner(store, shop, talk(channel, user, shop), "shopee")


def partition(store, shop=SHOP):
    """The accounts of each buyer."""
    with store.engine.connect() as connection:
        rows = connection.execute(sa.select(account.c.buyer, account.c.number).where(account.c.shop == shop)).all()
    found = {}
    for buyer, number in rows:
        found.setdefault(buyer, set()).add(number)
    return {buyer: frozenset(numbers) for buyer, numbers in found.items()}


def check_consistent(store, shop=SHOP, *, complete=True):
    """What holds after whatever was done; ``complete``: and all that is verified and lasts has been brought together."""
    with store.engine.connect() as connection:
        log = connection.execute(sa.select(event).where(event.c.shop == shop)).all()
        marks = connection.execute(sa.select(mark).where(mark.c.shop == shop)).all()
        separated = connection.execute(sa.select(apart.c.low, apart.c.high).where(apart.c.shop == shop)).all()
    undone = {row.undoes for row in log if row.undoes}
    joins = [row for row in log if row.kind == "joined" and row.number not in undone]
    found = partition(store, shop)
    home = {number: buyer for buyer, numbers in found.items() for number in numbers}
    for buyer, numbers in found.items():
        assert buyer == min(numbers)
        assert numbers == reach(buyer, [(row.one, row.other) for row in joins])
        assert len(numbers) - 1 == sum(row.one in numbers for row in joins), "a ring"
    held = {(row.account, row.kind, row.digest) for row in marks}
    for row in joins:
        assert row.who or {(row.one, row.cause, row.digest), (row.other, row.cause, row.digest)} <= held
    assert not any(home[low] == home[high] for low, high in separated)
    pairs = {frozenset(pair) for pair in separated}
    holders = {}
    for row in marks if complete else ():
        lasts = LASTS.get(MarkKind(row.kind))
        if lasts is not None and store.clock() - row.seen_at > lasts.total_seconds():
            continue
        holders.setdefault((row.kind, row.digest), set()).add(home[row.account])
    for buyers in holders.values():
        sides = [found[buyer] for buyer in buyers]
        disputed = any(
            frozenset((one, other)) in pairs
            for left, right in itertools.combinations(sides, 2)
            for one in left
            for other in right
        )
        assert len(buyers) == 1 or disputed


class BuyersContract:
    """``store`` is a BuyerStore with a Clock."""

    def test_each_account_is_a_buyer(self, store):
        numbers = {see(store, "line"), see(store, "line", user="budi"), see(store, "telegram"), see(store, "line")}
        assert 3 == len(numbers) == len(partition(store))

    @pytest.mark.parametrize("verified", [EMAIL, PHONE, SHOPEE, ORDER], ids=lambda item: item.kind.value)
    def test_the_same_verified_is_one_buyer(self, store, verified):
        see(store, "line", verified)
        see(store, "webchat", verified)
        assert buyer_of(store, "line") == buyer_of(store, "webchat")
        (join,) = person(store, "line").joins
        assert (verified.kind.value, "", verified.kind in (MarkKind.EMAIL, MarkKind.ACCOUNT)) == (
            join.cause,
            join.who,
            join.opens,
        )
        check_consistent(store)

    def test_an_order_that_both_have_proved_is_one_buyers(self, store):
        see(store, "line"), see(store, "webchat", EMAIL)
        for channel in ("line", "webchat"):
            store.prove(SHOP, talk(channel), ORDER)
        assert buyer_of(store, "line") == buyer_of(store, "webchat")
        assert owner(store, "line") is None
        with pytest.raises(UnknownBuyerError):
            store.prove("other", talk("line"), ORDER)

    def test_what_was_verified_later_joins_then(self, store):
        see(store, "line")
        see(store, "webchat", EMAIL)
        assert buyer_of(store, "line") != buyer_of(store, "webchat")
        see(store, "line", EMAIL)
        assert buyer_of(store, "line") == buyer_of(store, "webchat")

    def test_the_same_of_another_kind_is_not_the_same(self, store):
        see(store, "line", Mark(MarkKind.ORDER, "1"))
        see(store, "webchat", Mark(MarkKind.PHONE, "1"))
        assert 2 == len(partition(store))

    def test_never_across_shops(self, store):
        for shop in (SHOP, "other"):
            for channel in ("line", "webchat"):
                see(store, channel, EMAIL, SHOPEE, shop=shop, name="Ana Putri")
        assert [1, 1] == [len(partition(store, shop)) for shop in (SHOP, "other")]
        found = person(store, "line")
        assert {talk("line"), talk("webchat")} == {named for one in found.accounts for named in one.conversations}
        assert () == found.suggestions
        with pytest.raises(UnknownBuyerError):
            find_person(store, "other", talk("line"))
        with pytest.raises(UnknownBuyerError):
            store.join(SHOP, talk("line"), talk("line", shop="other"), who="Sari", why="")
        with pytest.raises(UnknownBuyerError):
            store.separate("other", found.joins[0].number, who="Sari", why="")
        assert find_owner(store, "other", talk("line")) is None

    def test_a_name_only_suggests(self, store):
        see(store, "line", name="Ana  Putri")
        see(store, "telegram", name="ANA PUTRI")
        see(store, "zalo", name="Ana")
        assert 3 == len(partition(store))
        (suggestion,) = person(store, "line").suggestions
        assert ("name", "telegram") == (suggestion.cause, suggestion.account.channel)
        assert owner(store, "line") is None

    def test_a_person_joins_and_separates(self, store):
        see(store, "line"), see(store, "telegram")
        before = partition(store)
        number = store.join(SHOP, talk("line"), talk("telegram"), who="Sari", why="she said so on the phone")
        assert 1 == len(partition(store))
        assert store.join(SHOP, talk("telegram"), talk("line"), who="Sari", why="") is None
        store.separate(SHOP, number, who="Budi", why="a mistake")
        assert before == partition(store)
        with pytest.raises(UnknownBuyerError):
            store.separate(SHOP, number, who="Budi", why="again")
        log = list_events(store, SHOP, talk("line"))
        assert [("joined", "Sari", "she said so on the phone"), ("separated", "Budi", "a mistake")] == [
            (row["kind"], row["who"], row["why"]) for row in log
        ]
        assert [None, number] == [row["undoes"] for row in log]
        assert all(datetime.datetime.fromisoformat(row["at"]).tzinfo for row in log)

    def test_separating_restores_whatever_came_between(self, store):
        """Ana's two chats and Budi's two were taken for one; then Chai's came to Ana's."""
        for channel, item in (("line", EMAIL), ("webchat", EMAIL), ("zalo", OTHER_EMAIL), ("email", OTHER_EMAIL)):
            see(store, channel, item)
        before = partition(store)
        number = store.join(SHOP, talk("webchat"), talk("zalo"), who="Sari", why="")
        assert 1 == len(partition(store))
        see(store, "telegram", EMAIL)
        store.separate(SHOP, number, who="Sari", why="")
        after = partition(store)
        late = see(store, "telegram", EMAIL)
        assert before == {buyer: numbers - {late} for buyer, numbers in after.items()}
        assert buyer_of(store, "telegram") == buyer_of(store, "line")
        check_consistent(store)

    def test_the_separated_are_not_joined_by_themselves_again(self, store):
        see(store, "line", EMAIL), see(store, "webchat", EMAIL)
        (join,) = person(store, "line").joins
        store.separate(SHOP, join.number, who="Sari", why="mother and daughter")
        for _ in range(2):
            store.clock.pass_by(2 * DAY)
            see(store, "line", EMAIL, PHONE), see(store, "webchat", EMAIL, PHONE)
        assert 2 == len(partition(store))
        assert () == person(store, "line").suggestions
        store.join(SHOP, talk("line"), talk("webchat"), who="Sari", why="one after all")
        assert 1 == len(partition(store))
        check_consistent(store)

    def test_what_two_separated_have_joins_nobody_else(self, store):
        """A mailbox that a family shares: who comes with it next may be any of them."""
        see(store, "line", EMAIL), see(store, "webchat", EMAIL)
        store.separate(SHOP, person(store, "line").joins[0].number, who="Sari", why="mother and daughter")
        see(store, "telegram", EMAIL)
        found = person(store, "telegram")
        assert (1, {"line", "webchat"}) == (len(found.accounts), {item.account.channel for item in found.suggestions})
        assert {"email"} == {item.cause for item in found.suggestions}

    def test_nor_by_way_of_a_third(self, store):
        see(store, "line", EMAIL), see(store, "webchat", EMAIL)
        store.separate(SHOP, person(store, "line").joins[0].number, who="Sari", why="")
        see(store, "telegram", PHONE), see(store, "line", EMAIL, PHONE)
        assert buyer_of(store, "telegram") == buyer_of(store, "line")
        see(store, "telegram", PHONE, SHOPEE), see(store, "webchat", EMAIL, SHOPEE)
        assert buyer_of(store, "telegram") != buyer_of(store, "webchat")
        check_consistent(store)

    def test_her_orders_are_found_on_her_other_channel(self, store):
        see(store, "shopee", EMAIL, SHOPEE), see(store, "email", EMAIL)
        assert Buyer(email="ana@mail.example", account="165105353") == owner(store, "email")
        store.separate(SHOP, person(store, "email").joins[0].number, who="Sari", why="")
        assert Buyer(email="ana@mail.example") == owner(store, "email")

    @pytest.mark.parametrize(("opens", "found"), [(True, Buyer(email="ana@mail.example")), (False, None)])
    def test_a_persons_join_opens_orders_where_she_made_sure(self, store, opens, found):
        see(store, "webchat", EMAIL), see(store, "line")
        store.join(SHOP, talk("webchat"), talk("line"), who="Sari", why="", opens=opens)
        assert found == owner(store, "line")

    def test_a_buyer_is_forgotten(self, store):
        see(store, "line", EMAIL, name="Ana Putri"), see(store, "webchat", EMAIL, PHONE)
        see(store, "zalo", OTHER_EMAIL)
        assert 2 == store.forget(SHOP, talk("line"), who="Sari")
        assert 1 == len(partition(store))
        with pytest.raises(UnknownBuyerError):
            find_person(store, SHOP, talk("webchat"))
        with store.engine.connect() as connection:
            left = {table.name: connection.execute(sa.select(table)).all() for table in (mark, conversation, event)}
        assert [1, 1] == [len(left["buyer_mark"]), len(left["buyer_conversation"])]
        assert [("forgotten", "Sari")] == [(row.kind, row.who) for row in left["buyer_event"]]
        see(store, "line"), see(store, "webchat")
        assert 3 == len(partition(store))

    def test_the_tables_tell_no_mark(self, store):
        see(store, "webchat", EMAIL, PHONE, SHOPEE, ORDER, name="Ana Putri", user="6281234567890")
        secrets = ("ana@mail", "81234567890", "165105353", "SH1024", "Ana", "Putri")
        with store.engine.connect() as connection:
            for table in (account, mark, event):
                told = repr(connection.execute(sa.select(table)).all())
                assert not any(secret.lower() in told.lower() for secret in secrets), table.name
            kinds = {row.kind: row.sealed for row in connection.execute(sa.select(mark))}
        assert {"phone": "", "order": ""}.items() <= kinds.items()
        assert "ana@mail" not in repr(EMAIL)

    # ---- what she wants sent

    def say(self, store, given, channel="line", user="ana", purposes=(P,), **changes):
        number = next(_numbers)
        values = {"way": Way.WORDS, "conversation_id": talk(channel, user), "proof": f"message {number}", **changes}
        return record(store, Statement(SHOP, channel, user, purposes, given, **values))

    def standing(self, store, channel="line", user="ana", shop=SHOP):
        found = find_standing(store, shop, channel, [user])
        return found.given, found.withdrawn

    def test_nothing_said_is_no_consent(self, store):
        assert (set(), set()) == self.standing(store)

    def test_what_was_said_last_counts(self, store):
        assert self.say(store, True)
        assert ({P}, set()) == self.standing(store)
        store.clock.pass_by(1)
        assert self.say(store, False, purposes=PROMOTIONS)
        assert (set(), set(PROMOTIONS)) == self.standing(store)
        assert not self.say(store, False, purposes=PROMOTIONS)
        store.clock.pass_by(1)
        assert self.say(store, True)
        assert ({P}, {Purpose.REVIEW}) == self.standing(store)

    def test_what_comes_late_does_not_undo_what_was_said_since(self, store):
        now = datetime.datetime.fromtimestamp(store.clock(), datetime.timezone.utc)
        self.say(store, False, at=now)
        assert not self.say(store, True, at=now - datetime.timedelta(minutes=5))
        assert (set(), {P}) == self.standing(store)

    def test_the_same_message_says_it_once(self, store):
        found = [self.say(store, False, proof="message") for _ in range(3)]
        see(store, "line")
        assert [True] * 3 == found
        (kept,) = list_records(store, SHOP, [account.number for account in person(store, "line").accounts])
        assert ("line", P, False, Way.WORDS, "message") == (
            kept.channel,
            kept.purpose,
            kept.given,
            kept.way,
            kept.proof,
        )

    def test_it_is_a_channels_and_a_shops(self, store):
        self.say(store, True)
        for elsewhere in ({"channel": "telegram"}, {"user": "budi"}, {"shop": "other"}):
            assert (set(), set()) == self.standing(store, **elsewhere)

    def test_withdrawing_counts_for_all_her_accounts_on_the_channel(self, store):
        """And agreeing for one; apart again, each has what is her own."""
        for user in ("ana", "ana2"):
            see(store, "line", user=user)
        number = store.join(SHOP, talk("line"), talk("line", "ana2"), who="Sari", why="")
        self.say(store, True)
        assert (set(), set()) == self.standing(store, user="ana2")
        store.clock.pass_by(1)
        self.say(store, False, user="ana2")
        assert (set(), {P}) == self.standing(store)
        store.separate(SHOP, number, who="Sari", why="")
        assert ({P}, set()) == self.standing(store)
        store.join(SHOP, talk("line"), talk("line", "ana2"), who="Sari", why="")
        store.clock.pass_by(1)
        self.say(store, True)
        assert ({P}, set()) == self.standing(store), "she agreed here since"

    def test_who_is_forgotten_is_still_not_written_to(self, store):
        see(store, "line")
        self.say(store, True, words="yes please")
        store.clock.pass_by(1)
        self.say(store, False, words="stop, Ana")
        store.forget(SHOP, talk("line"), who="Sari")
        assert (set(), {P}) == self.standing(store)
        with store.engine.connect() as connection:
            rows = connection.execute(sa.select(consent)).all()
        assert [("", "", "")] == [(row.words, row.conversation_id, row.proof) for row in rows]

    # ---- what somebody could try

    def test_a_recycled_number_brings_nothing_of_whom_it_was(self, store):
        """Ana's number is Budi's now; his WhatsApp shows it."""
        see(store, "webchat", EMAIL, PHONE)
        see(store, "whatsapp", WHATSAPP, user="ID.ana")
        assert buyer_of(store, "webchat") == buyer_of(store, "whatsapp", "ID.ana")
        assert owner(store, "whatsapp", "ID.ana") is None, "a number opens no orders"
        store.clock.pass_by(60 * DAY)
        see(store, "whatsapp", WHATSAPP, user="ID.budi")
        assert 1 == len(person(store, "whatsapp", "ID.budi").accounts)
        assert 1 == len(person(store, "webchat").accounts), "nor is Ana's old WhatsApp hers by that number any more"
        assert owner(store, "whatsapp", "ID.budi") is None
        check_consistent(store)

    def test_nor_does_it_at_once(self, store):
        """The platform says that the number is another account's now, whatever the calendar says."""
        see(store, "webchat", EMAIL, PHONE), see(store, "whatsapp", WHATSAPP, user="ID.ana")
        see(store, "whatsapp", WHATSAPP, user="ID.budi")
        assert owner(store, "whatsapp", "ID.budi") is None
        assert () == person(store, "whatsapp", "ID.ana").joins
        check_consistent(store)

    def test_an_account_that_was_silent_for_long_is_not_who_it_was(self, store):
        """The same WhatsApp by the same number, after the number lay unused."""
        see(store, "webchat", EMAIL, PHONE), see(store, "whatsapp", WHATSAPP)
        store.clock.pass_by(46 * DAY)
        see(store, "whatsapp", WHATSAPP)
        assert 2 == len(partition(store))
        check_consistent(store)

    def test_a_browser_that_another_buyer_uses_brings_nothing_of_the_first(self, store):
        """Ana logs out, Budi logs in; the conversation is the browser's."""
        see(store, "webchat", EMAIL, user="browser"), see(store, "email", EMAIL)
        store.join(SHOP, talk("webchat", "browser"), talk("line", see_line(store)), who="Sari", why="", opens=True)
        see(store, "webchat", OTHER_EMAIL, user="browser")
        assert Buyer(email="budi@mail.example") == owner(store, "webchat", "browser")
        assert owner(store, "line") is None, "what a person knew of Ana is not Budi's"
        assert Buyer(email="ana@mail.example") == owner(store, "email")
        check_consistent(store)

    def test_what_is_printed_on_a_parcel_opens_no_other_order(self, store):
        """Who knows an order's number and address is shown that order by the commerce rules, and nothing else."""
        see(store, "webchat", EMAIL, ORDER), see(store, "line", ORDER, user="thief")
        assert buyer_of(store, "webchat") == buyer_of(store, "line", "thief")
        assert owner(store, "line", "thief") is None

    def test_a_chain_opens_only_by_links_that_open(self, store):
        see(store, "webchat", EMAIL, PHONE), see(store, "whatsapp", WHATSAPP, SHOPEE), see(store, "shopee", SHOPEE)
        assert 1 == len(partition(store))
        assert "" == owner(store, "shopee").email
        assert "" == owner(store, "webchat").account

    def test_an_address_that_was_not_verified_for_a_year_opens_nothing(self, store):
        """It may be somebody else's mailbox, and the orders hers."""
        see(store, "webchat", EMAIL), see(store, "line")
        store.join(SHOP, talk("webchat"), talk("line"), who="Sari", why="", opens=True)
        store.clock.pass_by(300 * DAY)
        assert "ana@mail.example" == owner(store, "line").email
        store.clock.pass_by(66 * DAY)
        assert owner(store, "line") is None

    def test_a_mark_that_many_have_joins_nobody(self, store):
        """A test number in the shop's site; nobody's identity."""
        for number in range(60):
            see(store, "webchat", PHONE, user=str(number))
        assert max(map(len, partition(store).values())) <= 50


def see_line(store):
    see(store, "line")
    return "ana"
