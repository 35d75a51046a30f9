"""Orders are stopped and returns opened, each once."""

from __future__ import annotations

import json

import pytest

from pasar.commerce.backend import ShopError, ShopUnavailableError
from pasar.commerce.changes import Ability, Change, Outcome
from pasar.commerce.model import OrderState, RefundState, ReturnRequest, ReturnTicket
from pasar.commerce.platforms.api import NotSupportedError
from pasar.commerce.platforms.tiktokshop import TikTokShopApi
from tests.commerce.platforms.server import MemoryTokens
from tests.commerce.platforms.tiktokshop.samples import ORDER_ID, PAID_ID, open_api
from tests.commerce.platforms.tiktokshop.server import TikTokShopServer


async def test_passing_trouble_of_a_change_is_not_sent_again(api: TikTokShopApi, server: TikTokShopServer) -> None:
    """It is not known whether it was done."""
    order = await api.read_order(PAID_ID)
    assert order is not None
    server.next_answers = [(36009003, "Internal error.", None)]
    with pytest.raises(ShopUnavailableError, match="36009003"):
        await api.cancel_order(order, "changed_mind")
    assert 1 == len(server.calls("/cancellations"))


@pytest.mark.parametrize("answer", [{}, {"cancel_status": 5.5}, None])
async def test_a_change_whose_answer_cannot_be_read_is_not_known_to_be_done(
    api: TikTokShopApi, server: TikTokShopServer, answer: object
) -> None:
    """Success without what came of it is no refusal."""
    order = await api.read_order(PAID_ID)
    assert order is not None
    server.next_answers = [(0, "Success", answer)]
    with pytest.raises(ShopUnavailableError, match=r"testshop: cancel_order: tiktokshop: .*data"):
        await api.cancel_order(order, "changed_mind")


async def test_a_cancelled_order_has_its_refund(api: TikTokShopApi, server: TikTokShopServer) -> None:
    """Stopped by the buyer's wish, which is the only reason there is; asked twice it is done once."""
    order = await api.read_order(PAID_ID)
    assert order is not None
    change = await api.cancel_order(order, "too_late")
    assert Change(Outcome.DONE, "", "4035319218955782400", "CANCELLATION_REQUEST_SUCCESS") == change
    sent = json.loads(server.calls("/cancellations")[-1].body)
    assert {"order_id": PAID_ID, "cancel_reason": "seller_cancel_paid_reason_buyer_requested_cancellation"} == sent
    assert change == await api.cancel_order(order, "too_late")
    assert 1 == len(server.cancellations)
    now = await api.read_order(PAID_ID)
    assert now is not None and now.refund is not None
    assert (OrderState.CANCELLED, RefundState.APPROVED) == (now.state, now.refund.state)
    assert Outcome.REFUSED is (await api.cancel_order(now, "too_late")).outcome


async def test_an_unpaid_order_has_a_reason_of_its_own(api: TikTokShopApi, server: TikTokShopServer) -> None:
    """TikTok's lists are by where the order stands."""
    server.orders[PAID_ID]["status"] = "UNPAID"
    order = await api.read_order(PAID_ID)
    assert order is not None
    assert Outcome.DONE is (await api.cancel_order(order, "changed_mind")).outcome


@pytest.mark.parametrize(
    ("status", "reason"),
    [("IN_TRANSIT", "shipped"), ("AWAITING_COLLECTION", "not_allowed"), ("COMPLETED", "not_allowed")],
)
async def test_an_order_that_has_moved_on_is_refused_by_tiktok(
    api: TikTokShopApi, server: TikTokShopServer, status: str, reason: str
) -> None:
    """Between our reading and our asking; with TikTok's words for the desk."""
    order = await api.read_order(PAID_ID)
    assert order is not None
    server.orders[PAID_ID]["status"] = status
    change = await api.cancel_order(order, "changed_mind")
    assert (Outcome.REFUSED, reason) == (change.outcome, change.reason)
    assert "2500" in change.detail


