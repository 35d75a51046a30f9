"""The web chat's pages and files."""

from __future__ import annotations

import hashlib
import mimetypes
import pathlib
from typing import Any

import structlog
from sanic import Blueprint, Request, response
from sanic.response import HTTPResponse

from channels.faults import describe_fault
from channels.words import choose_language, load_interface
from pasar.commerce.backend import ShopError, UnknownShopError
from pasar.commerce.model import Product
from pasar.commerce.registry import default_shop, open_shop
from pasar.commerce.rules import Shop

ASSETS = pathlib.Path(__file__).parent / "assets"
SHOWN = 8  # products on the demo page

# Any page may frame the chat (so no frame-ancestors). Nothing but its own files runs in it,
# whatever a message contains.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self' ws: wss:; "
    "img-src 'self' http: https: data:; frame-src 'self'; base-uri 'none'; form-action 'none'"
)

log = structlog.get_logger()


def add_pages(routes: Blueprint) -> None:
    """Add the demo page, the frame, the script to embed, their files and the demo page's products."""

    @routes.get("/")
    async def demo(request: Request) -> HTTPResponse:
        if not request.path.endswith("/"):
            query = f"?{request.query_string}" if request.query_string else ""
            return response.redirect(f"{request.path}/{query}")
        return serve(request, "shop.html")

    @routes.get("/frame")
    async def frame(request: Request) -> HTTPResponse:
        return serve(request, "frame.html")

    @routes.get("/widget.js")
    async def widget(request: Request) -> HTTPResponse:
        return serve(request, "widget.js")

    @routes.get("/assets/<name:str>")
    async def asset(request: Request, name: str) -> HTTPResponse:
        return serve(request, name)

    @routes.get("/shop")
    async def shop(request: Request) -> HTTPResponse:
        try:
            return response.json(await describe_shop(request))
        except UnknownShopError:
            return response.json({"error": {"field": "shop", "message": "is not known here"}}, status=404)
        except ShopError as error:
            log.error("channel.shop.failed", shop=error.shop_id, **describe_fault(error))
            return response.json({"error": {"field": "shop", "message": "does not answer"}}, status=503)


def serve(request: Request, name: str) -> HTTPResponse:
    """Return a file of the web chat; the browser keeps it, and asks whether it has changed."""
    # Looked up among the folder's names, so that no name can lead out of it.
    path = {path.name: path for path in ASSETS.iterdir() if path.is_file()}.get(name)
    if path is None:
        return response.text("", status=404)
    content = path.read_bytes()
    tag = f'"{hashlib.sha256(content).hexdigest()[:20]}"'
    headers = {
        "ETag": tag,
        "Cache-Control": "no-cache",
        "Content-Security-Policy": POLICY,
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
    }
    if request.headers.get("if-none-match") == tag:
        return response.empty(status=304, headers=headers)
    kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
    if name.endswith(".js"):
        kind = "text/javascript"  # some systems' tables still say otherwise
        headers["Access-Control-Allow-Origin"] = "*"
    return response.raw(content, content_type=f"{kind}; charset=utf-8", headers=headers)


async def describe_shop(request: Request) -> dict[str, Any]:
    """Return what the demo page shows of a shop, in the browser's language."""
    backend = open_shop(request.args.get("shop") or default_shop())
    shop = await backend.get_shop()
    wishes = (request.args.get("languages") or "").split(",")[:10]
    language = choose_language(wishes, shop.default_language)
    products = list(await backend.list_products())
    # The product the address names comes first, as on its own page.
    named = (request.args.get("product") or "").casefold()
    products.sort(key=lambda product: product.sku.casefold() != named)
    return {
        "shop": shop.shop_id,
        "name": shop.name,
        "language": language,
        "words": load_interface(language)["shop_page"],
        "products": [_describe_product(product, shop, language) for product in products[:SHOWN]],
    }


def _describe_product(product: Product, shop: Shop, language: str) -> dict[str, Any]:
    price = product.prices.get(shop.currency)
    return {
        "sku": product.sku,
        "name": product.name.to(language, shop.default_language) or product.sku,
        "kind": product.kind,
        "image": product.image,
        "price": None if price is None else {"amount": str(price.amount), "currency": price.currency},
    }
