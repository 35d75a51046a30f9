"""What is wrong with a folder of files, as a seller is told."""

from __future__ import annotations

import pathlib
import zoneinfo

from pasar.commerce.files import check

JAKARTA = zoneinfo.ZoneInfo("Asia/Jakarta")
PROJECT = pathlib.Path(__file__).resolve().parents[3]
EXAMPLE = PROJECT / "pasar" / "commerce" / "files" / "example"


def tell(folder):
    """The problems as they are printed, and the summary."""
    report = check.check_folder(folder, JAKARTA)
    return [str(problem) for problem in report.problems], list(report.summary)
