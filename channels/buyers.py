"""What channels tell and ask of :mod:`pasar.buyers`: who writes, what she wants sent, whose orders she may see."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Iterable

import structlog

from channels.faults import describe_fault
from pasar.buyers.consents import PROMOTIONS, Standing, Statement, Way, find_standing, record
from pasar.buyers.marks import Mark, read_email, read_phone
from pasar.buyers.model import Sighting
from pasar.buyers.people import find_owner
from pasar.buyers.store import BuyerStore, open_buyers
from pasar.commerce.model import Buyer
from pasar.commerce.registry import find_platform
from pasar.languages.optout import find_opt_out
from pasar.messages.model import Address, Purpose, Received
from pasar.settings import load_settings

UNSUBSCRIBED = "utter_unsubscribed"  #: who says it must have done it
PRESSED = "/unsubscribe"  #: a button of ours: the bot itself answers it, and goes on with what it asked

log = structlog.get_logger()


@dataclasses.dataclass(frozen=True)
class Place:
    """Where somebody writes."""

    shop: str
    channel: str
    user: str  #: the channel's id of her
    conversation_id: str

    @classmethod
    def of(cls, message: Received) -> Place:
        """Where a message was written."""
        return cls(message.shop, message.channel, message.buyer or message.thread, message.conversation_id)


@dataclasses.dataclass(frozen=True)
class Heeded:
    """A wish for no more advertising, recorded."""

    language: str  #: to confirm it in
    is_new: bool  #: else it was confirmed before


class Buyers:
    """The buyers of an installation, as its channels know them."""

    def __init__(self, url: str) -> None:
        """``url`` is the database's; it is opened at the first call."""
        self._url = url

    @property
    def store(self) -> BuyerStore:
        """Where they are kept."""
        return open_buyers(self._url, load_settings().mark_key)

    async def recognise(
        self, place: Place, marks: Iterable[Mark | None], *, name: str = "", verified: bool
    ) -> Buyer | None:
        """Note who writes and what is verified of her; whose orders she may see.

        None where nothing is ``verified`` of this very message. Trouble is logged, and makes her a stranger.
        """
        shown = tuple(mark for mark in marks if mark is not None)
        sighting = Sighting(**dataclasses.asdict(place), name=name, marks=shown if verified else ())
        try:
            await asyncio.to_thread(lambda: self.store.sight(sighting))
            if not verified:
                return None
            platform = find_platform(place.shop) or ""
            return await asyncio.to_thread(lambda: find_owner(self.store, place.shop, place.conversation_id, platform))
        except Exception as error:
            log.error("buyer.recognition.failed", conversation=place.conversation_id, **describe_fault(error))
            return None

    async def heed(self, text: str, place: Place, proof: str, language: str) -> Heeded | None:
        """Record the wish where a message is nothing else; None where it is something else."""
        code = None if text == PRESSED else find_opt_out(text, language)
        if code is None:
            return None
        return Heeded(code, await self.withdraw(place, proof, text))

    async def withdraw(self, place: Place, proof: str, words: str) -> bool:
        """She has said that she wants no advertising; whether that is new."""
        said = Statement(
            shop=place.shop, channel=place.channel, user=place.user, purposes=PROMOTIONS, given=False, way=Way.WORDS,
            conversation_id=place.conversation_id, proof=proof, words=words,
        )  # fmt: skip
        log.info("buyer.consent.withdrawn", conversation=place.conversation_id)
        return await asyncio.to_thread(lambda: record(self.store, said))

    async def note(self, message: Received) -> None:
        """Record what the platform tells of a buyer's wishes."""
        place = Place.of(message)
        said = Statement(
            shop=place.shop, channel=place.channel, user=place.user,
            purposes=tuple(map(Purpose, message.facts["purposes"])), given=bool(message.facts["given"]),
            way=Way.PLATFORM, conversation_id=place.conversation_id, proof=message.message_id,
            words=str(message.facts.get("words", "")), at=message.sent_at,
        )  # fmt: skip
        await asyncio.to_thread(lambda: record(self.store, said))

    def find_standing(self, channel: str, to: Address) -> Standing:
        """What may be sent to an address now; also by her number, by which a platform may have told of it."""
        users = {to.buyer or to.thread, to.phone} - {""}
        return find_standing(self.store, to.shop, channel, sorted(users))


def read_marks(buyer: Buyer) -> tuple[Mark | None, ...]:
    """What the shop's site has verified by its token."""
    return read_email(buyer.email), read_phone(buyer.phone)


def complete(own: Buyer | None, owner: Buyer | None) -> Buyer | None:
    """What is verified here, and what joins open besides."""
    if own is None or owner is None:
        return own or owner
    return Buyer(own.email or owner.email, own.phone, own.account or owner.account)
