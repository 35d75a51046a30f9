"""What is done with platforms' chats by a command; ``python -m launch`` passes these on."""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
from typing import TextIO

from channels import check, letters, table
from channels.platforms import PLATFORMS
from pasar.messages.sql import SqlDatabase
from pasar.messages.sql_outbox import SqlOutbox
from pasar.settings import PROJECT, load_settings


def main(arguments: list[str] | None = None) -> int:
    """Do what the command line says; return the exit status."""
    given = _make_parser().parse_args(arguments)
    if given.command == "channels-table":
        print(table.write(PROJECT))
        return 0
    settings = load_settings()
    if given.command == "check-channel":
        here = f"http://127.0.0.1:{os.environ.get('PASAR_PORT', '').strip() or 5005}"
        return check.run(given.name, settings.home / "credentials.yml", settings.public_url, here, sys.stdout)
    return asyncio.run(_manage(settings.database, given, sys.stdout))


def _make_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m launch")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("channels-table", help="write docs/channels.md: what each platform's chat can do")
    checker = commands.add_parser("check-channel", help="test an account's keys, callback and signature")
    checker.add_argument("name", help="line/stylehub, or line for all its accounts")
    manager = commands.add_parser("dead-letters", help="what could not be sent to buyers: list, show, resend")
    actions = manager.add_subparsers(dest="action")
    lister = actions.add_parser("list", help="why and where, the latest first; not what they say")
    lister.add_argument("--limit", type=int, default=100)
    shower = actions.add_parser("show", help="one, with what it says")
    shower.add_argument("number", type=int)
    sender = actions.add_parser("resend", help="let them go out again")
    sender.add_argument("numbers", type=int, nargs="*", metavar="number")
    sender.add_argument("--all", action="store_true", help="all, of --channel where it is given")
    for action in (lister, sender):
        action.add_argument("--channel", default="", choices=["", *sorted(PLATFORMS)], metavar="CHANNEL")
    manager.set_defaults(action="list", limit=100, channel="")
    return parser


async def _manage(url: str, given: argparse.Namespace, output: TextIO) -> int:
    if given.action == "resend" and given.all == bool(given.numbers):
        print("name dead letters by their numbers, or --all", file=sys.stderr)
        return 2
    if given.action == "resend" and given.channel and not given.all:
        print("--channel goes with --all", file=sys.stderr)
        return 2
    database = SqlDatabase(url)
    outbox = SqlOutbox(database, renew=False)
    try:
        if given.action == "show":
            return await letters.print_letter(outbox, given.number, output)
        if given.action == "list":
            return await letters.print_list(outbox, given.channel, given.limit, output)
        if given.all:
            return await letters.resend_all(outbox, given.channel, output)
        return await letters.resend_letters(outbox, given.numbers, output)
    finally:
        outbox.close()
        database.close()


if __name__ == "__main__":
    sys.exit(main())
