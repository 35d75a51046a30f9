"""How buyers feel, in eight languages."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pasar.languages.mood import ANGRY_SIGNS, judge_mood
from pasar.languages.pack import load_pack
from tests.languages.samples import LIVE

UNHAPPY = [
    ("en", "third week now and nobody replies, this shop is a joke of a business"),
    ("en", "I am NOT HAPPY WITH this!!!"),
    ("id", "gimana sih min udah kecewa berat akutuh, kapok belanja di sini"),
    ("th", "รอนานมาก ผิดหวังกับร้านนี้สุดๆ"),
    ("vi", "mình thất vọng về shop lắm, nhắn mãi không ai trả lời"),
    ("ms", "dah berapa kali tanya, memang geram"),
    ("fil", "ang tagal tagal na po, nakakainis na"),
    ("zh", "等了好久还是没有人理我，太过分"),
    ("es", "me siguen ignorando, qué vergüenza de tienda"),
    *[(code, "😡📦❓") for code in LIVE],
]
CALM = [
    ("en", "where is my order SH1001, I'm not in a hurry"),
    ("en", "IS THE XL DRESS IN STOCK"),
    ("id", "kak ini bahannya apa ya"),
    ("th", "ของไม่แพงเลย มีสีดำไหมคะ"),
    ("vi", "shop ơi còn size M không"),
    ("ms", "nak tanya berapa hari sampai"),
    ("fil", "magkano po yung shipping sa Cebu"),
    ("zh", "这个有黑色吗"),
    ("es", "¿cuánto tarda el envío a Bogotá?"),
]
GLAD = [
    ("en", "came today and I love it, thank you so much 😍"),
    ("id", "barangnya bagus banget, makasih banyak ya kak"),
    ("th", "สวยมาก ชอบมากค่ะ"),
    ("vi", "đẹp quá, cảm ơn nhiều nha shop"),
    ("ms", "puas hati sangat, terbaik"),
    ("fil", "ang ganda po, maraming salamat"),
    ("zh", "很漂亮，非常感谢"),
    ("es", "me encanta, muchas gracias"),
]


@pytest.mark.parametrize(
    ("language", "text", "label"),
    [
        (*said, label)
        for label, lines in (("negative", UNHAPPY), ("neutral", CALM), ("positive", GLAD))
        for said in lines
    ],
)
def test_mood_is_heard(language: str, text: str, label: str) -> None:
    """Unhappy, calm and glad lines, emoji alone among them."""
    assert label == judge_mood(text, language).label


@pytest.mark.parametrize(
    ("language", "text"),
    [("en", "it is not bad, not useless at all"), ("th", "ไม่แย่"), ("zh", "不差劲"), ("id", "tidak jelek kok")],
)
def test_what_is_turned_round_is_no_anger(language: str, text: str) -> None:
    """A negator before a word takes its edge."""
    assert "negative" != judge_mood(text, language).label


@pytest.mark.parametrize("language", LIVE)
def test_every_live_pack_has_words_for_moods(language: str) -> None:
    """Thirty strong ones at least, and words to console with."""
    pack = load_pack(language)
    assert len(pack.moods["strong"]) >= 30
    assert len(pack.moods["mild"]) >= 25
    assert pack.words["empathy"]


@given(st.text(max_size=200), st.sampled_from(LIVE))
def test_any_text_has_a_mood(text: str, language: str) -> None:
    """From -1 to 1, and an angry picture more never makes it better."""
    mood = judge_mood(text, language)
    assert -1 <= mood.score <= 1
    assert judge_mood(f"{text} {min(ANGRY_SIGNS)}", language).score <= mood.score
