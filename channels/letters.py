"""Dead letters: what could not be sent to buyers, listed, read and sent again.

A list says of each why and where it stayed, not what is in it; that only who asks for one letter is told.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import Any, TextIO

from pasar.messages.model import Reply
from pasar.messages.outbox import Dead, Outbox


def describe_letter(dead: Dead, replies: Sequence[Reply] | None = None) -> dict[str, Any]:
    """A letter as the desk shows it; with ``replies`` also what it says."""
    letter: dict[str, Any] = {
        "number": dead.number,
        "conversation_id": dead.conversation_id,
        "channel": dead.channel,
        "account": dead.account,
        "tries": dead.attempt,
        "reason": dead.reason,
        "given_up": _read_time(dead.ended_at),
    }
    if replies is not None:
        letter["replies"] = [_describe_reply(reply) for reply in replies]
    return letter


async def print_list(outbox: Outbox, channel: str, limit: int, output: TextIO) -> int:
    """A line for each, the latest first."""
    found = await outbox.list_dead(limit, channel)
    for dead in found:
        place = f"{dead.channel}/{dead.account}"
        print(f"{dead.number:>8}  {_read_time(dead.ended_at)}  {place}  {dead.reason}", file=output)
    if not found:
        print("no dead letters", file=output)
    elif len(found) == limit:
        print(f"the latest {limit}; --limit shows more", file=output)
    return 0


async def print_letter(outbox: Outbox, number: int, output: TextIO) -> int:
    """One with its conversation and what it says; 1 where there is none."""
    found = await outbox.read_dead(number)
    if found is None:
        print(f"{number} is no dead letter", file=output)
        return 1
    dead, replies = found
    print(f"{dead.conversation_id}: {dead.reason} ({dead.attempt} tries)", file=output)
    for reply in replies:
        print(f"[{reply.kind.value}] {reply.text}", file=output)
        for button in reply.buttons:
            print(f"  ({button.title})", file=output)
    return 0


async def resend_letters(outbox: Outbox, numbers: Sequence[int], output: TextIO) -> int:
    """Let these go out again; 1 where one of them is no dead letter."""
    status = 0
    for number in numbers:
        if await outbox.resend(number):
            print(f"{number} goes out again, as soon as a bot runs", file=output)
        else:
            print(f"{number} is no dead letter", file=output)
            status = 1
    return status


async def resend_all(outbox: Outbox, channel: str, output: TextIO) -> int:
    """Let all go out again, of one channel where it is named."""
    count = await outbox.resend_all(channel)
    print(f"{count} dead letters go out again, as soon as a bot runs", file=output)
    return 0


def _describe_reply(reply: Reply) -> dict[str, Any]:
    return {
        "kind": reply.kind.value,
        "text": reply.text,
        "buttons": [button.title for button in reply.buttons],
        "author": reply.author.value,
    }


def _read_time(seconds: float) -> str:
    return datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc).isoformat(timespec="seconds")
