"""What a check of an account has found."""

from __future__ import annotations

import dataclasses
import enum


class Level(enum.Enum):
    """How it stands."""

    GOOD = "ok"
    DOUBTFUL = "??"  # works, or could not be asked: somebody should look
    BAD = "BAD"  # buyers are not answered


@dataclasses.dataclass(frozen=True)
class Finding:
    """One thing that was looked at. Neither words nor advice hold a secret, or anything of a buyer."""

    subject: str  #: settings, keys, callback, signature…
    words: str
    level: Level = Level.GOOD
    advice: str = ""  #: what to do next; "" where nothing is to be done

    @classmethod
    def bad(cls, subject: str, words: str, advice: str) -> Finding:
        """What must be mended."""
        return cls(subject, words, Level.BAD, advice)

    @classmethod
    def doubt(cls, subject: str, words: str, advice: str) -> Finding:
        """What somebody should look at."""
        return cls(subject, words, Level.DOUBTFUL, advice)


def compare_address(subject: str, told: str, callback: str, advice: str) -> Finding:
    """Whether the address that the platform calls is ours; ``callback`` is "" where we know of none."""
    if not told:
        return Finding.bad(subject, "the platform has no address of ours", f"{advice}: {callback or '<your address>'}")
    if not callback:
        return Finding.doubt(subject, f"the platform calls {told}", "set PASAR_PUBLIC_URL to compare it")
    if told.rstrip("/") != callback.rstrip("/"):
        return Finding.bad(subject, f"the platform calls {told}", f"{advice}: {callback}")
    return Finding(subject, f"the platform calls {told}")
