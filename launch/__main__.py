"""``python -m launch run|train|chat|new-language``."""

from __future__ import annotations

import argparse
import os
import sys

from launch.chat import chat
from launch.checks import PROJECT, LaunchError, check_environment, check_port, read_port
from launch.child import StopRequest, listen_for_stop, say
from launch.languages import lay_out
from launch.server import run
from launch.training import train, train_if_needed


def main(arguments: list[str] | None = None) -> int:
    """Do what the command line says; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m launch", description="Starts Pasar.")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("run", help="train if needed, then serve until Ctrl-C; PASAR_PORT names the port")
    trainer = commands.add_parser("train", help="train a model")
    trainer.add_argument("--if-needed", action="store_true", help="only where a file has changed since the last time")
    talk = commands.add_parser("chat", help="talk with the running server")
    talk.add_argument("--shop", help="the id of a shop in shops.yml")
    talk.add_argument("--product", help="the SKU of the product the buyer looks at")
    language = commands.add_parser("new-language", help="lay out the folder of a language that is not there yet")
    language.add_argument("code", help="ISO 639: fr")
    language.add_argument("name", help="as its speakers call it: Français")
    given = parser.parse_args(arguments)
    os.chdir(PROJECT)
    listen_for_stop()
    try:
        _do(given)
    except LaunchError as error:
        say(str(error))
        return 1
    except StopRequest:
        if given.command != "chat":
            say("stopped")
        # Serving ends like this, and talking; training should not.
        return 130 if given.command == "train" else 0
    return 0


def _do(given: argparse.Namespace) -> None:
    if given.command == "chat":
        chat(read_port(), given)
        return
    check_environment()
    if given.command == "new-language":
        written = lay_out(given.code, given.name)
        say(f"{len(written)} files in data/{given.code}: docs/add-a-language.md says what to do with them")
    elif given.command == "run":
        port = read_port()
        check_port(port)
        train_if_needed()
        run(port)
    elif given.if_needed:
        train_if_needed()
    else:
        train(PROJECT, [])


if __name__ == "__main__":
    sys.exit(main())
