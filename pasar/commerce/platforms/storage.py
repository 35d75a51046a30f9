"""The database beside the platforms, asked off the event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, TypeVar

import sqlalchemy as sa

from pasar.commerce.backend import ShopUnavailableError

_Result = TypeVar("_Result")


async def ask_database(shop_id: str, call: str, about: str, work: Callable[..., _Result], *arguments: Any) -> _Result:
    """What ``work`` gives, done in a thread. ShopUnavailableError of ``call`` where the database does not answer.

    It tells what was asked ``about`` and the kind of the error, and nothing of the rows.
    """
    try:
        return await asyncio.to_thread(work, *arguments)
    except sa.exc.SQLAlchemyError as error:
        reason = f"{about}: {type(getattr(error, 'orig', None) or error).__name__}"
        raise ShopUnavailableError(shop_id, call, reason) from error
