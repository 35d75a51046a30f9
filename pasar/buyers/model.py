"""Buyers as the desk sees them."""

from __future__ import annotations

import dataclasses
import datetime

from pasar.buyers.marks import Mark


class UnknownBuyerError(LookupError):
    """Nobody has written in a conversation of that id, or no such join is in force."""


@dataclasses.dataclass(frozen=True)
class Sighting:
    """Somebody writes, and what is verified of her now."""

    shop: str
    channel: str
    user: str  #: the channel's id of her; where it has none, the conversation's
    conversation_id: str
    name: str = ""  #: how the platform shows her; never who she is
    marks: tuple[Mark, ...] = ()


@dataclasses.dataclass(frozen=True)
class Join:
    """Why two accounts are one buyer's."""

    number: int
    one: int  #: accounts
    other: int
    cause: str  #: email, phone, account, order, or "person"
    opens: bool  #: whether orders of one are shown to the other
    who: str  #: "" for Pasar itself
    why: str
    at: datetime.datetime


@dataclasses.dataclass(frozen=True)
class Account:
    """A buyer's account on a channel, with its conversations, the earliest first."""

    number: int
    channel: str
    conversations: tuple[str, ...]
    marks: tuple[str, ...]  #: kinds of what is verified of it
    since: datetime.datetime


@dataclasses.dataclass(frozen=True)
class Suggestion:
    """Somebody who may be the same; a person decides."""

    account: Account
    cause: str  #: "name", or the kind of a mark that does not join by itself


@dataclasses.dataclass(frozen=True)
class Person:
    """A buyer: her accounts, and why they are hers."""

    number: int
    accounts: tuple[Account, ...]
    joins: tuple[Join, ...]
    suggestions: tuple[Suggestion, ...]
