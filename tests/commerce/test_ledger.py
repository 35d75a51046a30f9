"""Changes are made once, whatever happens."""

from __future__ import annotations

import asyncio
import dataclasses
import pathlib

import pytest
import time_machine

from pasar.commerce.backend import ShopError, ShopUnavailableError
from pasar.commerce.changes import Change, Outcome
from pasar.commerce.ledger import Ledger, UnclearChangeError, Wish

WISH = Wish("stylehub", "SH1005", "address", "webchat:1", "message-1", {"city": "Jakarta"}, {"city": "Bandung"})


class Shop:
    """Counts what it is asked."""

    def __init__(self, *answers: Change | Exception) -> None:
        self.answers = list(answers)
        self.asked = 0

    async def __call__(self) -> Change:
        self.asked += 1
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


@pytest.fixture
def ledger(tmp_path: pathlib.Path) -> Ledger:
    return Ledger(f"sqlite:///{tmp_path}/pasar.db")


async def test_a_change_is_made_and_written_down(ledger: Ledger) -> None:
    """Who, what, before, after, and what came of it."""
    change = await ledger.make(WISH, Shop(Change(Outcome.DONE, reference="ADR-1")))
    (row,) = ledger.list_of_order("stylehub", "SH1005")
    assert Outcome.DONE is change.outcome
    assert ("webchat:1", {"city": "Jakarta"}, {"city": "Bandung"}, "done", "ADR-1") == (
        row["conversation_id"], row["before"], row["after"], row["outcome"], row["reference"],
    )  # fmt: skip
    assert row["asked_at"] <= row["ended_at"]


async def test_a_message_delivered_twice_changes_nothing_twice(ledger: Ledger) -> None:
    """The second time what came of it is told again."""
    shop = Shop(Change(Outcome.DONE, reference="ADR-1"))
    assert await ledger.make(WISH, shop) == await ledger.make(WISH, shop)
    assert 1 == shop.asked


async def test_a_buyer_who_says_yes_twice_changes_nothing_twice(ledger: Ledger) -> None:
    """Another message with the same wish."""
    shop = Shop(Change(Outcome.DONE))
    await ledger.make(WISH, shop)
    await ledger.make(dataclasses.replace(WISH, confirmed_by="message-2"), shop)
    assert 1 == shop.asked


async def test_there_and_back_are_two_changes(ledger: Ledger) -> None:
    """To Bandung, to Jakarta, and to Bandung again."""
    shop = Shop(*[Change(Outcome.DONE)] * 3)
    back = dataclasses.replace(WISH, confirmed_by="message-2", before=WISH.after, after=WISH.before)
    for wish in (WISH, back, dataclasses.replace(WISH, confirmed_by="message-3")):
        await ledger.make(wish, shop)
    assert 3 == shop.asked


async def test_a_change_whose_answer_was_lost_is_never_made_again(ledger: Ledger) -> None:
    """Neither by the same message nor by another; once the order tells, it is settled."""
    shop = Shop(ShopUnavailableError("stylehub", "change_address", "no answer in 3 s"))
    with pytest.raises(ShopUnavailableError):
        await ledger.make(WISH, shop)
    for key in ("message-1", "message-2"):
        with pytest.raises(UnclearChangeError):
            await ledger.make(dataclasses.replace(WISH, confirmed_by=key), shop)
    ledger.settle(WISH, Change(Outcome.DONE))
    assert Outcome.DONE is (await ledger.make(WISH, shop)).outcome
    assert 1 == shop.asked


async def test_what_the_shop_refused_for_trouble_of_its_own_may_be_asked_again(ledger: Ledger) -> None:
    """An error that says the shop did nothing leaves nothing behind."""
    shop = Shop(ShopError("stylehub", "change_address", "field missing"), Change(Outcome.DONE))
    with pytest.raises(ShopError):
        await ledger.make(WISH, shop)
    assert Outcome.DONE is (await ledger.make(WISH, shop)).outcome


async def test_what_a_rule_refused_may_be_wished_again(ledger: Ledger) -> None:
    """Later the rule may say yes."""
    shop = Shop(Change(Outcome.REFUSED, "no_stock"), Change(Outcome.DONE))
    await ledger.make(WISH, shop)
    again = await ledger.make(dataclasses.replace(WISH, confirmed_by="message-2"), shop)
    assert Outcome.DONE is again.outcome


async def test_the_same_message_in_two_workers_is_one_change(tmp_path: pathlib.Path) -> None:
    """Two processes with one database, at the same instant."""
    url = f"sqlite:///{tmp_path}/pasar.db"
    shop = Shop(*[Change(Outcome.DONE)] * 20)
    ledgers = [Ledger(url) for _ in range(4)]
    await asyncio.gather(*[ledger.make(WISH, shop) for ledger in ledgers * 5], return_exceptions=True)
    assert 1 == shop.asked


async def test_two_shops_share_nothing(ledger: Ledger) -> None:
    """The same number in another shop is another order."""
    shop = Shop(*[Change(Outcome.DONE)] * 2)
    await ledger.make(WISH, shop)
    await ledger.make(dataclasses.replace(WISH, shop_id="other"), shop)
    assert 2 == shop.asked
    assert 1 == len(ledger.list_of_order("other", "SH1005"))


async def test_an_equal_wish_much_later_is_another_one(ledger: Ledger) -> None:
    """In between the shop may have sent it elsewhere again, without us."""
    shop = Shop(*[Change(Outcome.DONE)] * 2)
    with time_machine.travel("2026-12-08 10:00Z", tick=False) as clock:
        await ledger.make(WISH, shop)
        clock.shift(600)
        await ledger.make(dataclasses.replace(WISH, confirmed_by="message-2"), shop)
        assert 1 == shop.asked
        clock.shift(3600)
        await ledger.make(dataclasses.replace(WISH, confirmed_by="message-3"), shop)
    assert 2 == shop.asked


async def test_what_was_lost_stays_unclear_however_late(ledger: Ledger) -> None:
    """Until the order tells, to whichever equal wish looks at it."""
    shop = Shop(ShopUnavailableError("stylehub", "change_address", "no answer in 3 s"))
    again = dataclasses.replace(WISH, confirmed_by="message-2")
    with time_machine.travel("2026-12-08 10:00Z", tick=False) as clock:
        with pytest.raises(ShopUnavailableError):
            await ledger.make(WISH, shop)
        clock.shift(86400)
        with pytest.raises(UnclearChangeError):
            await ledger.make(again, shop)
        ledger.settle(again, Change(Outcome.DONE))
    (row,) = ledger.list_of_order("stylehub", "SH1005")
    assert (1, "done", "message-1") == (shop.asked, row["outcome"], row["key"].rpartition(":")[2])


async def test_settling_leaves_what_has_ended_alone(ledger: Ledger) -> None:
    await ledger.make(WISH, Shop(Change(Outcome.REFUSED, "shipped")))
    ledger.settle(WISH, Change(Outcome.DONE))
    assert ["refused"] == [row["outcome"] for row in ledger.list_of_order("stylehub", "SH1005")]
