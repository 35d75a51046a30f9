"""What a tracking service's module gives."""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Generator, Mapping
from typing import Protocol

import httpx

from pasar.commerce.model import Parcel


@dataclasses.dataclass(frozen=True)
class ParcelNotice:
    """One webhook, read: something is new about a parcel. What it is, :meth:`TrackingService.track` tells."""

    tracking_number: str  #: "" where the service names none
    carrier: str  #: what the service calls the carrier; "" where it names none
    notice_id: str  #: the service's id of the webhook, by which a second delivery is known; "" where it has none
    raw_kind: str  #: what the service calls the event


class ParcelSource(Protocol):
    """Who knows where parcels are.

    A call may raise ``ShopUnavailableError`` (trying later may help) or ``ShopError`` (it does not), both naming shop,
    call and the service's own code.
    """

    async def track(self, courier: str, tracking_number: str) -> Parcel | None:
        """The parcel that ``courier``, as the shop calls it, carries; None where it is not known (yet)."""

    async def close(self) -> None:
        """Give back connections."""


class TrackingService(ParcelSource, Protocol):
    """A source that is somebody's service, asked over the Internet."""

    def read_notice(self, headers: Mapping[str, str], body: bytes, now: datetime.datetime) -> ParcelNotice:
        """Read a webhook whose signature is good; ForgedNoticeError, MalformedNoticeError otherwise.

        ``headers`` are lower case, ``body`` are the raw bytes.
        """


class HeaderKey(httpx.Auth):
    """A key that goes with every call in a header."""

    def __init__(self, header: str, key: str) -> None:
        self._header = header
        self._key = key

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Put the key into the request."""
        request.headers[self._header] = self._key
        yield request
