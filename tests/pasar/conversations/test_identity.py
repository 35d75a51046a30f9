"""Buyers a shop's site vouches for."""

from __future__ import annotations

import datetime

import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pasar.commerce.model import Buyer
from pasar.conversations.identity import find_secret, sign_buyer, verify_buyer
from pasar.settings import load_settings


def test_verify_buyer_knows_whom_the_shop_signed():
    """A genuine token names its buyer, to its shop only."""
    token = sign_buyer("stylehub", email="ana@example.org", phone="+6281200000")

    assert verify_buyer(token, "stylehub") == Buyer("ana@example.org", "+6281200000")
    assert verify_buyer(token, "another") is None


def test_secret_of_one_shop_signs_for_no_other():
    """A shop that claims another's name with its own secret, or has got the secret of secrets, convinces nobody."""
    claims = {"aud": "pasar", "shop": "stylehub", "email": "ana@example.org", "phone": "", "exp": 4_000_000_000}
    for secret in (find_secret("another"), load_settings().buyer_secret):
        assert verify_buyer(jwt.encode(claims, secret), "stylehub") is None
    assert verify_buyer(jwt.encode(claims, find_secret("stylehub")), "stylehub") == Buyer("ana@example.org", "")


def test_verify_buyer_refuses_an_expired_token():
    """A token ends with its time."""
    assert (
        verify_buyer(sign_buyer("stylehub", "a@example.org", expires=datetime.timedelta(seconds=-1)), "stylehub")
        is None
    )


@pytest.mark.parametrize(("secret", "algorithm"), [("x" * 40, "HS256"), ("", "none")])
def test_verify_buyer_refuses_forgery(secret, algorithm):
    """Another secret, or none, convinces nobody."""
    claims = {
        "aud": "pasar",
        "shop": "s",
        "email": "a@example.org",
        "phone": "",
        "exp": 4_000_000_000,
    }
    token = jwt.encode(claims, secret, algorithm=algorithm)

    assert verify_buyer(token, "s") is None


def test_verify_buyer_asks_for_an_end():
    """A token without an end is refused."""
    claims = {"aud": "pasar", "shop": "s", "email": "a@example.org", "phone": ""}

    assert verify_buyer(jwt.encode(claims, find_secret("s")), "s") is None


@given(st.text(max_size=200))
def test_verify_buyer_survives_anything(token):
    """Any text that no shop signed is nobody's."""
    assert verify_buyer(token, "stylehub") is None
