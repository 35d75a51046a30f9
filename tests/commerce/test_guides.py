"""Which of a shop's instructions a buyer's words mean."""

from __future__ import annotations

import dataclasses
import pathlib

import pytest

from pasar.commerce.demo.fields import ShopFileError
from pasar.commerce.demo.files import read_shop
from pasar.commerce.demo.seed import STYLEHUB
from pasar.commerce.guides import Guide, list_guides, match_guide
from pasar.commerce.model import Text
from tests.commerce.samples import TODAY, make_product


def make_guide(name: str, signs: str, skus: tuple[str, ...] = (), kinds: tuple[str, ...] = ()) -> Guide:
    """A guide of one step."""
    return Guide(name, skus, kinds, False, Text(en=name), Text(en=signs), (Text(en="Wait."),))


POWER = make_guide("power", "won't turn on, không lên", kinds=("phone",))
SCREEN = make_guide("screen", "screen won't turn on", skus=("PHONE-9",))


def test_list_guides_by_kind_or_sku() -> None:
    """A phone has what all phones have and what is its own."""
    phone = dataclasses.replace(make_product(), sku="PHONE-9", kind="phone")
    assert [POWER, SCREEN] == list_guides([POWER, SCREEN], phone)
    assert [POWER] == list_guides([POWER, SCREEN], dataclasses.replace(phone, sku="PHONE-8"))
    assert [] == list_guides([POWER, SCREEN], make_product())


@pytest.mark.parametrize("message", ["It WONT  turn on!", "it won\u2019t turn on", "máy khong len", "MÁY KHÔNG LÊN"])
def test_match_guide_reads_as_buyers_write(message: str) -> None:
    """Without apostrophes and accents, in capitals, with blanks too many."""
    assert POWER == match_guide([POWER, SCREEN], message)


def test_match_guide_takes_the_longest_sign() -> None:
    """The nearer description wins; where nothing fits, there is none."""
    assert SCREEN == match_guide([POWER, SCREEN], "the screen won't turn on")
    assert match_guide([POWER, SCREEN], "how long is the cable?") is None
    assert match_guide([make_guide("empty", " , ")], "anything") is None


def test_guides_of_the_demo_shop_are_whole() -> None:
    """Every guide has two to four steps and a name in every language, and is found by each of its own signs."""
    shop = read_shop(STYLEHUB, TODAY).shop
    assert len(shop.guides) >= 6
    for guide in shop.guides:
        assert 2 <= len(guide.steps) <= 4
        for text in (guide.problem, guide.signs, *guide.steps):
            assert set(shop.languages) == set(text)
        rivals = [
            other for other in shop.guides if set(other.kinds) & set(guide.kinds) or set(other.skus) & set(guide.skus)
        ]
        for signs in guide.signs.values():
            for sign in signs.split(","):
                assert guide == match_guide(rivals, f"halo, {sign} !"), sign


def test_guides_with_a_step_less_in_one_language_are_named(tmp_path: pathlib.Path) -> None:
    """Nobody hears half of the instructions."""
    folder = tmp_path / "shop"
    for path in STYLEHUB.rglob("*.yml"):
        target = folder / path.relative_to(STYLEHUB)
        target.parent.mkdir(parents=True, exist_ok=True)
        content = path.read_text(encoding="utf-8")
        if path.name == "es.yml":
            content = content.replace('    - "Por la mañana, ponte protector solar encima."\n', "")
        target.write_text(content, encoding="utf-8")
    with pytest.raises(ShopFileError, match=r"es\.yml\.guides\.skin-care\.steps: must have 3 items"):
        read_shop(folder, TODAY)
