"""Mail servers on 127.0.0.1: Dovecot for IMAP and submission, and a small SMTP server that a buyer's mail arrives at.

Dovecot is Debian's own: its packages are fetched with apt and unpacked into a folder of the user's cache; nothing is
installed, and it runs without privileges. Where apt cannot fetch them, tests fail and say so.
"""

from __future__ import annotations

import contextlib
import dataclasses
import datetime
import fcntl
import grp
import imaplib
import os
import pathlib
import pwd
import shutil
import ssl
import subprocess
import tempfile
import time
from collections.abc import Iterator

import pytest

from tests.channels.bots import find_port
from tests.channels.certificates import make_certificate

PACKAGES = (
    "dovecot-core", "dovecot-imapd", "dovecot-submissiond", "libexttextcat-2.0-0", "liblua5.4-0", "libwrap0",
)  # fmt: skip
MODULES = b"/usr/lib/dovecot/modules"
PASSWORD = "mail-password-of-the-tests"


@dataclasses.dataclass(frozen=True)
class MailServers:
    """Where they listen."""

    imap_port: int
    submission_port: int
    relay_port: int  #: where submission hands mails on
    ca_file: str

    @property
    def trust(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=self.ca_file)

    @contextlib.contextmanager
    def open(self, user: str, folder: str = "INBOX") -> Iterator[imaplib.IMAP4_SSL]:
        """A mail program's look into a mailbox."""
        with imaplib.IMAP4_SSL("127.0.0.1", self.imap_port, ssl_context=self.trust, timeout=60) as connection:
            connection.login(user, PASSWORD)
            connection.select(folder)
            yield connection

    def deliver(self, user: str, mail: bytes, arrived_at: datetime.datetime | None = None) -> None:
        """Put a mail into a mailbox, as the receiving server does."""
        moment = arrived_at or datetime.datetime.now(datetime.timezone.utc)
        with self.open(user) as connection:
            data = mail.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
            status, _ = connection.append("INBOX", "", imaplib.Time2Internaldate(moment), data)
            assert status == "OK"


