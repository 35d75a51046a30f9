"""17TRACK's Tracking API, version 2.4.

Specification: https://asset.17track.net/api/document/v2.4_en/index.html (2.2 differs in nothing used here), error codes
https://help.17track.net/hc/en-us/articles/37570440168473, statuses
https://help.17track.net/hc/en-us/articles/37471096573337. A number is registered once, which costs one of the account's
quota, and is then followed by 17TRACK, which needs some seconds at least before it knows anything: the question that
registers a parcel is answered with None, a later one with the parcel.

The specification does not say in which order events come (they are newest first in its examples; only equal times
depend on it), nor what a carrier's estimate looks like beyond ``source``: it counts where that is "Official", not where
17TRACK has made it itself.
"""

from __future__ import annotations

import datetime
import hashlib
import hmac
import json
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

HOST = "https://api.17track.net"
MOST_NUMBERS = 40
RATE = (1, 0.34)  # three calls a second, evenly: a burst of three and more behind it would be too many

ALREADY_REGISTERED = -18019901
NOT_REGISTERED = -18019902
#: 17TRACK cannot follow this parcel with what a shop knows: wrong number, carrier not detected, wrong or not followed,
#: or the carrier wants the buyer's postcode or phone number; or it has no information (yet).
UNKNOWN = frozenset([-18010012, -18010018, -18010019, -18010020, -18010022, -18019903, -18019909, -18019910, -18019911])

#: Carriers of one name in all countries; others (J&T Express, Ninja Van …) are named in the shop's file by country,
#: or detected by 17TRACK. The codes are those of its public list of carriers.
CARRIERS: Mapping[str, int] = MappingProxyType(
    {
        "4px": 190094,
        "china post": 3011,
        "dhl": 100001,
        "dhl express": 100001,
        "fedex": 100003,
        "jne": 100086,
        "jne express": 100086,
        "ups": 100002,
        "usps": 21051,
        "yanwen": 190012,
        "yunexpress": 190008,
    }
)

#: By sub-status, else by what stands before its underscore, else by the event's stage.
EVENTS: Mapping[str, str] = MappingProxyType(
    {
        "NotFound": ANNOUNCED,
        "InfoReceived": ANNOUNCED,
        "Expired": ANNOUNCED,
        "InTransit_PickedUp": "picked_up",
        "PickedUp": "picked_up",
        "InTransit_CustomsProcessing": "customs",
        "InTransit_CustomsRequiringInformation": "customs_held",
        "InTransit_CustomsReleased": "customs_released",
        "InTransit": "in_transit",
        "OutForDelivery": "out_for_delivery",
        "AvailableForPickup": "ready_for_pickup",
        "DeliveryFailure": "failed_attempt",
        "Delivered": "delivered",
        "Exception_Delayed": "delayed",
        "Exception_Returning": "returning",
        "Returning": "returning",
        "Exception_Returned": "returned",
        "Returned": "returned",
        "Exception": "exception",
    }
)

Number = tuple[str, int | None]  # and its carrier's code; None where 17TRACK is to detect it
Answer = Mapping[str, Any] | int  # what was accepted, or the code with which it was rejected