async def test_a_buyers_own_request_in_the_app_is_told(api: TikTokShopApi, server: TikTokShopServer) -> None:
    """TikTok says only that there is something: what it is, its list of cancellations says."""
    order = await api.read_order(PAID_ID)
    assert order is not None
    server.next_answers = [(25001011, "A return request is already in process.", None)]
    change = await api.cancel_order(order, "other")
    assert (Outcome.REFUSED, "not_allowed") == (change.outcome, change.reason)
    pending = {
        "order_id": PAID_ID,
        "cancel_id": "40",
        "cancel_status": "CANCELLATION_REQUEST_PENDING",
        "create_time": 9,
    }
    server.cancellations.append(pending)
    server.next_answers = [(25001011, "A return request is already in process.", None)]
    change = await api.cancel_order(order, "other")
    assert Change(Outcome.REQUESTED, "", "40", "CANCELLATION_REQUEST_PENDING") == change


@pytest.mark.parametrize(
    ("region", "cancels", "returns"),
    [("US", True, True), ("ID", False, True), ("TH", False, False), ("PH", True, False), ("GB", False, True)],
)
async def test_a_market_without_a_true_reason_lacks_the_ability(
    server: TikTokShopServer, tokens: MemoryTokens, region: str, cancels: bool, returns: bool
) -> None:
    """And refuses to be called; nothing is sent."""
    api = open_api(server, tokens, region=region.lower())
    assert (cancels, returns) == (Ability.CANCEL in api.abilities, Ability.OPEN_RETURN in api.abilities)
    order = await api.read_order(PAID_ID)
    assert order is not None
    if not cancels:
        with pytest.raises(NotSupportedError):
            await api.cancel_order(order, "changed_mind")
    if not returns:
        with pytest.raises(NotSupportedError):
            await api.open_return(order, ReturnRequest(PAID_ID, "wrong", "return"))
    assert [] == server.cancellations + server.returns
    await api.close()


async def test_a_return_is_opened_once(server: TikTokShopServer, tokens: MemoryTokens) -> None:
    """For the goods to come back; asked again it is the one there is, and TikTok's decision shows."""
    api = open_api(server, tokens, region="VN")
    order = await api.read_order(ORDER_ID)
    assert order is not None
    request = ReturnRequest(ORDER_ID, "damaged", "refund")
    assert ReturnTicket("4035319218955782500", "review") == await api.open_return(order, request)
    assert ReturnTicket("4035319218955782500", "review") == await api.open_return(order, request)
    (created,) = server.returns
    assert "RETURN_AND_REFUND" == created["return_type"]
    assert "ecom_order_delivered_refund_and_return_reason_damaged_seller" == created["return_reason"]
    assert 2 == len(created["return_line_items"])
    created["return_status"] = "AWAITING_BUYER_SHIP"
    assert ReturnTicket("4035319218955782500", "approved") == await api.open_return(order, request)
    created["return_status"] = "RETURN_OR_REFUND_REQUEST_CANCEL"
    assert ReturnTicket("4035319218955782501", "review") == await api.open_return(order, request)
    assert [f"{ORDER_ID}-0", f"{ORDER_ID}-1"] == [known["idempotency_key"] for known in server.returns]
    await api.close()


@pytest.mark.parametrize(
    ("reason", "wants"),
    [("not_received", "refund"), ("size", "return"), ("damaged", "return"), ("changed_mind", "exchange")],
)
async def test_a_return_without_a_true_reason_is_for_a_person(
    api: TikTokShopApi, server: TikTokShopServer, reason: str, wants: str
) -> None:
    """In the US sellers may only say that it is no longer needed, and exchanges are the buyer's to ask for."""
    order = await api.read_order(ORDER_ID)
    assert order is not None
    with pytest.raises(ShopError, match="not for sellers in US"):
        await api.open_return(order, ReturnRequest(ORDER_ID, reason, wants))
    assert [] == server.returns


async def test_what_tiktok_lets_no_seller_take_back_is_an_error(api: TikTokShopApi, server: TikTokShopServer) -> None:
    """With its own reason, before anything is sent."""
    order = await api.read_order(ORDER_ID)
    assert order is not None
    server.ineligible = (25001003, "Invalid order status.")
    with pytest.raises(ShopError, match="not returnable: 25001003 Invalid order status"):
        await api.open_return(order, ReturnRequest(ORDER_ID, "changed_mind", "return"))
    assert [] == server.returns
