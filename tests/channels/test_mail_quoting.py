"""What a buyer has written herself, in the forms of the mail programs that buyers use."""

from __future__ import annotations

import pytest

from channels.mail.markup import read_html
from channels.mail.quoting import strip_quotes

#: language, what she wrote, what her program put below it
MAILS = {
    "en gmail": ("Where is my parcel?", "On Mon, Nov 23, 2026 at 9:41 AM StyleHub <help@stylehub.example> wrote:\n\n> Hello,\n> it is on its way.\n"),
    "en gmail, broken": ("Where is it?", "On Mon, Nov 23, 2026 at 9:41 AM StyleHub Customer Service\n<help@stylehub.example>\nwrote:\n\n> Hello\n"),
    "en outlook": ("Wrong size.", "________________________________\nFrom: StyleHub <help@stylehub.example>\nSent: Monday, November 23, 2026 9:41 AM\nTo: Ann\nSubject: Re: Order\n\nHello\n"),
    "en outlook, old": ("Wrong size.", "-----Original Message-----\nFrom: StyleHub\nSent: Monday\n\nHello\n"),
    "en iphone": ("Any news?", "Sent from my iPhone\n\n> On 23 Nov 2026, at 09:41, StyleHub <help@stylehub.example> wrote:\n> \n> Hello\n"),
    "en signature": ("Please cancel.", "-- \nAnn Lee\n+1 555 0100\n"),
    "id gmail": ("Kapan dikirim kak?", "Pada tanggal Sen, 23 Nov 2026 pukul 09.41 StyleHub <help@stylehub.example> menulis:\n\n> Halo\n"),
    "id outlook": ("Barangnya rusak.", "Dari: StyleHub <help@stylehub.example>\nDikirim: Senin, 23 November 2026 09.41\nKepada: Siti\nSubjek: Pesanan\n\nHalo\n"),
    "id iphone": ("Sudah sampai belum?", "Dikirim dari iPhone saya\n"),
    "th gmail": ("ของยังไม่ได้เลยค่ะ", "ในวันที่ จ. 23 พ.ย. 2026 เวลา 09:41 StyleHub <help@stylehub.example> เขียนว่า:\n\n> สวัสดีค่ะ\n"),
    "th outlook": ("ขอคืนเงินครับ", "จาก: StyleHub <help@stylehub.example>\nส่ง: 23 พฤศจิกายน 2569 09:41\nถึง: สมชาย\nเรื่อง: คำสั่งซื้อ\n\nสวัสดี\n"),
    "th iphone": ("พัสดุถึงไหนแล้ว", "ส่งจาก iPhone ของฉัน\n"),
    "vi gmail": ("Bao giờ giao hàng vậy shop?", "Vào Th 2, 23 thg 11, 2026 vào lúc 09:41 StyleHub <help@stylehub.example> đã viết:\n\n> Chào bạn\n"),
    "vi outlook": ("Hàng bị lỗi.", "Từ: StyleHub <help@stylehub.example>\nĐã gửi: Thứ Hai, 23 tháng 11, 2026 9:41 SA\nĐến: Lan\nChủ đề: Đơn hàng\n\nChào\n"),
    "vi iphone": ("Cho mình đổi size M nhé", "Đã gửi từ iPhone của tôi\n"),
    "ms gmail": ("Bila sampai?", "Pada Isn, 23 Nov 2026 pada 9:41 PG StyleHub <help@stylehub.example> menulis:\n\n> Hai\n"),
    "ms outlook": ("Saiz salah.", "Daripada: StyleHub <help@stylehub.example>\nDihantar: Isnin, 23 November 2026 9:41 PG\nKepada: Aminah\nSubjek: Pesanan\n\nHai\n"),
    "ms iphone": ("Nak batal pesanan", "Dihantar daripada iPhone saya\n"),
    "fil gmail": ("Kailan darating?", "Noong Lun, Nob 23, 2026 nang 9:41 AM, isinulat ni StyleHub <help@stylehub.example>:\n\n> Hello po\n"),
    "fil iphone": ("Sira po yung item", "Ipinadala mula sa aking iPhone\n"),
    "zh qq": ("我的快递到哪了？", "发自我的iPhone\n\n\n------------------ 原始邮件 ------------------\n发件人: \"StyleHub\" <help@stylehub.example>;\n发送时间: 2026年11月23日(星期一) 上午9:41\n收件人: \"李雷\"<lilei@buyer.example>;\n主题: 订单\n\n您好\n"),
    "zh gmail": ("可以退款吗？", "StyleHub <help@stylehub.example> 于2026年11月23日周一 09:41写道：\n\n> 您好\n"),
    "zh netease": ("尺码不对", "在 2026-11-23 09:41:00，\"StyleHub\" <help@stylehub.example> 写道：\n> 您好\n"),
    "zh-tw gmail": ("請問何時出貨？", "StyleHub <help@stylehub.example> 於 2026年11月23日 週一 上午9:41寫道：\n\n> 您好\n"),
    "zh-tw outlook": ("我要退貨", "寄件者: StyleHub <help@stylehub.example>\n寄件日期: 2026年11月23日 上午 09:41\n收件者: 王小明\n主旨: 訂單\n\n您好\n"),
    "es gmail": ("¿Dónde está mi pedido?", "El lun, 23 nov 2026 a las 9:41, StyleHub (<help@stylehub.example>) escribió:\n\n> Hola\n"),
    "es outlook": ("Llegó roto.", "De: StyleHub <help@stylehub.example>\nEnviado: lunes, 23 de noviembre de 2026 9:41\nPara: Ana\nAsunto: Pedido\n\nHola\n"),
    "es iphone": ("Quiero devolverlo", "Enviado desde mi iPhone\n"),
    "de gmail": ("Wo ist mein Paket?", "Am Mo., 23. Nov. 2026 um 09:41 Uhr schrieb StyleHub <help@stylehub.example>:\n\n> Hallo\n"),
    "fr gmail": ("Où est mon colis ?", "Le lun. 23 nov. 2026 à 09:41, StyleHub <help@stylehub.example> a écrit :\n\n> Bonjour\n"),
    "ja gmail": ("荷物はいつ届きますか", "2026年11月23日(月) 9:41 StyleHub <help@stylehub.example>:\n\n> こんにちは\n"),
}  # fmt: skip


@pytest.mark.parametrize("name", list(MAILS))
def test_only_her_own_words_stay(name):
    words, rest = MAILS[name]

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
    text = "---------- Forwarded message ---------\nFrom: Courier <c@courier.example>\nDate: Mon\nSubject: Failed delivery\n\nNobody at home"

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
    import time

    begun = time.process_time()
    for piece in ("<div>", "<!--", "&#", "<a href='", "</p>", "<![", "<"):
        read_html(piece * 20_000)
    for piece in ("On ", "wrote:", "On a wrote on b:\n", "> ", "From: a\n", "写道：", "_" * 12 + "\n", "a@b 9:41 "):
        strip_quotes((piece * 20_000)[:20_000])
    assert time.process_time() - begun < 60
