"""Databases for tests: SQLite, and a PostgreSQL server of their own."""

from __future__ import annotations

import contextlib
import os
import pathlib
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import uuid
from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from pasar.commerce.platforms.schema import upgrade


def find_program(name: str) -> str | None:
    """A program of PostgreSQL's server, on the PATH or where Debian keeps it."""
    debian = sorted(pathlib.Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    return shutil.which(name) or (str(debian[-1]) if debian else None)


@contextlib.contextmanager
def run_postgresql() -> Iterator[str]:
    """A server of its own on 127.0.0.1; gives the URL of its ``postgres`` database."""
    initdb, server = find_program("initdb"), find_program("postgres")
    assert initdb and server
    # It refuses to run as root.
    user = "nobody" if os.geteuid() == 0 else None
    folder = pathlib.Path(tempfile.mkdtemp(prefix="pasar-postgresql-"))
    if user:
        os.chown(folder, pwd.getpwnam(user).pw_uid, -1)
    try:
        data = folder / "data"
        subprocess.run(
            [initdb, "-D", data, "-U", "pasar", "-A", "trust", "--no-sync", "-E", "UTF8", "--locale", "C"],
            check=True, capture_output=True, user=user, cwd=folder,
        )  # fmt: skip
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        options = ["-p", str(port), "-h", "127.0.0.1", "-k", folder, "-c", "fsync=off"]
        process = subprocess.Popen(
            [server, "-D", data, *options],
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, user=user, cwd=folder,
        )  # fmt: skip
        try:
            assert process.stderr is not None
            for line in process.stderr:
                if "ready to accept connections" in line:
                    break
            yield f"postgresql://pasar@127.0.0.1:{port}/postgres"
        finally:
            process.send_signal(signal.SIGQUIT)  # at once: nothing here is kept
            process.communicate()
    finally:
        shutil.rmtree(folder)


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """The URL of a server that runs for all tests."""
    if find_program("initdb") is None:
        pytest.fail(
            "there is no PostgreSQL server on this machine; launch/setup.sh --tests installs it, or: apt-get install postgresql"
        )
    with run_postgresql() as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: pathlib.Path) -> str:
    """The URL of a test's own database with the platforms' tables, on either kind of server."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'pasar.db'}"
    else:
        server = request.getfixturevalue("postgresql")
        name = f"test_{uuid.uuid4().hex}"
        engine = sa.create_engine(server, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(sa.text(f"CREATE DATABASE {name}"))
        engine.dispose()
        url = f"{server.rpartition('/')[0]}/{name}"
    upgrade(url)
    return url
