"""Prices as buyers write them, in every language that has a pack; exact values."""

from __future__ import annotations

import functools
import pathlib
import shutil
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pasar.languages.money import MoneyFinder, MoneyWords, to_number
from pasar.languages.pack import PackError, load_pack
from pasar.languages.text import normalize
from tests.languages.samples import DATA, LIVE


@functools.lru_cache(maxsize=16)
def finder(code: str) -> MoneyFinder:
    """Of a live pack."""
    pack = load_pack(code, DATA)
    return MoneyFinder(pack.money, (*pack.lookups["unit"], *pack.lookups["counter"]))


def read(code: str, written: str) -> Decimal | None:
    """What is known to be a price."""
    return finder(code).read(normalize(written).text)


def find(code: str, source: str) -> list[tuple[Decimal, str | None]]:
    """Sums of a message."""
    return [(found.amount, found.currency) for found in finder(code).find(normalize(source).text)]


@pytest.mark.parametrize(
    ("code", "written", "value"),
    [
        ("en", "1.5k", "1500"),
        ("en", "4.35k", "4350"),
        ("en", "two hundred", "200"),
        ("en", "a hundred and fifty", "150"),
        ("en", "two thousand five hundred", "2500"),
        ("en", "two thousand five", "2005"),
        ("en", "twenty-five hundred", "2500"),
        ("en", "one million two hundred thousand", "1200000"),
        ("en", "half a million", "500000"),
        ("en", "a grand", "1000"),
        ("id", "50rb", "50000"),
        ("id", "1,5jt", "1500000"),
        ("id", "1.250jt", "1250000"),
        ("id", "1jt5", "1500000"),
        ("id", "1jt 500rb", "1500000"),
        ("id", "100 ribu", "100000"),
        ("id", "50 ribuan", "50000"),
        ("id", "setengah juta", "500000"),
        ("id", "dua juta setengah", "2500000"),
        ("id", "sejuta", "1000000"),
        ("id", "dua ratus ribu", "200000"),
        ("id", "sejuta dua ratus lima puluh ribu", "1250000"),
        ("ms", "seratus", "100"),
        ("ms", "lima puluh ringgit", "50"),
        ("ms", "dua ribu lima ratus", "2500"),
        ("ms", "RM2k", "2000"),
        ("vi", "500k", "500000"),
        ("vi", "1 triệu 2", "1200000"),
        ("vi", "1tr2", "1200000"),
        ("vi", "2tr5", "2500000"),
        ("vi", "2tr25", "2250000"),
        ("vi", "2tr150", "2150000"),
        ("vi", "1,250 triệu", "1250000"),
        ("vi", "1.250k", "1250000"),
        ("vi", "1.250.000đ", "1250000"),
        ("vi", "nửa triệu", "500000"),
        ("vi", "hai triệu rưỡi", "2500000"),
        ("vi", "hai trăm nghìn", "200000"),
        ("vi", "một trăm hai mươi lăm nghìn", "125000"),
        ("vi", "một trăm lẻ năm nghìn", "105000"),
        ("th", "2 พัน", "2000"),
        ("th", "พันห้า", "1500"),
        ("th", "สองพันห้า", "2500"),
        ("th", "พันห้าร้อย", "1500"),
        ("th", "พันห้าสิบ", "1050"),
        ("th", "ร้อยห้า", "105"),
        ("th", "ห้าร้อย", "500"),
        ("th", "หมื่น", "10000"),
        ("th", "สามหมื่นห้า", "35000"),
        ("th", "พันนึง", "1000"),
        ("th", "ร้อยเดียว", "100"),
        ("th", "ครึ่งหมื่น", "5000"),
        ("th", "ยี่สิบห้าบาท", "25"),
        ("th", "๒ พัน", "2000"),
        ("th", "459.-", "459"),
        ("fil", "1k5", "1500"),
        ("fil", "2k", "2000"),
        ("fil", "dalawang libo", "2000"),
        ("fil", "dalawang libo't limang daan", "2500"),
        ("fil", "dos mil kinyentos", "2500"),
        ("fil", "bente", "20"),
        ("zh", "1万2", "12000"),
        ("zh", "1萬2", "12000"),
        ("zh", "1万500", "10500"),
        ("zh", "两千五", "2500"),
        ("zh", "四百二", "420"),
        ("zh", "一百零五", "105"),
        ("zh", "一千零五十", "1050"),
        ("zh", "三百多", "300"),
        ("zh", "三十五万", "350000"),
        ("zh", "1w", "10000"),
        ("zh", "2k", "2000"),
        ("zh", "十五块九", "15.9"),
        ("zh", "9块9", "9.9"),
        ("es", "2 mil", "2000"),
        ("es", "mil quinientos", "1500"),
        ("es", "treinta y cinco mil", "35000"),
        ("es", "medio millón", "500000"),
        ("es", "un millón y medio", "1500000"),
        ("es", "20 lucas", "20000"),
        ("es", "1.299 pesos", "1299"),
    ],
)
def test_read_prices_as_they_are_written(code: str, written: str, value: str) -> None:
    """Scales, numbers as words, tenths and halves, by the pack's own words."""
    assert Decimal(value) == read(code, written)


