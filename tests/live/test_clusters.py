"""What is done with which comment, and which ask the same."""

from __future__ import annotations

import dataclasses

import pytest

from channels.words import load_words
from pasar.languages.pack import list_codes, load_pack
from pasar.live.clusters import INVITATION, Treatment, place
from pasar.live.comment import Understood, normalise
from pasar.live.rules import RULES, LiveRulesError, load_rules, read_rules

STYLEHUB = load_rules("stylehub")


def mean(intent, language="id", confidence=0.95, mood="neutral", **entities):
    found = tuple({"entity": name, "value": value} for name, value in entities.items())
    return Understood((intent,), confidence, language, found, mood)


def put(text, understood, product="SHIRT-01", rules=STYLEHUB):
    return place(text, understood, product, rules)


@pytest.mark.parametrize(
    ("text", "understood", "treatment"),
    [
        ("bisa cod?", mean("cod_available"), Treatment.ANSWER),
        ("สั่งยังไงคะ", mean("how_to_order", "th"), Treatment.ANSWER),
        ("尺码怎么选", mean("size_help", "zh"), Treatment.ANSWER),
        ("where is my order", mean("order_status", "en"), Treatment.INVITE),
        ("ongkir SH1234", mean("shipping_cost", order_id="SH1234"), Treatment.INVITE),
        ("wa saya 0812", mean("store_info", phone="0812"), Treatment.INVITE),
        ("😍😍", mean("feedback", order_id="😍"), Treatment.IGNORE),
        ("rusak", mean("damaged_item"), Treatment.PERSON),
        ("jelek banget", mean("feedback", mood="negative"), Treatment.PERSON),
        ("bagus", mean("feedback", mood="positive"), Treatment.IGNORE),
        ("halo", mean("greet"), Treatment.IGNORE),
        ("presiden?", mean("out_of_scope"), Treatment.IGNORE),
        ("cod??", mean("cod_available", confidence=0.4), Treatment.IGNORE),
        ("", Understood((), 0.0, "id"), Treatment.IGNORE),
        ("bisa cod? https://spam.example", mean("cod_available"), Treatment.IGNORE),
        ("murah wa 081234567890", mean("price_inquiry"), Treatment.IGNORE),
        ("@rina bisa cod kok", mean("cod_available"), Treatment.IGNORE),
    ],
    ids=range(17),
)
def test_treatments(text, understood, treatment):
    assert treatment is put(text, understood).treatment


def test_the_same_question_in_other_words_is_one():
    first = put("bisa cod kak?", mean("cod_available", payment_method="cod"))
    assert first == put("CODnya ada ga", mean("cod_available"))
    # Languages are told apart beside the cluster, and what is shown does not matter to a payment.
    assert first == put("มีเก็บปลายทางไหม", mean("cod_available", "th"), product="BAG-01")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (mean("cod_available"), mean("cod_available", country="MY")),
        (mean("price_inquiry"), mean("price_inquiry", size="XL")),
        (mean("price_inquiry"), mean("product_availability")),
        (mean("shipping_cost", country="ID"), mean("shipping_cost", country="TH")),
    ],
    ids=range(4),
)
def test_another_question_is_another_one(one, other):
    assert put("x", one).cluster != put("x", other).cluster


def test_what_is_shown_makes_another_question_where_the_answer_depends_on_it():
    asked = mean("price_inquiry")
    assert put("berapa", asked, "SHIRT-01").cluster != put("berapa", asked, "BAG-01").cluster
    named = mean("price_inquiry", product_name="tas rotan")
    assert put("tas rotan berapa", named, "SHIRT-01") == put("tas rotan berapa", named, "BAG-01")
    assert "no product" == put("berapa", asked, "").reason


def test_what_depends_on_the_words_is_one_for_the_same_words_only():
    asked = mean("product_info")
    assert put("Bahannya apa??", asked).cluster == put("bahannya apa", asked).cluster
    assert put("bahannya apa", asked).cluster != put("bisa dicuci mesin", asked).cluster
    assert put("bahannya apa", asked).ask is None


def test_all_personal_questions_are_one():
    assert INVITATION == put("mana pesanan saya", mean("order_status")).cluster
    assert INVITATION == put("batal dong", mean("cancel_order")).cluster


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("COD ga????", "cod ga"),
        ("plsssssss 🙏🙏", "pls"),
        ("ＣＯＤ", "cod"),
        ("  bisa   cod\nkak ", "bisa cod kak"),
        ("ราคาเท่าไหร่คะะะะ", "ราคาเท่าไหร่คะ"),
        ("多少钱？？", "多少钱"),
        ("🔥", ""),
    ],
    ids=range(7),
)
def test_the_same_words(text, same):
    assert same == normalise(text)


def test_a_shop_has_rules_of_its_own():
    text = RULES.read_text(encoding="utf-8").replace("shops: {}", "shops: {bazaar: {again_after: 30, invite: []}}")
    assert (30, frozenset()) == (read_rules(text, "bazaar").again_after, read_rules(text, "bazaar").invite)
    assert dataclasses.replace(STYLEHUB, spam=(), chatter=()) == dataclasses.replace(
        read_rules(text, "stylehub"), spam=(), chatter=()
    )


@pytest.mark.parametrize(
    "wrong",
    ["sure: x", "sure: -1", "answers: true", "spam: ['(']", "answer: {a: {nothing: 1}}", "colour: red"],
    ids=range(6),
)
def test_rules_that_cannot_be_read_name_the_key(wrong):
    text = RULES.read_text(encoding="utf-8").replace("shops: {}", f"shops: {{bazaar: {{{wrong}}}}}")
    with pytest.raises(LiveRulesError, match=f"bazaar: .*{wrong.partition(':')[0]}"):
        read_rules(text, "bazaar")


@pytest.mark.parametrize("key", ["live_write_to_chat", "live_write_here"])
def test_every_language_has_words_of_its_own(key):
    said = {code: load_words(code, key) for code in list_codes() if load_pack(code).live}
    assert len(said) == len(set(said.values())) >= 8
    # Shopee takes 150 characters.
    assert all(0 < len(text) <= 150 for text in said.values())
