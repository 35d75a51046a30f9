"""AfterShip's Tracking API, version 2026-07.

Specification: https://www.aftership.com/docs/tracking/2026-07 (its OpenAPI document names every field used here),
statuses under enum/delivery-statuses and enum/delivery-sub-statuses, rates under quickstart/rate-limit, webhooks under
webhook/webhook-specifications and webhook/webhook-signature. Since 2024-10 no call takes courier and number: a parcel is
found by ``GET /trackings`` with both as filters, and created where it is not there. AfterShip then asks the carrier,
which takes a while: the question that creates a parcel is answered with None, a later one with the parcel.

The specification does not say in which order checkpoints come (in its examples the oldest is first; only equal times
depend on it). Dates that AfterShip itself predicts are not used, only the carrier's.
"""

from __future__ import annotations

import base64
import datetime
import hashlib
import hmac
import json
import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, ClassVar

import httpx

from pasar.commerce.backend import ShopError
from pasar.commerce.carriers.answers import ANNOUNCED, dig, make_parcel, read_day, read_moment, read_rows, read_text
from pasar.commerce.carriers.batch import Batcher
from pasar.commerce.carriers.source import HeaderKey, ParcelNotice
from pasar.commerce.model import Parcel, Scan
from pasar.commerce.platforms.api import ForgedNoticeError, MalformedNoticeError
from pasar.commerce.platforms.client import PlatformClient

HOST = "https://api.aftership.com"
PATH = "/tracking/2026-07/trackings"
MOST_NUMBERS = 50
MOST_TRACKINGS = 200  # in one answer
RATE = (1, 0.2)  # five calls a second, evenly; reading may do six, creating twenty

NUMBER = re.compile(r"[A-Z0-9._/-]{4,100}")
SLUG = re.compile(r"[a-z0-9-]+")

#: Creating is refused with these where AfterShip cannot follow a parcel with what a shop knows: it is there already (but
#: was not found, being older than 120 days), wrong number, field wanted by the courier, or courier not detected.
UNKNOWN = tuple(f"meta code {code}" for code in (4003, 4005, 4011, 4012, 4017))

#: Slugs of couriers of one name in all countries; others are named in the shop's file, or detected by AfterShip.
SLUGS: Mapping[str, str] = MappingProxyType(
    {"4px": "4px", "dhl": "dhl", "dhl express": "dhl", "fedex": "fedex", "ups": "ups", "usps": "usps"}
)

#: By sub-status, else by status.
EVENTS: Mapping[str, str] = MappingProxyType(
    {
        "Pending": ANNOUNCED,
        "InfoReceived": ANNOUNCED,
        "Expired": ANNOUNCED,
        "InTransit": "in_transit",
        "InTransit_002": "picked_up",
        "InTransit_003": "arrived_at_hub",
        "InTransit_005": "customs_released",
        "InTransit_006": "customs",
        "OutForDelivery": "out_for_delivery",
        "OutForDelivery_002": "ready_for_pickup",
        "AvailableForPickup": "ready_for_pickup",
        "AttemptFail": "failed_attempt",
        "Delivered": "delivered",
        "Exception": "exception",
        "Exception_004": "customs_held",
        "Exception_005": "delayed",  # by external factors; 016 by processing, 017 by weather, 019 by a late flight
        "Exception_010": "returning",
        "Exception_011": "returned",
        "Exception_016": "delayed",
        "Exception_017": "delayed",
        "Exception_019": "delayed",
    }
)


