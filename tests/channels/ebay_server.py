"""eBay on this machine."""

from __future__ import annotations

import base64
import json
from typing import Any

from aiohttp import BasicAuth, web
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from pasar.messages.model import ReplyKind
from tests.channels.contract import ChatServer, Shown

KEYS = ("ebay-client-of-the-tests", "ebay-client-secret-of-the-tests")
REFRESH = "v^1.1#ebay-refresh-token-of-the-tests"
KEY_ID = "9936261a-7d7b-4621-a0f1-96ccb428af4a"
_PRIVATE = ec.generate_private_key(ec.SECP256R1())


class EbayServer(ChatServer):
    """Tokens, public keys, messages."""

    platform = "ebay"
    specification = (
        "https://developer.ebay.com/api-docs/commerce/message/overview.html and …/commerce/notification/overview.html"
    )
    checks = (
        "tokens for the application's keys and a seller's refresh token, public keys by id, signed "
        "notifications (ECDSA), destinations, shapes and lengths of messages, five media by https"
    )
    leaves_out = "who may write to whom, limits of calls, subscriptions"

    def __init__(self) -> None:
        super().__init__()
        self.seller = "seller-0"  #: the access token that is valid now
        self.application = "application-0"
        self.lasts: Any = 7200
        self.status = "ENABLED"  #: of the destination
        self.keys: dict[str, dict[str, Any]] = {KEY_ID: {"algorithm": "ECDSA", "digest": "SHA1", "key": write_key()}}

    def add_routes(self, router: web.UrlDispatcher) -> None:
        router.add_post("/identity/v1/oauth2/token", self.give_token)
        router.add_get("/commerce/notification/v1/public_key/{id}", self.give_key)
        router.add_post("/commerce/message/v1/send_message", self.send)
        router.add_get("/commerce/message/v1/conversation", self.list_conversations)
        router.add_get("/commerce/notification/v1/destination", self.list_destinations)

    async def give_token(self, request: web.Request) -> web.Response:
        if request.headers.get("Authorization") != BasicAuth(*KEYS).encode():
            self.forged += 1
            return web.json_response({"error": "invalid_client"}, status=401)
        form = dict(await request.post())
        number = len(self.calls("oauth2/token"))
        if form == {"grant_type": "client_credentials", "scope": "https://api.ebay.com/oauth/api_scope"}:
            self.application = f"application-{number}"
            return self.write_token(self.application)
        scope = "https://api.ebay.com/oauth/api_scope/commerce.message"
        if form != {"grant_type": "refresh_token", "refresh_token": REFRESH, "scope": scope}:
            return web.json_response({"error": "invalid_grant"}, status=400)
        self.seller = f"seller-{number}"
        return self.write_token(self.seller)

    def write_token(self, access: str) -> web.Response:
        # No refresh token comes back: the one there is goes on.
        return web.json_response({"access_token": access, "expires_in": self.lasts, "token_type": "User Access Token"})

    async def give_key(self, request: web.Request) -> web.Response:
        if request.headers.get("Authorization") != f"Bearer {self.application}":
            self.forged += 1
            return refuse(401, 1001, "Invalid access token")
        key = self.keys.get(request.match_info["id"])
        return refuse(404, 2, "not found") if key is None else web.json_response(key)

    async def list_conversations(self, request: web.Request) -> web.Response:
        if request.headers.get("Authorization") != f"Bearer {self.seller}":
            self.forged += 1
            return refuse(401, 1001, "Invalid access token")
        assert request.query["conversation_type"] in ("FROM_MEMBERS", "FROM_EBAY") and int(request.query["limit"]) <= 50
        return web.json_response({"conversations": [], "limit": 1, "offset": 0, "total": 0})

    async def list_destinations(self, request: web.Request) -> web.Response:
        if request.headers.get("Authorization") != f"Bearer {self.application}":
            self.forged += 1
            return refuse(401, 1001, "Invalid access token")
        assert 10 <= int(request.query["limit"]) <= 100
        config = {"endpoint": self.callback, "verificationToken": "***"}
        destination = {"destinationId": "1", "name": "bot", "status": self.status, "deliveryConfig": config}
        return web.json_response({"total": 1, "destinations": [destination] if self.callback else []})

    async def send(self, request: web.Request) -> web.Response:
        if request.headers.get("Authorization") != f"Bearer {self.seller}":
            self.forged += 1
            return refuse(401, 1001, "Invalid access token")
        body = await request.json()
        media = body.get("messageMedia", [])
        good = set(body) <= {"conversationId", "messageText", "messageMedia"} and body.get("conversationId")
        if not good or not 0 < len(body.get("messageText", "")) <= 2000 or len(media) > 5:
            return refuse(400, 1, "invalid")
        for item in media:
            if not item["mediaName"] or item["mediaType"] != "IMAGE" or not item["mediaUrl"].startswith("https://"):
                return refuse(400, 1, "invalid media")
        kind = ReplyKind.IMAGE if media else ReplyKind.TEXT
        self.shown.append(Shown(body["conversationId"], body["messageText"], kind))
        answer = {"messageId": f"message-{len(self.shown)}", "messageBody": body["messageText"], "readStatus": False}
        return web.json_response(answer)


def write_key() -> str:
    """The public key as eBay writes it: without line breaks."""
    der = _PRIVATE.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return f"-----BEGIN PUBLIC KEY-----{base64.b64encode(der).decode()}-----END PUBLIC KEY-----"


def sign(body: bytes, key_id: str = KEY_ID, digest: str = "SHA1") -> str:
    """The header over a body."""
    algorithm = {"SHA1": hashes.SHA1, "SHA256": hashes.SHA256}[digest]()
    signature = base64.b64encode(_PRIVATE.sign(body, ec.ECDSA(algorithm))).decode()
    fields = {"alg": "ecdsa", "kid": key_id, "signature": signature, "digest": digest}
    return base64.b64encode(json.dumps(fields, separators=(",", ":")).encode()).decode()


def refuse(status: int, number: int, message: str) -> web.Response:
    """An error in eBay's shape; the numbers are ours, but 1001."""
    errors = [{"errorId": number, "domain": "ACCESS", "category": "REQUEST", "message": message}]
    return web.json_response({"errors": errors}, status=status)
