"""What every store of inbox and outbox must keep. Inherit it, and give the fixture ``store``."""

from __future__ import annotations

import asyncio
import dataclasses
import datetime
import random
import types
import uuid

import pytest

from pasar.messages.inbox import LostLeaseError, Waiting
from pasar.messages.model import Address, Author, Kind, Received, Reply
from pasar.messages.outbox import Outgoing, make_key

NOW = datetime.datetime(2026, 11, 22, 12, tzinfo=datetime.timezone.utc)
WAITING = Waiting(pause=1.2, most=6.0, keep=3600.0)


class Clock:
    """Time that passes when a test says so."""

    def __init__(self):
        self.time = 1_000_000.0

    def __call__(self):
        return self.time

    def pass_by(self, seconds):
        self.time += seconds


def write(message_id, thread="ana", **changes):
    values = {
        "channel": "line",
        "account": "main",
        "shop": "stylehub",
        "thread": thread,
        "message_id": str(message_id),
        "buyer": thread,
        "sent_at": NOW,
        "text": f"text {message_id}",
        "facts": {"reply_token": "t", "latitude": 1.5},
        **changes,
    }
    return Received(**values)


def answer(batch, *texts, **changes):
    """What a worker puts into the outbox."""
    last = batch.messages[-1]
    to = Address(last.account, last.shop, last.thread, last.buyer, NOW, {"reply_token": "t"})
    return [
        Outgoing(make_key(batch.id, place), batch.conversation_id, last.channel, to, (Reply(text),), **changes)
        for place, text in enumerate(texts)
    ]


def ids(batch):
    return [message.message_id for message in batch.messages]


