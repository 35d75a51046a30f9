"""What the extractor says of a message: forms, lists and tags in one answer."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from rasa.engine.storage.resource import Resource
from rasa.shared.nlu.constants import ENTITIES, TEXT
from rasa.shared.nlu.training_data.entities_parser import find_entities_in_training_example, replace_entities
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from pasar.nlu.entities import FORMS, PackEntityExtractor
from pasar.nlu.tokenizer import PackTokenizer

SETTINGS = {"language": "en", "tokenizer": "spacy", "tagger": True}
EXAMPLES = [
    "cancel order [#{n}](order_id) please",
    "cancel order [INV/2025/{n}](order_id)",
    "where is order [{n}](order_id)",
    "order number [5761234988{n}](order_id)",
    "my phone is [+4477009{n}](phone)",
    "i need it [next month](date)",
    "does it come [next month](date)",
    "shipping for a [2 kg](weight) parcel",
    "ship to [Atlantis](country)",
    "my height is [16{d}](height) what fits",
    "how much is the [kettle](product_name)",
]


class _Folder:
    """The one folder of a storage."""

    def __init__(self, path: Path) -> None:
        self._path = path

    @contextlib.contextmanager
    def write_to(self, resource: Resource) -> Iterator[Path]:
        yield self._path

    @contextlib.contextmanager
    def read_from(self, resource: Resource) -> Iterator[Path]:
        yield self._path


@pytest.fixture(scope="module")
def tokenizer() -> PackTokenizer:
    return PackTokenizer({**PackTokenizer.get_default_config(), "language": "en"})


@pytest.fixture(scope="module")
def extractor(tokenizer: PackTokenizer, tmp_path_factory: pytest.TempPathFactory) -> PackEntityExtractor:
    """An extractor that has learnt a few examples."""
    lines = [
        line.replace("{n}", str(number)).replace("{d}", str(number % 10))
        for line in EXAMPLES
        for number in range(41230, 41260, 3)
    ]
    messages = [
        Message({TEXT: replace_entities(line), ENTITIES: find_entities_in_training_example(line)}) for line in lines
    ]
    tokenizer.process(messages)
    storage: Any = _Folder(tmp_path_factory.mktemp("extractor"))
    resource = Resource("extractor")
    PackEntityExtractor.create(SETTINGS, storage, resource, None).train(TrainingData(messages))  # type: ignore[arg-type]
    return PackEntityExtractor.load(SETTINGS, storage, resource, None)  # type: ignore[arg-type]


def read(tokenizer: PackTokenizer, extractor: PackEntityExtractor, text: str) -> Message:
    message = Message({TEXT: text})
    tokenizer.process([message])
    extractor.process([message])
    return message


@pytest.mark.parametrize(
    ("text", "kind", "value", "role"),
    [
        ("cancel order SH1001 please", "order_id", "SH1001", None),
        ("cancel order #55120 please", "order_id", "#55120", "as_written"),
        ("order number 576123498812034", "order_id", "576123498812034", "as_written"),
        ("does it come next month", "date", "next month", "as_written"),
        ("does it come tomorrow", "date", None, None),
        ("ship to Atlantis", "country", "Atlantis", "as_written"),
        ("shipping for a 2 kg parcel", "weight", "2 kg", "as_written"),
        ("my height is 172 what fits", "height", 172.0, None),
    ],
)
def test_what_has_no_value_is_as_written(
    tokenizer: PackTokenizer, extractor: PackEntityExtractor, text: str, kind: str, value: object, role: str | None
) -> None:
    """No slot takes an entity with a role: an order number of no form of the shop, a day or country nobody can read."""
    found = [entity for entity in read(tokenizer, extractor, text).get(ENTITIES) if entity["entity"] == kind]
    assert [role] == [entity.get("role") for entity in found]
    assert value is None or value == found[0]["value"]


def test_a_number_that_is_dialled_stays_a_phone(tokenizer: PackTokenizer, extractor: PackEntityExtractor) -> None:
    """Only a number that nobody dials may be taken for an order's."""
    found = [entity["entity"] for entity in read(tokenizer, extractor, "order number 081234567890").get(ENTITIES)]
    assert "phone" in found
    assert "order_id" not in found


def test_forms_are_as_in_training(tokenizer: PackTokenizer, extractor: PackEntityExtractor) -> None:
    """The classifier hears of forms, whatever the words around them make of them."""
    assert ["phone"] == read(tokenizer, extractor, "order number 576123498812034").get(FORMS)
