"""From a mail's bytes to text: charsets as they are declared, as they are meant, and where nothing fits."""

from __future__ import annotations

import codecs
import email.header
import re

import charset_normalizer

#: What mail programs declare, and the larger charset that they mean by it.
_MEANT = {
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "x-gbk": "gb18030",
    "cp936": "gb18030",
    "big5": "big5hkscs",
    "tis-620": "cp874",
    "tis620": "cp874",
    "iso-8859-11": "cp874",
    "windows-874": "cp874",
    "x-windows-874": "cp874",
    "iso-2022-jp": "iso2022_jp_ext",
    "shift_jis": "cp932",
    "x-sjis": "cp932",
    "ks_c_5601-1987": "cp949",
    "euc-kr": "cp949",
    "iso-8859-1": "cp1252",
    "latin1": "cp1252",
    "utf8mb4": "utf-8",
    "cp-850": "cp850",
}
#: Written with ASCII's bytes only: they are never mistaken for UTF-8, but look like it.
_SEVEN_BITS = frozenset({"iso2022_jp_ext", "iso2022_jp", "iso2022_jp_2", "iso2022_kr", "hz", "utf-7"})
#: Take any bytes, so that their name says little: UTF-8 that is none by chance is meant.
_ANYTHING = frozenset({"ascii", "cp1252", "iso8859-15", "cp1250", "cp850"})
_GUESSED = ["gb18030", "big5", "cp932", "cp949", "cp874", "cp1258", "cp1252"]
_ENCODED = re.compile(r"=\?[^?\s]+\?[bqBQ]\?")


def decode_text(data: bytes, declared: str | None) -> str:
    """Bytes of a body or a header as text; never fails, and holds no NUL and no lone surrogate."""
    named = _find_codec(declared)
    order = [named, "utf-8"] if named and named not in _ANYTHING else ["utf-8", named]
    if data.isascii() and not (named in _SEVEN_BITS or b"\x1b$" in data):
        order = ["ascii"]
    if b"\x1b$" in data:  # Japanese, whatever was declared
        order.insert(0, "iso2022_jp_ext")
    for name in order:
        if name:
            try:
                return _clean(data.decode(name))
            except (UnicodeError, ValueError):
                continue
    guess = charset_normalizer.from_bytes(data[:20_000], cp_isolation=_GUESSED).best() if not named else None
    for name in (guess.encoding if guess else named, "utf-8"):
        try:
            return _clean(data.decode(name or "utf-8", "replace"))
        except (UnicodeError, ValueError):  # not every codec knows "replace"
            continue
    return ""


def decode_header(value: object) -> str:
    """A header's text: encoded words (RFC 2047), raw bytes of any charset, one line, without blanks around it."""
    raw = str(value or "")
    try:
        parts = email.header.decode_header(raw) if _ENCODED.search(raw) else [(raw, None)]
    except (ValueError, LookupError, email.header.HeaderParseError):  # type: ignore[attr-defined]
        parts = [(raw, None)]
    found = ""
    for part, charset in parts:
        # What is not ASCII came as bytes, which the parser keeps as surrogates.
        data = part if isinstance(part, bytes) else part.encode("utf-8", "surrogateescape")
        found += decode_text(data, charset)
    return " ".join(found.split())


def _find_codec(declared: str | None) -> str | None:
    name = (declared or "").strip().strip("\"'").lower()
    try:
        found = codecs.lookup(_MEANT.get(name, name))
    except (LookupError, ValueError, TypeError):
        return None
    # rot13, base64 and their like are codecs too.
    return found.name if getattr(found, "_is_text_encoding", True) and found.name not in ("undefined", "idna") else None


def _clean(text: str) -> str:
    return text.replace("\0", "").encode("utf-8", "ignore").decode()