class InboxContract:
    """``store`` has inbox, outbox and clock."""

    async def claim(self, store, pause=2.0):
        store.clock.pass_by(pause)
        return await store.inbox.claim()

    async def test_a_message_is_accepted_once(self, store):
        assert [True, True, False] == await store.inbox.accept([write(1), write(2), write(1)], WAITING)
        assert [False, True] == await store.inbox.accept([write(1), write(3)], WAITING)
        assert ["1", "2", "3"] == ids(await self.claim(store))

    async def test_the_same_id_elsewhere_is_another_message(self, store):
        found = await store.inbox.accept([write(1), write(1, account="second"), write(1, channel="shopee")], WAITING)
        assert [True] * 3 == found

    async def test_the_same_at_the_same_instant_is_accepted_once(self, store):
        found = await asyncio.gather(*(store.inbox.accept([write(1)], WAITING) for _ in range(20)))
        assert 1 == sum(fresh for (fresh,) in found)

    async def test_what_is_claimed_is_what_came(self, store):
        message = write(1, text="¿Dónde está? 🚚 ถึงไหนแล้ว", kind=Kind.BUTTON, payload="/order_status", name="Ana")
        await store.inbox.accept([message], WAITING)
        batch = await self.claim(store)
        assert (message,) == batch.messages
        assert (message.conversation_id, 1) == (batch.conversation_id, batch.attempt)

    async def test_fragments_are_one_batch(self, store):
        """Four quick lines; the batch is due a pause after the last."""
        for number in range(4):
            await store.inbox.accept([write(number)], WAITING)
            store.clock.pass_by(1.0)
            assert await store.inbox.claim() is None
        store.clock.pass_by(0.3)
        assert ["0", "1", "2", "3"] == ids(await store.inbox.claim())

    async def test_nobody_waits_for_ever_for_a_buyer_who_goes_on_writing(self, store):
        for number in range(6):
            await store.inbox.accept([write(number)], WAITING)
            store.clock.pass_by(1.0)
        assert 6 == len(ids(await store.inbox.claim()))

    async def test_in_the_order_they_were_sent(self, store):
        """Calls of a platform may overtake each other."""
        late, early = (write(n, sent_at=NOW + datetime.timedelta(seconds=s)) for n, s in ((1, 1), (2, 0)))
        await store.inbox.accept([late], WAITING)
        await store.inbox.accept([early], WAITING)
        assert ["2", "1"] == ids(await self.claim(store))

    async def test_one_owner_at_a_time(self, store):
        await store.inbox.accept([write(1)], WAITING)
        batch = await self.claim(store)
        await store.inbox.accept([write(2)], WAITING)
        assert await self.claim(store) is None
        await store.inbox.finish(batch, [])
        assert ["2"] == ids(await store.inbox.claim())

    async def test_the_longest_waiting_is_first(self, store):
        for thread in ("ana", "budi", "chai"):
            await store.inbox.accept([write(thread, thread)], WAITING)
            store.clock.pass_by(0.1)
        found = [ids(await self.claim(store)) for _ in range(3)]
        assert [["ana"], ["budi"], ["chai"]] == found

    async def test_a_dead_owners_batch_is_taken_over_as_it_was(self, store):
        """The same messages, the same id; what came meanwhile is the next batch."""
        await store.inbox.accept([write(1)], WAITING)
        first = await self.claim(store)
        await store.inbox.accept([write(2)], WAITING)
        second = await self.claim(store, 61)
        assert (first.id, ["1"], 2) == (second.id, ids(second), second.attempt)
        with pytest.raises(LostLeaseError):
            await store.inbox.finish(first, answer(first, "late"))
        with pytest.raises(LostLeaseError):
            await store.inbox.fail(first, 1.0)
        await store.inbox.finish(second, answer(second, "in time"))
        assert ["2"] == ids(await self.claim(store))
        (claimed,) = await store.outbox.claim(10)
        assert "in time" == claimed.sending.reply.text

    async def test_what_is_finished_stays_finished(self, store):
        await store.inbox.accept([write(1)], WAITING)
        batch = await self.claim(store)
        await store.inbox.finish(batch, answer(batch, "a"))
        with pytest.raises(LostLeaseError):
            await store.inbox.finish(batch, answer(batch, "a"))
        assert await self.claim(store, 1000) is None
        assert 1 == len(await store.outbox.claim(10))
        assert [False] == await store.inbox.accept([write(1)], WAITING)

    async def test_a_failed_batch_comes_again(self, store):
        await store.inbox.accept([write(1)], WAITING)
        batch = await self.claim(store)
        await store.inbox.fail(batch, after=10)
        await store.inbox.accept([write(2)], WAITING)
        assert await self.claim(store, 5) is None
        again = await self.claim(store, 6)
        assert (batch.id, ["1"], 2) == (again.id, ids(again), again.attempt)

    async def test_a_released_batch_has_not_failed(self, store):
        await store.inbox.accept([write(1)], WAITING)
        batch = await self.claim(store)
        await store.inbox.release(batch)
        again = await store.inbox.claim()
        assert (batch.id, 1) == (again.id, again.attempt)

    @pytest.mark.parametrize("author", [Author.BOT, Author.SYSTEM])
    async def test_what_is_not_answered_is_recorded(self, store, author):
        assert [True] == await store.inbox.accept([write(1, author=author)], WAITING)
        assert [True] == await store.inbox.accept([write(2, kind=Kind.OTHER)], WAITING)
        assert await self.claim(store) is None
        assert [False] == await store.inbox.accept([write(1, author=author)], WAITING)

    async def test_a_persons_message_is_seen_to(self, store):
        await store.inbox.accept([write(1, author=Author.AGENT)], WAITING)
        assert ["1"] == ids(await self.claim(store))

    async def test_what_she_wants_sent_is_seen_to(self, store):
        await store.inbox.accept([write(1, author=Author.SYSTEM, kind=Kind.CONSENT)], WAITING)
        assert ["1"] == ids(await self.claim(store))

    async def test_the_address_is_that_of_the_buyers_last_message(self, store):
        assert await store.inbox.find_address("line:main:ana") is None
        await store.inbox.accept([write(1, facts={"reply_token": "a"})], WAITING)
        await store.inbox.accept([write(2, facts={"reply_token": "b"})], WAITING)
        await store.inbox.accept([write(3, author=Author.AGENT, facts={})], WAITING)
        to = await store.inbox.find_address("line:main:ana")
        assert ("ana", "main", NOW, {"reply_token": "b"}) == (to.thread, to.account, to.heard_at, to.facts)

    async def test_depth(self, store):
        assert 0 == (await store.inbox.measure()).conversations
        await store.inbox.accept([write(1), write(2, "budi")], WAITING)
        store.clock.pass_by(11.2)
        depth = await store.inbox.measure()
        assert (2, 10.0) == (depth.conversations, pytest.approx(depth.oldest))

    async def test_what_cannot_come_again_is_forgotten(self, store):
        await store.inbox.accept([write(1)], WAITING)
        await store.inbox.finish(await self.claim(store), [])
        await store.inbox.accept([write(2)], WAITING)
        assert 0 == await store.inbox.forget()
        store.clock.pass_by(3601)
        assert 1 == await store.inbox.forget()
        assert ["2"] == ids(await store.inbox.claim())

    async def test_many_workers_answer_each_message_once_in_order(self, store):
        """Forty conversations, eight workers, some of whom die or fail."""
        chance = random.Random(7)
        sent = {thread: [f"{thread}-{n}" for n in range(12)] for thread in map(str, range(40))}
        done = {thread: [] for thread in sent}

        async def send(thread):
            for message_id in sent[thread]:
                await store.inbox.accept([write(message_id, thread)], dataclasses.replace(WAITING, pause=0.0))

        async def work():
            while sum(map(len, done.values())) < 40 * 12:
                store.clock.pass_by(0.5)
                batch = await store.inbox.claim()
                if batch is None:
                    await asyncio.sleep(0.001)
                elif chance.random() < 0.1:
                    continue  # dies
                elif chance.random() < 0.1:
                    await store.inbox.fail(batch, 0.1)
                else:
                    with_answer = answer(batch, ",".join(ids(batch)))
                    try:
                        await store.inbox.finish(batch, with_answer)
                    except LostLeaseError:
                        continue
                    done[batch.messages[0].thread].extend(ids(batch))

        await asyncio.wait_for(asyncio.gather(*map(send, sent), *(work() for _ in range(8))), 60)
        assert sent == done
        answered = {thread: [] for thread in sent}
        while claimed := await store.outbox.claim(100):
            for item in claimed:
                answered[item.sending.to.thread].extend(item.sending.reply.text.split(","))
                assert await store.outbox.mark_sent(item, [])
        assert sent == answered


