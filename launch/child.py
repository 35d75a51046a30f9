"""A program of ours that runs in a process group of its own, so that nothing of it stays behind."""

from __future__ import annotations

import contextlib
import os
import pathlib
import signal
import subprocess
import sys
import types
from collections.abc import Sequence

from typing_extensions import Self

GRACE = 3.0  # seconds to stop by itself
SHOWN = 15  # last lines of a log


class StopRequest(BaseException):
    """Ctrl-C, or a signal to end."""


def listen_for_stop() -> None:
    """Let Ctrl-C, SIGTERM and a closed terminal raise StopRequest."""

    def stop(_number: int, _frame: types.FrameType | None) -> None:
        raise StopRequest

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, stop)


def say(text: str) -> None:
    """Tell the person at the terminal; standard output is for results."""
    print(f"pasar: {text}", file=sys.stderr, flush=True)


class Child:
    """A Python module that runs while this context is open; its output goes to a log, else where ours goes."""

    def __init__(self, arguments: Sequence[str], log: pathlib.Path | None = None) -> None:
        """``arguments`` are those of this environment's Python."""
        self.log = log
        self._arguments = arguments
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        """Start it."""
        if self.log is None:
            # Standard output stays clean for what the command itself has to say.
            self._process = self._start(sys.stderr.fileno())
            return self
        self.log.parent.mkdir(parents=True, exist_ok=True)
        if self.log.exists():
            self.log.replace(self.log.with_suffix(".previous.log"))
        with self.log.open("wb") as output:
            self._process = self._start(output.fileno())
        return self

    def __exit__(self, *_: object) -> None:
        """End it, and all that it started."""
        self.stop()

    def poll(self) -> int | None:
        """Return its exit status, None while it runs."""
        assert self._process is not None
        return self._process.poll()

    def wait(self, seconds: float | None = None) -> int | None:
        """Return its exit status, None where it still runs after ``seconds``."""
        assert self._process is not None
        try:
            return self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            return None

    def stop(self) -> None:
        """Ask it to end, and make it end after some seconds or at the second Ctrl-C."""
        if self._process is None:
            return
        try:
            if self.poll() is None:
                self._signal(signal.SIGTERM)
                self.wait(GRACE)
        finally:
            self._signal(signal.SIGKILL)  # also to what it left behind
            self._process.wait()

    def tail(self) -> str:
        """Return the last lines of its log."""
        if self.log is None:
            return ""
        lines = self.log.read_text(encoding="utf-8", errors="replace").splitlines()
        return "\n".join(f"    {line}" for line in [line for line in lines if line.strip()][-SHOWN:])

    def _start(self, output: int) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, *self._arguments],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    def _signal(self, number: signal.Signals) -> None:
        assert self._process is not None
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, number)
