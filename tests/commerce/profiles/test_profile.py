"""A shop's file becomes records, or all that is wrong with it is told with its line."""

from __future__ import annotations

import datetime
import decimal

import pytest

from pasar.commerce.model import Money, OrderState, Text
from pasar.commerce.profiles.document import ProfileError
from pasar.commerce.profiles.profile import DemoProfile, Profile, TrackingAccount, read_profile
from pasar.commerce.rules import ReturnPolicy
from tests.commerce.profiles.example import write_example


def money(amount: str, currency: str) -> Money:
    return Money(decimal.Decimal(amount), currency)


@pytest.fixture
def batikhaus(tmp_path) -> Profile:
    profile = read_profile(write_example(tmp_path))
    assert isinstance(profile, Profile)
    return profile


def test_shop_is_named_like_its_file(batikhaus):
    assert ("batikhaus", "Batikhaus", True, "shopee") == (
        batikhaus.shop_id,
        batikhaus.shop.name,
        batikhaus.default,
        batikhaus.platform,
    )


def test_keys_are_names_of_variables(batikhaus):
    assert "BATIKHAUS_SHOPEE_PARTNER_KEY" == batikhaus.keys["partner_key"]
    account = TrackingAccount({"key": "BATIKHAUS_17TRACK_KEY"}, {"Yun": "190008"})
    assert {"17track": account} == batikhaus.carriers


def test_values_of_variables_are_not_read_in_rasas_process_either(tmp_path, monkeypatch):
    """Rasa lets ruamel.yaml put the variables' values in their place, everywhere."""
    import rasa.shared.utils.io
    import ruamel.yaml

    monkeypatch.setenv("BATIKHAUS_SHOPEE_PARTNER_KEY", "5kp83")
    text = "key: ${BATIKHAUS_SHOPEE_PARTNER_KEY}"
    assert {"key": "5kp83"} == rasa.shared.utils.io.read_yaml(text) == ruamel.yaml.YAML(typ="safe").load(text)
    profile = read_profile(write_example(tmp_path))
    assert isinstance(profile, Profile)
    assert "BATIKHAUS_SHOPEE_PARTNER_KEY" == profile.keys["partner_key"]


def test_hours_are_times_and_days_are_numbers(batikhaus):
    shop = batikhaus.shop
    assert (datetime.time(9), datetime.time(18), (0, 1, 2, 3, 4)) == (shop.opens_at, shop.closes_at, shop.open_days)


def test_one_text_is_for_all_languages(batikhaus):
    assert ["en"] == list(batikhaus.shop.address)
    assert batikhaus.shop.address["en"] == batikhaus.shop.address.to("th", "en")
    assert {"en", "id", "th"} == set(batikhaus.shop.return_address)


def test_returns_are_exact(batikhaus):
    limits = {
        "SGD": money("130.00", "SGD"),
        "IDR": money("1500000", "IDR"),
        "THB": money("3500.00", "THB"),
        "EUR": money("90.00", "EUR"),
    }
    expected = ReturnPolicy(15, True, (5, 7), limits, ("damaged", "wrong", "missing"), {"gopay": (1, 3)})
    assert expected == batikhaus.shop.returns


def test_policies_leave_open_what_they_do_not_say(batikhaus):
    default, union, germany = batikhaus.shop.policies[:3]
    assert ("", 5, None) == (default.country, default.claim_days, default.returns)
    assert union.returns is not None
    assert ("EU", 14, 24) == (union.country, union.returns.days, union.warranty_months)
    assert ("DE", datetime.date(2026, 1, 1), decimal.Decimal(19)) == (
        germany.country,
        germany.valid_from,
        germany.tax_percent,
    )


def test_changes_and_amends(batikhaus):
    changes, amends = batikhaus.shop.changes, batikhaus.shop.amends
    assert (OrderState.PAID, OrderState.UNPAID) == (changes.cancel, changes.edit)
    assert money("200.00", "SGD") == changes.cancel_limit["SGD"]
    assert ("SORRY10", ("late", "service"), 1) == (amends[0].code, amends[0].reasons, amends[0].most_per_buyer)
    assert ("", (), 3) == (amends[1].code, amends[1].reasons, amends[1].most_per_buyer)


def test_never_is_no_state(tmp_path):
    profile = read_profile(write_example(tmp_path, "cancel: paid", "cancel: never"))
    assert isinstance(profile, Profile)
    assert profile.shop.changes.cancel is None


def test_delivery_costs_are_in_the_countrys_currency(batikhaus):
    jne, _ = batikhaus.shipping["ID"].options
    assert (money("18000", "IDR"), (2, 4), money("300000", "IDR")) == (jne.cost, jne.days, jne.free_from)
    assert money("3.20", "SGD") == batikhaus.shipping["SG"].options[0].cost
    assert (True, False) == (batikhaus.shipping["ID"].cod, batikhaus.shipping["DE"].cod)
    assert ["SG", "ID", "TH", "DE"] == list(batikhaus.shipping)


