"""Buyers at the desk: a conversation's buyer, her other chats, joining and separating, and what she wants sent.

Below ``/desk/conversations/<conversation>``: ``buyer`` (GET; DELETE forgets her, and deletes what she sent), ``buyer/joins`` (POST),
``buyer/joins/<number>`` (DELETE takes the join back), ``consents`` (POST).
"""

from __future__ import annotations

import asyncio
import dataclasses
import datetime
import enum
import secrets
import urllib.parse
from collections.abc import Awaitable, Callable
from typing import Any

from sanic import Blueprint, Request, response
from sanic.response import HTTPResponse

from channels.base import MessageError
from channels.buyers import Buyers
from channels.requests import read_body
from channels.rest import parse_object
from pasar.buyers.consents import Statement, Way, list_records, record
from pasar.buyers.model import UnknownBuyerError
from pasar.buyers.people import find_person, find_subject, list_events
from pasar.buyers.store import BuyerStore
from pasar.conversations.store import Conversation
from pasar.media.store import open_media
from pasar.messages.model import Purpose
from pasar.settings import load_settings

MAX_WHO, MAX_WHY, MAX_WORDS = 80, 300, 500

Find = Callable[[str], Conversation]
Guard = Callable[[Callable[..., Awaitable[HTTPResponse]]], Callable[..., Awaitable[HTTPResponse]]]


def add_people(routes: Blueprint, one: str, guard: Guard, find: Find) -> None:
    """Add the resources below a conversation's path ``one``; ``find`` raises where there is no such conversation."""

    @routes.get(f"{one}/buyer")
    @guard
    async def show_buyer(_: Request, conversation_id: str) -> HTTPResponse:
        return response.json(await asyncio.to_thread(_describe, find(urllib.parse.unquote(conversation_id))))

    @routes.delete(f"{one}/buyer", stream=True, ignore_body=False)
    @guard
    async def forget_buyer(request: Request, conversation_id: str) -> HTTPResponse:
        conversation = find(urllib.parse.unquote(conversation_id))
        who = _read_text(parse_object(await read_body(request)), "person", MAX_WHO)

        def work() -> dict[str, int]:
            settings, store = load_settings(), _open()
            media = open_media(settings.database, settings.var / "media")
            person = find_person(store, conversation.shop, conversation.conversation_id)
            talks = [talk for account in person.accounts for talk in account.conversations]
            # What she sent goes first: where this fails, she is still known, and forgetting her can be tried again.
            count = media.forget(talks)
            return {"accounts": store.forget(conversation.shop, conversation.conversation_id, who=who), "media": count}

        return response.json(await asyncio.to_thread(work))

    @routes.post(f"{one}/buyer/joins", stream=True)
    @guard
    async def join(request: Request, conversation_id: str) -> HTTPResponse:
        conversation, body = find(urllib.parse.unquote(conversation_id)), parse_object(await read_body(request))
        other = find(_read_text(body, "conversation_id", 255))
        if other.shop != conversation.shop:
            raise UnknownBuyerError(other.conversation_id)  # buyers of another shop are nobody's business here
        who, why = _read_text(body, "person", MAX_WHO), _read_text(body, "why", MAX_WHY)
        opens = _read_flag(body, "verified", default=False)
        pair, store = (conversation.conversation_id, other.conversation_id), _open()
        await asyncio.to_thread(lambda: store.join(conversation.shop, *pair, who=who, why=why, opens=opens))
        return response.json(await asyncio.to_thread(_describe, conversation), status=201)

    @routes.delete(f"{one}/buyer/joins/<number:int>", stream=True, ignore_body=False)
    @guard
    async def separate(request: Request, conversation_id: str, number: str) -> HTTPResponse:
        conversation, body = find(urllib.parse.unquote(conversation_id)), parse_object(await read_body(request))
        who, why = _read_text(body, "person", MAX_WHO), _read_text(body, "why", MAX_WHY)
        store = _open()

        def work() -> dict[str, Any]:
            person = find_person(store, conversation.shop, conversation.conversation_id)
            join = next((item for item in person.joins if str(item.number) == number), None)
            if join is None:
                raise UnknownBuyerError(number)
            store.separate(conversation.shop, join.number, who=who, why=why)
            return _describe(conversation)

        return response.json(await asyncio.to_thread(work))

    @routes.post(f"{one}/consents", stream=True)
    @guard
    async def note_consent(request: Request, conversation_id: str) -> HTTPResponse:
        conversation, body = find(urllib.parse.unquote(conversation_id)), parse_object(await read_body(request))
        given, purpose = _read_flag(body, "given"), _read_purpose(body)
        who, words = _read_text(body, "person", MAX_WHO), _read_text(body, "words", MAX_WORDS)
        store = _open()

        def work() -> dict[str, Any]:
            subject = find_subject(store, conversation.shop, conversation.conversation_id)
            record(
                store,
                Statement(
                    shop=conversation.shop, channel=conversation.channel, user="", purposes=(purpose,), given=given,
                    way=Way.DESK, conversation_id=conversation.conversation_id, words=words,
                    proof=f"{who}:{secrets.token_hex(8)}", subject=subject,
                ),
            )  # fmt: skip
            return _describe(conversation)

        return response.json(await asyncio.to_thread(work), status=201)


def _open() -> BuyerStore:
    return Buyers(load_settings().database).store


def _describe(conversation: Conversation) -> dict[str, Any]:
    store, shop = _open(), conversation.shop
    person = find_person(store, shop, conversation.conversation_id)
    accounts = [account.number for account in person.accounts]
    told: dict[str, Any] = _write(person)
    told["consents"] = _write(list_records(store, shop, accounts))
    told["events"] = list_events(store, shop, conversation.conversation_id)
    return told


def _write(value: object) -> Any:
    """As JSON has it."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: _write(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, tuple | list):
        return [_write(item) for item in value]
    if isinstance(value, enum.Enum):
        return value.value
    return value.isoformat() if isinstance(value, datetime.datetime) else value


def _read_text(body: dict[str, Any], name: str, most: int) -> str:
    value = body.get(name)
    if not isinstance(value, str) or not value.strip() or len(value) > most or not value.isprintable():
        raise MessageError(name, f"must be a printable text of at most {most} characters")
    return value.strip()


def _read_flag(body: dict[str, Any], name: str, *, default: bool | None = None) -> bool:
    value = body.get(name, default)
    if not isinstance(value, bool):
        raise MessageError(name, "must be true or false")
    return value


def _read_purpose(body: dict[str, Any]) -> Purpose:
    try:
        return Purpose(body.get("purpose"))
    except ValueError as error:
        raise MessageError("purpose", "must be promotion, review or service") from error
