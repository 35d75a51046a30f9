"""eBay's signature under a notification: ECDSA, by a public key that eBay gives out for its id.

https://developer.ebay.com/api-docs/commerce/notification/resources/public_key/methods/getPublicKey : the header
``X-EBAY-SIGNATURE`` is Base64 of JSON with ``kid`` and ``signature``. eBay asks to keep a key for about an hour. Key and digest
are those that eBay gives for the id, whatever else the header says; the signature is over the body's bytes.
"""

from __future__ import annotations

import base64
import binascii
import collections
import json
import re
import time

import httpx
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_der_public_key

from channels.connector import SEND_SECONDS, Call, ForgedError, SendError
from channels.ebay.grants import Grants

KEPT_SECONDS = 3600.0
MOST_KEYS = 20
# Anybody may name ids that do not exist; eBay limits how often it is asked.
MOST_LOOKUPS = 10
LOOKUP_SECONDS = 60.0
STATUS = 412  # "Precondition Failed", as eBay's SDK answers to what is not signed
_KEY_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_MARKERS = re.compile(r"-----(BEGIN|END) PUBLIC KEY-----|\s")
_DIGESTS: dict[str, type[hashes.HashAlgorithm]] = {"SHA1": hashes.SHA1, "SHA256": hashes.SHA256}


class Key:
    """A public key, and until when (monotonic seconds) it is believed."""

    def __init__(self, key: str, digest: str) -> None:
        """Read what eBay gives; ForgedError (500: eBay then sends the notification again) where it cannot be used."""
        try:
            loaded = load_der_public_key(base64.b64decode(_MARKERS.sub("", key), validate=True))
            self._algorithm = ec.ECDSA(_DIGESTS[digest.upper()]())
        except (ValueError, KeyError, TypeError) as error:
            raise ForgedError("a public key of another kind", 500) from error
        if not isinstance(loaded, ec.EllipticCurvePublicKey):
            raise ForgedError("a public key of another kind", 500)
        self._key = loaded
        self.until = time.monotonic() + KEPT_SECONDS

    def verify(self, signature: bytes, body: bytes) -> None:
        """Return where it is the body's; else ForgedError."""
        try:
            self._key.verify(signature, body, self._algorithm)
        except InvalidSignature as error:
            raise ForgedError("wrong signature", STATUS) from error


class Signatures:
    """The keys there are, by id."""

    def __init__(self, client: httpx.AsyncClient, grants: Grants, url: str) -> None:
        """``url`` is eBay's."""
        self._client = client
        self._grants = grants
        self._url = f"{url}/commerce/notification/v1/public_key"
        self._keys: collections.OrderedDict[str, Key] = collections.OrderedDict()
        self._lookups: collections.deque[float] = collections.deque(maxlen=MOST_LOOKUPS)

    def verify(self, call: Call) -> None:
        """Return where the body is signed by a key that :meth:`prepare` has brought; else ForgedError."""
        key_id, signature = _read_header(call)
        key = self._keys.get(key_id)
        if key is None or key.until < time.monotonic():
            raise ForgedError("no public key", 500)
        key.verify(signature, call.body)

    async def prepare(self, call: Call) -> None:
        """Bring the key; ForgedError where the call names none, eBay has none, or cannot be asked."""
        key_id, _ = _read_header(call)
        known = self._keys.get(key_id)
        if known is not None and known.until >= time.monotonic():
            return
        now = time.monotonic()
        if len(self._lookups) == MOST_LOOKUPS and now - self._lookups[0] < LOOKUP_SECONDS:
            raise ForgedError("too many unknown keys", 500)
        self._lookups.append(now)
        self._keys[key_id] = await self._fetch(key_id)
        self._keys.move_to_end(key_id)
        while len(self._keys) > MOST_KEYS:
            self._keys.popitem(last=False)

    async def _fetch(self, key_id: str) -> Key:
        try:
            headers = {"Authorization": f"Bearer {await self._grants.find_application()}"}
            response = await self._client.get(f"{self._url}/{key_id}", headers=headers, timeout=SEND_SECONDS)
        except (SendError, httpx.HTTPError) as error:
            raise ForgedError(f"no public key ({type(error).__name__})", 500) from error
        if response.status_code == httpx.codes.NOT_FOUND:
            raise ForgedError("an unknown key", STATUS)
        try:
            body = response.json()
            key, digest = body["key"], body["digest"]
        except (ValueError, TypeError, KeyError, RecursionError) as error:
            raise ForgedError(f"no public key (HTTP {response.status_code})", 500) from error
        return Key(str(key), str(digest))


def _read_header(call: Call) -> tuple[str, bytes]:
    """The key's id and the signature."""
    shown = call.headers.get("x-ebay-signature")
    if not shown:
        raise ForgedError("no signature", STATUS)
    try:
        fields = json.loads(base64.b64decode(shown.encode("ascii"), validate=True))
        key_id, signature = fields["kid"], base64.b64decode(fields["signature"], validate=True)
    except (ValueError, TypeError, KeyError, RecursionError, binascii.Error) as error:
        raise ForgedError("a signature of another shape", STATUS) from error
    if not isinstance(key_id, str) or not _KEY_ID.fullmatch(key_id):
        raise ForgedError("a signature of another shape", STATUS)
    return key_id, signature
