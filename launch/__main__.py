"""``python -m launch run|train|validate|sync|chat|new-language|…``; ``--help`` lists all."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys

from launch.chat import chat
from launch.checks import PROJECT, LaunchError, check_environment, check_port, read_port
from launch.child import StopRequest, listen_for_stop, say
from launch.languages import lay_out
from launch.server import run
from launch.training import train, train_if_needed

#: These have a program of their own, see channels/__main__.py: launch does not know channels.
_CHANNEL_COMMANDS = frozenset({"channels-table", "check-channel", "dead-letters"})
_SHOP_COMMANDS = frozenset({"validate", "sync", "connect-shop", "retry-token", "shops-table", "buyer-secret"})


def main(arguments: list[str] | None = None) -> int:
    """Do what the command line says; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m launch", description="Starts Pasar.")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("run", help="train if needed, then serve until Ctrl-C; PASAR_PORT names the port")
    trainer = commands.add_parser("train", help="train a model")
    trainer.add_argument("--if-needed", action="store_true", help="only where a file has changed since the last time")
    talk = commands.add_parser("chat", help="talk with the running server")
    talk.add_argument("--shop", help="the id of a shop in shops/")
    talk.add_argument("--product", help="the SKU of the product the buyer looks at")
    language = commands.add_parser("new-language", help="lay out the folder of a language that is not there yet")
    language.add_argument("code", help="ISO 639: fr")
    language.add_argument("name", help="as its speakers call it: Français")
    commands.add_parser("validate", help="check shops' files, then what Rasa checks of stories and texts")
    sync = commands.add_parser("sync", help="read a shop's products from its platform")
    sync.add_argument("shop", help="the id of a shop in shops/")
    sync.add_argument(
        "--whole", action="store_true", help="all products, also where the platform tells what has changed"
    )
    connection = commands.add_parser("connect-shop", help="print the link by which a seller lets us in")
    connection.add_argument("shop", help="the id of a shop in shops/")
    connection.add_argument("--callback", default="", help="where the seller comes back to, if not to this server")
    connection.add_argument("--code", default="", help="what came back: the code, or the whole address with it")
    retry = commands.add_parser("retry-token", help="send a refresh token again that may be spent, see docs/operate.md")
    retry.add_argument("shop", help="the id of a shop in shops/")
    secret = commands.add_parser("buyer-secret", help="print what a shop's site signs its buyers with")
    secret.add_argument("shop", help="the id of a shop in shops/")
    commands.add_parser("shops-table", help="write docs/shops.md: what can be done on which platform")
    for name, text in (
        ("channels-table", "write docs/channels.md: what each platform's chat can do"),
        ("check-channel", "test keys, callback and signature of line/stylehub, or of all accounts of line"),
        ("dead-letters", "what could not be sent to buyers: list, show or resend"),
    ):
        commands.add_parser(name, help=text, add_help=False)
    given, others = parser.parse_known_args(arguments)
    if others and given.command not in _CHANNEL_COMMANDS:
        parser.error(f"unrecognized arguments: {' '.join(others)}")
    os.chdir(PROJECT)
    listen_for_stop()
    try:
        if given.command in _CHANNEL_COMMANDS:
            check_environment()
            return subprocess.run([sys.executable, "-m", "channels", given.command, *others], check=False).returncode
        _do(given)
    except LaunchError as error:
        say(str(error))
        return 1
    except StopRequest:
        if given.command != "chat":
            say("stopped")
        # Serving ends like this, and talking; what has an end of its own should not.
        return 130 if given.command in ("train", "validate", "sync") else 0
    return 0


def _do(given: argparse.Namespace) -> None:
    if given.command == "chat":
        chat(read_port(), given)
        return
    check_environment()
    if given.command == "new-language":
        written = lay_out(given.code, given.name)
        say(f"{len(written)} files in data/{given.code}: docs/add-a-language.md says what to do with them")
    elif given.command in _SHOP_COMMANDS:
        _do_with_shops(given)
    elif given.command == "run":
        port = read_port()
        check_port(port)
        train_if_needed()
        run(port)
    elif given.if_needed:
        train_if_needed()
    else:
        train(PROJECT, [])


def _do_with_shops(given: argparse.Namespace) -> None:
    from launch import connection, platforms, shops  # noqa: PLC0415 -- they need the packages

    if given.command == "validate":
        shops.validate(PROJECT)
    elif given.command == "sync":
        shops.sync(given.shop, whole=given.whole)
    elif given.command == "connect-shop":
        connection.connect_shop(given.shop, given.callback, given.code)
    elif given.command == "retry-token":
        shops.retry_token(given.shop)
    elif given.command == "buyer-secret":
        print(shops.find_buyer_secret(given.shop))
    else:
        say(f"{platforms.write(PROJECT)} is written")


if __name__ == "__main__":
    sys.exit(main())
