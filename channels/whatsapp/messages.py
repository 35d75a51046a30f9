"""What is sent, as the Cloud API wants it.

https://developers.facebook.com/documentation/business-messaging/whatsapp/messages/send-messages and the pages below it.
The body above buttons and lists has 1,024 characters in Meta's reference of interactive messages; a newer page is said to
allow lists more, which could not be confirmed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from pasar.messages.model import Button, Reply, ReplyKind
from pasar.messages.splitting import split

BODY = 1024  # of an interactive message
CAPTION = 1024
TEXT = 4096
BUTTONS = 3
BUTTON_TITLE = 20
ROW_TITLE = 24
#: A country, a point, letters and digits; a parent's has "ENT" in between.
_USER_ID = re.compile(r"[A-Z]{2}\.(?:ENT\.)?[A-Za-z0-9]{1,128}")


def address(thread: str) -> dict[str, str]:
    """Where it goes: to a ``user_id`` as ``recipient``, to a number as ``to``."""
    field = "recipient" if _USER_ID.fullmatch(thread) else "to"
    return {"recipient_type": "individual", field: thread}


def cut(text: str, limit: int) -> str:
    """As much of a text as there is room for."""
    parts = split(text, limit)
    return parts[0] if parts else ""


def write(reply: Reply, list_button: str) -> dict[str, Any]:
    """A message, without where it goes."""
    if reply.kind is ReplyKind.TEMPLATE:
        return {"type": "template", "template": _write_template(reply.facts)}
    if reply.kind is ReplyKind.IMAGE:
        caption = {"caption": cut(reply.text, CAPTION)} if reply.text.strip() else {}
        return {"type": "image", "image": {"link": reply.facts["url"], **caption}}
    if reply.buttons:
        return {"type": "interactive", "interactive": _write_choice(reply.text, reply.buttons, list_button)}
    return {"type": "text", "text": {"body": cut(reply.text, TEXT)}}


def _write_choice(text: str, buttons: tuple[Button, ...], list_button: str) -> dict[str, Any]:
    """Buttons, or a list where they are too many or too long for that."""
    body = {"text": cut(text, BODY)}
    if len(buttons) <= BUTTONS and all(len(button.title) <= BUTTON_TITLE for button in buttons):
        replies = [{"type": "reply", "reply": {"id": button.payload, "title": button.title}} for button in buttons]
        return {"type": "button", "body": body, "action": {"buttons": replies}}
    rows = [{"id": button.payload, "title": cut(button.title, ROW_TITLE)} for button in buttons]
    return {"type": "list", "body": body, "action": {"button": list_button, "sections": [{"rows": rows}]}}


def _write_template(facts: Mapping[str, Any]) -> dict[str, Any]:
    """``values`` go into the body: in order, or by name where they have names."""
    template: dict[str, Any] = {"name": facts["template"], "language": {"code": facts["language"]}}
    values = facts.get("values") or ()
    if isinstance(values, Mapping):
        parameters = [
            {"type": "text", "parameter_name": str(name), "text": str(value)} for name, value in values.items()
        ]
    else:
        parameters = [{"type": "text", "text": str(value)} for value in values]
    if parameters:
        template["components"] = [{"type": "body", "parameters": parameters}]
    return template
