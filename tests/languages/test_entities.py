"""What a message names: by form, by what examples named; and where it stands."""

from __future__ import annotations

import dataclasses

import pytest

from tests.languages.entities import DIGITS_ONLY, TODAY, find, finder, pairs

# ---- forms


@pytest.mark.parametrize("code", ["en", "id", "th"])
@pytest.mark.parametrize("written", ["SH1001", "sh1001", "ＳＨ１００１", "SH๑๐๐๑"])
def test_find_order_number_however_it_is_typed(code: str, written: str) -> None:
    """An order number is found in any case, width and digits, told as the shop writes it."""
    assert [("order_id", "SH1001")] == pairs(code, written)


@pytest.mark.parametrize("source", ["SH123", "SH1234567", "XSH1001", "SH1001A", "A-SH1001"])
def test_find_takes_no_other_number_for_an_order(source: str) -> None:
    """What the shop's format does not fit is no order number."""
    assert [] == pairs("en", source, "order_id")


def test_find_order_number_of_digits_is_no_phone() -> None:
    """Where a shop's order numbers look like phone numbers, they are order numbers and nothing else."""
    found = [(entity.kind, entity.value) for entity in find("en", "order 081234567890", DIGITS_ONLY)]
    assert [("order_id", "081234567890")] == [
        entry for entry in found if entry[0] in ("order_id", "phone", "tracking_number")
    ]


def test_find_two_order_numbers_in_their_order() -> None:
    """All order numbers of a message are found, as they stand."""
    assert [("order_id", "SH1002"), ("order_id", "SH1001")] == pairs("en", "SH1002 or was it sh1001?", "order_id")


@pytest.mark.parametrize(
    ("source", "kind", "value"),
    [
        ("it is Siti.R+toko@mail.example.com", "email", "siti.r+toko@mail.example.com"),
        ("081234567890", "phone", "081234567890"),
        ("my number is +62 812-3456-7890", "phone", "+6281234567890"),
        ("TH0134829KX9", "tracking_number", "TH0134829KX9"),
        ("jx1234567890", "tracking_number", "JX1234567890"),
        ("my code is HEMAT50", "coupon_code", "HEMAT50"),
    ],
)
def test_find_by_form(source: str, kind: str, value: str) -> None:
    """Addresses, numbers and codes are told by their form alone, without what separates their digits."""
    assert [(kind, value)] == pairs("en", source, kind)


def test_find_takes_no_parcel_for_a_coupon() -> None:
    """A code is one thing: what is a parcel's number is no coupon too."""
    assert [("tracking_number", "TH0134829KX9")] == pairs("en", "TH0134829KX9", "tracking_number", "coupon_code")


@pytest.mark.parametrize("source", ["me@home", "12345678", "1000", "a@b@c"])
def test_find_takes_no_fragment_for_a_contact(source: str) -> None:
    """Too few digits are no phone, a word with an @ is no e-mail."""
    assert [] == pairs("en", source, "phone", "email", "tracking_number")


def test_find_reads_nothing_into_a_link() -> None:
    """Numbers inside a link are no orders, phones or prices."""
    assert [] == pairs(
        "en", "https://shop.example/SH1001/081234567890", "order_id", "phone", "price", "tracking_number"
    )


# ---- measures


@pytest.mark.parametrize(
    ("code", "source", "expected"),
    [
        ("en", "165cm", [("height", 165.0)]),
        ("en", "i'm 165 cm", [("height", 165.0)]),
        ("en", "5'4", [("height", 162.6)]),
        ("en", "5'4\" tall", [("height", 162.6)]),
        ("en", "5ft 4in", [("height", 162.6)]),
        ("en", "1.65m", [("height", 165.0)]),
        ("en", "120 lbs", [("weight", 54.4)]),
        ("en", "9 stone", [("weight", 57.2)]),
        ("en", "165/55", [("height", 165.0), ("weight", 55.0)]),
        ("en", "165cm 55kg", [("height", 165.0), ("weight", 55.0)]),
        ("en", "my foot is 24.5 cm", [("foot_length", 24.5)]),
        ("id", "tb 165 cm bb 55 kg", [("height", 165.0), ("weight", 55.0)]),
        ("id", "panjang kaki 25cm", [("foot_length", 25.0)]),
        ("th", "สูง ๑๖๕ ซม. หนัก ๕๕ กก.", [("height", 165.0), ("weight", 55.0)]),
        ("th", "๑๖๕ ซม.", [("height", 165.0)]),
        ("en", "500 cm", []),
        ("en", "1 kg", []),
    ],
)
def test_find_measures_in_centimetres_and_kilograms(code: str, source: str, expected: list[tuple[str, float]]) -> None:
    """Whatever a buyer measures in, heights, weights and feet come out in one unit; impossible ones not at all."""
    assert expected == pairs(code, source, "height", "weight", "foot_length")


def test_find_measure_is_no_phone_or_price() -> None:
    """A measure is one thing only."""
    assert [("height", 165.0), ("weight", 55.0)] == pairs("en", "165/55")


# ---- money and amounts


@pytest.mark.parametrize(
    ("code", "source", "value", "currency"),
    [
        ("id", "Rp 50.000", 50_000, "IDR"),
        ("id", "rp50.000", 50_000, "IDR"),
        ("id", "50rb", 50_000, None),
        ("id", "50 ribu", 50_000, None),
        ("id", "1,5 juta", 1_500_000, None),
        ("th", "฿790", 790, "THB"),
        ("th", "790 บาท", 790, "THB"),
        ("th", "๗๙๐ บาท", 790, "THB"),
        ("en", "$20", 20, "USD"),
        ("en", "20 dollars", 20, "USD"),
        ("en", "$12.50", 12.5, "USD"),
        ("en", "50k", 50_000, None),
    ],
)
def test_find_money(code: str, source: str, value: float, currency: str | None) -> None:
    """Amounts come out as numbers, and the sign as a currency."""
    expected = [("price", value), *([("currency", currency)] if currency else [])]
    assert sorted(expected) == sorted(pairs(code, source, "price", "currency"))


