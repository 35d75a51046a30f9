"""A thousand messages to REST, with the newest model, for orders of other people in ten shops."""

from __future__ import annotations

import collections
import datetime
import json
import pathlib
import random
import re
from collections.abc import Iterator
from typing import Any

import pytest
import structlog

from channels.base import MessageError, is_payload
from channels.rest import RestInput
from pasar.commerce import registry
from tests.actions.probes import NOWHERE, Probe, make_probes
from tests.commerce.ten_shops import SAMPLES, find_strangers, write_database, write_profiles
from tests.conversations.runner import World

SEED, COUNT = 20261123, 250  # each is two messages, sent for a number that exists and for one that does not
TRACES = ("Traceback", "Exception", "sqlalchemy", "NoneType", "object at 0x", "sqlite", "UnicodeEncode")


pytestmark = [pytest.mark.model, pytest.mark.slow]


@pytest.fixture
def ten(world: World, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The ten shops in the place of the demo shop."""
    url = f"sqlite:///{tmp_path / 'ten.db'}"
    write_database(url, datetime.datetime.now(datetime.timezone.utc).date())
    write_profiles(tmp_path, url)
    monkeypatch.setattr(registry, "SHOPS", tmp_path)
    monkeypatch.setenv("PASAR_DEMO_DATABASE", url)
    registry.close_shops()
    yield
    registry.close_shops()


async def talk(agent: Any, probe: Probe, digits: str, place: int) -> str:
    """What REST answers, digits left out."""
    random.seed(place)  # where a text has several forms, one of them is chosen
    rest = RestInput()
    said = probe.write_payload(digits) if place % 2 else probe.write_text(digits)
    if not is_payload(said):
        # Typed, number and contact of one order are proof, however they are wrapped: a stranger knows another's only.
        other = SAMPLES[probe.sample.place - 1]
        said = said.replace(probe.sample.email, other.email).replace(probe.sample.phone, other.phone)
    metadata = {**probe.metadata, "shop": probe.sample.shop_id}
    if len(str(metadata.get("product", ""))) > 64 or not str(metadata.get("product", "")).isprintable():
        del metadata["product"]  # would be refused at once
    heard = []
    for text in ("/order_status", said):
        body = {"sender": f"probe-{place}-{digits}", "message": text[:2000], "metadata": metadata}
        try:
            heard += await rest._reply(agent.handle_message, body)
        except MessageError as error:
            heard.append({"refused": str(error)})
    for message in heard:
        message.pop("recipient_id", None)
    return json.dumps(heard, ensure_ascii=False).replace(digits, "#")


def find_secrets(told: str, probe: Probe) -> list[str]:
    """What of an order, of another shop or of an exception is in it."""
    plain = re.sub(r"[\W_]", "", told).lower()
    secrets = [
        word
        for sample in SAMPLES
        for word in (
            f"Ann {sample.mark}",
            f"{sample.mark} Road",
            f"{sample.mark} hub",
            f"{sample.place}TRK",
            sample.words[-2],
        )
        if re.sub(r"\W", "", word).lower() in plain
    ]
    own = f"{probe.write_payload('')}{probe.note}{probe.metadata}".upper()
    strangers = [word for word in find_strangers(told, probe.sample) if word not in own]  # repeated to her
    return [*secrets, *strangers, *(trace for trace in TRACES if trace in told)]


@pytest.mark.filterwarnings("ignore:Failed to parse arguments")
def test_rest_tells_a_thousand_probes_nothing(world: World, ten: None, capsys: pytest.CaptureFixture[str]) -> None:
    """Every reply is free of orders, and the same for a number that does not exist; logs hold nothing of orders either."""
    counted: collections.Counter[str] = collections.Counter()
    faults = []
    with structlog.testing.capture_logs() as logs:
        for place, probe in enumerate(make_probes(SEED, COUNT)):
            told = [world.wait(talk(world.agent, probe, digits, place)) for digits in (probe.digits, NOWHERE)]
            if secrets := find_secrets(told[0], probe):
                faults.append(f"{place} {probe.kind}: told {secrets}: {told[0]}"[:900])
            if told[0] != told[1]:
                faults.append(f"{place} {probe.kind}: {told[0][:400]} but {told[1][:400]}")
            counted[probe.kind] += 4
    with capsys.disabled():
        print(f"\n{sum(counted.values())} messages to REST: {dict(counted)}")
    assert not faults, f"{len(faults)} faults:\n" + "\n".join(faults[:12])
    written = "\n".join(str(line) for line in logs if not line["event"].startswith("rasa")).upper()
    assert [] == [f"ANN {sample.mark}" for sample in SAMPLES if f"ANN {sample.mark}".upper() in written]
