"""What a new platform writes: how its calls are verified and read, how a reply is sent, and what it can do.

All else is here for every platform: inbox and outbox, order, rates, repetition, splitting, buttons as numbers.
``channels/line.py`` is the example to follow, ``tests/channels/contract.py`` the tests to inherit.
"""

from __future__ import annotations

import abc
import dataclasses
import datetime
import hmac
import re
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Any, ClassVar, Literal

import httpx
import structlog

from channels.base import MessageError
from channels.downloads import DownloadError, Hosts, download
from channels.fields import Fields
from channels.findings import Finding
from pasar.buyers.consents import UNASKED
from pasar.buyers.marks import Mark
from pasar.commerce.platforms.tokens import TokenStore
from pasar.live.comment import Comment
from pasar.media.model import Content, Wish
from pasar.messages.model import Author, Kind, Purpose, Received, Sending
from pasar.messages.splitting import Unit

SEND_SECONDS = 10.0
_GONE = frozenset({403, 404, 410})
_ACCOUNT = re.compile(r"[A-Za-z0-9_-]{1,64}")

#: Keeps messages; when it returns, they are safe.
Accept = Callable[[Sequence[Received]], Awaitable[object]]

log = structlog.get_logger()


@dataclasses.dataclass(frozen=True)
class Rate:
    """At most so many calls in so many seconds."""

    calls: float
    seconds: float = 1.0


@dataclasses.dataclass(frozen=True)
class Capabilities:
    """What a platform can do and asks for. Only what its documentation says; the defaults promise nothing."""

    documented: str  #: address of the documentation this was read in
    text_limit: int
    text_unit: Unit = Unit.CHARACTERS
    together: int = 1  #: replies of one call
    buttons: int = 0  #: below one text; with more of them, or where there are none, they are numbered in the text
    button_title: int = 20  #: characters (grapheme clusters) of a title; longer ones are numbered in the text
    button_payload: int = 255  #: bytes of a payload; longer ones are numbered in the text
    button_text: int | None = None  #: length of a text with buttons below it, where that is less than ``text_limit``
    images: bool = False
    product_cards: bool = False
    order_cards: bool = False
    templates: bool = False
    idempotent: bool = False  #: the same ``Sending.key`` twice is shown to the buyer once
    reply_window: datetime.timedelta | None = None  #: after the buyer's last message; None where none is documented
    acknowledge: datetime.timedelta = datetime.timedelta(seconds=2)  #: until then the platform must have its answer
    redelivery: datetime.timedelta = datetime.timedelta(days=3)  #: how long it sends again what was not acknowledged
    rate: Rate | None = None  #: of an account; None where none is documented
    thread_rate: Rate | None = None  #: of one conversation
    pause: datetime.timedelta = datetime.timedelta(seconds=1.2)  #: lines that follow faster are one thought


@dataclasses.dataclass(frozen=True)
class Account:
    """A shop's account on a platform, from ``credentials.yml``."""

    name: str  #: in the webhook's address: /webhooks/<connector>/<name>
    shop: str
    settings: Mapping[str, str] = dataclasses.field(repr=False)

    def __post_init__(self) -> None:
        """Refuse a name that no address can carry."""
        if not _ACCOUNT.fullmatch(self.name):
            raise ConnectorSettingsError(self.name, "name", "must be of letters, digits, - and _, at most 64")

    def read(self, setting: str, default: str | None = None) -> str:
        """A setting; ConnectorSettingsError where it is missing and has no default."""
        value = self.settings.get(setting) or default
        if value is None:
            raise ConnectorSettingsError(self.name, setting, "is missing in credentials.yml")
        return str(value)


@dataclasses.dataclass(frozen=True)
class Call:
    """A call of the platform to our webhook."""

    method: str
    url: str  #: as the platform called it, or as the account's setting ``callback`` says where a proxy is in between
    headers: Mapping[str, str]  #: names in lower case
    body: bytes = b""
    query: Mapping[str, str] = dataclasses.field(default_factory=dict)
    received_at: datetime.datetime = dataclasses.field(
        default_factory=lambda: datetime.datetime.now(datetime.timezone.utc)
    )


@dataclasses.dataclass(frozen=True)
class Answer:
    """What the platform is answered."""

    status: int = 200
    body: bytes = b""
    content_type: str = "text/plain"


class ConnectorSettingsError(ValueError):
    """An account of ``credentials.yml`` cannot be used; names account and setting, never a value."""

    def __init__(self, account: str, setting: str, message: str) -> None:
        """Say what is wrong."""
        super().__init__(f"account {account}: {setting} {message}")


