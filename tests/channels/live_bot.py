"""A script that stands in for Rasa under live streams: understands a few sentences of three languages, and answers them."""

from __future__ import annotations

import json
import time

from pasar.live.comment import Understood, normalise

#: What buyers of three languages write → intent, language, entities.
SENTENCES = {
    "bisa cod kak": ("cod_available", "id", {}),
    "cod ga": ("cod_available", "id", {}),
    "kak bisa bayar di tempat": ("cod_available", "id", {}),
    "cod ke malaysia bisa": ("cod_available", "id", {"country": "MY"}),
    "มีเก็บปลายทางไหมคะ": ("cod_available", "th", {}),
    "เก็บเงินปลายทางได้ไหม": ("cod_available", "th", {}),
    "可以货到付款吗": ("cod_available", "zh", {}),
    "能货到付款吗": ("cod_available", "zh", {}),
    "harganya berapa": ("price_inquiry", "id", {}),
    "berapa kak": ("price_inquiry", "id", {}),
    "ราคาเท่าไหร่": ("price_inquiry", "th", {}),
    "怎么下单": ("how_to_order", "zh", {}),
    "cara pesan gimana": ("how_to_order", "id", {}),
    "pesanan saya sh1234 mana": ("order_status", "id", {"order_id": "SH1234"}),
    "ของยังไม่มาเลย": ("order_status", "th", {}),
    "barang rusak kecewa": ("damaged_item", "id", {}),
    "halo kak": ("greet", "id", {}),
    "สวยมาก": ("chitchat", "th", {}),
    "siapa presiden kita": ("out_of_scope", "id", {}),
    "berapa ongkir ke order sh1234": ("shipping_cost", "id", {"order_id": "SH1234"}),
    "apa aja": ("product_info", "id", {}),
}
ANSWERS = {
    ("cod_available", "id"): "Bisa kak, COD tersedia di Indonesia.",
    ("cod_available", "th"): "มีเก็บเงินปลายทางค่ะ",
    ("cod_available", "zh"): "支持货到付款。",
    ("price_inquiry", "id"): "Harganya Rp 249.000 kak.",
    ("price_inquiry", "th"): "ราคา 590 บาทค่ะ",
    ("how_to_order", "zh"): "选好颜色和尺码，加入购物车付款即可。",
    ("how_to_order", "id"): "Pilih warna dan ukuran, masukkan keranjang, lalu bayar.",
}


class Script:
    """Understanding by :data:`SENTENCES`; anything else is understood less surely than is answered."""

    def __init__(self, seconds: float = 0.0) -> None:
        self.asked = 0
        self.seconds = seconds

    async def understand(self, texts, language):
        self.asked += len(texts)
        return [self.read(text, language) for text in texts]

    def read(self, text, language):
        words = normalise(text).rstrip("0123456789 ") or normalise(text)
        known = SENTENCES.get(normalise(text)) or SENTENCES.get(words)
        if known is None:
            return Understood(("how_to_order",), 0.3, language)
        intent, code, entities = known
        return Understood(
            (intent,), 0.99, code, tuple({"entity": name, "value": value} for name, value in entities.items())
        )


def reply(text):
    """What the bot says to what it is asked with, and by which response."""
    intent, _, values = text.lstrip("/").partition("{")
    told = json.loads("{" + values) if values else {}
    language = told.get("reply_language", "")
    if not text.startswith("/"):
        intent, language, _ = SENTENCES.get(normalise(text), ("", "", {}))
    if intent == "product_info":
        return "Produk yang mana, kak?", "utter_ask_product"
    if told.get("country") == "MY":
        return "COD ke Malaysia belum ada kak.", "utter_cod_no"
    return ANSWERS.get((intent, language), "") or f"{intent} in {language}", f"utter_{intent}"


def wait_until(condition, seconds=60.0):
    """Until it holds, in a thread."""
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.05)
