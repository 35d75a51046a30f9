"""HTML mails as plain text, without what the mail program has quoted and signed below."""

from __future__ import annotations

import html
import re

MOST = 300_000  # characters that are read: the rest of a mail that long is no buyer's

_SILENT = frozenset({"head", "style", "script", "title", "template", "noscript"})
_BLOCKS = frozenset({
    "p", "div", "li", "ul", "ol", "tr", "table", "h1", "h2", "h3", "h4", "h5", "h6", "pre", "section", "article",
    "header", "footer", "center", "dd", "dt",
})  # fmt: skip
_VOID = frozenset({"br", "img", "hr", "meta", "link", "input", "col", "area", "base", "wbr", "source"})
#: Ids and classes that mail programs give to what they quote or sign (Gmail, Yahoo, Thunderbird, Proton, NetEase…).
_QUOTES = frozenset({
    "gmail_quote", "gmail_quote_container", "gmail_extra", "gmail_attr", "gmail_signature", "yahoo_quoted",
    "yahoo_quoted_begin", "moz-cite-prefix", "moz-signature", "moz-forward-container", "protonmail_quote",
    "protonmail_signature_block", "isreplycontent", "ms-outlook-mobile-signature", "ms-outlook-mobile-reference-message",
    "signature", "x_signature", "zmail_extra", "gmx_quote", "foxmail_quote",
})  # fmt: skip
#: From here on all is quoted: Outlook closes its heading before the quoted mail, which stands beside it.
_ENDS = frozenset({"divrplyfwdmsg", "appendonsend", "x_divrplyfwdmsg", "mail-editor-reference-message-container"})


_NAMES = re.compile(r"\b(?:id|class)\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s>]+))", re.IGNORECASE)
_TAG = re.compile(r"(/?)([a-z][a-z0-9:]*)", re.IGNORECASE)


def read_html(source: str) -> str:
    """The text that its writer has written; never fails."""
    reader = _Reader()
    # Every character is looked at once, however the mail is made: the standard library's parser takes minutes for some.
    first, *pieces = _drop_comments(source[:MOST]).split("<")
    reader.read_text(first)
    for piece in pieces:
        head, closes, text = piece.partition(">")
        match = _TAG.match(head)
        if match and closes:
            reader.read_tag(match[2].lower(), head[:2000], is_end=bool(match[1]))
            reader.read_text(text)
        elif head.startswith(("!", "?")):
            reader.read_text(text)
        else:
            reader.read_text(f"<{piece}")  # no tag: "size < M"
    return _tidy("".join(reader.parts))


class _Reader:
    """Collects text; what is inside of quotes and of what is not shown is left out."""

    def __init__(self) -> None:
        self.parts: list[str] = []
        self._open: list[tuple[str, bool]] = []  # elements, and whether each hides what is in it
        self._hidden = 0
        self._ended = False

    def read_tag(self, tag: str, head: str, *, is_end: bool) -> None:
        if tag == "br" or tag in _BLOCKS:
            self._add("\n")
        if is_end:
            self._close(tag)
            return
        names = {name for found in _NAMES.findall(head) for name in "".join(found).lower().split()}
        self._ended = self._ended or bool(names & _ENDS)
        if tag in _VOID or head.endswith("/"):
            return
        hides = tag in _SILENT or tag in ("blockquote", "includetail") or bool(names & _QUOTES)
        self._open.append((tag, hides))
        self._hidden += hides

    def read_text(self, text: str) -> None:
        try:
            text = html.unescape(text)
        except ValueError:  # a number of thousands of digits
            text = ""
        self._add(re.sub(r"[ \t\r\n\f]+", " ", text))

    def _close(self, tag: str) -> None:
        if tag not in (name for name, _ in self._open[-50:]):
            return  # it closes nothing that is open
        while self._open:
            name, hides = self._open.pop()
            self._hidden -= hides
            if name == tag:
                break

    def _add(self, text: str) -> None:
        if not self._hidden and not self._ended:
            self.parts.append(text)


def _drop_comments(source: str) -> str:
    parts, place = [], 0
    while (begin := source.find("<!--", place)) >= 0:
        parts.append(source[place:begin])
        end = source.find("-->", begin + 4)
        if end < 0:
            return "".join(parts)
        place = end + 3
    return "".join([*parts, source[place:]])


def _tidy(text: str) -> str:
    lines = [line.strip() for line in text.replace("\xa0", " ").replace("\u200b", "").split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()
