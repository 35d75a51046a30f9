"""Installing where something is missing: one sentence that says what to do."""

from __future__ import annotations

import os
import pathlib
import shutil
import stat
import subprocess

import pytest

PROJECT = pathlib.Path(__file__).resolve().parents[2]
TOOLS = [
    "bash",
    "cat",
    "cut",
    "dirname",
    "find",
    "grep",
    "head",
    "id",
    "mkdir",
    "rm",
    "sed",
    "sh",
    "sha256sum",
    "sleep",
    "sort",
    "tail",
    "uname",
]


@pytest.fixture
def clone(tmp_path):
    """As much of a clone as setup looks at, and a PATH that has no Python."""
    copy = tmp_path / "clone"
    (copy / "launch").mkdir(parents=True)
    for name in ("launch/setup.sh", "launch/tools.txt", "requirements.lock"):
        shutil.copy(PROJECT / name, copy / name)
    (tmp_path / "bin").mkdir()
    for name in TOOLS:
        (tmp_path / "bin" / name).symlink_to(shutil.which(name))
    return copy


def add(clone, name, script):
    """Put a program on the clone's PATH."""
    path = clone.parent / "bin" / name
    path.unlink(missing_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)


def set_up(clone, *arguments):
    environment = {"PATH": str(clone.parent / "bin"), "HOME": str(clone.parent)}
    return subprocess.run(
        ["bash", str(clone / "launch/setup.sh"), *arguments],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        stdin=subprocess.DEVNULL,
    )


def last_line(result):
    assert result.returncode == 1, result.stderr
    return result.stderr.splitlines()[-1]


#: Stands for an interpreter: answers what setup asks, by what the code it is given contains.
PYTHON = """
case "$*" in
  *"import ensurepip"*) exit {venv} ;;
  *"v == (3, 10)"*) exit {is_310} ;;
  *"v >= (3, 8)"*) exit 0 ;;
  *"-m venv"*) mkdir -p "$3/bin" && cp "$0" "$3/bin/python" ;;
  *"-m pip install"*) {pip} ;;
  *"uv --version"*) exit 1 ;;
  *"uv python install"*) {fetch} ;;
  *"uv venv"*) mkdir -p .venv/bin && cp "$0" .venv/bin/python ;;
  *"uv pip sync"*) {sync} ;;
  *) exit 0 ;;
esac
"""


def python(clone, name="python3", **answers):
    shutil.copy(shutil.which("cp"), clone.parent / "bin" / "cp")
    given = {"venv": 0, "is_310": 0, "pip": "exit 0", "fetch": "exit 1", "sync": "exit 0", **answers}
    add(clone, name, PYTHON.format(**given))


def test_no_python(clone):
    assert "no Python 3.8 or newer runs here" in last_line(set_up(clone))


def test_shim_that_does_not_run_is_passed_over(clone):
    add(clone, "python3", "echo 'pyenv: version 3.10 is not installed' >&2; exit 127")
    assert "no Python 3.8 or newer runs here" in last_line(set_up(clone))


def test_no_venv_module(clone):
    python(clone, venv=1)
    assert "has no venv module; install it (Debian: apt-get install python3-venv)" in last_line(set_up(clone))


def test_next_python_with_venv_is_taken(clone):
    python(clone, venv=1, is_310=1)
    python(clone, "python3.12", is_310=1, fetch="exit 1")
    assert "Python 3.10 is neither here nor to be had" in last_line(set_up(clone))


def test_no_network(clone):
    python(clone, pip="echo 'Temporary failure in name resolution'; exit 1")
    assert "the network does not answer" in last_line(set_up(clone))


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("error: command 'gcc' failed: No such file or directory", "no C compiler"),
        ("error: command 'cc' failed with exit code 1", "no C compiler"),
        ("error: No space left on device (os error 28)", "the disk is full"),
        ("error: Failed to fetch: dns error", "the network does not answer"),
        ("error: hash mismatch for rasa", "packages could not be installed; var/log/setup.log tells why"),
    ],
)
def test_packages_fail(clone, said, told):
    python(clone, sync=f'echo "{said}"; exit 1')
    assert told in last_line(set_up(clone))


def test_interrupted_setup_is_made_again(clone):
    python(clone, sync="exit 1")
    set_up(clone)
    assert not (clone / ".venv/.stamp").exists()


def test_no_lock(clone):
    (clone / "requirements.lock").unlink()
    assert "requirements.lock is missing" in last_line(set_up(clone))


def test_other_machine(clone):
    add(clone, "uname", "echo Darwin arm64")
    assert "locked for Linux on x86_64, this is Darwin arm64" in last_line(set_up(clone))


@pytest.mark.skipif(not (PROJECT / ".venv/.stamp").exists(), reason="this environment was not made by setup")
def test_nothing_to_do_is_silent():
    environment = {"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/")}
    result = subprocess.run(
        [PROJECT / "launch/setup.sh"], env=environment, capture_output=True, text=True, timeout=20, check=True
    )
    assert result.stderr == ""