class OutboxContract:
    """As above."""

    async def fill(self, store, *texts, thread="ana", **changes):
        batch = types.SimpleNamespace(
            id=uuid.uuid4().hex, conversation_id=f"line:main:{thread}", messages=(write(1, thread),)
        )
        outgoing = answer(batch, *texts, **changes)
        await store.outbox.put(outgoing)
        return outgoing

    async def take(self, store):
        return [item.sending.reply.text for item in await store.outbox.claim(10)]

    async def test_what_is_claimed_is_what_was_put(self, store):
        (outgoing,) = await self.fill(store, "Baik, Kak 🚚")
        (claimed,) = await store.outbox.claim(10)
        assert (outgoing.key, outgoing.to, outgoing.replies) == (
            claimed.sending.key,
            claimed.sending.to,
            claimed.sending.replies,
        )
        assert (1, False) == (claimed.sending.attempt, claimed.sending.uncertain)

    async def test_only_the_first_of_a_conversation(self, store):
        await self.fill(store, "a", "b")
        await self.fill(store, "c", thread="budi")
        first, other = await store.outbox.claim(10)
        assert ("a", "c") == (first.sending.reply.text, other.sending.reply.text)
        assert [] == await store.outbox.claim(10)
        assert await store.outbox.mark_sent(first, ["77"])
        assert ["b"] == await self.take(store)

    async def test_the_same_key_is_put_once(self, store):
        outgoing = await self.fill(store, "a", "b")
        await store.outbox.put(outgoing)
        for text in "ab":
            (claimed,) = await store.outbox.claim(10)
            assert text == claimed.sending.reply.text
            await store.outbox.mark_sent(claimed, [])
        assert [] == await store.outbox.claim(10)

    async def test_no_more_than_asked_for(self, store):
        for number in range(5):
            await self.fill(store, "a", thread=str(number))
        assert [3, 2] == [len(await store.outbox.claim(3)) for _ in range(2)]

    async def test_a_retry_keeps_its_place(self, store):
        await self.fill(store, "a", "b")
        (claimed,) = await store.outbox.claim(10)
        assert await store.outbox.retry(claimed, "429", 10.0, uncertain=False)
        store.clock.pass_by(5)
        assert [] == await store.outbox.claim(10)
        store.clock.pass_by(6)
        (again,) = await store.outbox.claim(10)
        assert (claimed.sending.key, 2, False) == (again.sending.key, again.sending.attempt, again.sending.uncertain)

    async def test_a_lost_answer_is_uncertain(self, store):
        await self.fill(store, "a")
        (claimed,) = await store.outbox.claim(10)
        await store.outbox.retry(claimed, "lost", 0.0, uncertain=True)
        (again,) = await store.outbox.claim(10)
        assert again.sending.uncertain

    async def test_a_dead_senders_call_is_uncertain(self, store):
        await self.fill(store, "a")
        (claimed,) = await store.outbox.claim(10)
        store.clock.pass_by(121)
        (again,) = await store.outbox.claim(10)
        assert (2, True) == (again.sending.attempt, again.sending.uncertain)
        assert not await store.outbox.mark_sent(claimed, [])
        assert not await store.outbox.retry(claimed, "late", 0.0, uncertain=False)
        assert not await store.outbox.bury(claimed, "late")
        assert await store.outbox.mark_sent(again, [])

    async def test_dead_letters_are_seen_and_sent_again(self, store):
        outgoing = await self.fill(store, "a", "b")
        (claimed,) = await store.outbox.claim(10)
        assert await store.outbox.bury(claimed, "400 no such buyer")
        assert ["b"] == await self.take(store)
        (dead,) = await store.outbox.list_dead()
        assert (claimed.number, "400 no such buyer", "line") == (dead.number, dead.reason, dead.channel)
        assert await store.outbox.resend(dead.number)
        assert not await store.outbox.resend(dead.number)
        assert [] == await store.outbox.list_dead()
        (again,) = await store.outbox.claim(10)
        assert outgoing[0].key == again.sending.key

    async def test_dead_letters_are_counted_read_and_sent_again_by_channel(self, store):
        buried = {}
        for channel in ("line", "zalo", "line"):
            thread = f"{channel}-{len(buried)}"
            to = Address("main", "stylehub", thread, thread)
            key = uuid.uuid4().hex
            outgoing = Outgoing(key, f"{channel}:main:{thread}", channel, to, (Reply(f"to {thread}"),))
            await store.outbox.put([outgoing])
            (claimed,) = await store.outbox.claim(10)
            await store.outbox.bury(claimed, "no such buyer")
            buried[claimed.number] = f"to {thread}"
        await self.fill(store, "a")
        stock = await store.outbox.measure()
        assert ({"line": 1}, {"line": 2, "zalo": 1}) == (stock.waiting, stock.dead)
        assert list(reversed(buried)) == [dead.number for dead in await store.outbox.list_dead()]
        (zalo,) = await store.outbox.list_dead(channel="zalo")
        assert ("zalo", "main", "no such buyer") == (zalo.channel, zalo.account, zalo.reason)
        dead, replies = await store.outbox.read_dead(zalo.number)
        assert (zalo, buried[zalo.number]) == (dead, replies[0].text)
        assert await store.outbox.read_dead(10_000) is None
        assert (2, 0) == (await store.outbox.resend_all("line"), await store.outbox.resend_all("line"))
        assert [zalo] == await store.outbox.list_dead()
        assert 1 == await store.outbox.resend_all()
        assert {} == (await store.outbox.measure()).dead

    async def test_what_is_withheld_is_not_dead(self, store):
        await self.fill(store, "a", "b")
        (claimed,) = await store.outbox.claim(10)
        assert await store.outbox.withhold(claimed, "rule")
        assert ["b"] == await self.take(store)
        assert [] == await store.outbox.list_dead()

    async def test_choices_are_those_of_the_last_message(self, store):
        assert {} == await store.outbox.find_choices("line:main:ana")
        await self.fill(store, "a", choices={"1": "/yes", "2": "/no"})
        assert {"1": "/yes", "2": "/no"} == await store.outbox.find_choices("line:main:ana")
        assert {} == await store.outbox.find_choices("line:main:budi")
        await self.fill(store, "b")
        assert {} == await store.outbox.find_choices("line:main:ana")

    async def test_our_own_messages_are_known(self, store):
        await self.fill(store, "a")
        (claimed,) = await store.outbox.claim(10)
        await store.outbox.mark_sent(claimed, ["77", "78"])
        assert await store.outbox.is_ours("line", "main", "78")
        assert not await store.outbox.is_ours("line", "second", "78")
        assert not await store.outbox.is_ours("line", "main", "79")

    async def test_what_has_ended_is_forgotten(self, store):
        await self.fill(store, "a", "b")
        (claimed,) = await store.outbox.claim(10)
        await store.outbox.mark_sent(claimed, ["77"])
        store.clock.pass_by(10)
        assert 1 == await store.outbox.forget(store.clock() - 5)
        assert not await store.outbox.is_ours("line", "main", "77")
        assert ["b"] == await self.take(store)
