"""What ``make validate`` says of shops' files."""

from __future__ import annotations

import datetime

import pytest

from pasar.commerce.profiles import checks
from pasar.commerce.profiles.checks import check_shops
from pasar.commerce.profiles.document import Level
from tests.commerce.profiles.example import ENVIRONMENT, LANGUAGES, ExamplePlatform, write_example

TODAY = datetime.date(2026, 11, 22)


@pytest.fixture(autouse=True)
def platform(monkeypatch):
    monkeypatch.setattr(checks, "load_platform", lambda _name: ExamplePlatform)


def check(folder, languages=LANGUAGES, environment=ENVIRONMENT, today=TODAY):
    return check_shops(folder, languages, environment, today)


def test_the_example_of_the_documentation_is_right(tmp_path):
    write_example(tmp_path)
    assert [] == check(tmp_path)


@pytest.mark.parametrize(
    ("old", "new", "level", "told"),
    [
        ("  partner_id: ${BAT", "  partnerid: ${BAT", "error", "keys.partnerid: is no key of shopee, which has: partner"),
        ("  partner_key: ${BATIKHAUS_SHOPEE_PARTNER_KEY}\n", "", "error", "keys: example: partner_key is no key of tests"),
        ("{find_orders_days: 30}", "{partner_key: 5}", "error", "settings.partner_key: belongs under keys"),
        ("PARTNER_ID}", "PARTNER_IDX}", "warning", "keys.partner_id: BATIKHAUS_SHOPEE_PARTNER_IDX is not set"),
        ("${BATIKHAUS_17TRACK_KEY}", "${NONE}", "warning", "carriers.17track.key: NONE is not set"),
        ("  17track:", "  track18:", "error", "carriers.track18: must be one of: 17track, aftership"),
        ("    key: ${BAT", "    kee: ${BAT", "error", "carriers.17track: 17track: key is missing"),
        ("{Yun: 190008}", "{Yun: YT}", "error", "carriers.17track: 17track: the carrier code of courier Yun is no number"),
        ("  - country: TH\n", "  - country: VN\n", "warning", "shipping.TH: has no policy today: falls to the shop's def"),
        ("{SGD: 130, ", "{USD: 130, ", "warning", "returns.approval_limit: has no amount in SGD: a person decides there"),
        ("{SGD: 200, ", "{USD: 200, ", "warning", "changes.cancel_limit: has no amount in SGD"),
        ("    cod_limit: 2500000\n", "", "warning", "shipping.ID.payment_methods: has cod, but there is no cod_limit"),
        ("{code: SORRY10, ", "{code: SORRY20, ", "warning", "amends[0].code: SORRY20 is not among the promotions"),
        ("  id: Retur Bat", "  ms: Retur Bat", "warning", "return_address: has no words in id: its buyers read en"),
        ("  id: Retur Bat", "  ms: Retur Bat", "warning", "return_address.ms: is no language of this shop"),
        ("  en: Batikhaus returns", "  ms: Batikhaus returns", "error", "return_address: has no words in en, the default"),
        ("languages: [en, id, th]", "languages: [en, id, th, ja]", "warning", "languages[3]: there is no pack data/ja"),
    ],
)  # fmt: skip
def test_what_does_not_fit_together(tmp_path, old, new, level, told):
    write_example(tmp_path, old, new)
    assert any(finding.level.value == level and told in finding.message for finding in check(tmp_path))


def test_missing_keys_without_an_environment(tmp_path):
    """Where the others' values are not known, as in continuous integration, the module cannot be asked."""
    write_example(tmp_path, "  partner_key: ${BATIKHAUS_SHOPEE_PARTNER_KEY}\n", "")
    findings = check(tmp_path, environment={})
    assert {Level.WARNING} == {finding.level for finding in findings}
    assert "keys.partner_key: is not given: its secret" in [finding.message for finding in findings]
    assert not any("market" in finding.message for finding in findings)


def test_a_default_language_without_a_pack_is_an_error(tmp_path):
    write_example(tmp_path)
    [finding] = check(tmp_path, languages=("id", "th"))
    assert (Level.ERROR, "default_language: there is no pack data/en") == (finding.level, finding.message)


def test_a_policy_of_the_union_is_one(tmp_path):
    """Germany has a policy of its own only for tax; without it the Union's holds."""
    write_example(tmp_path, "  - country: DE\n", "  - country: FR\n")
    assert [] == check(tmp_path)


def test_a_policy_that_begins_tomorrow_is_none_today(tmp_path):
    write_example(
        tmp_path, "  - country: TH\n    valid_from: 2026-01-01", "  - country: TH\n    valid_from: 2026-11-23"
    )
    assert ["shipping.TH"] == [finding.message.partition(":")[0] for finding in check(tmp_path)]
    assert [] == check(tmp_path, today=datetime.date(2026, 11, 23))


def test_only_one_shop_is_the_default(tmp_path):
    write_example(tmp_path)
    second = write_example(tmp_path, name="second.yml")
    [finding] = check(tmp_path)
    assert (second, "default: batikhaus.yml is the default already") == (finding.file, finding.message)


def test_one_shops_errors_do_not_hide_anothers(tmp_path):
    write_example(tmp_path, "country: SG\n", "country: XX\n", name="a.yml")
    (tmp_path / "b.yml").write_text("a: [")
    write_example(tmp_path, "currency: SGD ", "currency: XYZ ", name="c.yml")
    assert ["a.yml", "b.yml", "c.yml"] == [finding.file.name for finding in check(tmp_path)]


def test_a_file_that_is_not_read_is_told(tmp_path):
    write_example(tmp_path, name="batikhaus.yaml")
    [finding] = check(tmp_path)
    assert (Level.WARNING, "is not read: its name must end in .yml") == (finding.level, finding.message)


def test_findings_are_in_the_files_order(tmp_path):
    write_example(tmp_path, "country: SG\ncurrency: SGD ", "country: XX\ncurrency: XYZ ")
    lines = [finding.line for finding in check(tmp_path)]
    assert 2 == len(lines)
    assert sorted(lines) == lines