class SeventeenTrack:
    """17TRACK, for one shop."""

    #: What the shop's file names, as for platforms.
    keys: ClassVar[Mapping[str, str]] = MappingProxyType(
        {"key": "the access key, in 17TRACK's API dashboard under Settings, Security"}
    )

    def __init__(
        self, shop_id: str, key: str, couriers: Mapping[str, str] = MappingProxyType({}), base_url: str = HOST
    ) -> None:
        """``couriers``: 17TRACK's carrier codes by the shop's names of couriers, before those known here."""
        self._shop_id = shop_id
        self._key = key
        self._couriers: dict[str, int] = dict(CARRIERS)
        for name, code in couriers.items():
            if not code.isdecimal():
                raise ShopError(shop_id, "open", f"17track: the carrier code of courier {name} is no number")
            self._couriers[name.strip().casefold()] = int(code)
        self._client = PlatformClient(
            shop_id, "17track", base_url or HOST, HeaderKey("17token", key), RATE, _read_error
        )
        self._lookups: Batcher[Number, Answer] = Batcher(self._look_up, MOST_NUMBERS)
        self._registrations: Batcher[Number, Answer] = Batcher(self._register, MOST_NUMBERS)

    @classmethod
    def open(
        cls, shop_id: str, settings: Mapping[str, str], couriers: Mapping[str, str] = MappingProxyType({})
    ) -> SeventeenTrack:
        """Make it from the shop's keys; does not connect. ``settings["base_url"]`` as for platforms."""
        if not settings.get("key"):
            raise ShopError(shop_id, "open", "17track: key is missing")
        return cls(shop_id, settings["key"], couriers, settings.get("base_url", HOST))

    async def track(self, courier: str, tracking_number: str) -> Parcel | None:
        """As :class:`~pasar.commerce.carriers.source.TrackingService` promises; registers a parcel that is new."""
        number = (tracking_number.strip().upper(), self._couriers.get(courier.strip().casefold()))
        if not number[0]:
            return None
        answer = await self._lookups.get(number)
        if answer == NOT_REGISTERED:
            answer = await self._registrations.get(number)
            if isinstance(answer, Mapping) or answer == ALREADY_REGISTERED:
                return None
        if not isinstance(answer, int):
            return self._read_parcel(answer, courier, tracking_number)
        if answer in UNKNOWN:
            return None
        raise self._error("track", f"code {answer}")

    def read_notice(self, headers: Mapping[str, str], body: bytes, now: datetime.datetime) -> ParcelNotice:  # noqa: ARG002 - no time is signed
        """As :class:`~pasar.commerce.carriers.source.TrackingService` promises.

        The signature is over body and key alone: who repeats an old webhook only makes us ask again.
        """
        sign = headers.get("sign", "")
        wanted = hashlib.sha256(body + b"/" + self._key.encode()).hexdigest()
        if not hmac.compare_digest(sign.encode(errors="replace"), wanted.encode()):
            raise ForgedNoticeError("17track: sign is missing or wrong")
        try:
            notice = json.loads(body)
        except (ValueError, RecursionError) as error:
            raise MalformedNoticeError("17track: the body is no JSON") from error
        kind = read_text(dig(notice, "event"))
        if not kind:
            raise MalformedNoticeError("17track: event is missing")
        number = read_text(dig(notice, "data", "number"))
        if not number and kind in ("TRACKING_UPDATED", "TRACKING_STOPPED"):
            raise MalformedNoticeError("17track: data.number is missing")
        carrier = dig(notice, "data", "carrier")
        return ParcelNotice(number, str(carrier) if isinstance(carrier, int) else "", "", kind)

    async def close(self) -> None:
        """Give back connections."""
        await self._lookups.close()
        await self._registrations.close()
        await self._client.close()

    async def _look_up(self, numbers: Sequence[Number]) -> Mapping[Number, Answer]:
        return await self._ask("gettrackinfo", numbers)

    async def _register(self, numbers: Sequence[Number]) -> Mapping[Number, Answer]:
        # Registering may be repeated after a lost answer: a second time is rejected and costs nothing.
        return await self._ask("register", numbers)

    async def _ask(self, call: str, numbers: Sequence[Number]) -> Mapping[Number, Answer]:
        items = [{"number": number} | ({"carrier": code} if code else {}) for number, code in numbers]
        body = await self._client.read(call, f"/track/v2.4/{call}", method="POST", json=items)
        if not isinstance(dig(body, "data", "accepted"), list):
            raise self._error(call, "the answer lacks data.accepted")
        accepted, rejected = read_rows(body["data"]["accepted"]), read_rows(body["data"].get("rejected"))
        answers: dict[Number, Answer] = {}
        for number in numbers:
            ours = [row for row in accepted if _is_of(row, number)]
            codes = [dig(row, "error", "code") for row in rejected if _is_of(row, number)]
            if ours:
                # One number may be registered for several carriers: the one that was seen last knows most.
                answers[number] = max(ours, key=_find_newest)
            elif codes and isinstance(codes[0], int):
                answers[number] = codes[0]
            else:
                raise self._error(call, "the answer leaves out a number")
        return answers

    def _read_parcel(self, item: Mapping[str, Any], courier: str, tracking_number: str) -> Parcel | None:
        info = item.get("track_info")
        status = read_text(dig(info, "latest_status", "status"))
        if not status:
            raise self._error("gettrackinfo", "the answer lacks track_info.latest_status.status")
        if status == "NotFound":
            return None
        due = dig(info, "time_metrics", "estimated_delivery_date")
        official = read_text(dig(due, "source")) == "Official"
        return make_parcel(
            courier,
            tracking_number,
            _read_events(info),
            due_on=(read_day(dig(due, "to")) or read_day(dig(due, "from"))) if official else None,
            delivered=status == "Delivered",
        )

    def _error(self, call: str, reason: str) -> ShopError:
        return ShopError(self._shop_id, call, f"17track: {reason}")


def _read_error(_response: httpx.Response, body: Any) -> str | None:
    """The code of a call that failed as a whole; its message may name parcels and is left out."""
    code = dig(body, "code")
    return f"code {code}" if isinstance(code, int) and code != 0 else None


def _is_of(row: Mapping[str, Any], number: Number) -> bool:
    """Whether a row is of that number and, where we named one, of that carrier (a number or its digits)."""
    same = read_text(row.get("number")).upper() == number[0]
    return same and (number[1] is None or str(row.get("carrier") or number[1]) == str(number[1]))


def _find_newest(item: Mapping[str, Any]) -> datetime.datetime:
    events = _read_events(item.get("track_info"))
    return max((event.at for event in events), default=datetime.datetime.min.replace(tzinfo=datetime.timezone.utc))


def _read_events(info: Any) -> list[Scan]:
    """All carriers' events, oldest first; those without a time are left out."""
    events = []
    for provider in read_rows(dig(info, "tracking", "providers")):
        events += [_read_event(row) for row in reversed(read_rows(provider.get("events")))]
    latest = dig(info, "latest_event")
    if isinstance(latest, Mapping):
        events.append(_read_event(latest))
    return [event for event in events if event is not None]


def _read_event(row: Mapping[str, Any]) -> Scan | None:
    raw = row.get("time_raw")
    unzoned = "T".join(filter(None, (read_text(dig(raw, "date")), read_text(dig(raw, "time")))))
    at = read_moment(row.get("time_utc")) or read_moment(row.get("time_iso")) or read_moment(unzoned)
    if at is None:
        return None
    status = read_text(row.get("sub_status"))
    event = EVENTS.get(status) or EVENTS.get(status.partition("_")[0]) or EVENTS.get(read_text(row.get("stage")))
    place = read_text(row.get("location")) or read_text(dig(row, "address", "city"))
    return Scan(at, place or read_text(dig(row, "address", "country")), event or "in_transit")