class AfterShip:
    """AfterShip, for one shop."""

    #: What the shop's file names, as for platforms.
    keys: ClassVar[Mapping[str, str]] = MappingProxyType(
        {
            "api_key": "the API key, in AfterShip's admin under Settings, API keys",
            "webhook_secret": "the webhook secret, in AfterShip's admin under Settings, Webhooks",
        }
    )

    def __init__(
        self,
        shop_id: str,
        api_key: str,
        webhook_secret: str = "",
        couriers: Mapping[str, str] = MappingProxyType({}),
        base_url: str = HOST,
    ) -> None:
        """``couriers``: AfterShip's slugs by the shop's names of couriers, before those known here."""
        self._shop_id = shop_id
        self._secret = webhook_secret
        self._slugs: dict[str, str] = dict(SLUGS)
        for name, slug in couriers.items():
            if not SLUG.fullmatch(slug):
                raise ShopError(shop_id, "open", f"aftership: the slug of courier {name} is none")
            self._slugs[name.strip().casefold()] = slug
        self._client = PlatformClient(
            shop_id, "aftership", base_url or HOST, HeaderKey("as-api-key", api_key), RATE, _read_error
        )
        self._lookups: Batcher[str, Sequence[Mapping[str, Any]]] = Batcher(self._look_up, MOST_NUMBERS)

    @classmethod
    def open(
        cls, shop_id: str, settings: Mapping[str, str], couriers: Mapping[str, str] = MappingProxyType({})
    ) -> AfterShip:
        """Make it from the shop's keys; does not connect. ``settings["base_url"]`` as for platforms."""
        if not settings.get("api_key"):
            raise ShopError(shop_id, "open", "aftership: api_key is missing")
        secret = settings.get("webhook_secret", "")
        return cls(shop_id, settings["api_key"], secret, couriers, settings.get("base_url", HOST))

    async def track(self, courier: str, tracking_number: str) -> Parcel | None:
        """As :class:`~pasar.commerce.carriers.source.TrackingService` promises; creates a parcel that is new."""
        number = tracking_number.strip().upper()
        if not NUMBER.fullmatch(number):
            return None
        slug = self._slugs.get(courier.strip().casefold(), "")
        found = await self._lookups.get(number)
        ours = [tracking for tracking in found if slug in ("", read_text(tracking.get("slug")))]
        if not ours:
            await self._create(number, slug)
            return None
        # One number may be there for several couriers: the one that was seen last knows most.
        tracking = max(ours, key=lambda item: read_text(item.get("updated_at")))
        return self._read_parcel(tracking, courier, tracking_number)

    def read_notice(self, headers: Mapping[str, str], body: bytes, now: datetime.datetime) -> ParcelNotice:  # noqa: ARG002 - no time is signed
        """As :class:`~pasar.commerce.carriers.source.TrackingService` promises.

        The signature is over the body alone: ``event_id`` tells a second delivery, and who repeats an old webhook only
        makes us ask again.
        """
        digest = hmac.new(self._secret.encode(), body, hashlib.sha256).digest()
        sign = headers.get("aftership-hmac-sha256", "")
        if not self._secret or not hmac.compare_digest(sign.encode(errors="replace"), base64.b64encode(digest)):
            raise ForgedNoticeError("aftership: aftership-hmac-sha256 is missing or wrong")
        try:
            notice = json.loads(body)
        except (ValueError, RecursionError) as error:
            raise MalformedNoticeError("aftership: the body is no JSON") from error
        kind = read_text(dig(notice, "event"))
        if not kind:
            raise MalformedNoticeError("aftership: event is missing")
        number = read_text(dig(notice, "msg", "tracking_number"))
        if not number and kind in ("tracking_update", "edd_revise", "tracking_pending_time"):
            raise MalformedNoticeError("aftership: msg.tracking_number is missing")
        return ParcelNotice(number, read_text(dig(notice, "msg", "slug")), read_text(dig(notice, "event_id")), kind)

    async def close(self) -> None:
        """Give back connections."""
        await self._lookups.close()
        await self._client.close()

    async def _look_up(self, numbers: Sequence[str]) -> Mapping[str, Sequence[Mapping[str, Any]]]:
        filters = {"tracking_numbers": ",".join(numbers), "limit": str(MOST_TRACKINGS)}
        body = await self._client.read("get_trackings", PATH, params=filters)
        if not isinstance(dig(body, "data", "trackings"), list):
            raise self._error("get_trackings", "the answer lacks data.trackings")
        trackings = read_rows(body["data"]["trackings"])
        return {
            number: [item for item in trackings if read_text(item.get("tracking_number")).upper() == number]
            for number in numbers
        }

    async def _create(self, number: str, slug: str) -> None:
        wish = {"tracking_number": number} | ({"slug": slug} if slug else {})
        try:
            # Creating may be repeated after a lost answer: a second time is refused as being there already.
            await self._client.read("create_tracking", PATH, method="POST", json=wish)
        except ShopError as error:
            if not error.reason.endswith(UNKNOWN):
                raise

    def _read_parcel(self, tracking: Mapping[str, Any], courier: str, tracking_number: str) -> Parcel | None:
        status = read_text(tracking.get("tag"))
        if not status:
            raise self._error("get_trackings", "the answer lacks tag")
        due = tracking.get("courier_estimated_delivery_date")
        latest = read_day(dig(due, "estimated_delivery_date_max"))
        returned = tracking.get("return_to_sender") is True
        return make_parcel(
            courier,
            tracking_number,
            _read_events(tracking, returned=returned),
            due_on=latest or read_day(dig(due, "estimated_delivery_date")),
            delivered=status == "Delivered" and not returned,
            delivered_at=read_moment(tracking.get("shipment_delivery_date")),
        )

    def _error(self, call: str, reason: str) -> ShopError:
        return ShopError(self._shop_id, call, f"aftership: {reason}")


def _read_error(_response: httpx.Response, body: Any) -> str | None:
    """The code of a call that failed; its message may name parcels and is left out."""
    code = dig(body, "meta", "code")
    return f"meta code {code}" if isinstance(code, int) and code >= 400 else None


def _read_events(tracking: Mapping[str, Any], *, returned: bool) -> list[Scan]:
    """The checkpoints that have a time. Where a parcel went back, its delivery is that to the sender."""
    events = []
    for row in read_rows(tracking.get("checkpoints")):
        at = read_moment(row.get("checkpoint_time"))
        if at is None:
            continue
        event = EVENTS.get(read_text(row.get("subtag"))) or EVENTS.get(read_text(row.get("tag"))) or "in_transit"
        if returned and event == "delivered":
            event = "returned"
        place = next(
            filter(None, (read_text(row.get(name)) for name in ("location", "city", "country_region_name"))), ""
        )
        events.append(Scan(at, place, event))
    return events
