"""17TRACK and AfterShip on this machine, as their public specifications describe them.

17TRACK: Tracking API 2.4 (https://asset.17track.net/api/document/v2.4_en/index.html): header ``17token``, POST with a
list of at most 40, three calls a second, ``accepted`` and ``rejected`` with codes, a registered number without
information for a while. Not covered: quota, IP lists, stopped numbers, carriers that want more than a number.

AfterShip: Tracking API 2026-07 (https://www.aftership.com/docs/tracking/2026-07): header ``as-api-key``, ``meta`` and
``data``, filters ``tracking_numbers`` (at most 50) and ``limit`` (at most 200), creating once. Not covered: cursors,
rates by endpoint, detecting couriers (it knows one), signed calls.
"""

from __future__ import annotations

import collections
import json
import re
import time
from typing import Any

from aiohttp import web

from tests.commerce.platforms.server import PlatformServer

JNE = 100086


def make_event(at: str, sub_status: str, stage: str | None = None, location: str | None = "JAKARTA") -> dict[str, Any]:
    """An event as 17TRACK gives it."""
    return {
        "time_iso": at.replace("Z", "+00:00"),
        "time_utc": at,
        "time_raw": {"date": at[:10], "time": at[11:19], "timezone": "+00:00"},
        "description": "words of the carrier",
        "description_translation": None,
        "location": location,
        "stage": stage,
        "sub_status": sub_status,
        "address": {"country": "ID", "state": None, "city": "BANDUNG", "street": None, "postal_code": None},
    }


def make_info(
    status: str, events: list[dict[str, Any]], due: tuple[str | None, str | None, str | None] = (None, None, None)
) -> dict[str, Any]:
    """``track_info`` of 17TRACK; ``events`` newest first, ``due``: source, from and to."""
    return {
        "shipping_info": {"shipper_address": {"country": "CN"}, "recipient_address": {"country": "ID"}},
        "latest_status": {"status": status, "sub_status": f"{status}_Other", "sub_status_descr": None},
        "latest_event": events[0] if events else None,
        "time_metrics": {
            "days_of_transit": 3,
            "estimated_delivery_date": {"source": due[0], "from": due[1], "to": due[2]},
        },
        "milestone": [],
        "misc_info": {"risk_factor": 0},
        "tracking": {
            "providers_hash": 1,
            "providers": [
                {
                    "provider": {"key": JNE, "name": "JNE Express"},
                    "latest_sync_status": "Success",
                    "events": events,
                }
            ],
        },
    }


#: Seconds by which a busy machine may hand us a call later than the one before it.
JITTER = 0.3


class SeventeenTrackServer(PlatformServer):
    """17TRACK with one account."""

    key = "17token-of-testshop"

    def __init__(self) -> None:
        super().__init__()
        self.infos: dict[str, dict[str, Any]] = {}  #: what carriers know, by number
        self.registered: dict[tuple[str, int], bool] = {}  #: by number and carrier: whether it has been fetched
        self.throttled = 0
        self.sizes: list[tuple[str, int]] = []  #: calls and the numbers in each
        self._times: collections.deque[float] = collections.deque(maxlen=3)

    def add_routes(self, router: web.UrlDispatcher) -> None:
        """The two calls that are used."""
        router.add_post("/track/v2.4/register", self._answer)
        router.add_post("/track/v2.4/gettrackinfo", self._answer)

    def put(self, number: str, info: dict[str, Any], carrier: int = JNE) -> None:
        """A parcel that has been registered and fetched."""
        self.infos[number] = info
        self.registered[number, carrier] = True

    def fetch(self) -> None:
        """Let 17TRACK have asked the carriers of all registered numbers."""
        self.registered = dict.fromkeys(self.registered, True)

    async def _answer(self, request: web.Request) -> web.Response:
        now = time.monotonic()
        if len(self._times) == 3 and now - self._times[0] < 1 - JITTER:
            self.throttled += 1
            return web.json_response({"code": 429}, status=429)
        self._times.append(now)
        if request.headers.get("17token") != self.key:
            self.forged += 1
            return _fail(-18010002, 401)
        items = await request.json()
        if not isinstance(items, list):
            return _fail(-18010013)
        if len(items) > 40:
            return _fail(-18010014)
        call = request.path.rpartition("/")[2]
        self.sizes.append((call, len(items)))
        accepted: list[Any] = []
        rejected: list[Any] = []
        for item in items:
            number, carrier = item["number"], item.get("carrier", 0)
            assert isinstance(carrier, int)
            code = self._register(number, carrier, accepted) if call == "register" else None
            code = self._tell(number, carrier, accepted) if call == "gettrackinfo" else code
            if code:
                error = {"code": code, "message": f"The tracking number '{number}' ..."}
                rejected.append({"number": number, "carrier": str(carrier), "error": error})
        return web.json_response({"code": 0, "data": {"accepted": accepted, "rejected": rejected}})

    def _register(self, number: str, carrier: int, accepted: list[Any]) -> int | None:
        if not re.fullmatch(r"[A-Za-z0-9]{5,50}", number):
            return -18010012
        if not carrier and number.startswith("X"):
            return -18019903
        key = (number, carrier or JNE)
        if key in self.registered:
            return -18019901
        self.registered[key] = False
        accepted.append({"origin": 1, "number": number, "carrier": key[1], "email": None, "tag": None, "lang": None})
        return None

    def _tell(self, number: str, carrier: int, accepted: list[Any]) -> int | None:
        ours = [key for key in self.registered if key[0] == number and carrier in (0, key[1])]
        if not ours:
            return -18019902
        for key in ours:
            if not self.registered[key]:
                return -18019909
            info = self.infos.get(number) or make_info("NotFound", [])
            accepted.append({"number": number, "carrier": key[1], "param": None, "tag": "", "track_info": info})
        return None


