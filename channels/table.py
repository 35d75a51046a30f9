"""``docs/channels.md``: what can be done on which platform's chat, from the connectors, and what was tested against what.

Capabilities are read from the connectors' classes. What the tests' servers were built from, those say themselves
(``platform``, ``specification``, ``checks`` and ``leaves_out`` of a class in ``tests/channels/*_server.py``; one may serve
several platforms, with ", " between); their source is read, not run.
"""

from __future__ import annotations

import ast
import datetime
import pathlib
from collections.abc import Iterable, Mapping, Sequence

from channels.connector import Capabilities, Rate
from channels.platforms import PLATFORMS, load_class
from pasar.messages.splitting import Unit

PAGE = pathlib.Path("docs") / "channels.md"
SERVERS = pathlib.Path("tests") / "channels"

_HEAD = """\
# Where buyers write

This page is made from the connectors: `python -m launch channels-table` writes it, a test compares.

A buyer who writes on a page of the shop needs no platform: [the web chat and REST](channels/webchat.md). For a platform's own
chat follow its page; each says where to click, which keys to take and which callback to enter. What is the same on all:

- Most platforms call the bot by https. `bot.example` stands for the address before your proxy, `PASAR_PUBLIC_URL`
  ([operate.md](operate.md#before-the-internet)); the proxy must pass `/webhooks/<platform>/`. Mailboxes (e-mail, Amazon) and live
  streams (Shopee Live, Facebook Live) are asked by the bot: they have no callback, and need no address of yours.
- `stylehub` after the platform is the account's name: yours to choose, and the end of the callback. A shop may have several
  accounts on a platform. `shop: stylehub` is the shop's file in `shops/`.
- Keys belong into the environment of the bot (`export LINE_SECRET=…` before `make run`, or the service's environment file),
  never into `credentials.yml`: that names the variables.
- `channels.marketplaces.PlatformInput:` stands in `credentials.yml` once, with all platforms below it. After a change there,
  or of a key, start the bot again.
- Sellers' access tokens for TikTok Shop, Shopee and Lazada, and streamers' for Shopee Live: [tokens.md](channels/tokens.md).
- What is done with comments under live streams, Instagram's too, which come by its own connector: [live.md](live.md).

When it is done, let it be tried, from the bot's machine and with its environment:

```
make check-channel NAME=line/stylehub
```

It asks the platform whether it takes the keys and which address it calls, calls that address as the platform does, with a
right and with a wrong signature, and ends in `green`, or in what is wrong and what to do about it; exit status 1 then.
Buyers notice nothing. Of a mailbox it opens the folder and begins a mail that it takes back.
"""
_SHOWN = """\
## What a buyer is shown

Longer texts are split between words. Where there are no buttons, or more than the platform takes, they are numbered lines,
and "2" is understood. A card that a platform does not have is told in words. Live comments are for all: texts only.
"""
_KEPT = """\
## What the platform asks for

A dash is what its documentation does not say. Where that leaves out a figure without which nothing works, ours stands here,
and the connector's first lines say so. What the bot asks for itself is neither acknowledged nor sent again. *Once*: a message
whose answer was lost on the way is sent again without being shown twice.
"""
_TESTED = """\
## What was tested against what

No test calls a platform: each connector talks to a server on the same machine that was built from the platform's public
specification.
"""
_UNITS = {Unit.CHARACTERS: "characters", Unit.UTF16: "UTF-16 units", Unit.BYTES: "bytes"}
_FIELDS = ("specification", "checks", "leaves_out")
_NOTHING = "–"


def write(project: pathlib.Path) -> str:
    """Write the page; what a person at the terminal is told."""
    (project / PAGE).write_text(render(project), encoding="utf-8")
    tested = PLATFORMS.keys() & read_servers(project / SERVERS).keys()
    return f"{PAGE} is written: {len(PLATFORMS)} connectors, {len(tested)} tested against a server of their platform's"


def render(project: pathlib.Path) -> str:
    """The page as it should be now."""
    listed = {name: load_class(name).capabilities for name in sorted(PLATFORMS)}
    servers = read_servers(project / SERVERS)
    parts = [
        _HEAD,
        _SHOWN,
        *_draw(
            ("", "text", "buttons", "pictures", "product cards", "order cards", "templates"), map(_show, listed.items())
        ),
        "",
        _KEPT,
        *_draw(("", "answers until", "acknowledged in", "sent again for", "calls", "once"), map(_keep, listed.items())),
        "",
        _TESTED,
        f"{len(listed.keys() & servers.keys())} of {len(listed)} connectors are tested so.\n",
        *_draw(
            ("", "documentation", "server built from", "which refuses or does as the platform", "not covered"),
            [
                [
                    _link(name),
                    f"[read]({found.documented})",
                    *(servers.get(name, {}).get(field, _NOTHING) for field in _FIELDS),
                ]
                for name, found in listed.items()
            ],
        ),
    ]
    return "\n".join(parts) + "\n"


def read_servers(folder: pathlib.Path) -> dict[str, Mapping[str, str]]:
    """What the tests' servers say of themselves, by platform."""
    found: dict[str, Mapping[str, str]] = {}
    for path in sorted(folder.glob("*_server.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for node in tree.body:
            texts = _read_texts(node) if isinstance(node, ast.ClassDef) else {}
            if texts.keys() >= {"platform", *_FIELDS}:
                for name in texts["platform"].split(", "):
                    found[name] = texts
    return found


def _read_texts(node: ast.ClassDef) -> dict[str, str]:
    return {
        target.id: item.value.value
        for item in node.body
        if isinstance(item, ast.Assign) and isinstance(item.value, ast.Constant) and isinstance(item.value.value, str)
        for target in item.targets
        if isinstance(target, ast.Name)
    }


def _draw(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    return [f"| {' | '.join(row)} |" for row in (head, ["---"] * len(head), *rows)]


def _link(name: str) -> str:
    return f"[{name}](channels/{name}.md)"


def _show(item: tuple[str, Capabilities]) -> list[str]:
    name, can = item
    buttons = f"{can.buttons}, titles of {can.button_title}" if can.buttons else _NOTHING
    marks = (can.images, can.product_cards, can.order_cards, can.templates)
    return [
        _link(name),
        f"{can.text_limit:,} {_UNITS[can.text_unit]}",
        buttons,
        *("yes" if m else _NOTHING for m in marks),
    ]


def _keep(item: tuple[str, Capabilities]) -> list[str]:
    name, can = item
    called = load_class(name).listens
    rates = [_describe_rate(can.rate, ""), _describe_rate(can.thread_rate, " to one buyer")]
    return [
        _link(name),
        _describe_time(can.reply_window),
        _describe_time(can.acknowledge) if called else _NOTHING,
        _describe_time(can.redelivery) if called else _NOTHING,
        ", ".join(filter(None, rates)) or _NOTHING,
        "yes" if can.idempotent else _NOTHING,
    ]


def _describe_rate(rate: Rate | None, whom: str) -> str:
    if rate is None:
        return ""
    span = "second" if rate.seconds == 1 else f"{rate.seconds:g} s"
    return f"{rate.calls:,.0f} a {span}{whom}" if span == "second" else f"{rate.calls:,.0f} in {span}{whom}"


def _describe_time(time: datetime.timedelta | None) -> str:
    if time is None:
        return _NOTHING
    seconds = time.total_seconds()
    for unit, length in (("days", 86400), ("h", 3600)):
        if seconds >= length and seconds % length == 0 and seconds > length:
            return f"{seconds / length:g} {unit}"
    return f"{seconds:g} s"
