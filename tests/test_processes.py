"""Work in a process of its own."""

from __future__ import annotations

import os
import threading
import time

import pytest

from pasar.processes import Task, wait_for_one


def _add(first: int, second: int) -> int:
    return first + second


def _say_where() -> int:
    return os.getpid()


def _fail() -> None:
    raise ValueError("the third line is not right")


def _fail_unsendably() -> None:
    error = ValueError("held")
    error.lock = threading.Lock()  # type: ignore[attr-defined]
    raise error


def _vanish() -> None:
    os._exit(3)


def _sleep(seconds: float) -> float:
    time.sleep(seconds)
    return seconds


def _nest() -> int:
    return Task(_add, 1, 2).wait()


def test_wait_gives_the_result_however_often_it_is_asked() -> None:
    task = Task(_add, 3, 4)
    assert (task.wait(), task.wait()) == (7, 7)


def test_work_is_done_elsewhere() -> None:
    assert Task(_say_where).wait() != os.getpid()


def test_wait_raises_what_was_raised_and_tells_where() -> None:
    with pytest.raises(ValueError, match="third line") as raised:
        Task(_fail).wait()
    assert "_fail" in str(raised.value.__cause__)


def test_an_error_that_cannot_be_sent_is_told_in_words() -> None:
    with pytest.raises(RuntimeError, match="held"):
        Task(_fail_unsendably).wait()


def test_a_process_that_vanishes_is_an_error() -> None:
    with pytest.raises(RuntimeError, match="ended before"):
        Task(_vanish).wait()


def test_a_task_may_have_tasks() -> None:
    assert Task(_nest).wait() == 3


def test_wait_for_one_gives_the_first_that_is_done() -> None:
    tasks = {"slow": Task(_sleep, 5.0), "quick": Task(_sleep, 0.0)}
    assert wait_for_one(tasks) == "quick"
    assert tasks.pop("quick").wait() == 0.0
    tasks["slow"]._process.terminate()


def test_where_processes_cannot_be_copied_the_work_is_done_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pasar.processes.CAN_FORK", False)
    task = Task(_say_where)
    assert wait_for_one({"only": task}) == "only"
    assert task.wait() == os.getpid()
