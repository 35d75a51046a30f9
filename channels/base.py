"""What every channel asks of a message before Rasa sees it."""

from __future__ import annotations

import asyncio
import dataclasses
import json
import re
import unicodedata
import warnings
from typing import Any

import structlog

from channels.faults import describe_fault
from channels.words import DEFAULT_LANGUAGE, load_words
from pasar.commerce.model import Buyer
from pasar.commerce.registry import default_shop, list_shops, open_shop
from pasar.conversations.identity import verify_buyer
from pasar.conversations.store import ConversationStore
from pasar.settings import load_settings

MAX_ID = 255  # Rasa's SQL tracker store keeps so many characters
MAX_PRODUCT = 64
MAX_CART = 100  # lines
MAX_PIECES = 9999  # of one line
MAX_TOKEN = 4096
SHOP_DEADLINE = 0.5  # seconds a shop's system may take to tell its language
PAYLOAD = re.compile(r"/[a-z][a-z0-9_]*(/[a-z][a-z0-9_]*)?(\{.*\})?", re.DOTALL)

# Rasa would write a payload whose intent or entities it does not know into the log, with all that stands in it.
warnings.filterwarnings("ignore", "Failed to parse arguments in line")

log = structlog.get_logger()


class MessageError(ValueError):
    """A message that is not formed as agreed; names the field, for the program that sent it."""

    status = 400

    def __init__(self, field: str, message: str) -> None:
        """Say which field is wrong, and how."""
        super().__init__(f"{field}: {message}")
        self.field = field
        self.message = message


class UnknownShopNameError(MessageError):
    """The message names a shop that is not configured here."""

    status = 404


class PoliteRefusal(Exception):
    """A message that Rasa need not see; carries the key of what to say to the buyer."""

    def __init__(self, key: str) -> None:
        """Keep the key of the words."""
        super().__init__(key)
        self.key = key

    def say(self, language: str) -> str:
        """Return the words for the buyer."""
        return load_words(language, self.key).replace("{limit}", str(load_settings().message_limit))


@dataclasses.dataclass(frozen=True)
class Context:
    """What a channel knows about the place a message was written in."""

    shop: str
    product: str = ""
    buyer: Buyer | None = None
    live: bool = False  #: whether it was written under a live stream
    cart: tuple[tuple[str, int], ...] = ()  #: SKUs and pieces, as the page has them; not verified

    def describe(self, channel: str, language: str) -> dict[str, Any]:
        """Return it as the metadata that Rasa hands to the actions; only what was verified is in it."""
        metadata: dict[str, Any] = {
            "shop": self.shop,
            "channel": channel,
            "language": language,
        }
        if self.product:
            metadata["product"] = self.product
        if self.live:
            metadata["live"] = True
        if self.cart:
            metadata["cart"] = [{"sku": sku, "quantity": quantity} for sku, quantity in self.cart]
        if self.buyer is not None:
            metadata["buyer"] = {key: value for key, value in dataclasses.asdict(self.buyer).items() if value}
        return metadata


def check_text(value: object, *, commands: bool = False) -> str:
    """Return a buyer's text, clean; PoliteRefusal where there is nothing in it or too much.

    A leading slash means a command to Rasa. Buyers do not type commands, so it is taken off
    unless ``commands`` are wanted.
    """
    if not isinstance(value, str):
        raise MessageError("message", "must be a text")
    if len(value) > load_settings().message_limit:
        raise PoliteRefusal("utter_message_too_long")
    text = "".join(character for character in value if _is_kept(character)).strip()
    if not commands:
        text = re.sub(r"^[/\s]+", "", text)
    if all(unicodedata.category(character)[0] in "CZ" for character in text):
        raise PoliteRefusal("utter_message_empty")
    return text


def check_payload(value: object) -> str:
    """Return the payload of a button: an intent, perhaps with entities, as Rasa writes them."""
    if not isinstance(value, str) or len(value) > load_settings().message_limit:
        raise MessageError("payload", "must be a text of acceptable length")
    payload = "".join(character for character in value if _is_kept(character)).strip()
    if not is_payload(payload):
        raise MessageError("payload", 'must be "/" and an intent, as a button carries it')
    return payload


def check_message(value: object) -> str:
    """Return a text that may be a payload; any other slash is taken off, since Rasa logs what it cannot read as one."""
    text = check_text(value, commands=True)
    return text if is_payload(text) else check_text(text)