class ForgedError(Exception):
    """The call is not the platform's, or too old: answered with 401 (or as the connector says), not recorded."""

    def __init__(self, reason: str, status: int = 401) -> None:
        """``reason`` goes to the log: a few words of ours, nothing of the call."""
        super().__init__(reason)
        self.status = status


class SendError(Exception):
    """The platform has not taken a message; says whether another try is worth it."""

    def __init__(
        self, reason: str, *, permanent: bool = False, after: float | None = None, uncertain: bool = False
    ) -> None:
        """``reason`` is the platform's code and words; it is logged and kept, and holds nothing of the message."""
        super().__init__(reason)
        self.permanent = permanent  #: trying again is of no use
        self.after = after  #: seconds the platform asks to wait; None where it names none
        self.uncertain = uncertain  #: the platform may have taken it: its answer was lost


class TokenRefusedError(SendError):
    """The access token has ended or was taken back, and could not be renewed: the seller must authorise us again."""

    def __init__(self, reason: str) -> None:
        """Worth another try, later: what is authorised meanwhile goes out."""
        super().__init__(reason, after=300.0)


class Connector(abc.ABC):
    """One platform for one account of a shop."""

    name: ClassVar[str]  #: one word: in addresses, conversation ids, ``channel:`` of responses
    capabilities: ClassVar[Capabilities]
    listens: ClassVar[bool] = True  #: whether the platform calls us; else it is asked
    #: How comments under live streams may be answered: under them, to each author alone, or not at all.
    comments: ClassVar[Literal["public", "private", ""]] = ""
    #: Domains that the platform's media are at, where it names them; () where it names none.
    media_hosts: ClassVar[tuple[str, ...]] = ()
    unreadable: ClassVar[int] = (
        200  #: status for what is signed and cannot be read; another one makes most send it again
    )

    def __init__(self, account: Account, client: httpx.AsyncClient, tokens: TokenStore | None = None) -> None:
        """Read the settings; ConnectorSettingsError for a missing one. ``client`` is shared and closed by its owner."""
        self.account = account
        self.client = client
        self.tokens = tokens

    async def prepare(self, call: Call) -> None:  # noqa: B027 - most need nothing
        """Fetch what ``verify`` needs of the platform and is not here yet, as a public key; ForgedError where it cannot."""

    @abc.abstractmethod
    def verify(self, call: Call) -> None:
        """Return where the raw bytes are the platform's own and fresh, in constant time; else ForgedError."""

    @abc.abstractmethod
    def parse(self, call: Call) -> list[Received]:
        """The messages of a verified call, in order; [] where it has none. MessageError where it cannot be read.

        The same bytes give the same ``message_id``. Echoes, agents and notices are among them, with their author.
        """

    def parse_comments(self, call: Call) -> list[Comment]:
        """The comments under live streams in a verified call; MessageError as :meth:`parse`."""
        return []

    def acknowledge(self, call: Call) -> Answer:
        """What the platform is answered once the messages are safe."""
        return Answer()

    def challenge(self, call: Call) -> Answer:
        """What a GET to the webhook's address is answered: platforms ask so whether it is ours. Else ForgedError."""
        return Answer(405)

    @abc.abstractmethod
    async def send(self, sending: Sending) -> Sequence[str]:
        """Send; the platform's ids of the messages ([] where it gives none). Raises SendError and nothing else."""

    async def fetch_media(self, wish: Wish) -> Content:
        """The bytes of a picture, film, voice note or file; SendError, and RefusedError for what nobody fetches.

        Here by the address that came with the message. A platform that keeps media under an id asks by that, each time.
        """
        url = str(wish.facts.get("url") or "")
        if not url:
            raise SendError("the platform gave no address", permanent=True)
        return Content(await self.download(url, gone=True))

    async def download(self, url: str, *, headers: Mapping[str, str] | None = None, gone: bool = False) -> bytes:
        """The bytes at an address of the platform; errors as above.

        ``gone``: no fresh address can be asked for, so that 403, 404 and 410 are final.
        """
        named = tuple(self.account.settings.get("media_hosts", "").split())
        try:
            return await download(url, Hosts(named or self.media_hosts, self.account.settings.get("url", "")), headers)
        except DownloadError as error:
            raise SendError(str(error), permanent=gone and error.status in _GONE, after=error.after) from error

    async def identify(self, message: Received) -> str:
        """The account that a buyer's orders on this platform have; "" where the platform does not vouch for her."""
        return ""

    def vouch(self, message: Received) -> Sequence[Mark]:
        """What the platform has verified of who wrote this, besides her account: her number, an authenticated sender.

        Nothing that she can write herself: by it her conversations are brought together.
        """
        return ()

    def is_authentic(self, message: Received) -> bool:
        """Whether the platform has made sure that ``message.buyer`` wrote this. Where not, she is a stranger in it."""
        return True

    async def recover(self, accept: Accept) -> None:
        """Give ``accept`` what the platform could not deliver, and then tell the platform; SendError. Asked at times."""
        return

    async def check(self, callback: str) -> list[Finding]:
        """Ask the platform whether it takes our keys and calls ``callback`` ("" where unknown); SendError as ``send``.

        By calls that change nothing; those that the platform has for it.
        """
        return []

    def probe(self) -> list[Call]:
        """Calls to our webhook as the platform makes them, with nothing in them for a buyer; [] where only it can sign."""
        return []

    async def post(self, url: str, *, headers: Mapping[str, str] | None = None, **content: object) -> httpx.Response:
        """POST to the platform; its answer whatever the status, SendError where there is none."""
        return await _request(self.client, "POST", url, headers=headers, **content)

    async def get(self, url: str, *, headers: Mapping[str, str] | None = None, **content: object) -> httpx.Response:
        """GET from the platform, as :meth:`post`."""
        return await _request(self.client, "GET", url, headers=headers, **content)


