"""What buyers asked and no record says: noted for the shop."""

from __future__ import annotations

import asyncio

import sqlalchemy.exc
import structlog

from actions.turn import Turn
from pasar.commerce.model import Product
from pasar.commerce.questions import open_questions

log = structlog.get_logger()


async def note_question(turn: Turn, product: Product, attribute: str) -> str:
    """Write down for the shop that a product's record lacks this; what to tell the buyer of it, "" where it failed."""
    try:
        await asyncio.get_running_loop().run_in_executor(
            None, lambda: open_questions().note(turn.shop.shop_id, product.sku, attribute, turn.language)
        )
    except sqlalchemy.exc.SQLAlchemyError as error:
        log.error("question.note.failed", shop=turn.shop.shop_id, sku=product.sku, error=type(error).__name__)
        return ""
    return turn.word("question_noted")
