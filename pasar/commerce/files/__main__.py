"""Says what is wrong in a shop's files: ``python -m pasar.commerce.files check FOLDER``."""

from __future__ import annotations

import argparse
import pathlib
import sys
import zoneinfo

from pasar.commerce.files.check import check_folder


def main(arguments: list[str] | None = None) -> int:
    """Print problems by file and line, and a summary; 1 where there are problems."""
    parser = argparse.ArgumentParser(prog="python -m pasar.commerce.files", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    check = commands.add_parser("check", help="say what is wrong in which line and column")
    check.add_argument("folder", type=pathlib.Path)
    check.add_argument("--time-zone", type=_read_zone, default="UTC", help="of times without a zone (UTC)")
    given = parser.parse_args(arguments)
    report = check_folder(given.folder, given.time_zone)
    for line in (*map(str, report.problems), *report.summary):
        print(line)  # noqa: T201 - a command speaks
    return 1 if report.problems else 0


def _read_zone(name: str) -> zoneinfo.ZoneInfo:
    try:
        return zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise argparse.ArgumentTypeError(f"{name!r} is no time zone, as Asia/Jakarta") from error


if __name__ == "__main__":
    sys.exit(main())
