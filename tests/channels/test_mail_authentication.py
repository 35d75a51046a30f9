"""Authentication-Results: RFC 8601's own examples (appendix B), what large servers write, and what forgers try."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.mail.authentication import Proof, find_proof

PROVED, REFUTED, UNKNOWN = Proof.PROVED, Proof.REFUTED, Proof.UNKNOWN
SERVER, BUYER = "mx.shop.example", "buyer.example"
GMAIL = (
    "mx.google.com;\r\n       dkim=pass header.i=@buyer.example header.s=20230601 header.b=abc;\r\n"
    "       spf=pass (google.com: domain of siti@buyer.example designates 192.0.2.1 as permitted sender)"
    " smtp.mailfrom=siti@buyer.example;\r\n       dmarc=pass (p=NONE sp=QUARANTINE dis=NONE) header.from=buyer.example"
)

CASES = {
    # RFC 8601, appendix B
    "B.2 nothing was done": ("example.org 1; none", "example.org", "example.com", UNKNOWN),
    "B.3 spf": ("example.com; spf=pass smtp.mailfrom=example.net", "example.com", "example.net", PROVED),
    "B.4 spf of another domain": (
        "example.com; auth=pass (cram-md5) smtp.auth=sender@example.net; spf=pass smtp.mailfrom=example.net",
        "example.com",
        "example.org",
        UNKNOWN,
    ),
    "B.5 dkim": ("example.com; dkim=pass (good signature) header.d=example.com", "example.com", "example.com", PROVED),
    "B.6 failed and passed": (
        (
            'example.com; dkim=fail reason="bad signature" header.i=@mail-router.example.net;'
            " dkim=pass (good signature) header.d=newyork.example.com"
        ),
        "example.com",
        "newyork.example.com",
        PROVED,
    ),
    # what servers write
    "gmail": (GMAIL, "mx.google.com", BUYER, PROVED),
    "opendmarc": (
        "mx.shop.example; dmarc=pass (p=none dis=none) header.from=buyer.example",
        "MX.shop.example",
        BUYER,
        PROVED,
    ),
    "opendkim": (
        'mx.shop.example;\tdkim=pass (2048-bit key; unprotected) header.d=buyer.example header.i=@buyer.example header.b="abC;="',
        SERVER,
        BUYER,
        PROVED,
    ),
    "version": ("mx.shop.example 1; dmarc=pass header.from=buyer.example", SERVER, BUYER, PROVED),
    "dmarc fail": (
        "mx.shop.example; dkim=pass header.d=evil.example; dmarc=fail header.from=buyer.example",
        SERVER,
        BUYER,
        REFUTED,
    ),
    "dmarc none wins over spf": (
        "mx.shop.example; spf=pass smtp.mailfrom=buyer.example; dmarc=none header.from=buyer.example",
        SERVER,
        BUYER,
        UNKNOWN,
    ),
    "a parent domain signs": (
        "mx.shop.example; dkim=pass header.d=buyer.example",
        "mx.shop.example",
        "mail.buyer.example",
        PROVED,
    ),
    # what forgers try
    "another server": ("mx.evil.example; dmarc=pass header.from=buyer.example", SERVER, BUYER, UNKNOWN),
    "nobody is configured": (GMAIL, "", BUYER, UNKNOWN),
    "a name that begins alike": ("mx.shop.example.evil.example; dmarc=pass", SERVER, BUYER, UNKNOWN),
    "about another domain": ("mx.shop.example; dmarc=pass header.from=evil.example", SERVER, BUYER, UNKNOWN),
    "a domain that ends alike": ("mx.shop.example; dkim=pass header.d=evilbuyer.example", SERVER, BUYER, UNKNOWN),
    "in a comment": ("mx.shop.example; dkim=none (; dmarc=pass header.from=buyer.example)", SERVER, BUYER, UNKNOWN),
    "in a quoted address": (
        'mx.shop.example; spf=pass smtp.mailfrom="x; dmarc=pass header.from=buyer.example "@evil.example',
        SERVER,
        BUYER,
        UNKNOWN,
    ),
    "out of a comment": (
        'mx.shop.example; spf=pass (domain of "x); dmarc=pass header.from=buyer.example ("@evil.example) smtp.mailfrom=evil.example',
        SERVER,
        BUYER,
        UNKNOWN,
    ),
    "a quote that does not end": ('mx.shop.example; dmarc=pass header.from=buyer.example; x="', SERVER, BUYER, UNKNOWN),
    "two verdicts": (
        "mx.shop.example; dmarc=pass header.from=buyer.example; dmarc=none header.from=buyer.example",
        SERVER,
        BUYER,
        UNKNOWN,
    ),
}


@pytest.mark.parametrize("name", list(CASES))
def test_what_a_server_has_found(name):
    header, authserv_id, domain, expected = CASES[name]

    assert expected is find_proof([header], authserv_id, domain)


def test_only_the_topmost_of_the_servers_own_counts():
    forged, true = (
        "mx.shop.example; dmarc=pass header.from=buyer.example",
        "mx.shop.example; dmarc=none header.from=buyer.example",
    )

    assert UNKNOWN is find_proof([true, forged], "mx.shop.example", "buyer.example")
    assert PROVED is find_proof(["other.example; dmarc=fail", forged], "mx.shop.example", "buyer.example")


@given(st.text(max_size=300))
def test_any_header_is_read(text):
    find_proof([text, f"mx.shop.example; {text}"], "mx.shop.example", "buyer.example")
