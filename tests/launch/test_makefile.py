"""The Makefile explains itself."""

from __future__ import annotations

import pathlib
import re
import subprocess

PROJECT = pathlib.Path(__file__).resolve().parents[2]


def make(*arguments):
    return subprocess.run(
        ["make", "--no-print-directory", *arguments],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        timeout=20,
        check=True,
    ).stdout


def test_help_explains_every_target():
    phony = re.search(r"^\.PHONY: (.*)$", (PROJECT / "Makefile").read_text(), re.MULTILINE)[1].split()
    explained = {match[1]: match[2] for match in re.finditer(r"^  make ([\w-]+) +(.+)$", make("help"), re.MULTILINE)}
    assert sorted(explained) == sorted(phony)
    assert make() == make("help")


def test_ci_runs_what_developers_run():
    lines = [line for line in (PROJECT / ".ci/run").read_text().splitlines() if line and not line.startswith("#")]
    assert lines[-1] == "exec make test </dev/null"
    assert len(lines) == 3
