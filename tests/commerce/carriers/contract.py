"""What every tracking service's module must keep. Inherit it, and give the fixtures ``server`` and ``source``."""

from __future__ import annotations

import asyncio
import datetime
import json
import time

import pytest
import structlog.testing

from pasar.commerce.backend import ShopError, ShopUnavailableError
from pasar.commerce.carriers.source import TrackingService
from pasar.commerce.platforms.api import ForgedNoticeError, MalformedNoticeError
from tests.commerce.platforms.server import PlatformServer

NOW = datetime.datetime(2026, 3, 10, 12, tzinfo=datetime.timezone.utc)


class SourceContract:
    """Names in the class attributes what the server holds."""

    courier = "JNE"
    number: str  #: on its way
    new_number = "NEW0001"  #: not registered yet
    odd_numbers = ("", "  ", "no such number!")

    @pytest.fixture
    def server(self) -> PlatformServer:
        """The running server."""
        raise NotImplementedError

    @pytest.fixture
    def source(self, server: PlatformServer) -> TrackingService:
        """The module under test, asking ``server``."""
        raise NotImplementedError

    def sign(self, body: bytes) -> dict[str, str]:
        """Headers of a webhook as the service sends it, in lower case."""
        raise NotImplementedError

    def make_notice(self) -> bytes:
        """A webhook's body as in the specification: ``number`` has moved."""
        raise NotImplementedError

    async def test_parcel_is_read_whole(self, source: TrackingService, server: PlatformServer) -> None:
        """Courier and number as they were asked for, aware times in UTC, scans oldest first."""
        parcel = await source.track(self.courier, f" {self.number.lower()}")
        assert parcel is not None
        assert (self.courier, f" {self.number.lower()}") == (parcel.courier, parcel.tracking_number)
        assert parcel.scans
        assert sorted(parcel.scans, key=lambda scan: scan.at) == list(parcel.scans)
        assert all(datetime.timedelta(0) == scan.at.utcoffset() for scan in parcel.scans)
        assert parcel.delivered_at is None
        assert parcel.read_at is not None and parcel.read_at.tzinfo is not None
        assert 0 == server.forged

    @pytest.mark.parametrize("index", range(3))
    async def test_odd_numbers_are_unknown(self, source: TrackingService, index: int) -> None:
        """What cannot be a tracking number is None, not an error."""
        assert await source.track(self.courier, self.odd_numbers[index]) is None

    async def test_undetected_courier_is_unknown(self, source: TrackingService) -> None:
        """A courier that the service cannot tell from the number."""
        assert await source.track("Uncle with a van", "X123456") is None

    async def test_same_moment_is_one_call(self, source: TrackingService, server: PlatformServer) -> None:
        """Several who ask at once, for the same or other parcels, share a call."""
        parcels = await asyncio.gather(*(source.track(self.courier, self.number) for _ in range(5)))
        assert 1 == len(server.seen)
        assert all(parcel == parcels[0] or parcel is not None for parcel in parcels)

    async def test_one_who_leaves_takes_nothing_from_others(self, source: TrackingService) -> None:
        """A cancelled question does not cancel that of another."""
        leaving = asyncio.create_task(source.track(self.courier, self.number))
        staying = asyncio.create_task(source.track(self.courier, self.number))
        await asyncio.sleep(0.01)
        leaving.cancel()
        assert await staying is not None

    async def test_too_many_calls_are_waited_out(self, source: TrackingService, server: PlatformServer) -> None:
        """After 429 the same is asked again."""
        server.break_next(status=429, headers={"Retry-After": "0"})
        assert await source.track(self.courier, self.number) is not None

    async def test_a_failing_service_is_asked_again(self, source: TrackingService, server: PlatformServer) -> None:
        """A 500 now and then is not noticed, nor is an answer that was lost."""
        server.break_next(status=500)
        server.break_next(drop=True)
        assert await source.track(self.courier, self.number) is not None

    async def test_a_service_that_is_down_is_an_error_in_time(
        self, source: TrackingService, server: PlatformServer
    ) -> None:
        """It names the shop, within the time a buyer waits, to everybody who asked."""
        server.break_next(times=100, status=503)
        begun = time.monotonic()
        questions = (source.track(self.courier, number) for number in (self.number, self.new_number))
        for error in await asyncio.gather(*questions, return_exceptions=True):
            assert isinstance(error, ShopUnavailableError)
            assert "testshop" in str(error)
        assert time.monotonic() - begun < 8  # three, and the pauses of a busy machine

    @pytest.mark.parametrize(
        "body",
        [
            b"<html>busy</html>",
            b'{"half": ',
            b"[]",
            b"null",
            b'"text"',
            b"{}",
            b'{"code": 0, "meta": {"code": 200}}',
            b'{"code": 0, "meta": {"code": 200}, "data": []}',
            b'{"code": 0, "meta": {"code": 200}, "data": {"accepted": 1, "trackings": 1}}',
        ],
    )
    async def test_a_malformed_answer_is_an_error(
        self, source: TrackingService, server: PlatformServer, body: bytes
    ) -> None:
        """Never anything else than the shop's own errors."""
        server.break_next(times=100, body=body)
        with pytest.raises(ShopError, match="testshop"):
            await source.track(self.courier, self.number)

    async def test_a_service_in_trouble_is_left_alone(self, source: TrackingService, server: PlatformServer) -> None:
        """After five failures the next call fails without being sent."""
        server.break_next(times=1000, body=b"<html>")
        for _ in range(5):
            with pytest.raises(ShopUnavailableError):
                await source.track(self.courier, self.number)
        sent = len(server.seen)
        with pytest.raises(ShopUnavailableError):
            await source.track(self.courier, self.number)
        assert sent == len(server.seen)

    async def test_nothing_secret_is_said(self, source: TrackingService, server: PlatformServer) -> None:
        """Neither logs nor errors hold the key or the service's words."""
        server.break_next(times=100, body=b'{"code": -18010005, "meta": {"code": 403, "message": "words"}}')
        with structlog.testing.capture_logs() as logs, pytest.raises(ShopError) as caught:
            await source.track(self.courier, self.number)
        told = str(logs) + str(caught.value)
        assert logs
        assert not [word for word in ("of-testshop", "words", self.number) if word in told]

    def test_a_notice_is_read(self, source: TrackingService) -> None:
        """It names the parcel that has moved."""
        body = self.make_notice()
        assert self.number == source.read_notice(self.sign(body), body, NOW).tracking_number

    def test_a_forged_notice_is_refused(self, source: TrackingService) -> None:
        """A wrong signature, none at all, or a changed body."""
        body = self.make_notice()
        headers = self.sign(body)
        forged = [
            ({}, body),
            (headers, body + b" "),
            ({name: "A" * len(value) for name, value in headers.items()}, body),
            (dict.fromkeys(headers, ""), body),
            (dict.fromkeys(headers, "é\udcff"), body),
        ]
        for wrong, sent in forged:
            with pytest.raises(ForgedNoticeError):
                source.read_notice(wrong, sent, NOW)

    @pytest.mark.parametrize(
        "body",
        [
            b"",
            b"{",
            b"[]",
            b"null",
            b"{}",
            b"\xff",
            pytest.param(b"[" * 100_000, id="nested"),
            b'{"event": 1}',
            json.dumps({"a": [1]}).encode(),
        ],
    )
    def test_an_unreadable_notice_is_malformed(self, source: TrackingService, body: bytes) -> None:
        """Signed as it is, no other error comes out."""
        with pytest.raises(MalformedNoticeError):
            source.read_notice(self.sign(body), body, NOW)

    def test_an_unknown_notice_is_told_as_it_is(self, source: TrackingService) -> None:
        """An event that is new to us names itself, and perhaps no parcel."""
        body = b'{"event": "parcel_sang", "event_id": "e-1"}'
        notice = source.read_notice(self.sign(body), body, NOW)
        assert ("parcel_sang", "", "") == (notice.raw_kind, notice.tracking_number, notice.carrier)
