"""A conversation in the terminal with the running server: what a buyer sees, buttons by their numbers."""

from __future__ import annotations

import argparse
import json
import secrets
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from launch.checks import HOST, LaunchError

_SECONDS = 30.0
Reply = Mapping[str, Any]


def chat(port: int, arguments: argparse.Namespace, ask: Callable[[str], str] = input) -> None:
    """Read lines until the end of input; print the answers."""
    sender = f"terminal-{secrets.token_hex(4)}"
    metadata = {key: value for key, value in (("shop", arguments.shop), ("product", arguments.product)) if value}
    payloads: list[str] = []
    while True:
        try:
            text = ask("> ").strip()
        except EOFError:
            print()
            return
        if not text:
            continue
        replies = send(port, {"sender": sender, "message": _choose(text, payloads), "metadata": metadata})
        payloads = [button["payload"] for reply in replies for button in reply.get("buttons") or ()]
        for line in show(replies):
            print(line)


def send(port: int, message: Mapping[str, Any]) -> Sequence[Reply]:
    """Return the server's replies; LaunchError where there is no server."""
    address = f"http://{HOST}:{port}/webhooks/rest/webhook"
    request = urllib.request.Request(address, json.dumps(message).encode(), {"Content-Type": "application/json"})
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=_SECONDS) as response:
            replies: Sequence[Reply] = json.load(response)
            return replies
    except urllib.error.HTTPError as error:
        raise LaunchError(f"{address} refused the message: {error.read().decode(errors='replace')}") from None
    except OSError:
        raise LaunchError(f"Nothing answers at {address}: start it with `make run`, in another terminal") from None


def show(replies: Sequence[Reply]) -> list[str]:
    """Return replies as lines: texts, pictures' addresses, what a channel may show besides, numbered buttons."""
    lines: list[str] = []
    number = 0
    for reply in replies:
        lines += str(reply.get("text") or "").splitlines()
        if reply.get("image"):
            lines.append(str(reply["image"]))
        if reply.get("custom"):
            lines.append(json.dumps(reply["custom"], ensure_ascii=False))
        for button in reply.get("buttons") or ():
            number += 1
            lines.append(f"  {number}) {button['title']}")
    return lines


def _choose(text: str, payloads: Sequence[str]) -> str:
    """A button's number stands for its payload."""
    if text.isascii() and text.isdigit() and 0 < int(text) <= len(payloads):
        return payloads[int(text) - 1]
    return text
