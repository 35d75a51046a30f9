"""Servers that a test may kill and start again on the same data: PostgreSQL with fsync, Redis with its append-only file."""

from __future__ import annotations

import abc
import contextlib
import os
import pathlib
import pwd
import shutil
import subprocess
import tempfile
import time

import psutil
import redis

from benchmark.servers import free_port
from tests.commerce.platforms.databases import find_program

START_SECONDS = 120


class KillableServer(abc.ABC):
    """A program with a folder of its own on a port of its own."""

    name = ""

    def __init__(self) -> None:
        self.port = free_port()
        self.kills = 0
        self.is_alive = False  #: it serves, and was not killed since
        self.user = "nobody" if os.geteuid() == 0 else None
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix=f"pasar-{self.name}-"))
        if self.user:
            os.chown(self.folder, pwd.getpwnam(self.user).pw_uid, -1)
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self):
        try:
            self.prepare()
            self.begin()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        self._kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def prepare(self) -> None:  # noqa: B027 - Redis needs none
        """Make the data."""

    @abc.abstractmethod
    def command(self) -> list[object]:
        """What is run."""

    @abc.abstractmethod
    def answers(self) -> bool:
        """Whether it serves."""

    def begin(self) -> None:
        """Until it serves; again and again where something of the one before is still there."""
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if self._process is None or self._process.poll() is not None:
                self._process = subprocess.Popen(
                    self.command(), cwd=self.folder, user=self.user,
                    stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                )  # fmt: skip
            if self.answers():
                self.is_alive = True
                return
            time.sleep(0.05)
        raise TimeoutError(f"{self.name} does not start")

    def kill(self) -> None:
        """As kill -9 does, of all its processes."""
        self._kill()
        self.kills += 1

    def _kill(self) -> None:
        self.is_alive = False
        if self._process is None:
            return
        children = []
        with contextlib.suppress(psutil.NoSuchProcess):
            children = psutil.Process(self._process.pid).children(recursive=True)
        self._process.kill()
        for child in children:
            with contextlib.suppress(psutil.NoSuchProcess):
                child.kill()
        self._process.wait()
        psutil.wait_procs(children, timeout=60)
        self._process = None


class Redis(KillableServer):
    """A Redis that has on its disk what it says it has."""

    name = "redis"

    def __init__(self, *settings: str) -> None:
        super().__init__()
        self.settings = settings or ("--appendonly", "yes", "--appendfsync", "always")

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def command(self) -> list[object]:
        options = ["--bind", "127.0.0.1", "--port", str(self.port), "--dir", self.folder, "--save", ""]
        return [shutil.which("redis-server"), *options, *self.settings]

    def answers(self) -> bool:
        with redis.Redis(port=self.port, socket_timeout=5) as client, contextlib.suppress(redis.RedisError):
            return client.ping()
        return False


class Postgresql(KillableServer):
    """A PostgreSQL as an installation has it."""

    name = "postgresql"

    @property
    def url(self) -> str:
        return f"postgresql://pasar@127.0.0.1:{self.port}/postgres"

    def prepare(self) -> None:
        subprocess.run(
            [find_program("initdb"), "-D", "data", "-U", "pasar", "-A", "trust", "-E", "UTF8", "--locale", "C"],
            check=True, capture_output=True, user=self.user, cwd=self.folder,
        )  # fmt: skip

    def command(self) -> list[object]:
        options = ["-p", str(self.port), "-h", "127.0.0.1", "-k", self.folder, "-c", "fsync=on"]
        return [find_program("postgres"), "-D", self.folder / "data", *options]

    def answers(self) -> bool:
        asked = [find_program("pg_isready"), "-h", "127.0.0.1", "-p", str(self.port), "-t", "5"]
        return subprocess.run(asked, check=False, capture_output=True, cwd=self.folder).returncode == 0
