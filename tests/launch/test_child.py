"""Programs that must leave nothing behind."""

from __future__ import annotations

import os
import pathlib
import subprocess
import sys
import time

import pytest

from launch import server
from launch.checks import LaunchError
from launch.child import Child

PROJECT = pathlib.Path(__file__).resolve().parents[2]


def is_alive(pid):
    try:
        state = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


@pytest.mark.slow
def test_stop_ends_also_what_the_child_started_and_what_will_not_hear(tmp_path):
    code = (
        "import os, signal, subprocess, sys, time; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
        "print(os.getpid(), subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)']).pid, flush=True);"
        "time.sleep(60)"
    )
    log = tmp_path / "log" / "a.log"
    with Child(["-c", code], log) as child:
        while not log.read_text().endswith("\n"):
            assert child.wait(0.05) is None
        pids = [int(word) for word in log.read_text().split()]
        began = time.monotonic()
    assert time.monotonic() - began < 5
    time.sleep(0.2)
    assert not any(map(is_alive, pids))


def test_server_that_ends_is_told_with_its_last_words(tmp_path):
    with Child(["-c", "print('what went wrong'); raise SystemExit(3)"], tmp_path / "a.log") as child:
        child.wait()
        with pytest.raises(LaunchError, match=r"(?s)exit status 3.*what went wrong"):
            server.wait_for_answer(child, 1, tmp_path)


def test_former_log_is_kept(tmp_path):
    for word in ("first", "second"):
        with Child(["-c", f"print('{word}')"], tmp_path / "a.log") as child:
            child.wait()
    assert (tmp_path / "a.previous.log").read_text() == "first\n"
    assert child.tail() == "    second"


def test_greeting_of_every_pack():
    packs = {path.parent.name for path in PROJECT.glob("data/*/pack.yml")}
    greetings = list(server.list_greetings(PROJECT))
    assert len(greetings) == len(packs)
    assert all(greetings)


@pytest.mark.slow
def test_stopped_training_says_so(tmp_path):
    """SIGTERM in the middle of what takes long."""
    program = (
        "import launch.__main__ as m, launch.training as t, sys;"
        "t.train_if_needed = lambda: None; m.train_if_needed = lambda: None; m.check_port = lambda port: None;"
        "m.run = lambda port: (print('up', flush=True), __import__('time').sleep(60));"
        "sys.exit(m.main(['run']))"
    )
    environment = {**os.environ, "PASAR_HOME": str(tmp_path)}
    running = subprocess.Popen(
        [sys.executable, "-c", program],
        cwd=PROJECT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert running.stdout.readline() == "up\n"
    running.terminate()
    _, told = running.communicate(timeout=10)
    assert "stopped" in told
    assert running.returncode == 0
