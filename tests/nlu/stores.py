"""Tracker stores as other processes would open them, and what they have kept."""

from __future__ import annotations

import sqlalchemy as sa
from conversations_of_rasa import DOMAIN
from rasa.core.brokers.broker import EventBroker

from pasar.nlu.event_log import event
from pasar.nlu.tracker_store import ConversationTrackerStore


def make(url, **settings):
    """A store as another process would open it: nothing in memory."""
    return ConversationTrackerStore(DOMAIN, host=url, **settings)


async def tell(store, sender, events):
    """One turn: events are added to the conversation and saved."""
    tracker = await store.get_or_create_tracker(sender, append_action_listen=False)
    for item in events:
        tracker.update(item, DOMAIN)
    await store.save(tracker)
    return tracker


def stored(url, sender):
    """Numbers of a conversation's events in the database."""
    with sa.create_engine(url).connect() as connection:
        query = sa.select(event.c.number).where(event.c.conversation_id == sender).order_by(event.c.number)
        return [row[0] for row in connection.execute(query)]


class Heard(EventBroker):
    """A broker that remembers."""

    def __init__(self):
        self.heard = []

    def publish(self, event):
        self.heard.append(event)
