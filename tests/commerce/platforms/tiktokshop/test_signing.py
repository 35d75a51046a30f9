"""Signatures of requests, those that are published among them."""

from __future__ import annotations

import datetime

import httpx
import pytest

from pasar.commerce.platforms.tiktokshop.signing import App, RequestAuth, sign
from pasar.commerce.platforms.tokens import Token
from tests.commerce.platforms.server import MemoryTokens

UTC = datetime.timezone.utc


@pytest.mark.parametrize(
    ("path", "query", "expected"),
    [
        # the page "Sign your API request"
        (
            "/authorization/202309/shops",
            {"app_key": "29a39d", "timestamp": "1623812664"},
            "b596b73e0cc6de07ac26f036364178ab16b0a907af13d43f0a0cd2345f582dc8",
        ),
        # fudiwei/DotNetCore.SKIT.FlurlHttpClient.ByteDance@394cb4b7, TestCase_RequestSigningTests.cs
        (
            "/event/202309/webhooks",
            {"app_key": "68xu9ks5p4i8", "shop_cipher": "ROW_xkMbgAAAeVAQra0eZWebFQq5aIK", "timestamp": "1696909648"},
            "ed58e1b5e59865c22a7b828c1cab65007441f43cc91a6cb2f2cdc638e0995a37",
        ),
    ],
)
def test_published_signatures_of_requests(path: str, query: dict[str, str], expected: str) -> None:
    """In any order of the query, whatever ``sign`` and ``access_token`` stand in it already."""
    assert expected == sign("e59af819cc", path, query)
    shuffled = {"sign": "x", **dict(reversed(query.items())), "access_token": "y"}
    assert expected == sign("e59af819cc", path, shuffled)


async def test_the_published_signature_goes_out_with_the_request(monkeypatch: pytest.MonkeyPatch) -> None:
    """The second one above, made by what signs every request."""
    monkeypatch.setattr("time.time", lambda: 1696909648.9)
    request = await sign_request(httpx.Request("GET", "https://x.example/event/202309/webhooks"))
    assert "ed58e1b5e59865c22a7b828c1cab65007441f43cc91a6cb2f2cdc638e0995a37" == request.url.params["sign"]
    assert ("1696909648", "TTP_a") == (request.url.params["timestamp"], request.headers["x-tts-access-token"])
    assert "application/json" == request.headers["content-type"]


async def test_a_body_is_signed_but_for_multipart() -> None:
    """As the bytes that are sent; files are left out of the signature."""
    url = "https://x.example/customer_service/202309/images/upload"
    posted = await sign_request(httpx.Request("POST", url, json={"name": "สี", "a": 1}))
    query = dict(posted.url.params)
    body = '{"name":"สี","a":1}'.encode()
    assert body == posted.content
    assert (
        sign("e59af819cc", posted.url.path, query, body) == query["sign"] != sign("e59af819cc", posted.url.path, query)
    )
    uploaded = await sign_request(httpx.Request("POST", url, files={"data": b"JPEG"}))
    query = dict(uploaded.url.params)
    assert sign("e59af819cc", uploaded.url.path, query) == query["sign"]


async def sign_request(request: httpx.Request) -> httpx.Request:
    """The request as it is sent."""
    tokens = MemoryTokens()
    tokens.tokens["testshop", "tiktokshop"] = Token("TTP_a", "TTP_r", datetime.datetime.max.replace(tzinfo=UTC))
    app = App("68xu9ks5p4i8", "e59af819cc")
    auth = RequestAuth("testshop", app, "ROW_xkMbgAAAeVAQra0eZWebFQq5aIK", tokens, "")
    flow = auth.async_auth_flow(request)
    signed = await flow.__anext__()
    await flow.aclose()
    return signed