def test_promotions_have_their_days(batikhaus):
    voucher, saving = batikhaus.promotions
    assert ("SORRY10", decimal.Decimal(10), True) == (voucher.code, voucher.percent, voucher.once_per_buyer)
    assert ("", ("BATIK-01", "BATIK-02"), 200) == (saving.code, saving.skus, saving.uses_left)
    assert Text(en="Spend and save", id="Belanja lebih hemat", th="ยิ่งซื้อยิ่งลด") == saving.name
    assert datetime.date(2026, 11, 30) == saving.ends_on


def test_a_demo_shop_says_where_its_database_is(tmp_path):
    path = tmp_path / "toys.yml"
    path.write_text("platform: demo\ndatabase: sqlite:///var/toys.db\norder_formats: ['T\\d+']\n")
    assert DemoProfile("toys", False, (r"T\d+",), "sqlite:///var/toys.db") == read_profile(path)


#: What stands in the example, what is written instead, and what is told of the line where that is. A line is found
#: by the words after the bar where what is wrong is not in the new words themselves.
WRONG = [
    ("name: Batikhaus\n", "nmae: Batikhaus\n", "nmae: is not known here"),
    ("name: Batikhaus\n", "name: 12\n", "name: must be a text"),
    ("name: Batikhaus\n", 'name: ""\n', "name: is empty"),
    ("country: SG\n", "country: UK\n", "country: 'UK' is no country code"),
    ("country: SG\n", "country: sg\n", "country: 'sg' is no country code"),
    ("currency: SGD ", "currency: XYZ ", "currency: 'XYZ' is no currency code"),
    ("{ID: IDR, TH", "{XX: IDR, TH", "currencies.XX: 'XX' is no country code"),
    ("{ID: IDR, TH", "{ID: RP, TH", "currencies.ID: 'RP' is no currency code"),
    ("default_language: en", "default_language: english", "default_language: 'english' is no language code"),
    ("default_language: en", "default_language: de", "default_language: is not among the languages"),
    ("languages: [en, id, th]", "languages: [en, en, id, th]", "languages: has one twice"),
    ("languages: [en, id, th]", "languages: en", "languages: must be a list"),
    ("time_zone: Asia/Singapore", "time_zone: Asia/Nowhere", "time_zone: 'Asia/Nowhere' is no time zone"),
    ("opens_at: 09:00", "opens_at: 9am", "opens_at: must be a time"),
    ("closes_at: 18:00", "closes_at: 08:00", "closes_at: is not after opens_at"),
    ("[mon, tue", "[monday, tue", "open_days[0]: must be one of: mon, tue"),
    ("handling_days: 2 ", "handling_days: '2' ", "handling_days: must be a whole number"),
    ("handling_days: 2 ", "handling_days: -2 ", "handling_days: must be zero or more"),
    ("gender: female}  ", "gender: lady}  ", "personas.en.gender: must be one of: female, male, neutral"),
    (r"['\d{6}[0-9A-Z]{8}']", "['SH(']", "order_formats[0]: 'SH(' is no regular expression"),
    (r"['\d{6}[0-9A-Z]{8}']", r"['\d*']", "also stands for no text at all"),
    (r"['\d{6}[0-9A-Z]{8}']", "[]", "order_formats: is empty"),
    ("order_example: 2601157K8M9QRT", "order_example: SH-1", "order_example: is in none of the order_formats"),
    ("  days: 15 ", "  days: 1.5 ", "returns.days: must be a whole number"),
    ("buyer_pays_shipping: true    ", "buyer_pays_shipping: yes    ", "returns.buyer_pays_shipping: must be true or"),
    ("refund_days: [5, 7]", "refund_days: [7, 5]", "returns.refund_days: must be two whole numbers, the smaller"),
    ("{SGD: 130, ", "{SGD: '130', ", "returns.approval_limit.SGD: must be a number"),
    ("IDR: 1500000, ", "IDR: 1500000.50, ", "returns.approval_limit.IDR: 1500000.5 is no amount of IDR"),
    ("[damaged, wrong, missing]", "[broken]", "returns.photo_reasons[0]: must be one of: damaged"),
    ("  - country: DE\n", "  - country: EU  # again\n", "policies[2]: begins on the day of the one in line"),
    ("tax_percent: 19", "tax_percent: 119", "policies[2].tax_percent: must be at most 100"),
    ("edit: unpaid", "edit: packed", "changes.edit: must be one of: unpaid, paid"),
    ("reasons: [late, service]", "reasons: [anger]", "amends[0].reasons[0]: must be one of: late"),
    ("cost: 3.20", "cost: 3.205", "shipping.SG.options[0].cost: 3.205 is no amount of SGD"),
    ("cost: 3.20, ", "", "shipping.SG.options[0].cost: is missing|- {courier: Ninja Van"),
    ("  TH:\n", "  THA:\n", "shipping.THA: 'THA' is no country code"),
    ("id: Retur Batikhaus, 5 Canal Road, Singapura 059812", "id: ''", "return_address.id: is empty"),
    ("id: Retur Bat", "xx: Retur Bat", "return_address.xx: 'xx' is no language code"),
    ("    percent: 10\n", "", "promotions[0].most_off: is the highest amount of a percentage|most_off: {SGD"),
    ("most_off: {SGD: 15", "most_off: {SGD: 0", "promotions[0].most_off.SGD: must be more than zero"),
    ("    percent: 10\n", "    percent: 0\n", "promotions[0].percent: must be more than zero"),
    ("ends_on: 2027-12-31", "ends_on: 2025-12-31", "promotions[0].ends_on: is before starts_on"),
    ("ends_on: 2027-12-31", "ends_on: '2027-12-31'", "promotions[0].ends_on: must be a day"),
    ("    uses_left: 200", "    percent: 5", "promotions[1]: has both percent and amount_off|- name: {en: Spend"),
    ("platform: shopee ", "platform: ebay ", "platform: must be one of: demo, shopify"),
    ("partner_key: ${BATIKHAUS_SHOPEE_PARTNER_KEY}", "partner_key: 5kp83", "keys.partner_key: must name an environment"),
    ("    key: ${BATIKHAUS_17TRACK_KEY}", "    key: 5kp83", "carriers.17track.key: must name an environment variable"),
    ("# base_url: https://sandbox.example ", "base_url: https://u:5kp83@example ", "base_url: must be an address"),
    ("default: true ", "default: perhaps ", "default: must be true or false"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "told"), WRONG, ids=[told.partition("|")[0] for _, _, told in WRONG])
