"""The thoughts in messages that came together."""

from __future__ import annotations

from channels.thoughts import ONLY_MEDIA, merge
from pasar.messages.model import Author, Kind
from tests.messages.contract import write

CHOICES = {"1": "/affirm", "2": "/deny", "yes": "/affirm"}


def read(*messages):
    return [(turn.text, turn.product) for turn in merge(messages, CHOICES)]


def test_four_quick_lines_are_one_thought():
    assert [("halo kak\nmau tanya\nukuran M\nmasih ada?", "")] == read(
        *(write(place, text=text) for place, text in enumerate(["halo kak", "mau tanya", "ukuran M", "masih ada?"]))
    )


def test_a_number_that_was_offered_is_the_choice_and_stands_alone():
    assert [("ค่ะ", ""), ("/deny", ""), ("อีกเรื่อง", "")] == read(
        write(1, text="ค่ะ"), write(2, text="๒"), write(3, text="อีกเรื่อง")
    )


def test_an_orders_card_says_its_number_and_a_products_card_which_is_meant():
    assert [("TT123\n到哪了", "")] == read(
        write(1, kind=Kind.ORDER, text="", facts={"order_id": "TT123"}), write(2, text="到哪了")
    )
    product = write(1, kind=Kind.PRODUCT, text="", facts={"product": "DRESS-01"})
    assert [("masih ada?", "DRESS-01")] == read(product, write(2, text="masih ada?"))
    assert [("/product_info", "DRESS-01")] == read(product)


def test_what_has_no_words_comes_as_such_and_is_kept():
    picture = write(7, kind=Kind.IMAGE, text="", facts={"media_id": "m7"})
    voice = write(8, kind=Kind.VOICE, text="", facts={"media_id": "m8"})
    [turn] = merge([picture, voice], CHOICES)
    assert ONLY_MEDIA == turn.text
    assert [
        {"kind": "image", "message_id": "7", "media_id": "m7"},
        {"kind": "voice", "message_id": "8", "media_id": "m8"},
    ] == turn.describe_media()
    assert "line:m7" == turn.find_photo()
    [turn] = merge([picture, write(9, text="ini rusak")], CHOICES)
    assert ("ini rusak", "line:m7") == (turn.text, turn.find_photo())


def test_a_pictures_address_is_the_photo():
    [turn] = merge([write(7, kind=Kind.IMAGE, text="", facts={"url": "https://cdn.example/7.jpg"})], {})
    assert "https://cdn.example/7.jpg" == turn.find_photo()


def test_nothing_to_say_is_no_thought():
    assert [] == read(write(1, text=" "), write(2, text="", author=Author.BUYER))