def is_payload(text: str) -> bool:
    """Tell whether a text is an intent, perhaps with entities: named plain texts and numbers, nothing nested."""
    if not PAYLOAD.fullmatch(text):
        return False
    _, brace, rest = text.partition("{")
    if not brace:
        return True
    try:
        entities = json.loads(brace + rest, parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        return False
    return all(_is_plain(value) for value in entities.values())


def _is_plain(value: object) -> bool:
    # JSON may write what the message itself may not hold: "\u0000".
    if isinstance(value, str):
        return all(_is_kept(character) for character in value)
    return isinstance(value, int | float) and not isinstance(value, bool)


def _refuse_constant(name: str) -> None:
    raise ValueError(name)


def check_conversation_id(value: object, field: str = "sender") -> str:
    """Return an id that every tracker store, log and address can carry."""
    if not isinstance(value, str) or not value:
        raise MessageError(field, "is missing; it must be a text that names the conversation")
    if len(value) > MAX_ID:
        raise MessageError(field, f"must not be longer than {MAX_ID} characters")
    if not value.isprintable() or value.strip() != value:
        raise MessageError(field, "must be printable, without blanks around it")
    return value


def check_context(metadata: object, conversation_id: str, channel: str, store: ConversationStore) -> Context:
    """Return where the message was written; a conversation stays with the shop and channel it began in."""
    if metadata is None:
        metadata = {}
    if not isinstance(metadata, dict):
        raise MessageError("metadata", "must be an object")
    known = store.get(conversation_id)
    shop = metadata.get("shop")
    if shop is None:
        shop = known.shop if known else default_shop()
    if not isinstance(shop, str) or shop not in list_shops():
        # Which shops are here is nobody's business who writes to one of them.
        raise UnknownShopNameError("metadata.shop", "is not known here")
    # Slots and a buyer's identity must not travel from one shop to another, nor be guessed into from elsewhere.
    if known and (known.shop, known.channel) != (shop, channel):
        raise MessageError("sender", "is in use elsewhere; begin another conversation")
    product, live = check_product(metadata.get("product")), metadata.get("live", False)
    if not isinstance(live, bool):
        raise MessageError("metadata.live", "must be true or false")
    buyer, cart = check_buyer(metadata.get("buyer_token"), shop), check_cart(metadata.get("cart"))
    return Context(shop=shop, product=product, buyer=buyer, live=live, cart=cart)


def check_product(value: object) -> str:
    """Return the SKU of the product the buyer looks at; "" where she looks at none."""
    product = value or ""
    if not isinstance(product, str) or len(product) > MAX_PRODUCT or not product.isprintable():
        raise MessageError(
            "metadata.product",
            f"must be a printable text of at most {MAX_PRODUCT} characters",
        )
    return product


def check_cart(value: object) -> tuple[tuple[str, int], ...]:
    """Return the SKUs and pieces of the cart on the buyer's page; () where there is none."""
    entries = value if value is not None else []
    if not isinstance(entries, list) or len(entries) > MAX_CART:
        raise MessageError("metadata.cart", f"must be a list of at most {MAX_CART} entries")
    cart = []
    for entry in entries:
        sku, quantity = (entry.get("sku"), entry.get("quantity", 1)) if isinstance(entry, dict) else ("", 0)
        if not isinstance(quantity, int) or isinstance(quantity, bool) or not 1 <= quantity <= MAX_PIECES:
            raise MessageError("metadata.cart", f"quantity must be a whole number from 1 to {MAX_PIECES}")
        if not sku:
            raise MessageError("metadata.cart", "every entry must have a sku")
        cart.append((check_product(sku), quantity))
    return tuple(cart)


def check_buyer(token: object, shop: str) -> Buyer | None:
    """Return the buyer a shop's site vouches for; a token that has expired makes her a stranger, not an error."""
    if not token:
        return None
    if not isinstance(token, str) or len(token) > MAX_TOKEN:
        raise MessageError("metadata.buyer_token", "must be the text that the shop's site signed")
    buyer = verify_buyer(token, shop)
    if buyer is None:
        log.info("channel.buyer.refused", shop=shop)
    return buyer


async def find_language(conversation_id: str, shop: str, store: ConversationStore) -> str:
    """Return the language to speak before Rasa has heard the buyer: the conversation's, else the shop's."""
    known = store.get(conversation_id)
    if known is not None:
        return known.language
    if shop not in _languages:
        try:
            found = await asyncio.wait_for(open_shop(shop).get_shop(), SHOP_DEADLINE)
        except Exception as error:
            log.error("channel.shop.failed", shop=shop, **describe_fault(error))
            return DEFAULT_LANGUAGE
        _languages[shop] = found.default_language
    return _languages[shop]


_languages: dict[str, str] = {}


def _is_kept(character: str) -> bool:
    # Lone surrogates cannot be written as UTF-8, NUL not into PostgreSQL; other controls have no glyph.
    return character in "\n\t" or unicodedata.category(character) not in ("Cc", "Cs")
