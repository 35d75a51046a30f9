"""A conversation by buttons that can be gone on with, from any point, more than once."""

from __future__ import annotations

import dataclasses
import datetime
import uuid

from tests.conversations.judgement import Outcome, judge
from tests.conversations.runner import World, take
from tests.conversations.scenario import Scenario, Step

SHOP = "stylehub"


@dataclasses.dataclass
class Talk:
    """What was pressed so far, and what came of the last of it."""

    world: World
    language: str
    conversation_id: str = ""
    pressed: tuple[str, ...] = ()
    outcome: Outcome = dataclasses.field(default_factory=Outcome)

    @property
    def slot(self) -> str:
        """What the active form has asked for; "" where none has."""
        return str(self.outcome.slots.get("requested_slot") or "") if self.outcome.form else ""

    @property
    def asked(self) -> list[str]:
        """Keys of what was said last."""
        return [said.response for said in self.outcome.said if said.response]

    def press(
        self, payload: str, page: str = "", language: str = "", *, silent: bool = False, state: str = ""
    ) -> list[str]:
        """Go on; what is wrong with the reply in itself: silence, another language, a placeholder, trouble."""
        self.conversation_id = self.conversation_id or uuid.uuid4().hex
        self.language = language or self.language
        scenario = Scenario(
            name="forms", proves="", shop=SHOP, product=page, cart=[], buyer={}, clock=datetime.time(10), languages={}
        )
        expects = {**({"silent": True} if silent else {}), **({"state": state} if state else {})}
        step = Step("command" if payload.startswith("/") else "buyer", payload, self.language, expects)
        self.outcome = self.world.wait(take(self.world.agent, scenario, self.conversation_id, step))
        self.pressed = (*self.pressed, payload)
        return judge(step, self.outcome)

    def fork(self) -> Talk:
        """The same conversation again, to be gone on with another way."""
        return dataclasses.replace(self, conversation_id=self.world.wait(self._copy()))

    async def _copy(self) -> str:
        store = self.world.agent.tracker_store
        tracker = await store.retrieve(self.conversation_id)
        copy = store.init_tracker(uuid.uuid4().hex)
        for event in tracker.events:
            copy.update(event)
        await store.save(copy)
        return str(copy.sender_id)
