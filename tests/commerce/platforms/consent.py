"""The platforms on this machine with the page on which a seller lets an app in: she consents, or not, at once.

Built from https://open.shopee.com/developer-guide/20 (authorisation link, GetAccessToken),
https://open.lazada.com/apps/doc/doc?nodeId=10777&docId=108260 with /auth/token/create, and
https://partner.tiktokshop.com/docv2/page/678e3a3292b0f40314a92d75 with Get Authorized Shops. They check the link's
signature and parameters, give codes that work once and end, and lead back as these pages say. Not covered: logging in,
choosing shops and scopes, and with which words Shopee refuses a code, which its guide does not say.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from aiohttp import web
from yarl import URL

from tests.commerce.platforms import lazada_server
from tests.commerce.platforms.lazada_server import LazadaServer
from tests.commerce.platforms.shopee_server import PARTNER_ID, SHOP_ID, Refusal, ShopeeServer
from tests.commerce.platforms.tiktokshop import server as tiktok_server
from tests.commerce.platforms.tiktokshop.server import TikTokShopServer

SERVICE_ID = "7431458374265161478"


class ConsentShopee(ShopeeServer):
    """Shopee."""

    def __init__(self) -> None:
        self.main_account = 0  #: with which the seller logs in; 0: with the shop's own account
        self.codes: dict[str, float] = {}  #: code → when it ends
        super().__init__()

    def add_routes(self, router: web.UrlDispatcher) -> None:
        super().add_routes(router)
        router.add_post("/api/v2/auth/token/get", self._answer(self.get_tokens, shop=False))
        router.add_get("/api/v2/shop/auth_partner", self._authorise)

    async def _authorise(self, request: web.Request) -> web.Response:
        try:
            self._check(request, shop=False)
        except Refusal as refusal:
            return web.json_response({"error": refusal.code, "message": refusal.message}, status=403)
        code = f"{next(self._numbers):032x}"
        self.codes[code] = time.time() + 600
        whose = {"main_account_id": self.main_account} if self.main_account else {"shop_id": SHOP_ID}
        raise web.HTTPFound(URL(request.query["redirect"]).update_query(code=code, **whose))

    def get_tokens(self, body: Any) -> Any:
        if body["partner_id"] != PARTNER_ID or ("shop_id" in body) == ("main_account_id" in body):
            raise Refusal("error_param", "Wrong parameters.")
        mine = {"main_account_id": self.main_account} if self.main_account else {"shop_id": SHOP_ID}
        if self.codes.pop(body["code"], 0.0) < time.time() or any(body.get(name) != mine[name] for name in mine):
            raise Refusal("error_auth", "Invalid code.")
        access, refresh = self.issue()
        answer = {"access_token": access, "refresh_token": refresh, "expire_in": 14400}
        return answer | ({"shop_id_list": [7, SHOP_ID], "merchant_id_list": []} if self.main_account else {})


class ConsentLazada(LazadaServer):
    """Lazada, where the app's page has one address that sellers are led back to."""

    def __init__(self, callback: str) -> None:
        self.callback = callback
        self.country = "sg"  #: of the seller who logs in; "cb": she sells in several
        self.as_object = False  #: the countries, as the reference's sample has them; else as the guide's
        self.codes: dict[str, float] = {}
        super().__init__()

    def add_routes(self, router: web.UrlDispatcher) -> None:
        super().add_routes(router)
        router.add_get("/rest/auth/token/create", self._wrap("/auth/token/create", self._create))
        router.add_get("/oauth/authorize", self._authorise)

    async def _authorise(self, request: web.Request) -> web.Response:
        query, wanted = request.query, ("code", lazada_server.APP_KEY, self.callback)
        if (query["response_type"], query["client_id"], query["redirect_uri"]) != wanted:
            return web.Response(status=400, text="this is not the app's")
        code = f"0_{lazada_server.APP_KEY}_{len(self.codes)}"
        self.codes[code] = time.time() + 1800
        raise web.HTTPFound(f"{self.callback}?code={code}&state={query['state']}")

    def _create(self, query: Mapping[str, str]) -> dict[str, Any]:
        if self.codes.pop(query["code"], 0.0) < time.time():
            raise lazada_server.Refusal("InvalidCode", "Invalid authorization code")
        self.tokens["access-0"] = time.time() + self.token_seconds
        self.refresh_tokens["refresh-0"] = 15_552_000
        countries = ("sg", "my") if self.country == "cb" else (self.country,)
        users: Any = [{"country": name, "seller_id": "1001", "user_id": 10101} for name in countries]
        return {
            "access_token": "access-0",
            "country": self.country,
            "refresh_token": "refresh-0",
            "account_platform": "seller_center",
            "refresh_expires_in": 15_552_000,
            "country_user_info": {user.pop("country"): user for user in users} if self.as_object else users,
            "expires_in": self.token_seconds,
            "account": "seller@shop.example",
        }


class ConsentTikTok(TikTokShopServer):
    """TikTok Shop, where the app has one Redirect URL."""

    def __init__(self, callback: str) -> None:
        self.callback = callback
        self.consents = True
        self.shop_id = tiktok_server.SHOP_ID
        self.codes: dict[str, float] = {}
        super().__init__()

    def add_routes(self, router: web.UrlDispatcher) -> None:
        super().add_routes(router)
        router.add_get("/api/v2/token/get", self._get_token)
        router.add_get("/open/authorize", self._authorise)
        router.add_get("/authorization/202309/shops", self._list_shops)

    async def _authorise(self, request: web.Request) -> web.Response:
        assert SERVICE_ID == request.query["service_id"]
        state = request.query["state"]
        if not self.consents:
            raise web.HTTPFound(f"{self.callback}?code=null&error=auth_denied&state={state}")
        code = f"TTP_code_{len(self.codes)}"
        self.codes[code] = time.time() + 1800
        raise web.HTTPFound(f"{self.callback}?code={code}&state={state}")

    async def _get_token(self, request: web.Request) -> web.Response:
        query = request.query
        app = {"app_key": tiktok_server.APP_KEY, "app_secret": tiktok_server.APP_SECRET}
        if any(query.get(name) != value for name, value in {**app, "grant_type": "authorized_code"}.items()):
            return self._envelope(36004001, "bad app", {})
        if self.codes.pop(query.get("auth_code", ""), 0.0) < time.time():
            return self._envelope(36004004, "invalid auth code", {})
        until = int(time.time()) + 7 * 86400
        self.tokens["TTP_access_0"] = until
        self.refresh_tokens.add("TTP_refresh_0")
        data = {
            "access_token": "TTP_access_0",
            "access_token_expire_in": until,
            "refresh_token": "TTP_refresh_0",
            "refresh_token_expire_in": until + 365 * 86400,
            "open_id": "7010736057180325637",
            "seller_name": "Jjj test shop",
            "seller_base_region": "US",
            "user_type": 0,
        }
        return self._envelope(0, "success", data)

    async def _list_shops(self, request: web.Request) -> web.Response:
        # As every other call, but that it is about no shop: the server's check asks for the cipher last of all.
        refusal = self._refuse(request, dict(request.query), b"")
        if refusal is not None and not refusal[1].startswith("Missing identifier"):
            return self._envelope(*refusal, {})
        shop = {
            "cipher": tiktok_server.CIPHER,
            "code": "CNGBCBA4LLU8",
            "id": self.shop_id,
            "name": "Jjj test shop",
            "region": "US",
            "seller_type": "LOCAL",
        }
        return self._envelope(0, "Success", {"shops": [shop]})
