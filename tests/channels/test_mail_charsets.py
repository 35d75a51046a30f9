"""Charsets as mails declare them, wrongly and rightly."""

from __future__ import annotations

import email.header

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.mail.charsets import decode_header, decode_text

TEXTS = {
    "gb18030": "我的订单还没到，请问什么时候发货？",
    "big5": "請問我的訂單什麼時候出貨？",
    "tis-620": "สินค้ายังไม่ถึงเลยค่ะ",
    "iso-2022-jp": "荷物はいつ届きますか",
    "shift_jis": "荷物はいつ届きますか",
    "euc-kr": "주문한 상품이 언제 오나요",
    "windows-1258": "Don hàng cua tôi dâu",
    "iso-8859-1": "¿Dónde está mi pedido? Mañana",
    "utf-8": "Kapan dikirim? 🚚 ขอบคุณ",
    "utf-16": "hello สวัสดี",
}

ODD = ["rot13", "idna", "undefined", "punycode", "utf-7", "hz", "\0", ""]


@pytest.mark.parametrize("charset", list(TEXTS))
def test_what_is_declared_is_read(charset):
    assert TEXTS[charset] == decode_text(TEXTS[charset].encode(charset), charset)


@pytest.mark.parametrize(
    ("data", "declared", "text"),
    [
        ("我想退货吗".encode("gb18030"), "gb2312", "我想退货吗"),
        ("朱镕基".encode("gb18030"), "gb2312", "朱镕基"),  # a letter that GB 2312 has not
        ("ราคา “พิเศษ”".encode("cp874"), "tis-620", "ราคา “พิเศษ”"),
        ("“hello” €5".encode("cp1252"), "iso-8859-1", "“hello” €5"),
        ("สวัสดี".encode(), "us-ascii", "สวัสดี"),
        ("¿Dónde?".encode(), "iso-8859-1", "¿Dónde?"),
        ("สวัสดี".encode(), None, "สวัสดี"),
        ("สวัสดี".encode(), "x-unknown", "สวัสดี"),
        ("荷物".encode("iso-2022-jp"), None, "荷物"),
        ("荷物".encode("iso-2022-jp"), "us-ascii", "荷物"),
        (b"plain", "rot13", "plain"),
        (b"plain", "base64", "plain"),
        (b"a\0b", None, "ab"),
    ],
)
def test_what_is_meant_is_read(data, declared, text):
    assert text == decode_text(data, declared)


@pytest.mark.parametrize(
    "text",
    ["我的订单还没有到，已经等了两个星期了，请尽快处理，谢谢。", "สินค้าที่สั่งไปยังไม่ได้รับเลยค่ะ"],
)
def test_undeclared_bytes_are_guessed(text):
    charset = "gb18030" if text[0] == "我" else "cp874"

    assert text == decode_text(text.encode(charset), None)


@given(st.binary(max_size=200), st.sampled_from([None, *TEXTS, *ODD]))
def test_any_bytes_are_read(data, declared):
    text = decode_text(data, declared)

    assert "\0" not in text
    text.encode()


@pytest.mark.parametrize("charset", ["gb2312", "tis-620", "iso-2022-jp", "utf-8"])
def test_headers_are_read(charset):
    text = TEXTS.get(charset, "你好")

    assert text == decode_header(email.header.Header(text, charset).encode())


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("plain", "plain"),
        (None, ""),
        ("=?gb2312?B?xOO6ww==?=", "你好"),
        ("=?UTF-8?Q?Pedido_n=C3=BAmero?= 5", "Pedido número 5"),
        ("你好".encode("gb18030").decode("ascii", "surrogateescape"), None),
        ("line\r\n break", "line break"),
    ],
)
def test_headers_of_any_kind_are_read(raw, text):
    found = decode_header(raw)

    found.encode()
    assert text is None or text == found