def read_each(items: Iterable[Fields], read: Callable[[Fields], Received | None]) -> list[Received]:
    """Read the messages of one call; one that cannot be read is logged, and does not cost the others.

    MessageError where there are some, and none can be read.
    """
    found: list[Received] = []
    failed: MessageError | None = None
    for item in items:
        try:
            received = read(item)
        except MessageError as error:
            failed = error
            log.warning("channel.message.unreadable", field=error.field, problem=error.message)
            continue
        if received is not None:
            found.append(received)
    if failed is not None and not found:
        raise failed
    return found


def tell_consent(event: str, purposes: Iterable[Purpose], *, given: bool) -> dict[str, Any]:
    """Author, kind and facts of a notice of what a buyer wants sent."""
    facts = {"event": event, "given": given, "purposes": [purpose.value for purpose in purposes]}
    return {"author": Author.SYSTEM, "kind": Kind.CONSENT, "facts": facts}


def tell_presence(event: str, *, here: bool) -> dict[str, Any]:
    """The same of one who has blocked the account, or come back: then what concerns her orders may be sent again.

    That she came back is no consent to advertising.
    """
    return tell_consent(event, (Purpose.SERVICE,) if here else UNASKED, given=here)


async def _request(client: httpx.AsyncClient, method: str, url: str, **content: object) -> httpx.Response:
    try:
        # httpx knows the types of what it is given (json, content, data, files, params).
        return await client.request(method, url, timeout=SEND_SECONDS, **content)  # type: ignore[arg-type]
    except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
        raise SendError(f"no connection ({type(error).__name__})") from error
    except httpx.HTTPError as error:
        raise SendError(f"the answer was lost ({type(error).__name__})", uncertain=True) from error


def check_signature(shown: str | None, expected: str) -> None:
    """Compare in constant time; ForgedError where nothing is shown or it differs."""
    if not shown:
        raise ForgedError("no signature")
    if not hmac.compare_digest(shown.encode("utf-8", "surrogateescape"), expected.encode()):
        raise ForgedError("wrong signature")


def check_age(sent_at: datetime.datetime, call: Call, most: datetime.timedelta) -> None:
    """Refuse what was signed longer ago than ``most``, or lies as far ahead; ForgedError."""
    if abs(call.received_at - sent_at) > most:
        raise ForgedError("too old, or from the future")


def read_status(response: httpx.Response, reason: str) -> SendError:
    """The error that a status means by RFC 9110, for what the platform says no more of.

    429 and 5xx are worth another try (after 5xx the platform may have done it), 401 means the token, all else is final.
    """
    status = response.status_code
    named = response.headers.get("retry-after", "")
    after = float(named) if named.isdecimal() else None
    if status == httpx.codes.TOO_MANY_REQUESTS:
        return SendError(reason, after=after)
    if status == httpx.codes.UNAUTHORIZED:
        return TokenRefusedError(reason)
    if status >= 500:
        return SendError(reason, after=after, uncertain=True)
    return SendError(reason, permanent=True)
