"""Where conversations are kept: live ones in memory, every event of every one in the database.

Named in ``endpoints.yml``::

    tracker_store:
      type: pasar.nlu.tracker_store.ConversationTrackerStore
      url: postgresql://…      # else PASAR_DATABASE
      capacity: 5000           # conversations kept in memory
      shared: true             # another process may answer the same conversation: ask the database before each turn
"""

from __future__ import annotations

import collections
import functools
import itertools
import json
from collections.abc import Iterable, Sequence
from typing import Any

import structlog
from rasa.core.agent import Agent
from rasa.core.brokers.broker import EventBroker
from rasa.core.tracker_store import FailSafeTrackerStore, TrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import Event
from rasa.shared.core.trackers import DialogueStateTracker

from pasar.nlu.event_log import Row, open_log
from pasar.nlu.tracker import ConversationTracker
from pasar.settings import load_settings

CAPACITY = 5000

log = structlog.get_logger()


class ConversationTrackerStore(TrackerStore):
    """Trackers as Rasa's SQL store gives them; when ``save`` returns, the events are committed."""

    def __init__(
        self,
        domain: Domain | None = None,
        host: str | None = None,
        event_broker: EventBroker | None = None,
        capacity: int = CAPACITY,
        shared: bool = False,
        **kwargs: Any,
    ) -> None:
        """Open the database; ``host`` is what Rasa calls the ``url`` of ``endpoints.yml``."""
        self._live: collections.OrderedDict[str, ConversationTracker] = collections.OrderedDict()
        self._edition = 0
        self._capacity = int(capacity)
        self._shared = shared
        self._log = open_log(host or load_settings().database)
        super().__init__(domain, event_broker, **kwargs)

    @property
    def domain(self) -> Domain:
        """The domain whose slots trackers have."""
        return self._domain

    @domain.setter
    def domain(self, domain: Domain | None) -> None:
        # Live trackers have the slots of the domain before; they are built anew.
        self._domain = domain or Domain.empty()
        self._edition += 1
        self._live.clear()

    def init_tracker(self, sender_id: str) -> ConversationTracker:
        """Return an empty tracker."""
        return ConversationTracker(sender_id, self.domain, self._edition)

    async def retrieve(self, sender_id: str) -> DialogueStateTracker | None:
        """Return a conversation's tracker as it was last saved, None where there is none.

        What a turn that failed left in the live tracker is gone.
        """
        tracker = self._live.get(sender_id)
        if tracker is None or not await self._is_true(tracker):
            return await self._rebuild(sender_id)
        self._live.move_to_end(sender_id)
        tracker.shorten()
        return await self._rebuild(sender_id) if tracker.may_lack_events() else tracker

    async def retrieve_full_tracker(self, conversation_id: str) -> DialogueStateTracker | None:
        """Return a tracker with all events of all sessions, None where there are none; it is not the live one."""
        return self._build(conversation_id, await self._log.read(conversation_id, whole=True))

    async def exists(self, conversation_id: str) -> bool:
        """Whether the conversation has events."""
        return conversation_id in self._live or await self._log.count(conversation_id) > 0

    async def keys(self) -> Iterable[str]:
        """Ids of all conversations."""
        return await self._log.list_conversations()

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Store a tracker's new events; an error says that they are not stored, and nothing of them is kept."""
        sender_id = tracker.sender_id
        own = tracker if isinstance(tracker, ConversationTracker) else await self._adopt(tracker)
        new = list(itertools.islice(own.events, own.stored, None))
        if new:
            rows = [_describe(sender_id, number, event) for number, event in enumerate(new, own.number)]
            try:
                await self._log.append(rows)
            except BaseException:
                self._live.pop(sender_id, None)
                raise
            own.stored += len(new)
            own.number += len(new)
        self._keep(own)
        await self._stream(new, sender_id)

    async def stream_events(self, tracker: DialogueStateTracker) -> None:
        """Publish events that are not stored yet, without another look into the database."""
        stored = tracker.stored if isinstance(tracker, ConversationTracker) else 0
        await self._stream(list(itertools.islice(tracker.events, stored, None)), tracker.sender_id)

    async def _is_true(self, tracker: ConversationTracker) -> bool:
        if not tracker.is_stored:
            log.info("tracker.turn_dropped", conversation=tracker.sender_id)
            return False
        return not self._shared or await self._log.count(tracker.sender_id) == tracker.number

    async def _rebuild(self, sender_id: str) -> ConversationTracker | None:
        self._live.pop(sender_id, None)
        tracker = self._build(sender_id, await self._log.read(sender_id))
        known = self._live.get(sender_id)
        if tracker is None or (known is not None and known.number >= tracker.number and known.is_stored):
            return known  # a turn was saved while this was read
        tracker.shorten()
        self._keep(tracker)
        return tracker

    def _build(self, sender_id: str, rows: Sequence[tuple[str, int, str]]) -> ConversationTracker | None:
        if not rows:
            return None
        tracker = self.init_tracker(sender_id)
        for *_, data in rows:
            tracker.update(_parse(data))
        tracker.stored = len(tracker.events)
        tracker.number = rows[-1][1] + 1
        return tracker

    async def _adopt(self, tracker: DialogueStateTracker) -> ConversationTracker:
        """Take a tracker made elsewhere, which has the stored events of its session at its beginning, as Rasa does."""
        own = self.init_tracker(tracker.sender_id)
        if not tracker.events:
            return own
        rows = await self._log.read(tracker.sender_id)
        for event in tracker.events:
            own.update(event)
        own.stored = min(len(rows), len(own.events))
        own.number = rows[-1][1] + 1 if rows else 0
        if own.stored < len(rows):  # it lacks events that are stored
            own.edition = -1
        return own

    def _keep(self, tracker: ConversationTracker) -> None:
        if tracker.edition != self._edition or not tracker.number:
            self._live.pop(tracker.sender_id, None)
            return
        self._live[tracker.sender_id] = tracker
        self._live.move_to_end(tracker.sender_id)
        while len(self._live) > self._capacity:
            self._live.popitem(last=False)

    async def _stream(self, events: list[Event], sender_id: str) -> None:
        if self.event_broker is None or not events:
            return
        try:
            await self._stream_new_events(self.event_broker, events, sender_id)
        except Exception as error:  # the answer is stored and goes to the buyer whoever else listens
            log.error("events.not_streamed", conversation=sender_id, error=type(error).__name__)


def fail_loudly(agent: Agent) -> None:
    """Let an agent see this store's errors.

    Rasa wraps every store so that an error means an empty conversation that is kept in memory only: the buyer would be
    answered, and what was said would be lost.
    """
    store = agent.tracker_store
    if isinstance(store, FailSafeTrackerStore) and isinstance(store._tracker_store, ConversationTrackerStore):
        agent.tracker_store = store._tracker_store
        if agent.processor is not None:
            agent.processor.tracker_store = store._tracker_store


def _describe(sender_id: str, number: int, event: Event) -> Row:
    return {
        "conversation_id": sender_id,
        "number": number,
        "timestamp": event.timestamp,
        "type": event.type_name,
        "data": json.dumps(event.as_dict()),
    }


def _parse(data: str) -> Event:
    values = json.loads(data)
    return _find_type(values["event"])._from_parameters(values)


@functools.lru_cache(maxsize=256)
def _find_type(name: str) -> type[Event]:
    # Rasa walks through all classes of events for each event.
    found: type[Event] = Event.resolve_by_type(name)
    return found