def _fail(code: int, status: int = 200) -> web.Response:
    errors = [{"code": code, "message": "..."}]
    return web.json_response({"code": code, "data": {"errors": errors}}, status=status)


def make_checkpoint(at: str, tag: str, subtag: str, location: str | None = "Jakarta") -> dict[str, Any]:
    """A checkpoint as AfterShip gives it."""
    return {
        "created_at": "2026-03-01T00:00:00+00:00",
        "slug": "jne",
        "checkpoint_time": at,
        "location": location,
        "city": None,
        "state": None,
        "postal_code": None,
        "coordinate": None,
        "country_region": "IDN",
        "country_region_name": "Indonesia",
        "message": "words of the carrier",
        "tag": tag,
        "subtag": subtag,
        "subtag_message": "...",
        "raw_tag": None,
        "events": [],
        "source": "carrier",
        "hash": "0" * 40,
    }


def make_tracking(number: str, tag: str, checkpoints: list[dict[str, Any]], **fields: Any) -> dict[str, Any]:
    """A tracking of AfterShip; ``checkpoints`` oldest first."""
    return {
        "id": f"id-{number}",
        "created_at": "2026-03-01T00:00:00+00:00",
        "updated_at": "2026-03-02T00:00:00+00:00",
        "tracking_number": number,
        "slug": "jne",
        "active": True,
        "courier_estimated_delivery_date": None,
        "shipment_pickup_date": None,
        "shipment_delivery_date": None,
        "tag": tag,
        "subtag": f"{tag}_001",
        "checkpoints": checkpoints,
        "return_to_sender": False,
        "aftership_estimated_delivery_date": {"estimated_delivery_date": "2026-03-30", "confidence_code": 10001},
        "latest_estimated_delivery": {"type": "specific", "source": "AfterShip EDD", "datetime": "2026-03-30"},
    } | fields


class AfterShipServer(PlatformServer):
    """AfterShip with one account."""

    key = "asat-of-testshop"
    secret = "webhook-secret-of-testshop"

    def __init__(self) -> None:
        super().__init__()
        self.trackings: list[dict[str, Any]] = []
        self.sizes: list[int] = []  #: numbers in each reading call

    def add_routes(self, router: web.UrlDispatcher) -> None:
        """The two calls that are used."""
        router.add_get("/tracking/2026-07/trackings", self._get)
        router.add_post("/tracking/2026-07/trackings", self._create)

    async def _get(self, request: web.Request) -> web.Response:
        if refused := self._check(request):
            return refused
        numbers = request.query["tracking_numbers"].split(",")
        limit = int(request.query.get("limit", "100"))
        if len(numbers) > 50 or limit > 200:
            return _refuse(400, 4008)
        self.sizes.append(len(numbers))
        found = [tracking for tracking in self.trackings if tracking["tracking_number"] in numbers][:limit]
        pages = {"total": len(found), "next_cursor": None, "has_next_page": False}
        return web.json_response({"meta": {"code": 200}, "data": {"pagination": pages, "trackings": found}})

    async def _create(self, request: web.Request) -> web.Response:
        if refused := self._check(request):
            return refused
        wish = json.loads(await request.text())
        number, slug = wish["tracking_number"], wish.get("slug", "jne")
        if not re.fullmatch(r"[A-Z0-9._/-]{4,100}", number):
            return _refuse(400, 4005)
        if slug not in ("jne", "dhl", "usps"):
            return _refuse(400, 4010)
        if "slug" not in wish and number.startswith("X"):
            return _refuse(400, 4012)
        if any((item["tracking_number"], item["slug"]) == (number, slug) for item in self.trackings):
            return _refuse(400, 4003)
        tracking = make_tracking(number, "Pending", [], slug=slug)
        self.trackings.append(tracking)
        return web.json_response({"meta": {"code": 201}, "data": tracking}, status=201)

    def _check(self, request: web.Request) -> web.Response | None:
        if request.headers.get("as-api-key") == self.key:
            return None
        self.forged += 1
        return _refuse(401, 401)


def _refuse(status: int, code: int) -> web.Response:
    meta = {"code": code, "type": "BadRequest", "message": "...", "errors": []}
    return web.json_response({"meta": meta, "data": {}}, status=status)