@pytest.mark.parametrize(
    ("code", "written"), [("en", "three fifty"), ("en", "cheap"), ("id", "murah"), ("vi", "tr"), ("en", "")]
)
def test_read_tells_nothing_where_it_cannot(code: str, written: str) -> None:
    """A number that may be meant in two ways, or none, is no price."""
    assert read(code, written) is None


@pytest.mark.parametrize(
    ("code", "source", "expected"),
    [
        ("en", "anything under two hundred?", [("200", None)]),
        ("en", "my budget is a hundred and fifty dollars", [("150", "USD")]),
        ("en", "between 100k and 200k", [("100000", None), ("200000", None)]),
        ("id", "budget setengah juta ada?", [("500000", None)]),
        ("id", "bawah seratus ribu", [("100000", None)]),
        ("id", "Rp100.000.000 ya", [("100000000", "IDR")]),
        ("ms", "ada yang RM50?", [("50", "MYR")]),
        ("vi", "dưới 1 triệu 2 được không", [("1200000", None)]),
        ("vi", "20k 2 cái", [("20000", None)]),
        ("vi", "50k 2tr", [("50000", None), ("2000000", None)]),
        ("th", "งบ2พันมีไหม", [("2000", None)]),
        ("th", "ไม่เกินห้าร้อยค่ะ", [("500", None)]),
        ("th", "ห้าร้อยบาท", [("500", "THB")]),
        ("fil", "budget ko dalawang libo lang", [("2000", None)]),
        ("zh", "三百以内的", [("300", None)]),
        ("zh", "预算两千五", [("2500", None)]),
        ("zh", "八块", [("8", "CNY")]),
        ("es", "hasta medio millón", [("500000", None)]),
        ("es", "unos 500 pesos", [("500", None)]),
    ],
)
def test_find_sums_in_messages(code: str, source: str, expected: list[tuple[str, str | None]]) -> None:
    """A sign, a scale behind digits, or a word that speaks of money; what the buyer's own country calls money is no currency."""
    assert [(Decimal(value), currency) for value, currency in expected] == find(code, source)


@pytest.mark.parametrize(
    ("code", "source"),
    [
        ("en", "i want 20"),
        ("en", "two hundred pieces please"),
        ("en", "under two hundred pieces"),
        ("en", "10k mah battery"),
        ("en", "is it 2k resolution"),
        ("en", "a few hundred dollars"),
        ("en", "i ordered a hundred"),
        ("id", "350 buah"),
        ("id", "50rb mah"),
        ("vi", "mặt sau đồng hồ"),
        ("vi", "vài trăm nghìn"),
        ("vi", "2 chiếc"),
        ("th", "2 พันธุ์"),
        ("th", "2 พันชิ้น"),
        ("th", "ส่งพันกล่อง"),
        ("zh", "万一坏了"),
        ("zh", "我们一块买"),
        ("zh", "要两块香皂"),
        ("zh", "一千件"),
        ("zh", "几百块"),
        ("es", "mido 1.75 peso 80"),
        ("es", "2 mil piezas"),
        ("fil", "dalawang piraso"),
        ("ms", "dua ratus helai"),
    ],
)
def test_find_takes_no_other_number_for_money(code: str, source: str) -> None:
    """Plain numbers, counted things, measures and everyday words are no sums."""
    assert [] == find(code, source)


