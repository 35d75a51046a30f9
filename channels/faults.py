"""What a log may say of an error: where it happened, and nothing that a buyer wrote."""

from __future__ import annotations

import pathlib
import traceback


def describe_fault(error: BaseException) -> dict[str, str]:
    """Return an error's type and its way through the code, to be logged.

    Not its message and not the variables, both of which may hold a buyer's words: a log's own
    renderer of exceptions prints them.
    """
    frames = traceback.extract_tb(error.__traceback__)
    way = [f"{pathlib.Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in frames]
    cause = error.__cause__ or error.__context__
    fault = {"error": type(error).__name__, "way": " > ".join(way)}
    return fault if cause is None else {**fault, "cause": type(cause).__name__}
