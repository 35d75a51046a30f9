"""One form for what is the same, and none for what is nothing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pasar.buyers.marks import Vault, fold_name, read_account, read_email, read_order, read_phone


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (" Ana@Mail.EXAMPLE ", "ana@mail.example"),
        ("ana+shop@mail.example", "ana+shop@mail.example"),
        ("a.na@mail.example", "a.na@mail.example"),
        ("İna@mail.example", "İna@mail.example"),  # str.lower() would make another address of it
        ("", None),
        ("ana", None),
        ("ana@mail", None),
        ("@mail.example", None),
        ("a@b@mail.example", None),
        ("an a@mail.example", None),
        ("ana@mail.example\n", "ana@mail.example"),
        ("a\x00na@mail.example", None),
        ("a" * 250 + "@mail.example", None),
    ],
)
def test_addresses(text, value):
    found = read_email(text)
    assert value == (found.value if found else None)


@pytest.mark.parametrize(
    ("text", "country", "value"),
    [
        ("+62 812-3456-7890", "", "+6281234567890"),
        ("0812 3456 7890", "ID", "+6281234567890"),
        ("0812 3456 7890", "id", "+6281234567890"),
        ("081 234 5678", "TH", "+66812345678"),
        ("090 123 45 67", "VN", "+84901234567"),
        ("012-345 6789", "MY", "+60123456789"),
        ("0917 123 4567", "PH", "+639171234567"),
        ("138 1234 5678", "CN", "+8613812345678"),
        ("612 34 56 78", "ES", "+34612345678"),
        ("+52 1 55 1234 5678", "", "+525512345678"),  # as WhatsApp still names it
        ("+52 55 1234 5678", "", "+525512345678"),
        ("(202) 555-0173 ext. 5", "US", None),  # many people's
        ("0812 3456 7890", "", None),  # whose country?
        ("+62 1", "", None),
        ("62", "ID", None),
        ("phone", "ID", None),
        ("+", "", None),
        ("", "ID", None),
    ],
)
def test_numbers(text, country, value):
    found = read_phone(text, country)
    assert value == (found.value if found else None)


def test_accounts_and_orders():
    assert read_account("shopee", "1") != read_account("lazada", "1")
    assert [None] * 4 == [read_account("shopee", ""), read_account("", "1"), read_order(" "), read_order("x" * 129)]
    assert read_order("sh1024") == read_order(" SH1024 ")


@pytest.mark.parametrize(("one", "other"), [("Ana  Putri", "ANA PUTRI"), ("Ａｎａ", "ana"), ("王芳", "王芳 ")])
def test_names(one, other):
    assert fold_name(one) == fold_name(other) != ""


def test_too_little_is_no_name():
    assert {""} == {fold_name(text) for text in ("", " ", "A", "🙂", "Jo")}


@given(text=st.text(max_size=40), country=st.sampled_from(["", "ID", "MX", "ZZ"]))
def test_nothing_makes_them_fail(text, country):
    for found in (read_email(text), read_phone(text, country), read_order(text), read_account("x", text)):
        assert found is None or found.value
    assert isinstance(fold_name(text), str)


def test_a_digest_is_of_one_shop_one_kind_and_one_secret():
    one, other = Vault("a" * 32), Vault("b" * 32)
    digests = {
        one.digest("shop", "email", "ana"), one.digest("other", "email", "ana"), one.digest("shop", "phone", "ana"),
        other.digest("shop", "email", "ana"), one.digest("shop", "email", "an", "a"),
    }  # fmt: skip
    assert 5 == len(digests)
    assert "ana" == one.unseal(one.seal("ana"))
    assert "" == other.unseal(one.seal("ana"))
