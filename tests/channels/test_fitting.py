"""What the bot says, made to fit platforms that can do less."""

from __future__ import annotations

import pytest

from channels.connector import Capabilities
from channels.fitting import choose, fit, read_replies
from pasar.messages.model import Button, Reply, ReplyKind
from tests.channels.conftest import ORDER, SHIRT

BARE = Capabilities(documented="https://example.org", text_limit=1000)
RICH = Capabilities(
    documented="https://example.org",
    text_limit=100,
    together=2,
    buttons=3,
    images=True,
    product_cards=True,
    order_cards=True,
)
BUTTONS = (Button("Order status", "/order_status"), Button("Returns", "/return_item"))


def texts(fitted):
    return [reply.text for call in fitted.calls for reply in call]


def test_buttons_stay_where_there_are_some():
    fitted = fit([Reply("What is it about?", ReplyKind.BUTTONS, BUTTONS)], RICH)

    assert (((Reply("What is it about?", ReplyKind.BUTTONS, BUTTONS),),), {}) == (fitted.calls, fitted.choices)


@pytest.mark.parametrize(
    "buttons",
    [
        (*BUTTONS, *BUTTONS),  # too many
        (Button("A title that is much too long", "/order_status"),),
        (Button("Fine", "/order_status" + "x" * 300),),
    ],
)
def test_buttons_a_platform_does_not_take_are_numbered(buttons):
    fitted = fit([Reply("Which?", ReplyKind.BUTTONS, buttons)], RICH)

    assert ["\n".join(["Which?", *(f"{n}. {b.title}" for n, b in enumerate(buttons, 1))])] == texts(fitted)
    assert buttons[0].payload == fitted.choices["1"]


def test_numbers_go_on_through_a_turn():
    fitted = fit([Reply("A", ReplyKind.BUTTONS, BUTTONS), Reply("B", ReplyKind.BUTTONS, BUTTONS[:1])], BARE)

    assert ["A\n1. Order status\n2. Returns", "B\n3. Order status"] == texts(fitted)
    assert ["1", "2", "3"] == [key for key in fitted.choices if key.isdigit()]


@pytest.mark.parametrize("text", ["2", " 2. ", "2)", "(2)", "๒", "２", "returns", "RETURNS ", "²"])
def test_a_number_or_title_is_understood(text):
    choices = fit([Reply("A", ReplyKind.BUTTONS, BUTTONS)], BARE).choices

    assert "/return_item" == choose(text, choices)


@pytest.mark.parametrize("text", ["3", "0", "22", "2 shirts", "order 2", "", "?", "-", "999999"])
def test_what_is_no_choice_is_a_text(text):
    choices = fit([Reply("A", ReplyKind.BUTTONS, BUTTONS)], BARE).choices

    assert choose(text, choices) is None


def test_buttons_are_below_the_last_part():
    fitted = fit([Reply("One sentence. " * 12, ReplyKind.BUTTONS, BUTTONS)], RICH)

    assert [(), BUTTONS] == [reply.buttons for call in fitted.calls for reply in call]


def test_calls_hold_what_goes_together():
    fitted = fit([Reply(str(number)) for number in range(5)], RICH)

    assert [2, 2, 1] == [len(call) for call in fitted.calls]


def test_cards_are_native_where_they_exist():
    replies = read_replies([{"custom": {"cards": [SHIRT, ORDER]}}])
    kinds = [reply.kind for call in fit(replies, RICH).calls for reply in call]

    assert [ReplyKind.PRODUCT, ReplyKind.BUTTONS, ReplyKind.ORDER] == kinds


def test_cards_are_words_where_there_are_none():
    """An address that is no web page is not shown."""
    fitted = fit(read_replies([{"custom": {"cards": [SHIRT, ORDER]}}]), BARE)

    shirt, order = texts(fitted)
    assert shirt.startswith("Linen shirt <b>Bali</b>\nLight, washable\nRp 249.000\nStock: 12\nhttps://shop.example/")
    assert shirt.endswith("1. Which size?")
    assert "Order SH1024\nOn its way\nParcel: JNE 0042\nExpected: Friday" == order


def test_pictures():
    replies = read_replies([{"image": "https://shop.example/a.jpg"}])

    assert [ReplyKind.IMAGE] == [reply.kind for call in fit(replies, RICH).calls for reply in call]
    assert ["https://shop.example/a.jpg"] == texts(fit(replies, BARE))


def test_what_nobody_can_show_is_left_out():
    assert () == fit(read_replies([{"custom": {"typing": True}}, {"text": " "}]), BARE).calls