def test_what_is_wrong_is_told_with_its_line(tmp_path, old, new, told):
    message, _, place = told.partition("|")
    path = write_example(tmp_path, old, new)
    lines = path.read_text(encoding="utf-8").splitlines()
    number = 1 + next(number for number, line in enumerate(lines) if (place or new.strip("\n")) in line)

    with pytest.raises(ProfileError) as caught:
        read_profile(path)

    [finding] = [finding for finding in caught.value.findings if message in finding.message]
    assert (number, True) == (finding.line, str(finding).startswith(f"{path}:{number}: error: "))
    assert "5kp83" not in str(caught.value)


def test_all_that_is_wrong_is_told_at_once(tmp_path):
    path = write_example(tmp_path, "country: SG\ncurrency: SGD ", "country: XX\ncurrency: XYZ ")
    path.write_text(path.read_text(encoding="utf-8").replace("email: care", "mail: care"), encoding="utf-8")
    with pytest.raises(ProfileError) as caught:
        read_profile(path)
    assert ["country", "currency", "email", "mail"] == sorted(
        finding.message.partition(":")[0] for finding in caught.value.findings
    )


def test_a_missing_key_is_told_at_what_should_have_it(tmp_path):
    path = write_example(tmp_path, "  refund_days: [5, 7]                          # working days after approval\n", "")
    with pytest.raises(ProfileError, match=r"returns\.refund_days: is missing") as caught:
        read_profile(path)
    lines = path.read_text(encoding="utf-8").splitlines()
    assert "returns:" == lines[caught.value.findings[0].line - 1]


@pytest.mark.parametrize(
    ("text", "line", "told"),
    [
        ("", 1, "must hold keys and values"),
        ("- a\n- b\n", 1, "must hold keys and values"),
        ("a: 1\nb: ]\nc: 2\n", 2, "expected"),
        ("a: 1\nb: 2\na: 5kp83\n", 3, "a key stands there twice"),
        ("a: 1\n\tb: 2\n", 2, "found a tab"),
        ("a: *b\n", 1, "undefined alias"),
        ("platform: demo\n", 1, "database: is missing"),
        ("platform: demo\ndatabase: x\nkeys: {}\n", 3, "keys: is not known here"),
        ("platform: [demo]\n", 1, "platform: must be one of"),
    ],
)
def test_files_that_are_no_shops(tmp_path, text, line, told):
    path = tmp_path / "broken.yml"
    path.write_text(text)
    with pytest.raises(ProfileError) as caught:
        read_profile(path)
    first = caught.value.findings[0]
    assert told in first.message
    assert line == first.line
    assert "5kp83" not in str(caught.value)


def test_a_file_that_cannot_be_read(tmp_path):
    (tmp_path / "latin.yml").write_bytes(b"name: caf\xe9\n")
    with pytest.raises(ProfileError, match="is not UTF-8"):
        read_profile(tmp_path / "latin.yml")
    with pytest.raises(ProfileError, match="No such file"):
        read_profile(tmp_path / "missing.yml")


@pytest.mark.parametrize("name", ["Batik Haus.yml", "batik.haus.yml", "-batik.yml", f"{'b' * 65}.yml"])
def test_a_files_name_must_be_a_shops_id(tmp_path, name):
    with pytest.raises(ProfileError, match="is no shop id"):
        read_profile(write_example(tmp_path, name=name))


def test_norway_is_a_country(tmp_path):
    profile = read_profile(write_example(tmp_path, "  DE:\n", "  NO:\n"))
    assert isinstance(profile, Profile)
    assert "NO" in profile.shipping
