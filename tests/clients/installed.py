"""Platforms' own clients, beside ours: in a folder of their own, so that their packages never meet Pasar's.

What is installed is locked in ``clients.lock``; ``uv pip compile --generate-hashes --no-annotate --no-header
--python-version 3.10 tests/clients/clients.in -o tests/clients/clients.lock`` chooses anew.
"""

from __future__ import annotations

import asyncio
import fcntl
import hashlib
import json
import pathlib
import shutil
import subprocess
import sys
from typing import Any

import pytest

HERE = pathlib.Path(__file__).parent
PROJECT = HERE.parents[1]
LOCK = HERE / "clients.lock"
TOOLS = PROJECT / ".tools" / "bin" / "python"


def install() -> pathlib.Path:
    """The folder that has the clients; made once for a lock, by whichever process of the tests is first."""
    digest = hashlib.sha256(LOCK.read_bytes()).hexdigest()[:16]
    folder = PROJECT / "var" / "clients" / digest
    folder.parent.mkdir(parents=True, exist_ok=True)
    with (folder.parent / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            if not TOOLS.exists():
                pytest.fail("there is no .tools; make setup installs it")
            draft = folder.with_suffix(".new")
            shutil.rmtree(draft, ignore_errors=True)
            command = [TOOLS, "-m", "uv", "pip", "install", "--quiet", "--python", sys.executable, "--target", draft]
            subprocess.run([*command, "--require-hashes", "--no-deps", "-r", LOCK], check=True)
            draft.rename(folder)
    return folder


async def run(program: str, **question: Any) -> Any:
    """What a program of this folder answers; it sees the clients' packages only."""
    folder = await asyncio.to_thread(install)
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-S",  # not ours
        HERE / program,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={"PYTHONPATH": str(folder), "PYTHONUTF8": "1"},
    )
    output, errors = await asyncio.wait_for(process.communicate(json.dumps(question).encode()), 120)
    assert process.returncode == 0, errors.decode()[-3000:]
    return json.loads(output)
