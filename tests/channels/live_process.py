"""A bot in a process of its own that follows a live stream, to be killed: a script for Rasa, all else is real.

python live_process.py <port> <database> <Facebook's address>
"""

from __future__ import annotations

import asyncio
import os
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]))


class Agent:
    """Answers what it is asked with, a little slowly."""

    processor = None
    action_endpoint = None

    def __init__(self):
        from rasa.core.lock_store import InMemoryLockStore
        from rasa.core.tracker_store import InMemoryTrackerStore
        from rasa.shared.core.domain import Domain

        self.domain = Domain.empty()
        self.tracker_store = InMemoryTrackerStore(self.domain)
        self.lock_store = InMemoryLockStore()

    async def handle_message(self, message):
        from tests.channels.live_bot import reply

        await asyncio.sleep(0.05)
        text, response = reply(message.text)
        await message.output_channel.send_response(message.sender_id, {"text": text, "utter_action": response})


async def serve(port, facebook):
    from rasa.core.channels.channel import register
    from sanic import Sanic

    from channels.marketplaces import PlatformInput
    from channels.platforms import read_accounts
    from tests.channels.facebooklive_server import PAGE
    from tests.channels.live_bot import Script
    from tests.channels.meta_server import TOKEN
    from tests.channels.serving import serve_for_ever

    account = {"shop": "stylehub", "page": PAGE, "token": TOKEN, "language": "id", "url": facebook}
    app = Sanic("bot", configure_logging=False)
    app.ctx.agent = Agent()
    inputs = [PlatformInput(read_accounts({"facebooklive": {"main": account}}), understanding=Script())]
    register(inputs, app, route="/webhooks/")
    await serve_for_ever(app, port)


if __name__ == "__main__":
    import logging

    import structlog

    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    os.environ["PASAR_DATABASE"] = sys.argv[2]
    asyncio.run(serve(int(sys.argv[1]), sys.argv[3]))
