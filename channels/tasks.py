"""Tasks that run beside one another, and are let end."""

from __future__ import annotations

import asyncio
from collections.abc import Collection


async def drain(running: Collection[asyncio.Task[None]], seconds: float) -> None:
    """Let tasks end, for so long; then cut them off."""
    if running:
        _, late = await asyncio.wait(running, timeout=seconds)
        for task in late:
            task.cancel()
        if late:
            await asyncio.wait(late)
