"""Bytes on disk, each file named by what is in it (SHA-256): the same picture twice is one file."""

from __future__ import annotations

import contextlib
import hashlib
import os
import pathlib
import re
import tempfile
import time
from collections.abc import Iterator

_DIGEST = re.compile(r"[0-9a-f]{64}")
_DRAFT = "draft-"


class Files:
    """A folder of files, readable to their owner only; nobody but us writes into it."""

    def __init__(self, folder: pathlib.Path) -> None:
        """The folder is made with the first file."""
        self._folder = folder

    @contextlib.contextmanager
    def draft(self, data: bytes) -> Iterator[tuple[str, pathlib.Path]]:
        """The bytes' digest, and a file that has them and is on the disk; what is not kept of it, is gone afterwards."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(dir=self._folder, prefix=_DRAFT)  # mkstemp gives mode 0600
        path = pathlib.Path(name)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            yield hashlib.sha256(data).hexdigest(), path
        finally:
            path.unlink(missing_ok=True)

    def keep(self, digest: str, draft: pathlib.Path) -> None:
        """Give a draft its name; it appears whole or not at all."""
        path = self.find(digest)
        path.parent.mkdir(mode=0o700, exist_ok=True)
        draft.replace(path)
        for folder in (path.parent, self._folder):  # else a machine that loses its power may forget the name
            descriptor = os.open(folder, os.O_RDONLY)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)

    def find(self, digest: str) -> pathlib.Path:
        """Where the file of a digest is, or would be."""
        if not _DIGEST.fullmatch(digest):
            raise ValueError("a digest is of 64 hexadecimal digits")
        return self._folder / digest[:2] / digest

    def drop(self, digest: str) -> None:
        """Delete a file; one that is gone already is no error."""
        self.find(digest).unlink(missing_ok=True)

    def list_old(self, seconds: float) -> list[str]:
        """The digests of files that were written longer ago; drafts that old, left by who was killed, are deleted."""
        before, found = time.time() - seconds, list[str]()
        for path in self._folder.glob("**/*") if self._folder.is_dir() else ():
            with contextlib.suppress(FileNotFoundError):
                if path.is_dir() or path.stat().st_mtime >= before:
                    continue
                if path.name.startswith(_DRAFT):
                    path.unlink()
                elif _DIGEST.fullmatch(path.name):
                    found.append(path.name)
        return found
