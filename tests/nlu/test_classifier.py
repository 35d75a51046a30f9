"""How a message is parted into clauses, each of which may hold a need."""

from __future__ import annotations

import pytest
import yaml
from rasa.nlu.constants import TOKENS_NAMES
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message

from pasar.languages.pack import DATA
from pasar.nlu.classifier import NgramIntentClassifier
from pasar.nlu.tokenizer import PackTokenizer


def split(language: str, text: str) -> list[str]:
    """The clauses of a text, as the language's pipeline cuts it."""
    tokenizer, *_, classifier = yaml.safe_load((DATA / language / "config.yml").read_text(encoding="utf-8"))["pipeline"]
    message = Message({TEXT: text})
    settings = {**PackTokenizer.get_default_config(), "language": language, "tokenizer": tokenizer["tokenizer"]}
    PackTokenizer(settings).process([message])
    assert message.get(TOKENS_NAMES[TEXT])
    component = NgramIntentClassifier({**NgramIntentClassifier.get_default_config(), **classifier}, None, None)
    return [
        " ".join(token.text for token in clause) for clause in component._cutter.cut(message.get(TOKENS_NAMES[TEXT]))
    ]


@pytest.mark.parametrize(
    ("language", "text", "clauses"),
    [
        ("zh", "红色还有吗 有的话几天能到", ["红 色 还 有 吗", "有 的 话 几 天 能 到"]),
        ("zh", "红色还有吗，几天能到", ["红 色 还 有 吗", "几 天 能 到"]),
        ("zh", "红色还有吗几天能到", []),
        ("zh", "有 iphone 15 pro max 吗", []),
        ("id", "ada warna merah? ongkir ke bandung berapa", ["ada warna merah", "ongkir ke bandung berapa"]),
        ("id", "ada warna merah ongkir ke bandung berapa", []),
    ],
)
def test_split_parts_at_signs_and_where_words_have_no_blanks_at_blanks(
    language: str, text: str, clauses: list[str]
) -> None:
    """A blank between Chinese characters is as good as a full stop; between Latin words it is nothing."""
    assert clauses == split(language, text)


def test_split_parts_thai_at_blanks() -> None:
    """So it is in Thai."""
    assert ["มีของไหมคะ", "ส่งกี่วันถึง"] == [clause.replace(" ", "") for clause in split("th", "มีของไหมคะ ส่งกี่วันถึง")]
