"""What is answered to a question that many ask: one turn of the bot for all of them, as true as for one buyer."""

from __future__ import annotations

import datetime
import hashlib
import json
import re
import uuid
from collections.abc import Mapping
from typing import Any

import structlog
from rasa.core.channels.channel import CollectingOutputChannel, UserMessage

from channels.base import Context
from channels.faults import describe_fault
from channels.fitting import read_replies
from channels.turn import Handler
from channels.words import load_words
from pasar.commerce.backend import ShopError
from pasar.commerce.model import Product
from pasar.commerce.registry import open_shop
from pasar.commerce.rules import Promotion
from pasar.live.clusters import INVITATION
from pasar.live.store import Cluster
from pasar.messages.model import ReplyKind

#: Responses that ask something back, or say that it cannot be answered: those are for a conversation, not for a crowd.
_NO_ANSWER = re.compile(
    r"utter_(ask_|default|service_problem|out_of_scope|unknown_language|still_not|person|what_can_i_do|chitchat"
    r"|product_fact_unknown|form_|slow_down|size_chart_missing)"
)
_WORDS = {"public": "live_write_to_chat", "private": "live_write_here"}

log = structlog.get_logger()


class LiveOutput(CollectingOutputChannel):
    """Collects what the bot says, under the name of the platform's channel."""

    def __init__(self, channel: str) -> None:
        """``channel`` is the connector's name, by which texts are chosen."""
        super().__init__()
        self._channel = channel

    def name(self) -> str:
        """Return the channel's name; Rasa asks the object, not the class."""
        return self._channel

    async def send_text_message(self, recipient_id: str, text: str, **more: Any) -> None:
        """Keep one message; Rasa would cut it at every empty line."""
        await self._persist_message(self._message(recipient_id, text=text.strip()))

    async def send_response(self, recipient_id: str, message: dict[str, Any]) -> None:
        """Keep by which response it was said, too."""
        before = len(self.messages)
        await super().send_response(recipient_id, message)
        for said in self.messages[before:]:
            said["response"] = str(message.get("utter_action") or "")


async def find_answer(
    handle: Handler, cluster: Cluster, shop: str, way: str, defaults: Mapping[str, str] | None = None
) -> str:
    """What to tell those who ask; "" where the bot has no answer for a crowd.

    ``way``: public or private. ``defaults``: what is meant where nobody says otherwise, as the country.
    """
    if cluster.cluster == INVITATION:
        return load_words(cluster.language, _WORDS[way])
    if cluster.ask is None:
        text = cluster.question.lstrip("/")
    else:
        text = f"/{cluster.intent}{json.dumps({**(defaults or {}), **cluster.ask, 'reply_language': cluster.language})}"
    channel = cluster.where.channel
    output = LiveOutput(channel)
    metadata = Context(shop, cluster.product, live=True).describe(channel, cluster.language)
    # A conversation of its own, that nothing was said in before.
    await handle(
        UserMessage(text, output, f"{channel}:question:{uuid.uuid4().hex}", input_channel=channel, metadata=metadata)
    )
    if any(_NO_ANSWER.match(str(said.get("response") or "")) for said in output.messages):
        return ""
    return "\n".join(_list_lines(output.messages))


def _list_lines(messages: list[dict[str, Any]]) -> list[str]:
    """What is said in words; cards are told where there is nothing else."""
    replies = read_replies([{key: value for key, value in said.items() if key != "response"} for said in messages])
    said = [reply.text.strip() for reply in replies if reply.kind in (ReplyKind.TEXT, ReplyKind.BUTTONS)]
    told = [text for text in said if text] or [reply.text for reply in replies if reply.text]
    return list(dict.fromkeys(told))


async def read_truth(shop: str, product: str) -> str | None:
    """What the shop's record says of a product now, as a digest: price, what is in stock, promotions. None: not known."""
    if not product:
        return ""
    backend = open_shop(shop)
    try:
        found = await backend.get_product(product)
        offers = await backend.get_promotions(datetime.datetime.now(datetime.timezone.utc).date(), product)
    except ShopError as error:
        log.warning("live.truth.unknown", shop=shop, product=product, **describe_fault(error))
        return None
    return digest_truth(found, offers)


def digest_truth(product: Product | None, offers: Any) -> str:
    """The same while nothing has changed that an answer tells. How many pieces are left is no change until none is."""
    told: Mapping[str, Any] = {} if product is None else {
        "prices": {currency: str(price.amount) for currency, price in product.prices.items()},
        "stock": {variant.sku: variant.stock > 0 for variant in product.variants},
        "offers": sorted(_describe(offer) for offer in offers),
    }  # fmt: skip
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:32]


def _describe(offer: Promotion) -> str:
    return f"{offer.code} {offer.percent} {sorted((key, str(value)) for key, value in offer.amount_off.items())}"
