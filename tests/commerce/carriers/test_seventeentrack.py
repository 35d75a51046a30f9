"""17TRACK's module keeps to 17TRACK's specification."""

from __future__ import annotations

import asyncio
import datetime
import hashlib
import json
import time
from collections.abc import AsyncIterator

import pytest

from pasar.commerce.backend import ShopError
from pasar.commerce.carriers.seventeentrack import SeventeenTrack
from pasar.commerce.model import Parcel
from tests.commerce.carriers.contract import NOW, SourceContract
from tests.commerce.carriers.servers import JNE, SeventeenTrackServer, make_event, make_info

NUMBER = "JP0000000001"
EVENTS = [
    make_event("2026-03-09T04:00:00Z", "InTransit_Other"),
    make_event("2026-03-08T02:00:00Z", "InTransit_PickedUp", "PickedUp", "SHENZHEN"),
    make_event("2026-03-07T01:00:00Z", "InfoReceived", "InfoReceived"),
]


def day(number: int) -> datetime.date:
    """A day of March."""
    return datetime.date(2026, 3, number)


class TestSeventeenTrack(SourceContract):
    """The contract and what is 17TRACK's own."""

    number = NUMBER

    @pytest.fixture
    async def server(self) -> AsyncIterator[SeventeenTrackServer]:
        async with SeventeenTrackServer() as server:
            server.put(NUMBER, make_info("InTransit", EVENTS))
            yield server

    @pytest.fixture
    async def source(self, server: SeventeenTrackServer) -> AsyncIterator[SeventeenTrack]:
        source = SeventeenTrack.open("testshop", {"key": server.key, "base_url": server.base_url})
        yield source
        await source.close()

    def sign(self, body: bytes) -> dict[str, str]:
        return {"sign": hashlib.sha256(body + b"/" + SeventeenTrackServer.key.encode()).hexdigest()}

    def make_notice(self) -> bytes:
        data = {"number": NUMBER, "carrier": JNE, "tag": None, "track_info": make_info("InTransit", EVENTS)}
        return json.dumps({"event": "TRACKING_UPDATED", "data": data}).encode()

    async def read(self, source: SeventeenTrack, server: SeventeenTrackServer, info: object) -> Parcel | None:
        """The parcel made of a ``track_info``."""
        server.put("INFO0001", info)  # type: ignore[arg-type]
        return await source.track("JNE", "INFO0001")

    async def test_events_become_scans(self, source: SeventeenTrack) -> None:
        """An announcement is no scan; the pickup is when it was shipped; the same event twice is one."""
        parcel = await source.track("JNE", NUMBER)
        assert parcel is not None
        assert [("picked_up", "SHENZHEN"), ("in_transit", "JAKARTA")] == [
            (scan.event, scan.place) for scan in parcel.scans
        ]
        assert datetime.datetime(2026, 3, 8, 2, tzinfo=datetime.timezone.utc) == parcel.shipped_at

    async def test_new_parcel_is_registered_once(self, source: SeventeenTrack, server: SeventeenTrackServer) -> None:
        """The first question registers it, the next finds nothing yet, a later one the parcel."""
        server.infos[self.new_number] = make_info("InTransit", EVENTS)
        assert await source.track("JNE", self.new_number) is None
        assert (self.new_number, JNE) in server.registered
        assert await source.track("JNE", self.new_number) is None
        server.fetch()
        assert await source.track("JNE", self.new_number) is not None
        assert 1 == len(server.calls("register"))

    async def test_parcel_without_information_is_unknown(
        self, source: SeventeenTrack, server: SeventeenTrackServer
    ) -> None:
        """NotFound is None, also where the carrier is not one of ours and is left to 17TRACK."""
        assert await source.track("Somebody", "NOBODY123") is None
        server.fetch()
        assert await source.track("Somebody", "NOBODY123") is None
        assert [b'[{"number":"NOBODY123"}]'] * 3 == [call.body.replace(b" ", b"") for call in server.seen]

    async def test_forty_a_call(self, source: SeventeenTrack, server: SeventeenTrackServer) -> None:
        """Fifty who wait are two calls, and everybody gets their own parcel."""
        numbers = [f"MANY{index:05}" for index in range(50)]
        for number in numbers:
            server.put(
                number, make_info("InTransit", [make_event("2026-03-09T04:00:00Z", "InTransit", location=number)])
            )
        parcels = await asyncio.gather(*(source.track("JNE", number) for number in numbers))
        assert numbers == [parcel.scans[0].place for parcel in parcels if parcel is not None]
        assert [("gettrackinfo", 10), ("gettrackinfo", 40)] == sorted(server.sizes)

    async def test_one_bad_number_spoils_no_other(self, source: SeventeenTrack, server: SeventeenTrackServer) -> None:
        """In a call with known, new, odd and malformed parcels each gets what is its own."""
        server.put("BROKEN01", {"latest_status": None})
        good, new, odd, broken = await asyncio.gather(
            *(source.track("JNE", number) for number in (NUMBER, self.new_number, "!", "BROKEN01")),
            return_exceptions=True,
        )
        assert isinstance(good, Parcel)
        assert (None, None) == (new, odd)
        assert isinstance(broken, ShopError)
        assert "track_info.latest_status.status" in str(broken)

    async def test_three_calls_a_second(self, source: SeventeenTrack, server: SeventeenTrackServer) -> None:
        """Seven calls take two seconds, and 17TRACK refuses none of them."""
        begun = time.monotonic()
        for _ in range(7):
            await source.track("JNE", NUMBER)
        assert time.monotonic() - begun > 1.9
        assert 0 == server.throttled

    async def test_wrong_key_is_an_error(self, server: SeventeenTrackServer) -> None:
        """It is refused and not asked again."""
        source = SeventeenTrack("testshop", "wrong", base_url=server.base_url)
        with pytest.raises(ShopError, match="testshop: gettrackinfo: 17track: code -18010002"):
            await source.track("JNE", NUMBER)
        assert (1, 1) == (server.forged, len(server.seen))
        await source.close()

    async def test_used_up_quota_is_an_error(self, source: SeventeenTrack, server: SeventeenTrackServer) -> None:
        """What is wrong with the account is not taken for an unknown parcel."""
        row = {"number": NUMBER, "carrier": JNE, "error": {"code": -18019908, "message": ""}}
        server.break_next(body=json.dumps({"code": 0, "data": {"accepted": [], "rejected": [row]}}).encode())
        with pytest.raises(ShopError, match="-18019908"):
            await source.track("JNE", NUMBER)

    async def test_left_out_number_is_an_error(self, source: SeventeenTrack, server: SeventeenTrackServer) -> None:
        """An answer that says nothing of the number says nothing of the parcel."""
        server.break_next(body=b'{"code": 0, "data": {"accepted": [null, {"number": "OTHER"}], "rejected": null}}')
        with pytest.raises(ShopError, match="leaves out a number"):
            await source.track("JNE", NUMBER)

    @pytest.mark.parametrize(
        ("sub_status", "event"),
        [
            ("InTransit_PickedUp", "picked_up"),
            ("InTransit_Departure", "in_transit"),
            ("InTransit_CustomsProcessing", "customs"),
            ("InTransit_CustomsReleased", "customs_released"),
            ("InTransit_CustomsRequiringInformation", "customs_held"),
            ("OutForDelivery_Other", "out_for_delivery"),
            ("AvailableForPickup_Other", "ready_for_pickup"),
            ("DeliveryFailure_NoBody", "failed_attempt"),
            ("Exception_Delayed", "delayed"),
            ("Exception_Returning", "returning"),
            ("Exception_Returned", "returned"),
            ("Exception_Lost", "exception"),
            ("Novelty_OfNextYear", "in_transit"),
        ],
    )
    async def test_statuses_become_events(
        self, source: SeventeenTrack, server: SeventeenTrackServer, sub_status: str, event: str
    ) -> None:
        """Sub-statuses of the specification, and one that is not in it."""
        parcel = await self.read(
            source, server, make_info("InTransit", [make_event("2026-03-09T04:00:00Z", sub_status)])
        )
        assert parcel is not None
        assert event == parcel.scans[-1].event

    async def test_stage_tells_where_the_status_does_not(
        self, source: SeventeenTrack, server: SeventeenTrackServer
    ) -> None:
        """Events without sub-status have a stage."""
        events = [make_event("2026-03-09T04:00:00Z", "", "OutForDelivery", location=None)]
        parcel = await self.read(source, server, make_info("OutForDelivery", events))
        assert parcel is not None
        assert ("out_for_delivery", "BANDUNG") == (parcel.scans[-1].event, parcel.scans[-1].place)

    async def test_delivered_parcel(self, source: SeventeenTrack, server: SeventeenTrackServer) -> None:
        """When it was delivered; a time without zone is read as UTC, a day alone as its noon."""
        event = make_event("2026-03-09T04:00:00Z", "Delivered_Other", "Delivered")
        parcel = await self.read(source, server, make_info("Delivered", [event, *EVENTS]))
        assert parcel is not None
        assert datetime.datetime(2026, 3, 9, 4, tzinfo=datetime.timezone.utc) == parcel.delivered_at
        raw = event | {"time_utc": None, "time_iso": None, "time_raw": {"date": "2026-03-10", "time": None}}
        parcel = await self.read(source, server, make_info("Delivered", [raw, *EVENTS]))
        assert parcel is not None
        assert datetime.datetime(2026, 3, 10, 12, tzinfo=datetime.timezone.utc) == parcel.delivered_at

    @pytest.mark.parametrize(
        ("due", "expected"),
        [
            (("Official", "2026-03-12T00:00:00+07:00", "2026-03-14T00:00:00+07:00"), day(14)),
            (("Official", "2026-03-12T23:00:00-11:00", None), day(12)),
            (("17TRACK", "2026-03-12T00:00:00+07:00", "2026-03-14T00:00:00+07:00"), None),
            ((None, None, None), None),
            (("Official", "soon", "later"), None),
        ],
    )
    async def test_only_the_carriers_date_counts(
        self,
        source: SeventeenTrack,
        server: SeventeenTrackServer,
        due: tuple[str | None, str | None, str | None],
        expected: datetime.date | None,
    ) -> None:
        """The end of its range, as the day is called there; what 17TRACK predicts is not used."""
        parcel = await self.read(source, server, make_info("InTransit", EVENTS, due))
        assert parcel is not None
        assert expected == parcel.due_on

    async def test_several_carriers_are_one_story(self, source: SeventeenTrack, server: SeventeenTrackServer) -> None:
        """Events of the sender's and the receiver's carrier stand in one line."""
        info = make_info("InTransit", EVENTS)
        later = [make_event("2026-03-10T01:00:00Z", "OutForDelivery_Other"), EVENTS[0]]
        info["tracking"]["providers"].insert(0, {"provider": {"key": 1}, "events": later})
        parcel = await self.read(source, server, info)
        assert parcel is not None
        assert ["picked_up", "in_transit", "out_for_delivery"] == [scan.event for scan in parcel.scans]

    async def test_events_of_the_same_minute(self, source: SeventeenTrack, server: SeventeenTrackServer) -> None:
        """Newest first, as in the specification's examples: the first of them is the last scan."""
        events = [make_event("2026-03-09T04:00:00Z", status) for status in ("OutForDelivery_Other", "InTransit_Other")]
        parcel = await self.read(source, server, make_info("OutForDelivery", events))
        assert parcel is not None
        assert ["in_transit", "out_for_delivery"] == [scan.event for scan in parcel.scans]

    async def test_announced_parcel_has_no_scan(self, source: SeventeenTrack, server: SeventeenTrackServer) -> None:
        """The carrier has been told of it, and nobody has seen it yet."""
        parcel = await self.read(source, server, make_info("InfoReceived", EVENTS[2:]))
        assert parcel is not None
        assert ((), day(7)) == (parcel.scans, parcel.shipped_at.date())

    @pytest.mark.parametrize("info", [make_info("InTransit", []), {"latest_status": {"status": "Delivered"}}])
    async def test_nothing_with_a_time_is_unknown(
        self, source: SeventeenTrack, server: SeventeenTrackServer, info: object
    ) -> None:
        """A status without any event tells nothing of a parcel."""
        assert await self.read(source, server, info) is None

    async def test_number_registered_twice(self, source: SeventeenTrack, server: SeventeenTrackServer) -> None:
        """The carrier that was asked for, else the one that has seen it last."""
        server.put(NUMBER, make_info("InTransit", EVENTS), carrier=3011)
        assert await source.track("China Post", NUMBER) is not None
        assert [{"number": NUMBER, "carrier": 3011}] == json.loads(server.seen[-1].body)
        accepted = [
            {"number": NUMBER, "carrier": 1, "track_info": make_info("NotFound", [])},
            {"number": NUMBER, "carrier": 2, "track_info": make_info("InTransit", EVENTS)},
            {"number": NUMBER, "carrier": 3, "track_info": make_info("InTransit", EVENTS[1:])},
        ]
        server.break_next(body=json.dumps({"code": 0, "data": {"accepted": accepted, "rejected": []}}).encode())
        parcel = await source.track("Somebody", NUMBER)
        assert parcel is not None
        assert day(9) == parcel.scans[-1].at.date()

    async def test_couriers_of_the_shops_file(self, server: SeventeenTrackServer) -> None:
        """J&T Express has a carrier of 17TRACK's in every country: the shop says which is meant."""
        source = SeventeenTrack("testshop", server.key, {"J&T Express": "100074"}, server.base_url)
        await source.track("j&t express", "JT12345678")
        assert ("JT12345678", 100074) in server.registered
        await source.close()

    def test_keys_are_checked(self) -> None:
        """What is missing or wrong in the shop's file is named."""
        with pytest.raises(ShopError, match="shop testshop: open: 17track: key is missing"):
            SeventeenTrack.open("testshop", {"key": ""})
        with pytest.raises(ShopError, match="carrier code of courier JNE"):
            SeventeenTrack.open("testshop", {"key": "k"}, {"JNE": "jne"})

    def test_published_construction_of_the_signature(self) -> None:
        """The string of the specification's example (its docs print no digest; this one is its SHA-256)."""
        body = b'{"event":"TRACKING_UPDATED","data":{"number":"RR123456789CN","carrier":3011,"tag":null}}'
        sign = "45acb4a6f4a194a6ac1f0f712182c4e314b1ae9399941ea086987408f3166994"
        notice = SeventeenTrack("testshop", "123456ABCDEF").read_notice({"sign": sign}, body, NOW)
        assert ("RR123456789CN", "3011", "TRACKING_UPDATED", "") == (
            notice.tracking_number,
            notice.carrier,
            notice.raw_kind,
            notice.notice_id,
        )

    def test_notice_without_number_is_malformed(self, source: SeventeenTrack) -> None:
        """The two events of the specification name their parcel."""
        body = b'{"event": "TRACKING_STOPPED", "data": {"carrier": 3011}}'
        with pytest.raises(ValueError, match=r"data\.number"):
            source.read_notice(self.sign(body), body, NOW)
