"""What a buyer has proved in a conversation stays with her: others in which she proves the same are hers, too."""

from __future__ import annotations

import asyncio

import structlog

from actions.turn import Turn
from pasar.buyers.marks import read_order
from pasar.buyers.model import UnknownBuyerError
from pasar.buyers.store import open_buyers
from pasar.commerce.model import Order
from pasar.settings import load_settings

log = structlog.get_logger()


async def note_proof(turn: Turn, order: Order) -> None:
    """She has named an order and its e-mail address; trouble with it costs her nothing.

    A telephone's number is no such proof: it is printed on the parcel.
    """
    mark = read_order(order.order_id)
    if mark is None or turn.buyer is not None or "@" not in turn.text_slot("contact"):
        return
    settings, shop, conversation_id = load_settings(), turn.shop.shop_id, turn.tracker.sender_id

    def prove() -> None:
        open_buyers(settings.database, settings.mark_key).prove(shop, conversation_id, mark)

    try:
        await asyncio.to_thread(prove)
    except UnknownBuyerError:
        log.debug("buyer.proof.unplaced", conversation=conversation_id)  # a conversation that no channel has begun
    except Exception as error:
        log.error("buyer.proof.failed", conversation=conversation_id, error=type(error).__name__)
