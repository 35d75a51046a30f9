"""An address is taken whole out of a message, and nothing else with it."""

from __future__ import annotations

import pytest

from pasar.languages.addresses import Marked, cut_address
from pasar.languages.negations import may_negate
from pasar.languages.pack import load_pack


def mark(text: str, named: dict[str, str]) -> list[Marked]:
    """Marks of kinds at the words they stand for."""
    return [Marked(kind, text.index(words), text.index(words) + len(words)) for words, kind in named.items()]


@pytest.mark.parametrize(
    ("code", "text", "named", "address"),
    [
        ("en", "Anna Lee, 48 Maple Ave, Apt 3B, Portland OR 97205", {"48 Maple Ave, Apt 3B": "address"}, None),
        ("en", "12 Rose Street, Springfield, Illinois", {"12 Rose Street": "address"}, None),
        ("en", "77 Sunset Blvd apt 4", {}, None),
        ("en", "no, 5 Elm Street, Dallas 75201", {"5 Elm Street": "address"}, "5 Elm Street, Dallas 75201"),
        ("en", "it's 5 Elm Street Dallas", {"5 Elm Street": "address"}, "5 Elm Street Dallas"),
        ("en", "new address: 5 Elm Street, Dallas", {"5 Elm Street": "address"}, "5 Elm Street, Dallas"),
        ("en", "5 Elm Street, Dallas 75201. SH1005", {"5 Elm Street": "address", "SH1005": "order_id"}, "5 Elm Street, Dallas 75201"),
        ("id", "kirim ke Jl Sudirman 12 Jakarta 12190 aja kak", {"Jl Sudirman 12": "address"}, "Jl Sudirman 12 Jakarta 12190"),
        ("id", "Siti 081298765432 Jl. Mawar 5", {"Siti": "person_name", "081298765432": "phone", "Jl. Mawar 5": "address"}, None),
        ("ms", "No 15 Jalan Bukit 3, 53100 Kuala Lumpur", {"Kuala Lumpur": "city"}, None),
        ("th", "99/1 ซอยลาดพร้าว 15 กรุงเทพ 10900 ค่ะ", {"99/1 ซอยลาดพร้าว": "address"}, "99/1 ซอยลาดพร้าว 15 กรุงเทพ 10900"),
        ("zh", "上海市浦东新区世纪大道100号", {"上海": "city", "浦东新区世纪大道100号": "address"}, None),
        ("vi", "12 ngõ 5 Nguyễn Trãi\nThanh Xuân, Hà Nội", {"12 ngõ 5 Nguyễn Trãi": "address"}, None),
    ],
)  # fmt: skip
def test_what_answers_where_to_is_an_address_as_a_whole(code, text, named, address):
    assert cut_address(text, mark(text, named), load_pack(code), asked=True) == (address or text)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("Elm Street, somewhere in Texas", {}),
        ("what about Texas 75201?", {"75201": "postcode"}),
        ("5 Elm", {"5 Elm": "address"}),
        ("SH1005 anna@example.com", {"SH1005": "order_id", "anna@example.com": "email"}),
        ("my office", {}),
        ("", {}),
    ],
)
def test_what_no_parcel_can_be_sent_to_is_none(text, named):
    assert cut_address(text, mark(text, named), load_pack("en"), asked=True) is None


@pytest.mark.parametrize(
    ("code", "text", "named", "address"),
    [
        (
            "en",
            "please send SH1005 to 48 Maple Avenue, Portland OR 97205 instead, anna@example.com",
            {"SH1005": "order_id", "48 Maple Avenue": "address", "Portland": "city", "anna@example.com": "email"},
            "48 Maple Avenue, Portland OR 97205",
        ),
        (
            "id",
            "kak alamatnya salah, harusnya Jl. Kenanga 7, Depok 16411. SH1002 siti@example.com",
            {"Jl. Kenanga 7": "address", "Depok": "city", "SH1002": "order_id", "siti@example.com": "email"},
            "Jl. Kenanga 7, Depok 16411",
        ),
        (
            "th",
            "ส่งไปที่ 99/1 ซอยลาดพร้าว 15 แขวงจอมพล กรุงเทพ 10900 แทนค่ะ",
            {"99/1 ซอยลาดพร้าว": "address", "กรุงเทพ": "city", "10900": "postcode"},
            "99/1 ซอยลาดพร้าว 15 แขวงจอมพล กรุงเทพ 10900",
        ),
        ("en", "I live in Dallas now, send it to 5 Elm Street", {"Dallas": "city", "5 Elm Street": "address"}, "5 Elm Street"),
        ("en", "how long to Dallas 75201", {"Dallas": "city", "75201": "postcode"}, None),
    ],
)  # fmt: skip
def test_out_of_a_message_only_what_is_marked_as_one_is_taken(code, text, named, address):
    assert cut_address(text, mark(text, named), load_pack(code), asked=False) == address


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("en", "Don’t cancel it"), ("en", "no keep it"), ("id", "ga jadi batal kak"), ("th", "อย่าเพิ่งยกเลิก"),
        ("vi", "đừng hủy nha"), ("ms", "jangan batalkan"), ("fil", "huwag na i-cancel"), ("zh", "别取消了"), ("es", "no lo canceles"),
    ],
)  # fmt: skip
def test_what_may_mean_the_contrary_is_seen(code, text):
    assert may_negate(text, load_pack(code))


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("en", "yes cancel it"), ("id", "iya batalin aja kak"), ("th", "ยกเลิกเลยค่ะ"), ("vi", "hủy luôn đi ạ"),
        ("ms", "ya batalkan je"), ("fil", "opo i-cancel na po"), ("zh", "好的取消吧"), ("es", "sí, cancélalo ya"),
    ],
)  # fmt: skip
def test_what_says_yes_is_not_doubted(code, text):
    assert not may_negate(text, load_pack(code))