def fetch_dovecot() -> pathlib.Path:
    """The unpacked packages."""
    cache = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or tempfile.gettempdir()) / f"pasar-dovecot-{os.geteuid()}"
    cache.mkdir(mode=0o755, parents=True, exist_ok=True)
    with (cache / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # tests run in parallel processes
        if not (cache / "done").exists():
            shutil.rmtree(cache / "root", ignore_errors=True)
            _run(["apt-get", "download", "-q", *PACKAGES], cache)
            for package in cache.glob("*.deb"):
                _run(["dpkg", "-x", str(package), str(cache / "root")], cache)
                package.unlink()
            (cache / "done").touch()
    return cache / "root"


def _run(command: list[str], folder: pathlib.Path) -> None:
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=300, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        pytest.fail(f"tests of mail need Dovecot, which is fetched by {' '.join(command[:2])}: {error}")
    if done.returncode:
        pytest.fail(
            f"tests of mail need Dovecot, and `{' '.join(command)}` failed (perhaps `apt-get update` helps): {done.stderr[-500:]}"
        )


def write_certificate(folder: pathlib.Path) -> None:
    """A key and a certificate for 127.0.0.1."""
    key, certificate = make_certificate()
    (folder / "key.pem").write_bytes(key)
    (folder / "certificate.pem").write_bytes(certificate)


def relocate(root: pathlib.Path, folder: pathlib.Path) -> pathlib.Path:
    """A copy of Dovecot's programs that finds its modules below ``folder``: their path is built in."""
    libraries = folder / "lib"
    shutil.copytree(root / "usr/lib/dovecot", libraries, symlinks=True)
    (folder / "m").symlink_to(libraries / "modules")
    path = bytes(folder / "m")
    assert len(path) <= len(MODULES), path
    for file in libraries.iterdir():
        if file.is_file() and not file.is_symlink():
            data = file.read_bytes()
            if MODULES + b"\0" in data:
                file.write_bytes(data.replace(MODULES + b"\0", path.ljust(len(MODULES) + 1, b"\0")))
    return libraries


def write_settings(folder: pathlib.Path, user: str, group: str, servers: MailServers) -> None:
    """Every name is a user, with one password."""
    (folder / "dovecot.conf").write_text(
        f"""
protocols = imap submission
listen = 127.0.0.1
base_dir = {folder}/run
state_dir = {folder}/state
libexec_dir = {folder}/lib
mail_plugin_dir = {folder}/lib/modules
log_path = {folder}/log
ssl = required
ssl_cert = <{folder}/certificate.pem
ssl_key = <{folder}/key.pem
auth_mechanisms = plain login
auth_verbose = yes
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
first_valid_uid = 0
first_valid_gid = 0
import_environment = LD_LIBRARY_PATH
mail_location = maildir:{folder}/mail/%u
submission_relay_host = 127.0.0.1
submission_relay_port = {servers.relay_port}
submission_relay_ssl = no
hostname = mx.stylehub.example
passdb {{
  driver = static
  args = password={PASSWORD}
}}
userdb {{
  driver = static
  args = uid={user} gid={group} home={folder}/mail/%u allow_all_users=yes
}}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = 0
  }}
  inet_listener imaps {{
    port = {servers.imap_port}
    ssl = yes
  }}
}}
service submission-login {{
  chroot =
  inet_listener submission {{
    port = {servers.submission_port}
  }}
}}
"""
    )


@contextlib.contextmanager
def run_dovecot() -> Iterator[MailServers]:
    """The servers, for as long as it is open."""
    root = fetch_dovecot()
    # It does not want to be root.
    user = "nobody" if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name
    known = pwd.getpwnam(user)

    group = grp.getgrgid(known.pw_gid).gr_name
    folder = pathlib.Path(tempfile.mkdtemp(prefix="d", dir="/tmp"))
    try:
        libraries = relocate(root, folder)
        write_certificate(folder)
        servers = MailServers(find_port(), find_port(), find_port(), str(folder / "certificate.pem"))
        write_settings(folder, user, group, servers)
        if os.geteuid() == 0:
            for path in (folder, *folder.rglob("*")):
                os.chown(path, known.pw_uid, known.pw_gid, follow_symlinks=False)
        folders = (libraries, libraries / "modules", libraries / "modules/old-stats", root / "usr/lib/x86_64-linux-gnu")
        settings = folder / "dovecot.conf"
        process = subprocess.Popen(
            # doveconf reads the settings and becomes the server, which would look for it in /usr/bin.
            [
                root / "usr/bin/doveconf", "-f", "service=master", "-c", settings, "-m", "master",
                "-e", root / "usr/sbin/dovecot", "-F", "-c", settings,
            ],
            env={"LD_LIBRARY_PATH": ":".join(map(str, folders)), "PATH": os.environ["PATH"]},
            cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            **({"user": known.pw_uid, "group": known.pw_gid, "extra_groups": []} if os.geteuid() == 0 else {}),
        )  # fmt: skip
        try:
            _wait(process, servers, folder / "log")
            yield servers
        finally:
            process.terminate()
            process.wait(60)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _wait(process: subprocess.Popen[bytes], servers: MailServers, log: pathlib.Path) -> None:
    deadline = time.monotonic() + 60
    while True:
        try:
            with servers.open("probe"):
                return
        except (OSError, imaplib.IMAP4.error) as error:
            if process.poll() is not None or time.monotonic() > deadline:
                told = log.read_text()[-2000:] if log.exists() else ""
                pytest.fail(f"Dovecot does not serve: {error}\n{told}")
            time.sleep(0.2)


@pytest.fixture(scope="session")
def dovecot() -> Iterator[MailServers]:
    """Dovecot, for all tests of a process."""
    with run_dovecot() as servers:
        yield servers


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    """A folder with key.pem and certificate.pem for 127.0.0.1."""
    folder = tmp_path_factory.mktemp("certificate")
    write_certificate(folder)
    return folder
