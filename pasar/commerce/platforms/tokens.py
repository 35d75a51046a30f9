"""Access tokens of platforms, kept in the shop's database and renewed by one process at a time.

Platforms give refresh tokens that work once: the new one is stored before it is used, and a lock in the database
keeps a second process from spending the same one. Tokens are encrypted with PASAR_TOKEN_KEY where it lies.
"""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Awaitable, Callable
from typing import Protocol


@dataclasses.dataclass(frozen=True)
class Token:
    """What a platform gave for a shop."""

    access: str = dataclasses.field(repr=False)
    refresh: str = dataclasses.field(repr=False)
    access_until: datetime.datetime  #: aware UTC
    refresh_until: datetime.datetime | None = None  #: None where it does not end

    def is_fresh(self, now: datetime.datetime, margin: datetime.timedelta = datetime.timedelta(minutes=5)) -> bool:
        """Whether the access token lasts a while yet."""
        return now + margin < self.access_until


class TokenExpiredError(Exception):
    """The seller must authorise us again; the message names shop and platform."""


#: Asks the platform for the next token with the one there is. It is called at most once with the same refresh token.
Renewal = Callable[[Token], Awaitable[Token]]


class TokenStore(Protocol):
    """Tokens by shop and platform."""

    async def get(self, shop_id: str, platform: str, renew: Renewal, *, refused: str = "") -> Token:
        """The token, renewed first where it ends within five minutes or is the one the platform has ``refused``.

        TokenExpiredError where there is none, or its refresh token has ended.
        """

    async def put(self, shop_id: str, platform: str, token: Token) -> None:
        """Keep what the seller's authorisation gave."""
