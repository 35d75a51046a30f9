"""HTML mails as plain text, without what the mail program has quoted and signed below."""

from __future__ import annotations

import html
import html.parser
import re
from collections.abc import Sequence

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


def read_html(source: str) -> str:
    """The text that its writer has written; never fails."""
    text = source[:MOST]
    reader = _Reader()
    try:
        reader.feed(text)
        reader.close()
    except (AssertionError, ValueError, RecursionError):  # its parser gives up at some declarations
        return _tidy(html.unescape(re.sub(r"<[^<>]*>", " ", text)))
    return _tidy("".join(reader.parts))


class _Reader(html.parser.HTMLParser):
    """Collects text; what is inside of quotes and of what is not shown is left out."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._open: list[tuple[str, bool]] = []  # elements, and whether each hides what is in it
        self._hidden = 0
        self._ended = False

    def handle_starttag(self, tag: str, attrs: Sequence[tuple[str, str | None]]) -> None:
        names = {name for key, value in attrs if key in ("id", "class") for name in (value or "").lower().split()}
        self._ended = self._ended or bool(names & _ENDS)
        if tag == "br" or tag in _BLOCKS:
            self._add("\n")
        if tag in _VOID:
            return
        hides = tag in _SILENT or tag in ("blockquote", "includetail") or bool(names & _QUOTES)
        self._open.append((tag, hides))
        self._hidden += hides

    def handle_startendtag(self, tag: str, attrs: Sequence[tuple[str, str | None]]) -> None:
        if tag == "br" or tag in _BLOCKS:
            self._add("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in _BLOCKS:
            self._add("\n")
        if tag not in (name for name, _ in self._open[-50:]):
            return  # it closes nothing that is open
        while self._open:
            name, hides = self._open.pop()
            self._hidden -= hides
            if name == tag:
                break

    def handle_data(self, data: str) -> None:
        self._add(re.sub(r"[ \t\r\n\f]+", " ", data))

    def _add(self, text: str) -> None:
        if not self._hidden and not self._ended:
            self.parts.append(text)


def _tidy(text: str) -> str:
    lines = [line.strip() for line in text.replace("\xa0", " ").replace("\u200b", "").split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()
