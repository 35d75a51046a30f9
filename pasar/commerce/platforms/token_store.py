"""Tokens in an SQL database, encrypted, each renewed by one process at a time.

A refresh token that works once must not be spent twice, nor be lost on the way. So whoever renews first claims the
row, in one statement that only one process can win; asks the platform; and stores what it gave before anybody uses it.
What is between claim and storing, no lock of the database spans: other rows stay free, and a claim outlives a crash.
Then nobody knows whether the platform has seen the refresh token, and the seller must authorise us again.
"""

from __future__ import annotations

import asyncio
import base64
import datetime
import enum
import json
import secrets
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

import httpx
import sqlalchemy as sa
import structlog
from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from pasar.commerce.backend import ShopUnavailableError
from pasar.commerce.platforms.schema import platform_token as table
from pasar.commerce.platforms.schema import read_time
from pasar.commerce.platforms.tokens import Renewal, Token, TokenExpiredError
from pasar.commerce.rows import decode, encode

RENEWAL_SECONDS = 20.0
#: After this a claim is that of a process that has crashed.
CLAIM_SECONDS = 30.0
_PAUSE = 0.1
#: The platform did not even hear of it.
_NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)

_Result = TypeVar("_Result")

log = structlog.get_logger()


class _State(enum.Enum):
    READY = "ready"
    RENEWING = "renewing"  # a process has claimed it
    SPENT = "spent"  # the refresh token was sent, and what came of it is not known


