"""Fetching from an address that came with a message: it may lead anywhere, so that it is looked at first.

Only https, only the platform's own hosts where it names them, only hosts that the whole Internet reaches: an address is
resolved once, judged, and that very address is called, so that no second answer of a name server leads elsewhere. Each
redirect is judged as the first address was. What is too large is cut off while it comes. Proxies of the environment are
not asked: they would resolve the name again.
"""

from __future__ import annotations

import asyncio
import dataclasses
import ipaddress
import socket
import urllib.parse
from collections.abc import Mapping

import httpx

from pasar.commerce.platforms.client import load_trust
from pasar.media.limits import load_limits
from pasar.media.model import RefusedError

MOST_REDIRECTS = 3
SECONDS = 20.0  # until it connects, and between two parts
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_NAT64 = ipaddress.ip_network("64:ff9b::/96")  # RFC 6052: an IPv4 address within
_HEADERS = {"Accept-Encoding": "identity"}  # else a small answer could unpack into a huge one


class DownloadError(Exception):
    """It was not got; says whether another try is worth it. Holds nothing of the address: keys may be in it."""

    def __init__(self, reason: str, *, status: int = 0, after: float | None = None) -> None:
        """``status`` of the answer; 0 where there was none. ``after``: seconds that the host asks to wait."""
        super().__init__(reason)
        self.status = status
        self.after = after


@dataclasses.dataclass(frozen=True)
class Hosts:
    """Whom a connector may ask for media."""

    names: tuple[str, ...] = ()  #: domains, with all below them; () where the platform names none
    trusted: str = ""  #: an address that the shop itself has entered: what is below its host is not judged


async def download(url: str, hosts: Hosts = Hosts(), headers: Mapping[str, str] | None = None) -> bytes:
    """The bytes at an address; DownloadError, and RefusedError where nobody asks there or there is too much.

    ``headers`` go to the first host only.
    """
    first = _read_origin(url)
    try:
        async with httpx.AsyncClient(verify=load_trust(), timeout=SECONDS, trust_env=False) as client:
            for _ in range(MOST_REDIRECTS + 1):
                own = headers if _read_origin(url) == first else None
                found = await _ask(client, url, hosts, {**_HEADERS, **(own or {})})
                if isinstance(found, bytes):
                    return found
                url = urllib.parse.urljoin(url, found)
    except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
        raise DownloadError(f"no answer ({type(error).__name__})") from error
    raise RefusedError("it is redirected again and again")


async def _ask(client: httpx.AsyncClient, url: str, hosts: Hosts, headers: dict[str, str]) -> bytes | str:
    """The bytes, or where they have gone."""
    called, extensions = url, {}
    if not hosts.trusted or _read_origin(url) != _read_origin(hosts.trusted):
        name, port, number = await _judge(url, hosts.names)
        # The number is called, and the certificate must be the name's all the same.
        called = str(httpx.URL(url).copy_with(host=number))
        headers = {**headers, "Host": name if port == 443 else f"{name}:{port}"}
        extensions = {"sni_hostname": name}
    async with client.stream("GET", called, headers=headers, extensions=extensions) as response:
        if response.status_code in _REDIRECTS and "location" in response.headers:
            return response.headers["location"]
        if response.status_code != httpx.codes.OK:
            named = response.headers.get("retry-after", "")
            after = float(named) if named.isdecimal() else None
            raise DownloadError(f"HTTP {response.status_code}", status=response.status_code, after=after)
        most, data = load_limits().most_bytes, bytearray()
        told = response.headers.get("content-length", "")
        if told.isdecimal() and int(told) > most:
            raise RefusedError(f"it has over {most} bytes")
        async for part in response.aiter_bytes():
            data += part
            if len(data) > most:
                raise RefusedError(f"it has over {most} bytes")
        return bytes(data)


async def _judge(url: str, names: tuple[str, ...]) -> tuple[str, int, str]:
    """Host, port and the number to call; RefusedError, OSError where the name cannot be resolved."""
    parts = _split(url)
    name = (parts.hostname or "").rstrip(".").lower()
    if parts.scheme != "https" or not name or parts.username is not None or parts.password is not None:
        raise RefusedError("its address is no plain https")
    if names and not any(name == own or name.endswith(f".{own}") for own in names):
        raise RefusedError("its address is not the platform's")
    port = parts.port or 443
    numbers = await _resolve(name, port)
    if not numbers or not all(map(_is_public, numbers)):
        raise RefusedError("its address is a private one")
    return name, port, numbers[0]


async def _resolve(name: str, port: int) -> list[str]:
    found = await asyncio.get_running_loop().getaddrinfo(name, port, type=socket.SOCK_STREAM)
    return [str(item[4][0]) for item in found]


def _is_public(number: str) -> bool:
    address = ipaddress.ip_address(number.partition("%")[0])
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour
        if inner is None and address in _NAT64:
            inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if address.teredo is not None:
            return False
        if inner is not None:
            return inner.is_global and not inner.is_multicast
    return address.is_global and not address.is_multicast


def _read_origin(url: str) -> tuple[str, str, int | None]:
    parts = _split(url)
    return parts.scheme, (parts.hostname or "").lower(), parts.port


def _split(url: str) -> urllib.parse.SplitResult:
    try:
        parts = urllib.parse.urlsplit(url)
        _ = parts.port  # is read here, and may be none
    except ValueError as error:
        raise RefusedError("its address cannot be read") from error
    return parts
