"""Work beside one's own, in a process of its own."""

from __future__ import annotations

import gc
import multiprocessing
import multiprocessing.connection
import pickle
import signal
import sys
import traceback
from collections.abc import Callable, Mapping
from typing import Any, Generic, TypeVar, cast

_Result = TypeVar("_Result")
_Key = TypeVar("_Key")

#: A forked process has all that this one has read, at no cost. Elsewhere libraries may not survive it.
CAN_FORK = sys.platform == "linux"


class Task(Generic[_Result]):
    """A function at work in a copy of this process; what it changes there is not seen here."""

    def __init__(self, function: Callable[..., _Result], *arguments: Any) -> None:
        """Begin at once. Where processes cannot be copied, the work is done here and now."""
        self._process: Any = None
        self._outcome: tuple[Any, BaseException | None, str] | None = None
        if not CAN_FORK:
            self._outcome = (function(*arguments), None, "")
            return
        context = multiprocessing.get_context("fork")
        self._answer, answer = context.Pipe(duplex=False)
        self._process = context.Process(target=_work, args=(answer, function, arguments))
        self._process.start()
        answer.close()

    def wait(self) -> _Result:
        """The function's result.

        Raises:
            Exception: what the function raised; its cause tells where.
            RuntimeError: the process ended without an answer, as when memory ran out.
        """
        if self._outcome is None:
            try:
                self._outcome = pickle.loads(self._answer.recv_bytes())  # noqa: S301 - from our own copy
            except EOFError:
                self._outcome = (None, RuntimeError("a process ended before its work was done"), "")
            self._process.join()
            self._answer.close()
        result, error, trace = self._outcome
        if error is not None:
            raise error from RuntimeError(trace)
        return cast(_Result, result)


def wait_for_one(tasks: Mapping[_Key, Task[Any]]) -> _Key:
    """The key of a task that is done, as soon as one is."""
    for key, task in tasks.items():
        if task._outcome is not None:
            return key
    ready = multiprocessing.connection.wait([task._answer for task in tasks.values()])
    return next(key for key, task in tasks.items() if task._answer in ready)


def _work(answer: multiprocessing.connection.Connection, function: Callable[..., Any], arguments: Any) -> None:
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # Ctrl-C ends it without a word; the parent has one
    gc.disable()  # it would copy all that is shared with the parent, and the process does not live long
    outcome: tuple[Any, BaseException | None, str]
    try:
        outcome = (function(*arguments), None, "")
    except Exception as error:  # whatever it is, who waits shall know
        outcome = (None, error, traceback.format_exc())
    try:
        answer.send_bytes(pickle.dumps(outcome))
    except Exception:  # an error that cannot be sent as it is
        answer.send_bytes(pickle.dumps((None, RuntimeError(repr(outcome[1])), outcome[2])))
