"""Training, and when it is needed."""

from __future__ import annotations

import os
import pathlib
import time

from launch.checks import PROJECT, LaunchError
from launch.child import Child, say
from launch.freshness import explain_training, find_model

LOG = pathlib.Path("var/log/train.log")
_TICK = 10.0


def train_if_needed(project: pathlib.Path = PROJECT) -> None:
    """Train where there is no model or something has changed since; LaunchError where that fails."""
    reason = explain_training(project)
    if not reason:
        return
    say(f"training, because {reason} (a few minutes the first time, less for a change)")
    began = time.monotonic()
    # What `make train` checks besides takes half a minute, and a shop that worked yesterday should be up soon.
    train(project, ["--skip-validation"], project / LOG)
    say(f"trained in {time.monotonic() - began:.0f} s")


def train(project: pathlib.Path, options: list[str], log: pathlib.Path | None = None) -> None:
    """Train as `rasa train` does; LaunchError where that fails."""
    began = time.time()
    with Child(["-m", "rasa", "train", *options], log) as child:
        ticks = 0
        while (status := child.wait(_TICK)) is None:
            ticks += 1
            if log is not None:
                say(f"... {ticks * _TICK:.0f} s")
        if status:
            where = f"; the last lines of {LOG}:\n{child.tail()}" if log is not None else ""
            raise LaunchError(f"Training failed (exit status {status}){where}")
    model = find_model(project)
    if model is None or model.stat().st_mtime < began:
        raise LaunchError("Training ended without a new model; `rasa train` tells more")
    # As old as the files it was trained on: a file that was saved meanwhile is newer, and will be trained.
    os.utime(model, (began, began))
