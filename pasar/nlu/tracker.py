"""A tracker that costs the same after ten events and after two thousand."""

from __future__ import annotations

import collections
import dataclasses
import itertools
from collections.abc import Iterable, Sequence

from rasa.shared.core.constants import ACTION_LISTEN_NAME
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import (
    ActionExecuted,
    ActionExecutionRejected,
    ActionReverted,
    ActiveLoop,
    AllSlotsReset,
    BotUttered,
    ConversationPaused,
    Event,
    ReminderCancelled,
    ReminderScheduled,
    Restarted,
    SessionStarted,
    SlotSet,
    UserUtteranceReverted,
    UserUttered,
)
from rasa.shared.core.slots import Slot
from rasa.shared.core.trackers import DialogueStateTracker

KEPT = 80  # events a long session is shortened to
SLACK = 40  # how many more there may be before it is shortened again
FAR = 4 * (KEPT + SLACK)  # how much may be kept for the sake of what follows
UNDOABLE = 10  # buyer's messages that can be taken back without a look into the database
REMINDERS = 20


class ConversationTracker(DialogueStateTracker):
    """Rasa's tracker, knowing how many of its events are stored, with cheap copies and applied events."""

    def __init__(self, sender_id: str, domain: Domain, edition: int = 0) -> None:
        """Begin an empty conversation with the slots of a domain."""
        super().__init__(sender_id, domain.slots)
        self.edition = edition  #: which of the store's domains the slots are of
        self.stored = 0  #: how many of ``events`` are in the database
        self.number = 0  #: what the database will number the next event
        self.shortened = False  #: whether older events of this session are left out
        self._shorten_at = KEPT + SLACK
        self._undoable = 0
        self._applied: list[Event] = []
        self._loops: set[str] = set()
        self._looked_at = 0  # how many of ``events`` are in ``_applied``

    @property
    def is_stored(self) -> bool:
        """Whether every event is in the database, and none is half-made."""
        return len(self.events) == self.stored

    def copy(self) -> ConversationTracker:
        """Return a tracker with the same state without replaying how it came about."""
        twin = ConversationTracker.__new__(ConversationTracker)
        twin.__dict__.update(self.__dict__)
        twin.events = self.events.copy()
        twin.slots = {name: _copy_slot(slot) for name, slot in self.slots.items()}
        twin.active_loop = dataclasses.replace(self.active_loop) if self.active_loop else None
        twin.model_id = twin.assistant_id = None  # as in Rasa's copies: events are marked when they are kept
        twin._applied = self._applied.copy()
        twin._loops = self._loops.copy()
        return twin

    def applied_events(self) -> list[Event]:
        """Return what Rasa's tracker does, looking at each event once."""
        if self._looked_at > len(self.events):
            self._forget_applied()
        for event in itertools.islice(self.events, self._looked_at, None):
            if isinstance(event, ActiveLoop) and event.name and event.name not in self._loops:
                return self._apply_all()  # executions of this loop before now count as well
            self._apply(event)
        self._looked_at = len(self.events)
        return self._applied.copy()

    def shorten(self) -> None:
        """Leave out what Rasa would not load: earlier sessions, and the beginning of a very long one.

        The state stays as it is, and is the same when the events that are left are replayed.
        """
        if not self.is_stored:
            return
        events = list(self.events)
        start = _find_session(events)
        if start:
            events = events[start:]
            self._replace(events, shortened=False)
        if len(events) <= self._shorten_at:
            return
        cut, undoable = _find_cut(events)
        if not cut:
            self._shorten_at = len(events) + SLACK
            return
        self._replace([*condense(events[:cut], list(self.slots.values())), *events[cut:]], shortened=True)
        self._undoable = undoable // 2 + _count_undone(self.events)

    def may_lack_events(self) -> bool:
        """Whether so much was taken back that an event which was left out could be needed."""
        return self.shortened and _count_undone(self.events) > self._undoable

    def _replace(self, events: Sequence[Event], *, shortened: bool) -> None:
        self.events = collections.deque(events)
        self.stored = len(events)
        self.shortened = shortened
        self._shorten_at = max(KEPT, len(events)) + SLACK if shortened else KEPT + SLACK
        self._forget_applied()

    def _forget_applied(self) -> None:
        self._applied = []
        self._loops = set()
        self._looked_at = 0

    def _apply_all(self) -> list[Event]:
        self._forget_applied()
        self._loops = {event.name for event in self.events if isinstance(event, ActiveLoop) and event.name}
        for event in self.events:
            self._apply(event)
        self._looked_at = len(self.events)
        return self._applied.copy()

    def _apply(self, event: Event) -> None:
        """One step of Rasa's ``applied_events``."""
        applied = self._applied
        if isinstance(event, (Restarted, SessionStarted)):
            applied.clear()
        elif isinstance(event, ActionReverted):
            self._undo_till_previous(ActionExecuted, applied)
        elif isinstance(event, UserUtteranceReverted):
            self._undo_till_previous(UserUttered, applied)
            self._undo_till_previous(ActionExecuted, applied)
        elif (
            isinstance(event, ActionExecuted)
            and event.action_name in self._loops
            and not self._first_loop_execution_or_unhappy_path(event.action_name, applied)
        ):
            self._undo_till_previous_loop_execution(event.action_name, applied)
        else:
            applied.append(event)


