"""What a buyer has written herself, in the forms of the mail programs that buyers use."""

from __future__ import annotations

import pathlib
import time

import pytest
import yaml

from channels.mail.markup import read_html
from channels.mail.quoting import strip_quotes

MAILS = yaml.safe_load(pathlib.Path(__file__).with_name("mail_quotes.yml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", list(MAILS))
def test_only_her_own_words_stay(name):
    words, rest = MAILS[name]["words"], MAILS[name]["below"]

    assert words == strip_quotes(f"{words}\n\n{rest}")
    assert f"{words}\nsecond line" == strip_quotes(f"{words}\nsecond line\n\n{rest}".replace("\n", "\r\n"))


def test_what_is_written_below_a_quote_stays():
    text = "On Mon, Nov 23, 2026 at 9:41 AM StyleHub <a@b.example> wrote:\n> Which size?\nM please\n> And the colour?\nblue\n"

    assert "M please\nblue" == strip_quotes(text)


@pytest.mark.parametrize(
    "text",
    [
        "On Monday I wrote:\nno answer yet",
        "Enviado con retraso, y además roto",
        "Sent from my mother's address, as she paid.\nCan you see it?",
        "From: Bangkok to: Phuket, how long?",
        "De: azul\nno rojo",
        "发自我的内心，谢谢\n真的很喜欢",
        "--- is this a size?\nM",
        "1. red\n2. blue\n- both",
        "ราคา 3:2 ไหมคะ",
    ],
)
def test_what_looks_like_a_quote_and_is_none_stays(text):
    assert text == strip_quotes(text)


def test_a_forwarded_mail_is_what_she_says():
    head = "---------- Forwarded message ---------\nFrom: Courier <c@courier.example>\nDate: Mon\n"
    text = f"{head}Subject: Failed delivery\n\nNobody at home"

    assert text == strip_quotes(text, "Fwd: Failed delivery")


def test_nothing_but_a_quote_is_nothing():
    assert "" == strip_quotes("> hello\n> there\n")


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("<p>Hello,<br>where is it?</p><p>Ann</p>", "Hello,\nwhere is it?\n\nAnn"),
        ("<div>New</div><div class='gmail_quote'><div>On Mon wrote:</div><blockquote>old</blockquote></div>", "New"),
        ("<div>New</div><blockquote type=cite>old</blockquote>", "New"),
        ("<div>New</div><div id='appendonsend'></div><hr><div id='divRplyFwdMsg'>From: x</div><div>old</div>", "New"),
        ("<div>New</div><div class='gmail_signature'>Ann, CEO</div>", "New"),
        ("<style>p{color:red}</style><p>Caf&eacute; &amp; T&#x0E17;</p><script>alert(1)</script>", "Café & Tท"),
        ("<table><tr><td>Size</td><td>M</td></tr><tr><td>Colour</td></tr></table>", "SizeM\n\nColour"),
        ("<div>新</div><includetail><div>------ 原始邮件 ------</div></includetail>", "新"),
        ("<p>unclosed <b>bold", "unclosed bold"),
        ("</div></p></body>text", "text"),
        ("a<![if mso]>b<![endif]>c <!-- hidden -->d", "abc d"),
        ("plain &lt;b&gt;", "plain <b>"),
    ],
)
def test_html_is_read(source, text):
    assert text == read_html(source)


def test_long_mails_are_read_in_time():
    """However they are made."""
    begun = time.process_time()
    for piece in ("<div>", "<!--", "&#", "<a href='", "</p>", "<![", "<"):
        read_html(piece * 20_000)
    for piece in ("On ", "wrote:", "On a wrote on b:\n", "> ", "From: a\n", "写道：", "_" * 12 + "\n", "a@b 9:41 "):
        strip_quotes((piece * 20_000)[:20_000])
    assert time.process_time() - begun < 60
