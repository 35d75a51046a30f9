"""A bot in a process of its own, to be killed: Sanic, the platforms' channel, the real tracker store, a script for Rasa.

    python bot_process.py <port> <database> <LINE's address> [<seconds the processor is busy for each turn>]

The script keeps what Rasa promises: one turn at a time for a conversation, its events stored together at its end.
"""

from __future__ import annotations

import asyncio
import os
import pathlib
import random
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]))


class Script:
    """Answers "answer to <text>", sometimes slowly; once for each message, as only the tracker knows."""

    processor = None
    action_endpoint = None

    def __init__(self, database, busy):
        from rasa.core.lock_store import InMemoryLockStore
        from rasa.shared.core.domain import Domain

        from pasar.nlu.tracker_store import ConversationTrackerStore

        self.domain = Domain.empty()
        self.tracker_store = ConversationTrackerStore(self.domain, host=database, shared=True)
        self.lock_store = InMemoryLockStore()
        self.busy = busy

    async def handle_message(self, message):
        from rasa.shared.core.events import ActionExecuted, BotUttered, UserUttered

        async with self.lock_store.lock(message.sender_id):
            tracker = await self.tracker_store.get_or_create_tracker(message.sender_id)
            heard = UserUttered(message.text, message_id=message.message_id, input_channel="line")
            tracker.update(heard, self.domain)
            until = time.monotonic() + self.busy
            while time.monotonic() < until:  # as a model is: on the processor, without a pause
                sum(range(1000))
            await asyncio.sleep(random.random() * 0.02)
            for text in (f"answer to {message.text}", "anything else?"):
                await message.output_channel.send_response(message.sender_id, {"text": text})
                tracker.update(BotUttered(text), self.domain)
            await asyncio.sleep(random.random() * 0.02)
            tracker.update(ActionExecuted("action_listen"), self.domain)
            await self.tracker_store.save(tracker)


async def serve(port, database, line, busy):
    from rasa.core.channels.channel import register
    from sanic import Sanic

    from channels import base, worker
    from channels.marketplaces import PlatformInput
    from channels.platforms import read_accounts
    from tests.channels.line_server import TOKEN
    from tests.channels.serving import serve_for_ever

    async def speak_english(*_):
        return "en"

    base.find_language = worker.find_language = speak_english
    secret = "line-channel-secret-of-the-tests"
    # By push, whose key is good for longer than a process takes to come back.
    settings = {"shop": "stylehub", "secret": secret, "token": TOKEN, "url": line, "answers": "push"}
    app = Sanic("bot", configure_logging=False)
    app.ctx.agent = Script(database, busy)
    register([PlatformInput(read_accounts({"line": {"main": settings}}))], app, route="/webhooks/")
    await serve_for_ever(app, port)


if __name__ == "__main__":
    import logging

    import structlog

    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    os.environ["PASAR_DATABASE"] = sys.argv[2]
    asyncio.run(serve(int(sys.argv[1]), sys.argv[2], sys.argv[3], float((sys.argv[4:] or ["0"])[0])))
