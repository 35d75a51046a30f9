"""How a seller lets our app into a shop for the first time: a link, a code that comes back, and tokens for it.

That is the authorisation code grant of OAuth 2.0 (RFC 6749, 4.1) as far as a platform follows it.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Protocol

from pasar.commerce.platforms.tokens import Token
from pasar.commerce.rules import Shop

CALL = "authorise"


@dataclasses.dataclass(frozen=True)
class Grant:
    """What the seller's consent gave."""

    token: Token
    #: The shops it is for, each by those names of the platform's keys that are known only now.
    shops: tuple[Mapping[str, str], ...] = ()


class Authorisation(Protocol):
    """A platform's way. Every call may raise ShopError, or ShopUnavailableError where a new link may help."""

    @classmethod
    def open(cls, shop: Shop, settings: Mapping[str, str]) -> Authorisation:
        """Make it from what is set of the shop's keys; ShopError names one that it cannot do without."""

    def write_link(self, callback: str, state: str) -> str:
        """Where the seller goes. She comes back to ``callback`` with ``state``, or where the app's own page says."""

    async def exchange(self, answer: Mapping[str, str]) -> Grant:
        """What the parameters are worth with which she came back. ShopError where that is another shop than ours."""


def find_code(answer: Mapping[str, str]) -> str:
    """The code in what came back; "" where the seller refused: TikTok Shop says ``code=null`` then."""
    code = answer.get("code", "").strip()
    return "" if code == "null" else code
