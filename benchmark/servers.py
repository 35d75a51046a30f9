"""Servers of a run: started, waited for, measured, and stopped whatever happens. Only those started here are ended."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import psutil  # type: ignore[import-untyped,unused-ignore]

START_SECONDS = 240.0
_STOP_SECONDS = 10.0


class ServerError(RuntimeError):
    """A server did not start; says where its log is."""


class Server:
    """A Python program that listens on a port of its own."""

    def __init__(
        self, name: str, arguments: Sequence[str], port: int, log: Path, surroundings: Mapping[str, str]
    ) -> None:
        """Start ``python -m …``; :meth:`wait` until it answers."""
        self.name = name
        self.port = port
        self.start_seconds = 0.0
        self._log = log
        self._began = time.perf_counter()
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("w") as file:
            self._process = subprocess.Popen(  # noqa: S603 - our own programs
                [sys.executable, "-m", *arguments],
                stdout=file,
                stderr=subprocess.STDOUT,
                env=surroundings_of_run(surroundings),
            )

    def wait(self, path: str, seconds: float = START_SECONDS) -> None:
        """Until the address answers; ServerError where it does not in time or the program ends."""
        address = f"http://127.0.0.1:{self.port}{path}"
        while time.perf_counter() - self._began < seconds:
            if self._process.poll() is not None:
                raise ServerError(f"{self.name} ended with {self._process.returncode}; see {self._log}")
            with contextlib.suppress(urllib.error.URLError, OSError), urllib.request.urlopen(address, timeout=5):
                self.start_seconds = time.perf_counter() - self._began
                return
            time.sleep(0.2)
        raise ServerError(f"{self.name} did not answer within {seconds:.0f} s; see {self._log}")

    def cpu_seconds(self) -> float:
        """Processor time so far, user and system, of the program and its children."""
        times = [process.cpu_times() for process in self._family()]
        return float(sum(one.user + one.system for one in times))

    def memory(self) -> float:
        """Resident memory in MB, children included."""
        return float(sum(process.memory_info().rss for process in self._family())) / 1e6

    def stop(self) -> None:
        """End the program and the children it has now."""
        family = self._family()
        for process in reversed(family):
            with contextlib.suppress(psutil.NoSuchProcess):
                process.terminate()
        _, alive = psutil.wait_procs(family, timeout=_STOP_SECONDS)
        for process in alive:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        self._process.wait(timeout=_STOP_SECONDS)

    def _family(self) -> list[psutil.Process]:
        try:
            process = psutil.Process(self._process.pid)
            return [process, *process.children(recursive=True)]
        except psutil.NoSuchProcess:
            return []


@contextlib.contextmanager
def stopping(servers: list[Server]) -> Iterator[list[Server]]:
    """Stop all servers of a list at the end, also those added meanwhile."""
    try:
        yield servers
    finally:
        for server in reversed(servers):
            server.stop()


def surroundings_of_run(more: Mapping[str, str]) -> dict[str, str]:
    """The environment for programs of a run: our packages on the path, no telemetry, quiet TensorFlow."""
    common = {"PYTHONPATH": str(Path.cwd()), "RASA_TELEMETRY_ENABLED": "false", "TF_CPP_MIN_LOG_LEVEL": "3"}
    return {**os.environ, **common, "PYTHONWARNINGS": "ignore", "SQLALCHEMY_SILENCE_UBER_WARNING": "1", **more}


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