@given(st.sampled_from(LIVE), st.text(max_size=60))
def test_find_says_where_sums_stand_and_keeps_values(code: str, text: str) -> None:
    """Sums of any text are apart, in their order, not negative, and survive JSON."""
    plain, end = normalize(text).text, 0
    for found in finder(code).find(plain):
        assert end <= found.start < found.end <= len(plain)
        assert found.amount >= 0
        assert found.amount == Decimal(str(to_number(found.amount)))
        end = found.end


@given(st.data(), st.sampled_from(LIVE))
def test_digits_times_scale_are_exact(data: st.DataObject, code: str) -> None:
    """Digits with at most two places before any scale of a pack are just their product, and found as well as read."""
    words = load_pack(code, DATA).money
    scale = data.draw(st.sampled_from(sorted(words.scales)))
    form = data.draw(st.sampled_from(words.scales[scale]))
    number = data.draw(st.decimals(min_value="0.01", max_value=999, places=2))
    written = f"{number} {form}"
    assert number * scale == read(code, written)
    assert [(number * scale, None)] == find(code, written)


@given(st.integers(1, 9), st.integers(1, 9), st.sampled_from(LIVE), st.data())
def test_last_digit_is_a_tenth_of_its_scale(number: int, last: int, code: str, data: st.DataObject) -> None:
    """1tr2 of any pack."""
    words = load_pack(code, DATA).money
    scales = {form: value for value, forms in words.scales.items() for form in forms if form in words.tenths}
    form = data.draw(st.sampled_from(sorted(scales)))
    assert number * scales[form] + Decimal(last * scales[form]) / 10 == read(code, f"{number}{form}{last}")


@given(
    st.sampled_from(LIVE),
    st.lists(st.sampled_from(["12", "3", "1.500", "k", "two", "hundred", "tr", "万", "พัน", "rb", "$"]), max_size=8),
)
def test_pieces_in_any_order_never_fail(code: str, pieces: list[str]) -> None:
    """Whatever is put together is a number or none."""
    for joiner in ("", " "):
        amount = read(code, joiner.join(pieces))
        assert amount is None or amount >= 0


def test_plain_numbers_are_no_money_in_any_language() -> None:
    """A number alone never is, nor with a word that the pack says counts things."""
    for code in LIVE:
        for source in ("20", "1500", "3.5", *(f"20 {word}" for word in load_pack(code, DATA).money.others)):
            assert [] == find(code, source), (code, source)


@pytest.mark.parametrize("code", LIVE)
def test_every_live_pack_has_words_for_money(code: str) -> None:
    """Numbers to nine and scales to a thousand at least; no form is a number and a scale."""
    words = load_pack(code, DATA).money
    assert set(range(1, 10)) <= set(words.numbers)
    assert {100, 1000} <= set(words.scales) | ({100} if code == "es" else set())
    numbers = {form for forms in words.numbers.values() for form in forms}
    assert not numbers & {form for forms in words.scales.values() for form in forms}
    assert words.cues and words.others and words.money


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({"scales": {"k": ["k"]}}, "scales: k: must be a whole number"),
        ({"scales": ["k"]}, "scales: must hold values"),
        ({"numbers": {1: "one"}}, "numbers: 1: must be a list of texts"),
        ({"tenths": ["k"]}, "tenths: 'k' is neither a scale nor a word for money"),
        ({"tens": ["k"]}, "tens: is no field"),
    ],
)
def test_mistakes_are_named(content: dict[str, object], message: str) -> None:
    """By their field."""
    with pytest.raises(ValueError, match=message):
        MoneyWords.parse(content)


def test_mistake_in_a_pack_names_the_file(tmp_path: pathlib.Path) -> None:
    """As of all its files."""
    folder = tmp_path / "data" / "en"
    shutil.copytree(DATA / "en", folder, ignore=shutil.ignore_patterns("nlu"))
    (folder / "money.yml").write_text("scales: [k]\n", encoding="utf-8")
    with pytest.raises(PackError, match=r"en/money.yml: scales: must hold"):
        load_pack("en", folder.parent)
    (folder / "money.yml").unlink()
    assert load_pack("en", folder.parent).money == MoneyWords()
