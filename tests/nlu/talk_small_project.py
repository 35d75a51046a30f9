"""Talks with a trained project: ``python talk_small_project.py <folder> <model> <text> …`` prints the answers as JSON."""

from __future__ import annotations

import asyncio
import datetime
import json
import logging
import os
import pathlib
import sys

import structlog


async def talk(model: str, texts: list[str]) -> list[list[str]]:
    """What the assistant says to each text of one conversation."""
    from rasa.core.agent import load_agent
    from rasa.core.channels.channel import CollectingOutputChannel, UserMessage
    from rasa.core.utils import AvailableEndpoints

    from pasar.nlu.inprocess import install

    agent = await load_agent(model_path=model, endpoints=AvailableEndpoints.read_endpoints("endpoints.yml"))
    install(agent)
    answers = []
    for text in texts:
        channel = CollectingOutputChannel()
        await agent.handle_message(UserMessage(text, channel, "buyer", metadata={"shop": "stylehub"}))
        answers.append([str(message.get("text")) for message in channel.messages])
    return answers


def main(folder: str, model: str, *texts: str) -> None:
    """Make the demo shop in the folder, load the model, talk."""
    os.chdir(folder)
    here = pathlib.Path(folder)
    os.environ["PASAR_DATABASE"] = f"sqlite:///{here}/pasar.db"
    os.environ["PASAR_DEMO_DATABASE"] = f"sqlite:///{here}/shop.db"
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    from pasar.commerce.demo.database import upgrade
    from pasar.commerce.demo.seed import seed
    from pasar.conversations.store import open_store

    upgrade(os.environ["PASAR_DEMO_DATABASE"])
    seed(os.environ["PASAR_DEMO_DATABASE"], datetime.datetime.now().astimezone().date())
    open_store()
    print(json.dumps(asyncio.run(talk(model, list(texts)))))


if __name__ == "__main__":
    main(*sys.argv[1:])