def test_find_bare_number_is_no_price() -> None:
    """A number without a sign or a scale may be anything."""
    assert [] == pairs("en", "i want 20", "price", "currency")


@pytest.mark.parametrize(
    ("code", "source", "value"),
    [
        ("en", "12 pcs", 12),
        ("en", "two pairs", 2),
        ("id", "3 buah", 3),
        ("id", "2 lusin", 24),
        ("th", "5 ชิ้น", 5),
        ("th", "เอา 2 โหลค่ะ", 24),
        ("vi", "3 đôi giá bao nhiêu", 3),
        ("zh", "我要2双", 2),
        ("es", "cuánto por 3 pares", 3),
        ("fil", "4 piraso po", 4),
        ("ms", "nak 2 helai", 2),
        ("en", "can i get 3 photobook", 3),
    ],
)
def test_find_quantity(code: str, source: str, value: int) -> None:
    """How many, by the word behind the number: a counter of the pack, or a product."""
    assert [("quantity", value)] == pairs(code, source, "quantity")


@pytest.mark.parametrize(
    ("code", "source"),
    [("zh", "保修3个月吗"), ("zh", "这一件多少钱"), ("en", "one piece swimsuit"), ("en", "1 photobook")],
)
def test_find_no_quantity(code: str, source: str) -> None:
    """Months are no pieces, and "one" says mostly which."""
    assert [] == pairs(code, source, "quantity")


# ---- where things stand


@pytest.mark.parametrize(
    ("code", "source", "kind", "written"),
    [
        ("en", "😡😡 where is SH1001???", "order_id", "SH1001"),
        ("th", "สูง ๑๖๕ ซม.", "height", "๑๖๕ ซม."),
        ("id", "wrn   hitaaaam  ya kak", "color", "hitaaaam"),
        ("th", "มีสีดำมั้ย", "color", "สีดำ"),
        ("en", "Ｓｏｏｏｏ, black!!!", "color", "black"),
    ],
)
def test_find_points_into_the_text_as_written(code: str, source: str, kind: str, written: str) -> None:
    """An entity's offsets cut exactly the written thing out of the buyer's own text."""
    assert [written] == [source[entity.start : entity.end] for entity in find(code, source) if entity.kind == kind]


def test_find_reports_things_in_order() -> None:
    """Entities come in the order of the text."""
    found = find("en", "SH1001 black size m, 165cm, siti@mail.example")
    assert sorted(entity.start for entity in found) == [entity.start for entity in found]
    assert {"order_id", "color", "size", "height", "email"} == {entity.kind for entity in found}


def test_find_marks_what_has_a_form_of_its_own() -> None:
    """Only what is told by its form says something about what the buyer wants."""
    forms = {entity.kind: entity.pattern for entity in find("en", "SH1001 in black")}
    assert {"order_id": True, "color": False} == forms


@pytest.mark.parametrize("code", ["en", "id", "th"])
def test_find_nothing_in_nothing(code: str) -> None:
    """An empty message names nothing."""
    assert [] == find(code, "")


def test_entity_is_a_value() -> None:
    """Two findings of the same thing are equal, and cannot be changed."""
    first, second = find("en", "SH1001")[0], find("en", "SH1001")[0]
    assert first == second
    with pytest.raises(dataclasses.FrozenInstanceError):
        first.kind = "phone"  # type: ignore[misc]


# ---- things known to be of a kind


@pytest.mark.parametrize(
    ("code", "kind", "written", "value"),
    [
        ("en", "quantity", "two", 2),
        ("en", "quantity", "half a dozen", 6),
        ("en", "quantity", "12 boxes", 12),
        ("id", "quantity", "selusin", 12),
        ("th", "quantity", "สองโหล", 24),
        ("en", "quantity", "several", None),
        ("en", "price", "under 1,299", 1299),
        ("id", "price", "150rb", 150000),
        ("en", "price", "cheap", None),
        ("en", "date", "2nd of May", "2026-05-02"),
        ("en", "date", "25/12", "2026-12-25"),
        ("en", "date", "tomorrow", "2026-03-11"),
        ("en", "date", "soon", None),
        ("en", "size", "eu 38", "EU 38"),
        ("en", "coupon_code", "save-20", "SAVE-20"),
        ("en", "color", "pistachio", "pistachio"),
        ("en", "color", "navy blue", "navy"),
        ("en", "country", "Narnia", None),
        ("en", "country", "Thailand", "TH"),
        ("en", "person_name", "Ibu Rina", "Ibu Rina"),
        ("en", "date", "the 20th", "2026-03-20"),
        ("en", "order_id", "INV/2024/77", None),
        ("en", "height", "168", 168.0),
        ("en", "height", "30 cm", None),
        ("en", "weight", "71 kg", 71.0),
        ("en", "weight", "150", None),
        ("en", "weight", "2 kg", None),
        ("en", "foot_length", "24.5", 24.5),
        ("en", "tracking_number", "jd0146", "JD0146"),
    ],
)
def test_read_gives_the_value_of_a_kind(code: str, kind: str, written: str, value: str | float | None) -> None:
    """Codes, ISO dates and numbers where they can be told; what is written where that is the value; else nothing."""
    assert value == finder(code)[0].read(kind, written, TODAY)
