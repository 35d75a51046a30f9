"""An order that was proved by its address is kept with the conversation; one by the number on the parcel is not."""

from __future__ import annotations

import types

import pytest

from actions.proofs import note_proof
from pasar.buyers.model import Sighting
from pasar.buyers.people import find_person
from pasar.buyers.store import open_buyers
from pasar.commerce.model import Buyer
from pasar.settings import load_settings


@pytest.fixture
def store(tmp_path, monkeypatch):
    monkeypatch.setenv("PASAR_DATABASE", f"sqlite:///{tmp_path / 'pasar.db'}")
    monkeypatch.setenv("PASAR_MARK_KEY", "mark-key-for-the-tests-0123456789abcdef")
    load_settings.cache_clear()
    settings = load_settings()
    yield open_buyers(settings.database, settings.mark_key)
    load_settings.cache_clear()


def turn(contact, conversation_id="ana", buyer=None):
    return types.SimpleNamespace(
        buyer=buyer,
        shop=types.SimpleNamespace(shop_id="stylehub"),
        tracker=types.SimpleNamespace(sender_id=conversation_id),
        text_slot=lambda _: contact,
    )


ORDER = types.SimpleNamespace(order_id="SH1024")


@pytest.mark.parametrize(
    ("contact", "buyer", "accounts"),
    [("ana@mail.example", None, 2), ("+6281234567890", None, 1), ("ana@mail.example", Buyer(email="x@y.example"), 1)],
    ids=["address", "number", "known already"],
)
async def test_what_was_proved_brings_conversations_together(store, contact, buyer, accounts):
    for conversation_id in ("ana", "ana2"):
        store.sight(Sighting("stylehub", "rest", conversation_id, conversation_id))
        await note_proof(turn(contact, conversation_id, buyer), ORDER)
    assert accounts == len(find_person(store, "stylehub", "ana").accounts)


async def test_a_conversation_that_no_channel_has_begun_is_left_alone(store):
    await note_proof(turn("ana@mail.example", "nobody"), ORDER)


async def test_trouble_costs_her_nothing(store, monkeypatch):
    monkeypatch.setattr("pasar.buyers.store.BuyerStore.prove", lambda *_: 1 / 0)
    await note_proof(turn("ana@mail.example"), ORDER)
