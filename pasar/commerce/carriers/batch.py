"""Asking one question for many who wait."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Hashable, Mapping, Sequence
from typing import Any, Generic, TypeVar

GATHER_SECONDS = 0.05  # short beside a call, long beside the questions of one moment

Key = TypeVar("Key", bound=Hashable)
Answer = TypeVar("Answer")


class Batcher(Generic[Key, Answer]):
    """Gathers questions for a moment and asks them together."""

    def __init__(self, ask: Callable[[Sequence[Key]], Awaitable[Mapping[Key, Answer]]], most: int) -> None:
        """``ask`` is given at most ``most`` keys, each once, and answers all of them; what it raises, all of them get."""
        self._ask = ask
        self._most = most
        self._waiting: dict[Key, asyncio.Future[Answer]] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def get(self, key: Key) -> Answer:
        """The answer to one question."""
        waiting = self._waiting.get(key)
        if waiting is None:
            waiting = self._waiting[key] = asyncio.get_running_loop().create_future()
            if len(self._waiting) == 1:
                self._start(self._gather())
        # Others may wait for the same answer: one who leaves does not take it away.
        return await asyncio.shield(waiting)

    async def close(self) -> None:
        """Stop asking; who still waits is cancelled."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for waiting in self._waiting.values():
            waiting.cancel()

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)  # the loop itself holds tasks only weakly
        task.add_done_callback(self._tasks.discard)

    async def _gather(self) -> None:
        await asyncio.sleep(GATHER_SECONDS)
        gathered, self._waiting = list(self._waiting.items()), {}
        for begin in range(0, len(gathered), self._most):
            self._start(self._answer(dict(gathered[begin : begin + self._most])))

    async def _answer(self, waiting: Mapping[Key, asyncio.Future[Answer]]) -> None:
        try:
            answers = await self._ask(list(waiting))
            for key, future in waiting.items():
                future.set_result(answers[key])
        except Exception as error:
            for future in waiting.values():
                if not future.done():
                    future.set_exception(error)
                    future.exception()  # taken note of, also where nobody waits any more
        finally:
            for future in waiting.values():
                future.cancel()  # where asking was cancelled; done ones stay as they are
