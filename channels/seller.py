"""What marketplaces' chats share: calls by a seller's access token, cards by the marketplace's own ids, echoes."""

from __future__ import annotations

import abc
import dataclasses
import re
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import httpx
import structlog

from channels.connector import SEND_SECONDS, Account, Connector, ConnectorSettingsError, SendError, TokenRefusedError
from channels.echoes import Echoes
from pasar.commerce.backend import ShopError, ShopUnavailableError
from pasar.commerce.platforms.tokens import Renewal, Token, TokenExpiredError, TokenStore
from pasar.messages.model import Reply, ReplyKind, Sending

_MOST_WORDS = 200
#: Which fact names what a card shows.
CARD_FACTS: Mapping[ReplyKind, str] = {ReplyKind.PRODUCT: "product", ReplyKind.ORDER: "order_id"}

log = structlog.get_logger()


class SellerConnector(Connector):
    """Speaks for a seller.

    The setting ``grant`` is the name that her authorisation is kept under; without it the shop's, since one
    authorisation of one app serves its orders and its chat. An app of its own for the chat needs a name of its own.
    """

    #: What the marketplace's ids look like. A card of anything else, as of a shop that sells elsewhere too, is told
    #: in words.
    card_ids: ClassVar[Mapping[ReplyKind, re.Pattern[str]]]

    def __init__(self, account: Account, client: httpx.AsyncClient, tokens: TokenStore | None = None) -> None:
        """Read whose authorisation it is."""
        super().__init__(account, client, tokens)
        self.grant = account.read("grant", account.shop)
        self.echoes = Echoes()

    def need_tokens(self) -> TokenStore:
        """Where tokens are kept; who only receives has no such place, and cannot send."""
        return self.tokens or _NoTokens()

    def read_digits(self, setting: str) -> str:
        """A setting that is a number of the platform's."""
        value = self.account.read(setting)
        if not value.isascii() or not value.isdecimal():
            raise ConnectorSettingsError(self.account.name, setting, "must be digits")
        return value

    async def send(self, sending: Sending) -> Sequence[str]:
        """Send; a card that the platform does not show is told in words instead."""
        reply = sending.reply
        if reply.kind in CARD_FACTS:
            if find_card(reply, self.card_ids) is not None:
                try:
                    return await self.deliver(sending, reply)
                except SendError as error:
                    if not error.permanent or not reply.text:
                        raise
                    log.info("channel.card.refused", channel=self.name, kind=reply.kind.value, reason=str(error))
            reply = dataclasses.replace(reply, kind=ReplyKind.TEXT)
        return await self.deliver(sending, reply)

    @abc.abstractmethod
    async def deliver(self, sending: Sending, reply: Reply) -> Sequence[str]:
        """Send ``reply``, a card only where its id is one of the platform's; as :meth:`send` promises."""

    async def ask(self, method: str, url: str, auth: httpx.Auth, **content: Any) -> httpx.Response:
        """Call the platform for the seller; its answer whatever the status. SendError where there is none."""
        try:
            return await self.client.request(method, url, auth=auth, timeout=SEND_SECONDS, **content)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            raise SendError(f"no connection ({type(error).__name__})") from error
        except httpx.HTTPError as error:
            raise SendError(f"the answer was lost ({type(error).__name__})", uncertain=True) from error
        except ShopUnavailableError as error:  # the token could not be renewed now: nothing was sent
            raise SendError(_shorten(error.reason)) from error
        except (ShopError, TokenExpiredError) as error:
            raise TokenRefusedError(_shorten(str(error))) from error


class _NoTokens:
    """Stands where there is no token store."""

    async def get(self, shop_id: str, platform: str, renew: Renewal, *, refused: str = "") -> Token:
        raise TokenExpiredError(f"{shop_id}: {platform}: tokens are kept nowhere here")

    async def put(self, shop_id: str, platform: str, token: Token) -> None:
        raise TokenExpiredError(f"{shop_id}: {platform}: tokens are kept nowhere here")


def find_card(reply: Reply, ids: Mapping[ReplyKind, re.Pattern[str]]) -> str | None:
    """The id of what a card shows; None where it is none of the platform's."""
    named = str(reply.facts.get(CARD_FACTS[reply.kind]) or "")
    return named if ids[reply.kind].fullmatch(named) else None


def read_json(response: httpx.Response) -> Any:
    """An answer's JSON; None where it has none."""
    try:
        return response.json()
    except (ValueError, RecursionError):
        return None


def _shorten(words: str) -> str:
    return words[:_MOST_WORDS]
