"""Fetching from addresses that strangers have sent."""

from __future__ import annotations

import dataclasses
import ssl

import httpx
import pytest
import pytest_asyncio
from aiohttp import web

from channels import downloads
from channels.downloads import DownloadError, Hosts, download
from pasar.media.limits import load_limits
from pasar.media.model import RefusedError
from tests.channels.certificates import write_certificate
from tests.commerce.platforms.server import PlatformServer

PRIVATE = (
    "127.0.0.1", "127.1.2.3", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0",
    "224.0.0.1", "255.255.255.255", "::1", "::", "fe80::1%eth0", "fc00::1", "ff02::1", "::ffff:127.0.0.1",
    "::ffff:10.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::", "2001:0:7f00:1::1", "198.18.0.1", "240.0.0.1",
)  # fmt: skip
PUBLIC = ("8.8.8.8", "157.240.1.1", "2a03:2880:f003:c07::1", "::ffff:8.8.8.8", "64:ff9b::808:808")


class FileServer(PlatformServer):
    """Files, and answers that lead elsewhere."""

    def __init__(self) -> None:
        super().__init__()
        self.location = ""

    def add_routes(self, router: web.UrlDispatcher) -> None:
        router.add_get("/file", self.serve)
        router.add_get("/endless", self.pour)
        router.add_get("/away", self.redirect)

    async def serve(self, request: web.Request) -> web.Response:
        return web.Response(body=b"content")

    async def pour(self, request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()  # without a length
        await response.prepare(request)
        for _ in range(10_000):
            await response.write(b"x" * 65536)
        return response

    async def redirect(self, request: web.Request) -> web.Response:
        return web.Response(status=302, headers={"Location": self.location})


@pytest_asyncio.fixture
async def server():
    async with FileServer() as running:
        yield running


@pytest.fixture
def own(server):
    """As where the shop has entered that address itself."""
    return Hosts(trusted=server.base_url)


def resolve_to(monkeypatch, *numbers):
    async def resolve(name, _port):
        asked.append(name)
        return list(numbers)

    asked: list[str] = []
    monkeypatch.setattr(downloads, "_resolve", resolve)
    return asked


@pytest.mark.parametrize("number", PRIVATE)
def test_private_addresses_are_known(number):
    assert not downloads._is_public(number)


@pytest.mark.parametrize("number", PUBLIC)
def test_public_addresses_are_known(number):
    assert downloads._is_public(number)


@pytest.mark.parametrize(
    "url",
    [
        "http://cdn.example/a.jpg",
        "file:///etc/passwd",
        "ftp://cdn.example/a",
        "https://user:secret@cdn.example/a",
        "https://user@cdn.example/a",
        "https:///a",
        "https://[::1",
        "https://cdn.example:99999/a",
        "//cdn.example/a",
        "",
    ],
)
async def test_only_plain_https_is_asked(url):
    with pytest.raises(RefusedError):
        await download(url)


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "[::1]", "169.254.169.254", "0.0.0.0", "2130706433", "0x7f.1", "127.1"]
)
async def test_private_hosts_are_not_asked(host):
    with pytest.raises((RefusedError, DownloadError)) as caught:
        await download(f"https://{host}/latest/meta-data")
    assert host not in str(caught.value)


@pytest.mark.parametrize("numbers", [("10.0.0.1",), ("8.8.8.8", "127.0.0.1")], ids=["one", "among others"])
async def test_a_name_of_a_private_address_is_not_asked(monkeypatch, numbers):
    resolve_to(monkeypatch, *numbers)
    with pytest.raises(RefusedError, match="private"):
        await download("https://cdn.example/a.jpg")


@pytest.mark.parametrize("host", ["evil.example", "fbsbx.com.evil.example", "evilfbsbx.com"])
async def test_only_the_platforms_hosts_are_asked_where_it_names_them(monkeypatch, host):
    asked = resolve_to(monkeypatch, "8.8.8.8")
    with pytest.raises(RefusedError, match="platform"):
        await download(f"https://{host}/a", Hosts(("fbsbx.com",)))
    assert [] == asked


async def test_what_the_shop_has_entered_is_asked(server, own):
    assert b"content" == await download(f"{server.base_url}/file", own, {"Authorization": "Bearer t"})
    assert "Bearer t" == server.seen[0].headers["authorization"]


@pytest.mark.parametrize(
    "location", ["http://127.0.0.1:1/", "https://169.254.169.254/latest", "https://localhost/", "file:///etc/passwd"]
)
async def test_a_redirect_is_judged_as_the_first_address_was(server, own, location):
    server.location = location
    with pytest.raises(RefusedError):
        await download(f"{server.base_url}/away", own)


async def test_redirects_end(server, own):
    server.location = "/away"
    with pytest.raises(RefusedError, match="again and again"):
        await download(f"{server.base_url}/away", own)
    server.location = "/file"
    assert b"content" == await download(f"{server.base_url}/away", own)


async def test_what_is_too_large_is_cut_off(server, own, monkeypatch):
    few = dataclasses.replace(load_limits(), most_bytes=200_000)
    monkeypatch.setattr(downloads, "load_limits", lambda: few)
    with pytest.raises(RefusedError, match="200000"):
        await download(f"{server.base_url}/endless", own)


async def test_what_says_to_be_too_large_is_not_read(server, own, monkeypatch):
    few = dataclasses.replace(load_limits(), most_bytes=3)
    monkeypatch.setattr(downloads, "load_limits", lambda: few)
    with pytest.raises(RefusedError):
        await download(f"{server.base_url}/file", own)


async def test_errors_say_what_the_answer_was(server, own):
    server.break_next(status=503, headers={"Retry-After": "7"})
    with pytest.raises(DownloadError) as caught:
        await download(f"{server.base_url}/file?token=secret", own)
    assert (503, 7.0) == (caught.value.status, caught.value.after)
    with pytest.raises(DownloadError) as caught:
        await download("http://127.0.0.1:1/secret", Hosts(trusted="http://127.0.0.1:1"))
    assert 0 == caught.value.status and "secret" not in str(caught.value)


@pytest_asyncio.fixture
async def secure(tmp_path, monkeypatch):
    """A server with TLS, whose certificate is for 127.0.0.1, and which counts as a public one."""
    path = write_certificate(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    hosts = []

    async def serve(request):
        hosts.append(request.headers["Host"])
        return web.Response(body=b"content", headers={"X-Token": request.headers.get("Authorization", "")})

    app = web.Application()
    app.router.add_get("/file", serve)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context).start()
    trust = httpx.create_ssl_context(verify=str(path))
    monkeypatch.setattr(downloads, "load_trust", lambda: trust)
    monkeypatch.setattr(downloads, "_is_public", lambda _: True)
    yield runner.addresses[0][1], hosts
    await runner.cleanup()


async def test_the_certificate_must_be_the_names(secure, monkeypatch):
    """The number that was judged is called, and the name's certificate is asked for all the same."""
    port, hosts = secure
    assert b"content" == await download(f"https://127.0.0.1:{port}/file")
    resolve_to(monkeypatch, "127.0.0.1")
    with pytest.raises(DownloadError, match="ConnectError"):
        await download(f"https://cdn.example:{port}/file")
    assert [f"127.0.0.1:{port}"] == hosts
