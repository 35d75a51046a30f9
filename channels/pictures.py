"""Pictures that a platform wants as bytes or with their size: fetched from the shop's own address, and checked."""

from __future__ import annotations

import dataclasses
import io
import warnings

import httpx
from PIL import Image

from channels.connector import SEND_SECONDS, SendError

_TYPES = {"JPEG": "image/jpeg", "PNG": "image/png", "GIF": "image/gif", "WEBP": "image/webp"}


@dataclasses.dataclass(frozen=True)
class Picture:
    """A picture's bytes, and what they are."""

    data: bytes = dataclasses.field(repr=False)
    media_type: str
    width: int
    height: int

    @property
    def file_name(self) -> str:
        """A name as its kind asks for."""
        return f"picture.{self.media_type.partition('/')[2]}"


async def fetch_picture(client: httpx.AsyncClient, url: str, most: int) -> Picture:
    """A JPEG, PNG, GIF or WebP of at most ``most`` bytes; SendError, permanent where another try is of no use."""
    if not url.startswith("https://"):
        raise SendError("picture: its address is not https", permanent=True)
    data = bytearray()
    try:
        async with client.stream("GET", url, timeout=SEND_SECONDS) as response:
            if response.status_code != httpx.codes.OK:
                passing = response.status_code >= 500 or response.status_code == httpx.codes.TOO_MANY_REQUESTS
                raise SendError(f"picture: HTTP {response.status_code}", permanent=not passing)
            async for part in response.aiter_bytes():
                data += part
                if len(data) > most:
                    raise SendError(f"picture: over {most} bytes", permanent=True)
    except httpx.InvalidURL as error:
        raise SendError("picture: its address cannot be read", permanent=True) from error
    except httpx.HTTPError as error:
        raise SendError(f"picture: no answer ({type(error).__name__})") from error
    return read_picture(bytes(data))


def read_picture(data: bytes) -> Picture:
    """What the bytes are, by their own head; SendError where they are no picture."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(data), formats=tuple(_TYPES)) as image:
                return Picture(data, _TYPES[str(image.format)], *image.size)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise SendError("picture: is no JPEG, PNG, GIF or WebP", permanent=True) from error
