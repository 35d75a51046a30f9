"""AfterShip's module keeps to AfterShip's specification."""

from __future__ import annotations

import asyncio
import base64
import datetime
import hashlib
import hmac
import json
from collections.abc import AsyncIterator

import pytest

from pasar.commerce.backend import ShopError
from pasar.commerce.carriers.aftership import AfterShip
from pasar.commerce.model import Parcel
from pasar.commerce.platforms.api import ForgedNoticeError
from tests.commerce.carriers.contract import NOW, SourceContract
from tests.commerce.carriers.servers import AfterShipServer, make_checkpoint, make_tracking

NUMBER = "JP0000000001"
CHECKPOINTS = [
    make_checkpoint("2026-03-07T08:00:00+07:00", "InfoReceived", "InfoReceived_001"),
    make_checkpoint("2026-03-08T09:00:00+07:00", "InTransit", "InTransit_002", "Shenzhen"),
    make_checkpoint("2026-03-09T11:00:00+07:00", "InTransit", "InTransit_003"),
]


def day(number: int) -> datetime.date:
    """A day of March."""
    return datetime.date(2026, 3, number)


class TestAfterShip(SourceContract):
    """The contract and what is AfterShip's own."""

    number = NUMBER
    odd_numbers = ("", "abc", "no such number!")

    @pytest.fixture
    async def server(self) -> AsyncIterator[AfterShipServer]:
        async with AfterShipServer() as server:
            server.trackings.append(make_tracking(NUMBER, "InTransit", CHECKPOINTS))
            yield server

    @pytest.fixture
    async def source(self, server: AfterShipServer) -> AsyncIterator[AfterShip]:
        settings = {"api_key": server.key, "webhook_secret": server.secret, "base_url": server.base_url}
        source = AfterShip.open("testshop", settings, {"JNE": "jne"})
        yield source
        await source.close()

    def sign(self, body: bytes) -> dict[str, str]:
        digest = hmac.new(AfterShipServer.secret.encode(), body, hashlib.sha256).digest()
        return {"aftership-hmac-sha256": base64.b64encode(digest).decode()}

    def make_notice(self) -> bytes:
        notice = {"event": "tracking_update", "event_id": "94dadd60-ed26-46d0-aa52-3ced925a50ff", "ts": 1712741696}
        notice["is_tracking_first_tag"] = True
        notice["msg"] = make_tracking(NUMBER, "InTransit", CHECKPOINTS)
        return json.dumps(notice).encode()

    async def read(self, source: AfterShip, server: AfterShipServer, tag: str, **fields: object) -> Parcel | None:
        """The parcel made of a tracking."""
        server.trackings[:] = [make_tracking(NUMBER, tag, fields.pop("checkpoints", CHECKPOINTS), **fields)]  # type: ignore[arg-type]
        return await source.track("JNE", NUMBER)

    async def test_checkpoints_become_scans(self, source: AfterShip) -> None:
        """An announcement is no scan; the acceptance is when it was shipped; nothing predicted is a due date."""
        parcel = await source.track("JNE", NUMBER)
        assert parcel is not None
        assert [("picked_up", "Shenzhen"), ("arrived_at_hub", "Jakarta")] == [
            (scan.event, scan.place) for scan in parcel.scans
        ]
        assert datetime.datetime(2026, 3, 8, 2, tzinfo=datetime.timezone.utc) == parcel.shipped_at
        assert parcel.due_on is None

    async def test_new_parcel_is_created_once(self, source: AfterShip, server: AfterShipServer) -> None:
        """The first question creates it, the next finds it pending, a later one the parcel."""
        assert await source.track("JNE", self.new_number) is None
        assert {"tracking_number": self.new_number, "slug": "jne"} == json.loads(server.seen[-1].body)
        assert await source.track("JNE", self.new_number) is None
        server.trackings[-1] |= {"tag": "InTransit", "checkpoints": CHECKPOINTS}
        assert await source.track("JNE", self.new_number) is not None
        assert 1 == len([call for call in server.seen if call.method == "POST"])

    async def test_parcel_that_is_there_but_not_found_is_unknown(
        self, source: AfterShip, server: AfterShipServer
    ) -> None:
        """AfterShip keeps parcels for 120 days and refuses to create an older one."""
        server.break_next(body=b'{"meta": {"code": 200}, "data": {"trackings": []}}')
        assert await source.track("JNE", NUMBER) is None

    async def test_lost_answer_to_creating(self, source: AfterShip, server: AfterShipServer) -> None:
        """It is created once, whatever becomes of the answer."""
        server.break_next(body=b'{"meta": {"code": 200}, "data": {"trackings": []}}')
        server.break_next(drop=True)
        assert await source.track("JNE", self.new_number) is None
        assert [self.new_number] == [item["tracking_number"] for item in server.trackings[1:]]

    async def test_wrong_slug_is_an_error(self, server: AfterShipServer) -> None:
        """A mistake in the shop's file is not taken for an unknown parcel."""
        source = AfterShip("testshop", server.key, couriers={"JNE": "jne-of-old"}, base_url=server.base_url)
        with pytest.raises(ShopError, match="testshop: create_tracking: aftership: meta code 4010"):
            await source.track("JNE", self.new_number)
        await source.close()

    async def test_courier_decides(self, source: AfterShip, server: AfterShipServer) -> None:
        """A number of several couriers: the one asked for, else the one that was updated last."""
        seen = [make_checkpoint("2026-03-09T11:00:00+07:00", "InTransit", "InTransit_001", "Bonn")]
        server.trackings.append(
            make_tracking(NUMBER, "InTransit", seen, slug="dhl", updated_at="2026-03-09T00:00:00+00:00")
        )
        for courier, place in (("JNE", "Jakarta"), ("DHL Express", "Bonn"), ("Somebody", "Bonn")):
            parcel = await source.track(courier, NUMBER)
            assert parcel is not None
            assert place == parcel.scans[-1].place

    async def test_fifty_a_call(self, source: AfterShip, server: AfterShipServer) -> None:
        """Sixty who wait are two calls, and everybody gets their own parcel."""
        numbers = [f"MANY{index:05}" for index in range(60)]
        for number in numbers:
            checkpoint = make_checkpoint("2026-03-09T11:00:00+07:00", "InTransit", "InTransit_001", number)
            server.trackings.append(make_tracking(number, "InTransit", [checkpoint]))
        parcels = await asyncio.gather(*(source.track("JNE", number) for number in numbers))
        assert numbers == [parcel.scans[0].place for parcel in parcels if parcel is not None]
        assert [50, 10] == server.sizes

    async def test_new_parcels_do_not_keep_others_waiting(self, source: AfterShip, server: AfterShipServer) -> None:
        """Who asks for a known parcel has it before the new ones of the same moment are created."""
        known = asyncio.create_task(source.track("JNE", NUMBER))
        new = [asyncio.create_task(source.track("JNE", f"NEW{index:04}")) for index in range(3)]
        assert await known is not None
        assert not any(task.done() for task in new)
        assert [None] * 3 == await asyncio.gather(*new)

    async def test_wrong_key_is_an_error(self, server: AfterShipServer) -> None:
        """It is refused and not asked again."""
        source = AfterShip("testshop", "wrong", base_url=server.base_url)
        with pytest.raises(ShopError, match="testshop: get_trackings: aftership: meta code 401"):
            await source.track("JNE", NUMBER)
        assert (1, 1) == (server.forged, len(server.seen))
        await source.close()

    @pytest.mark.parametrize(
        ("tag", "subtag", "event"),
        [
            ("InTransit", "InTransit_001", "in_transit"),
            ("InTransit", "InTransit_005", "customs_released"),
            ("InTransit", "InTransit_006", "customs"),
            ("OutForDelivery", "OutForDelivery_001", "out_for_delivery"),
            ("AvailableForPickup", "AvailableForPickup_001", "ready_for_pickup"),
            ("AttemptFail", "AttemptFail_002", "failed_attempt"),
            ("Exception", "Exception_004", "customs_held"),
            ("Exception", "Exception_010", "returning"),
            ("Exception", "Exception_011", "returned"),
            ("Exception", "Exception_013", "exception"),
            ("Exception", "Exception_017", "delayed"),
            ("Novelty", "Novelty_001", "in_transit"),
        ],
    )
    async def test_statuses_become_events(
        self, source: AfterShip, server: AfterShipServer, tag: str, subtag: str, event: str
    ) -> None:
        """Sub-statuses of the specification, and one that is not in it."""
        checkpoints = [make_checkpoint("2026-03-09T11:00:00+07:00", tag, subtag)]
        parcel = await self.read(source, server, tag, checkpoints=checkpoints)
        assert parcel is not None
        assert event == parcel.scans[-1].event

    async def test_delivered_parcel(self, source: AfterShip, server: AfterShipServer) -> None:
        """The checkpoint's time, which has a zone, before the field's, which may have none."""
        delivered = [*CHECKPOINTS, make_checkpoint("2026-03-10T01:00:00+07:00", "Delivered", "Delivered_001")]
        fields = {"checkpoints": delivered, "shipment_delivery_date": "2026-03-10T01:00:00"}
        parcel = await self.read(source, server, "Delivered", **fields)
        assert parcel is not None
        assert datetime.datetime(2026, 3, 9, 18, tzinfo=datetime.timezone.utc) == parcel.delivered_at
        parcel = await self.read(source, server, "Delivered", shipment_delivery_date="2026-03-10")
        assert parcel is not None
        assert datetime.datetime(2026, 3, 10, 12, tzinfo=datetime.timezone.utc) == parcel.delivered_at

    async def test_parcel_delivered_to_its_sender(self, source: AfterShip, server: AfterShipServer) -> None:
        """What went back was not delivered to the buyer, though carriers call it so."""
        back = [
            make_checkpoint("2026-03-10T01:00:00+07:00", "Exception", "Exception_010"),
            make_checkpoint("2026-03-11T01:00:00+07:00", "Delivered", "Delivered_001"),
        ]
        parcel = await self.read(source, server, "Delivered", checkpoints=back, return_to_sender=True)
        assert parcel is not None
        assert (None, "returned") == (parcel.delivered_at, parcel.scans[-1].event)

    @pytest.mark.parametrize(
        ("due", "expected"),
        [
            ({"estimated_delivery_date": "2026-03-12"}, day(12)),
            ({"estimated_delivery_date": "2026-03-12T23:00:00-11:00", "estimated_delivery_date_max": None}, day(12)),
            ({"estimated_delivery_date": "2026-03-12", "estimated_delivery_date_max": "2026-03-14T10:00:00"}, day(14)),
            ({"estimated_delivery_date": "2026-02-30"}, None),
            ("soon", None),
            (None, None),
        ],
    )
    async def test_only_the_carriers_date_counts(
        self, source: AfterShip, server: AfterShipServer, due: object, expected: datetime.date | None
    ) -> None:
        """The end of its range, as the day is called there; what AfterShip predicts is not used."""
        parcel = await self.read(source, server, "InTransit", courier_estimated_delivery_date=due)
        assert parcel is not None
        assert expected == parcel.due_on

    async def test_announced_parcel_has_no_scan(self, source: AfterShip, server: AfterShipServer) -> None:
        """The carrier has been told of it, and nobody has seen it yet."""
        parcel = await self.read(source, server, "InfoReceived", checkpoints=CHECKPOINTS[:1])
        assert parcel is not None
        assert ((), day(7)) == (parcel.scans, parcel.shipped_at.date())

    @pytest.mark.parametrize("time", ["", "yesterday", None, 5, "9999-12-31T23:59:59-12:00"])
    async def test_checkpoint_without_time_is_left_out(
        self, source: AfterShip, server: AfterShipServer, time: object
    ) -> None:
        """It cannot be put in order; a parcel without any other is unknown."""
        odd = make_checkpoint(time, "InTransit", "InTransit_001")  # type: ignore[arg-type]
        parcel = await self.read(source, server, "InTransit", checkpoints=[*CHECKPOINTS, odd])
        assert parcel is not None
        assert 2 == len(parcel.scans)
        assert await self.read(source, server, "InTransit", checkpoints=[odd]) is None

    async def test_tracking_without_status_is_an_error(self, source: AfterShip, server: AfterShipServer) -> None:
        """The field is named."""
        with pytest.raises(ShopError, match="lacks tag"):
            await self.read(source, server, None)  # type: ignore[arg-type]

    def test_keys_are_checked(self) -> None:
        """What is missing or wrong in the shop's file is named."""
        with pytest.raises(ShopError, match="shop testshop: open: aftership: api_key is missing"):
            AfterShip.open("testshop", {})
        with pytest.raises(ShopError, match="slug of courier JNE"):
            AfterShip.open("testshop", {"api_key": "k"}, {"JNE": "J&E"})

    def test_notices_without_secret_are_refused(self) -> None:
        """A missing secret never lets a webhook in, not even one signed with an empty one."""
        sign = base64.b64encode(hmac.new(b"", b"{}", hashlib.sha256).digest()).decode()
        with pytest.raises(ForgedNoticeError):
            AfterShip("testshop", "k").read_notice({"aftership-hmac-sha256": sign}, b"{}", NOW)

    def test_published_construction_of_the_signature(self) -> None:
        """Base64 of HMAC-SHA256 over the raw body (its docs print no digest; this one was made with OpenSSL)."""
        body = b'{"event":"tracking_update","event_id":"e-1","msg":{"tracking_number":"RR1","slug":"usps"},"ts":1}'
        source = AfterShip("testshop", "k", "123456ABCDEF")
        sign = "Snu5iDDId/YGgv8tbUQ/a/fmfF3uBiD1HoAl2XO0uoA="
        notice = source.read_notice({"aftership-hmac-sha256": sign}, body, NOW)
        assert ("RR1", "usps", "e-1", "tracking_update") == (
            notice.tracking_number,
            notice.carrier,
            notice.notice_id,
            notice.raw_kind,
        )

    def test_notice_without_number_is_malformed(self, source: AfterShip) -> None:
        """The events of the specification name their parcel."""
        body = b'{"event": "tracking_update", "msg": {"slug": "usps"}}'
        with pytest.raises(ValueError, match=r"msg\.tracking_number"):
            source.read_notice(self.sign(body), body, NOW)
