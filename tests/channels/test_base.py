"""What every channel asks of a message."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.base import (
    Context,
    MessageError,
    PoliteRefusal,
    check_cart,
    check_conversation_id,
    check_message,
    check_payload,
    check_text,
)


@given(st.text(st.characters(), max_size=300))
def test_check_text_gives_clean_text_or_refuses_politely(text):
    """Whatever a buyer types becomes text that every store takes, is no command, or is refused politely."""
    try:
        checked = check_text(text)
    except PoliteRefusal as refusal:
        assert refusal.say("en") != ""  # noqa: PT017 - either outcome is right, each is looked at
    else:
        checked.encode("utf-8")
        assert "\x00" not in checked
        assert checked == checked.strip() != ""
        assert not checked.startswith("/")


@given(st.one_of(st.none(), st.integers(), st.binary(), st.lists(st.text()), st.floats()))
def test_check_text_names_the_field_for_other_types(value):
    """What is no text is the sending program's mistake."""
    with pytest.raises(MessageError) as caught:
        check_text(value)

    assert caught.value.field == "message"


def test_check_text_keeps_a_command_where_wanted():
    """REST keeps Rasa's habit of sending intents as messages."""
    assert check_text(" /greet ", commands=True) == "/greet"


@pytest.mark.parametrize(
    ("text", "passed_on"),
    [
        ('/inform{"order_id": "SH1"}', '/inform{"order_id": "SH1"}'),
        ('/inform{"order_id": ["SH1"]}', 'inform{"order_id": ["SH1"]}'),
        ("/my mail is ana@example.org", "my mail is ana@example.org"),
        ("/EXTERNAL_shipped", "EXTERNAL_shipped"),
    ],
)
def test_check_message_lets_only_payloads_keep_their_slash(text, passed_on):
    """Rasa writes into its log what begins with a slash and is no payload."""
    assert check_message(text) == passed_on


@pytest.mark.parametrize("text", ["/restart", " / /restart", "\x00/restart", "//restart"])
def test_check_text_takes_the_slash_off(text):
    """A buyer cannot type a command."""
    assert check_text(text) == "restart"


@pytest.mark.parametrize(
    "payload",
    [
        "greet",
        "/EXTERNAL_shipped",
        "/greet extra",
        "",
        7,
        None,
        "/" + "a" * 5000,
        '/inform{"email": ["siti@example.com"]}',
        '/inform{"order_id": {"$ne": 1}}',
        '/inform{"contact": null}',
        '/inform{"email": "\\ud800"}',
        '/inform{"email": "\\u0000"}',
        '/inform{"size": NaN}',
        "/inform{x}",
        '/inform{"a": true}',
        "/inform{" + '{"a":' * 300 + "}",
    ],
)
def test_check_payload_refuses_what_no_button_carries(payload):
    """A payload is an intent of the dialogue, not any text."""
    with pytest.raises(MessageError):
        check_payload(payload)


@pytest.mark.parametrize("payload", ["/greet", "/faq/shipping_time", '/inform{"order_id": "SH1"}'])
def test_check_payload_keeps_what_buttons_carry(payload):
    """A button's payload reaches Rasa as it is."""
    assert check_payload(payload) == payload


@given(st.text(st.characters(), max_size=300))
def test_check_conversation_id_gives_printable_ids(text):
    """An id that is accepted can be stored, logged and put into an address."""
    try:
        checked = check_conversation_id(text)
    except MessageError:
        return

    assert checked == text
    assert checked.isprintable()
    assert 0 < len(checked.encode("utf-8"))


def test_check_cart_passes_what_the_page_has():
    """A quantity that is not said is one."""
    assert check_cart([{"sku": "DRESS-01-RED-M", "quantity": 2}, {"sku": "BAG-11"}]) == (
        ("DRESS-01-RED-M", 2),
        ("BAG-11", 1),
    )
    assert check_cart(None) == ()
    assert Context("stylehub", cart=(("BAG-11", 1),)).describe("rest", "en")["cart"] == [
        {"sku": "BAG-11", "quantity": 1}
    ]


@pytest.mark.parametrize(
    "cart",
    [
        "BAG-11",
        {"sku": "BAG-11"},
        ["BAG-11"],
        [{"quantity": 1}],
        [{"sku": 7}],
        [{"sku": "BAG-11", "quantity": 0}],
        [{"sku": "BAG-11", "quantity": True}],
        [{"sku": "BAG-11", "quantity": "2"}],
        [{"sku": "BAG-11", "quantity": 10_000}],
        [{"sku": "BAG-11"}] * 101,
    ],
)
def test_check_cart_names_the_field_of_what_is_no_cart(cart):
    """A page's mistake is told to the page."""
    with pytest.raises(MessageError) as caught:
        check_cart(cart)
    assert caught.value.field.startswith("metadata.")
