"""Words to buyers are in language packs, where those who speak the language can change them."""

from __future__ import annotations

import ast
import pathlib
import re

import pytest

PROJECT = pathlib.Path(__file__).resolve().parents[2]
SOURCES = sorted(path for folder in ("actions", "channels") for path in (PROJECT / folder).rglob("*.py"))
SAYING = frozenset({"utter_message", "say", "send_text_message"})
#: Letters that are in no Python of ours: Thai and its neighbours, Han, kana, hangul, Arabic.
FOREIGN = re.compile(r"[\u0e00-\u0eff\u1780-\u17ff\u3040-\u30ff\u4e00-\u9fff\uac00-\ud7af\u0600-\u06ff]")
#: Two words in a row: what is said by name has underscores, what is not is a sentence.
SENTENCE = re.compile(r"[^\W\d_]{2,}[,.!?]? +[^\W\d_]{2,}")


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(PROJECT)))
def test_no_words_to_buyers_in_python(path):
    source = path.read_text(encoding="utf-8")
    assert FOREIGN.search(source) is None
    assert list(find_sentences(ast.parse(source))) == []


def find_sentences(tree):
    """Texts with more than one word among the arguments of what speaks to buyers, and in "text" of dictionaries."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and getattr(node.func, "attr", "") in SAYING:
            spoken = [*node.args, *(keyword.value for keyword in node.keywords)]
        elif isinstance(node, ast.Dict):
            keys = [getattr(key, "value", None) for key in node.keys]
            spoken = [value for key, value in zip(keys, node.values, strict=True) if key in ("text", "title")]
        else:
            continue
        for value in spoken:
            texts = [part.value for part in ast.walk(value) if isinstance(part, ast.Constant)]
            yield from (text for text in texts if isinstance(text, str) and SENTENCE.search(text))


@pytest.mark.parametrize(
    "code",
    [
        'dispatcher.utter_message(text="Your parcel is late")',
        'dispatcher.utter_message(text=f"Pesanan {order} sedang dikirim")',
        'dispatcher.utter_message(json_message={"text": "Not today"})',
        'buttons = [{"title": "Talk to us", "payload": "/x"}]',
    ],
)
def test_sentences_are_found(code):
    assert list(find_sentences(ast.parse(code)))


@pytest.mark.parametrize("code", ['turn.say("utter_greet", name=order.name)', 'log.info("one two")'])
def test_names_are_no_sentences(code):
    assert list(find_sentences(ast.parse(code))) == []