def condense(events: Sequence[Event], slots: Sequence[Slot]) -> list[Event]:
    """Return the few events that matter to what follows: slots, the last answer, a pause, an open form, reminders.

    What follows must begin with ``action_listen`` and a buyer's message.
    """
    past = DialogueStateTracker("", slots)
    for event in events:
        past.update(event)
    applied = past.applied_events()
    last: dict[object, Event] = {}
    for event in applied:
        if isinstance(event, AllSlotsReset):
            last = {key: kept for key, kept in last.items() if not isinstance(kept, SlotSet)}
        elif isinstance(event, SlotSet):
            last[event.key] = event
        elif isinstance(event, (BotUttered, ConversationPaused)):
            last[type(event)] = event
    if not past.is_paused():
        last.pop(ConversationPaused, None)
    reminders = [event for event in applied if isinstance(event, (ReminderScheduled, ReminderCancelled))]
    return [*reminders[-REMINDERS:], *last.values(), *_keep_loop(applied, past)]


def _keep_loop(applied: Sequence[Event], past: DialogueStateTracker) -> list[Event]:
    """How the open form was entered: the message, its first execution, its activation; and that it was rejected."""
    name = past.active_loop_name
    if name is None:
        return []
    starts = [i for i, event in enumerate(applied) if isinstance(event, ActiveLoop) and event.name == name]
    start = starts[-1]
    run = next((i for i in range(start, -1, -1) if _is_action(applied[i], name)), start)
    said = next((i for i in range(run, -1, -1) if type(applied[i]) is UserUttered), None)
    kept = [applied[i] for i in (said, run) if i is not None and i != start]
    if said is not None and said > 0 and _is_action(applied[said - 1], ACTION_LISTEN_NAME):
        kept.insert(0, applied[said - 1])
    kept.append(applied[start])
    if past.is_active_loop_rejected:
        kept += [e for e in applied if isinstance(e, ActionExecutionRejected) and e.action_name == name][-1:]
    return kept


def _find_cut(events: Sequence[Event]) -> tuple[int, int]:
    """Where a turn begins from which on enough is left, best where no form is open; and how much can be undone then."""
    within_loop: list[bool] = []
    is_open = False
    for event in events:
        within_loop.append(is_open)
        if isinstance(event, ActiveLoop):
            is_open = event.name is not None
    turns = [
        i
        for i in range(len(events) - KEPT, max(SLACK // 2, len(events) - FAR), -1)
        if _is_action(events[i], ACTION_LISTEN_NAME) and type(events[i + 1]) is UserUttered
    ]
    for turn in turns:
        undoable = 0 if within_loop[turn] else _count_undoable(events[turn:])
        if undoable >= UNDOABLE:
            return turn, undoable
    # A form that is never left, or everything taken back again and again: better short than exact in the next undo.
    return (turns[0], 0) if turns and len(events) > FAR else (0, 0)


def _count_undoable(events: Sequence[Event]) -> int:
    rest = DialogueStateTracker("", [])
    rest.events.extend(events)
    return sum(type(event) is UserUttered for event in rest.applied_events())


def _count_undone(events: Iterable[Event]) -> int:
    return sum(type(event) in (UserUtteranceReverted, ActionReverted) for event in events)


def _find_session(events: Sequence[Event]) -> int:
    return next((i for i in range(len(events) - 1, -1, -1) if type(events[i]) is SessionStarted), 0)


def _is_action(event: Event, name: str) -> bool:
    return type(event) is ActionExecuted and event.action_name == name


def _copy_slot(slot: Slot) -> Slot:
    twin = slot.__class__.__new__(slot.__class__)
    twin.__dict__.update(slot.__dict__)
    return twin
