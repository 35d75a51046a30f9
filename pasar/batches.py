"""A thread that does together what is asked for at the same time: few commits and few queries in a busy minute."""

from __future__ import annotations

import asyncio
import contextlib
import queue
import threading
from collections.abc import Callable, Sequence
from typing import Any

TOGETHER = 500  # requests of one batch, at most


class Job:
    """One request, and who waits for it; who handles it sets ``result`` or ``error``."""

    def __init__(self, request: Any) -> None:
        """Ask from the running event loop."""
        self.request = request
        self.result: Any = None
        self.error: Exception | None = None
        self.loop = asyncio.get_running_loop()
        self.done: asyncio.Future[Any] = self.loop.create_future()


class BatchThread:
    """Handles requests of any event loop of this process, in the order they were made."""

    def __init__(self, name: str, handle: Callable[[Sequence[Job]], None]) -> None:
        """Name the thread; it starts with the first request, since a server may fork before that."""
        self._name = name
        self._handle = handle
        self._waiting: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()

    async def ask(self, request: Any) -> Any:
        """Return the result of a request; raise its error."""
        if self._thread is None:
            self._start()
        job = Job(request)
        self._waiting.put(job)
        return await job.done

    def close(self) -> None:
        """Handle what waits, then stop."""
        if self._thread is not None:
            self._waiting.put(None)
            self._thread.join()
            self._thread = None

    def _start(self) -> None:
        with self._lock:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name=self._name, daemon=True)
                self._thread.start()

    def _run(self) -> None:
        going = True
        while going:
            waiting = [self._waiting.get()]
            with contextlib.suppress(queue.Empty):
                while len(waiting) < TOGETHER:
                    waiting.append(self._waiting.get_nowait())
            going = None not in waiting
            jobs = [job for job in waiting if job is not None]
            if jobs:
                try:
                    self._handle(jobs)
                except Exception as error:  # whatever it is, nobody may wait for ever
                    for job in jobs:
                        job.error = error
                _tell(jobs)


def _tell(jobs: Sequence[Job]) -> None:
    """Wake who waits, with one call for each event loop."""
    for loop in {job.loop for job in jobs}:
        with contextlib.suppress(RuntimeError):  # the loop was closed: nobody waits there any more
            loop.call_soon_threadsafe(_wake, [job for job in jobs if job.loop is loop])


def _wake(jobs: Sequence[Job]) -> None:
    for job in jobs:
        if job.done.done():  # given up meanwhile
            continue
        if job.error is not None:
            job.done.set_exception(job.error)
        else:
            job.done.set_result(job.result)