class SqlTokenStore:
    """The tokens of all shops in one database. ShopUnavailableError where that does not answer."""

    def __init__(self, engine: sa.engine.Engine, key: str) -> None:
        """``key`` is any secret of 32 bytes or more; tables must be there (:func:`.schema.upgrade`)."""
        self._engine = engine
        derived = HKDF(SHA256(), length=32, salt=None, info=b"pasar platform tokens").derive(key.encode())
        self._fernet = Fernet(base64.urlsafe_b64encode(derived))
        self._renewals: set[asyncio.Task[Token | None]] = set()

    async def get(self, shop_id: str, platform: str, renew: Renewal, *, refused: str = "") -> Token:
        """The token, renewed first where it ends within five minutes or is the one the platform has ``refused``.

        While another process renews it, and where it cannot be renewed, the old one is given as long as it lasts.
        TokenExpiredError where there is none, its refresh token has ended, or a renewal was cut off.
        """
        while True:
            row = await self._run(shop_id, self._read, shop_id, platform)
            token = self._decrypt(shop_id, platform, row)
            now = _now()
            lasts = token.access != refused and now < token.access_until
            ended = token.refresh_until is not None and token.refresh_until <= now
            if lasts and (token.is_fresh(now) or ended or row.state != _State.READY.value):
                return token
            if ended:
                raise _expired(shop_id, platform, "the refresh token has ended")
            if row.state == _State.READY.value:
                try:
                    renewed = await self._finish(self._renew(row, token, renew))
                except ShopUnavailableError:
                    if not lasts:
                        raise
                    return token
                if renewed is not None:
                    return renewed
                continue  # somebody else was first
            if row.state == _State.SPENT.value or _is_over(row, now):
                await self._give_up(shop_id, platform, token, row)
            await asyncio.sleep(_PAUSE)

    async def put(self, shop_id: str, platform: str, token: Token) -> None:
        """Keep what the seller's authorisation gave; a renewal that is under way no longer counts."""
        await self._run(shop_id, self._put, shop_id, platform, token)

    async def retry(self, shop_id: str, platform: str) -> bool:
        """Let a refresh token be sent again of which nobody knows whether it was spent; whether there was one.

        That is for a person to decide: the platform may refuse it, and then the seller authorises us again.
        """
        row = await self._run(shop_id, self._read, shop_id, platform)
        if row is None or not (row.state == _State.SPENT.value or _is_over(row, _now())):
            return False
        return await self._run(shop_id, self._free, row, row.claim)

    async def _finish(self, work: Coroutine[Any, Any, Token | None]) -> Token | None:
        """Whoever waits may give up; a renewal goes on, or a claim would stay behind and the answer would be lost."""
        task = asyncio.ensure_future(work)
        self._renewals.add(task)
        task.add_done_callback(self._forget)
        return await asyncio.shield(task)

    def _forget(self, task: asyncio.Task[Token | None]) -> None:
        self._renewals.discard(task)
        if not task.cancelled():
            task.exception()  # seen, also where nobody waits for it any more

    async def _renew(self, row: Any, token: Token, renew: Renewal) -> Token | None:
        """Claim the row and ask the platform; None where another process has claimed it."""
        shop_id, platform, claim = row.shop_id, row.platform, secrets.token_hex(16)
        if not await self._run(shop_id, self._claim, row, claim, _now()):
            return None
        try:
            renewed = await asyncio.wait_for(renew(token), RENEWAL_SECONDS)
        except Exception as error:
            # Without a refresh token (a grant by the app's own secret) nothing can be spent.
            known = not token.refresh or _was_not_sent(error)
            await self._run(shop_id, self._free, row, claim, _State.READY if known else _State.SPENT)
            log.warning("token.renewal.failed", shop=shop_id, platform=platform, error=type(error).__name__)
            if isinstance(error, asyncio.TimeoutError):
                reason = f"{platform}: no answer in {RENEWAL_SECONDS:g} s"
                raise ShopUnavailableError(shop_id, "renew_token", reason) from error
            raise
        if not await self._run(shop_id, self._store, shop_id, platform, renewed, claim):
            # The seller has authorised us anew meanwhile: that counts.
            newer = await self._run(shop_id, self._read, shop_id, platform)
            return self._decrypt(shop_id, platform, newer)
        log.info("token.renewed", shop=shop_id, platform=platform)
        return renewed

    async def _give_up(self, shop_id: str, platform: str, token: Token, row: Any) -> None:
        """Say that a renewal was cut off; only where nothing can have been spent it may be tried again."""
        if token.refresh:
            raise _expired(shop_id, platform, "a renewal was cut off, and its refresh token may be spent")
        await self._run(shop_id, self._free, row, row.claim)

    async def _run(self, shop_id: str, work: Callable[..., _Result], *arguments: Any) -> _Result:
        try:
            return await asyncio.to_thread(work, *arguments)
        except sa.exc.SQLAlchemyError as error:
            reason = str(getattr(error, "orig", None) or type(error).__name__).strip()
            raise ShopUnavailableError(shop_id, "get_token", f"the database of tokens: {reason}") from error

    def _read(self, shop_id: str, platform: str) -> Any:
        with self._engine.connect() as connection:
            return connection.execute(sa.select(table).where(_is_of(shop_id, platform))).first()

    def _claim(self, row: Any, claim: str, now: datetime.datetime) -> bool:
        same = _is_of(row.shop_id, row.platform) & (table.c.state == _State.READY.value)
        # Exactly the token that was read: another process may have renewed it since.
        same &= table.c.secret == row.secret
        values = {"state": _State.RENEWING.value, "claim": claim, "claimed_at": now}
        with self._engine.begin() as connection:
            return bool(connection.execute(sa.update(table).where(same).values(values)).rowcount)

    def _store(self, shop_id: str, platform: str, token: Token, claim: str) -> bool:
        mine = _is_of(shop_id, platform) & (table.c.claim == claim)
        with self._engine.begin() as connection:
            query = sa.update(table).where(mine).values(self._ready(shop_id, platform, token))
            return bool(connection.execute(query).rowcount)

    def _free(self, row: Any, claim: str, state: _State = _State.READY) -> bool:
        """Give a row into another state, where it is still claimed by ``claim``."""
        mine = _is_of(row.shop_id, row.platform) & (table.c.claim == claim) & (table.c.state != _State.READY.value)
        values = {"state": state.value, "claim": "", "claimed_at": None}
        with self._engine.begin() as connection:
            return bool(connection.execute(sa.update(table).where(mine).values(values)).rowcount)

    def _put(self, shop_id: str, platform: str, token: Token) -> None:
        values = self._ready(shop_id, platform, token)
        with self._engine.begin() as connection:
            if not connection.execute(sa.update(table).where(_is_of(shop_id, platform)).values(values)).rowcount:
                connection.execute(sa.insert(table).values(shop_id=shop_id, platform=platform, **values))

    def _ready(self, shop_id: str, platform: str, token: Token) -> dict[str, Any]:
        # With its owner inside, so that a row that was copied to another shop is of no use there.
        content = json.dumps({"shop_id": shop_id, "platform": platform, "token": encode(token)})
        secret = self._fernet.encrypt(content.encode()).decode()
        return {"secret": secret, "state": _State.READY.value, "claim": "", "claimed_at": None}

    def _decrypt(self, shop_id: str, platform: str, row: Any) -> Token:
        if row is None:
            raise _expired(shop_id, platform, "there is no token")
        try:
            content = json.loads(self._fernet.decrypt(row.secret.encode()))
        except InvalidToken:
            raise _expired(shop_id, platform, "the token was kept under another PASAR_TOKEN_KEY") from None
        if (content["shop_id"], content["platform"]) != (shop_id, platform):
            raise _expired(shop_id, platform, "the token kept here is another shop's")
        return decode(Token, content["token"])


def _is_of(shop_id: str, platform: str) -> Any:
    return (table.c.shop_id == shop_id) & (table.c.platform == platform)


def _is_over(row: Any, now: datetime.datetime) -> bool:
    return row.claimed_at is not None and now - read_time(row.claimed_at) > datetime.timedelta(seconds=CLAIM_SECONDS)


def _was_not_sent(error: BaseException | None) -> bool:
    """Whether a call failed before the platform could hear of it."""
    while error is not None:
        if isinstance(error, _NOT_SENT):
            return True
        error = error.__cause__ or (error.__context__ if error.__suppress_context__ else None)
    return False


def _expired(shop_id: str, platform: str, reason: str) -> TokenExpiredError:
    return TokenExpiredError(f"shop {shop_id}: {platform}: {reason}: the seller must authorise us again")


def _now() -> datetime.datetime:
    return datetime.datetime.now(datetime.timezone.utc)
