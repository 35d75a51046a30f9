"""A shop's products in this process's memory, ready to be searched."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Mapping, Sequence

from pasar.commerce.backend import ShopError
from pasar.commerce.model import Product
from pasar.commerce.platforms.catalogue import Catalogue, Changes, find_reference
from pasar.commerce.search import ProductIndex

#: Seconds for which the catalogue is not asked whether anything is new.
FRESH_SECONDS = 5.0


class Shelf:
    """What the catalogue holds, as it was at most some seconds ago."""

    def __init__(self, catalogue: Catalogue) -> None:
        """Empty; reads at the first call."""
        self._catalogue = catalogue
        self._version = 0
        self._checked = float("-inf")
        self._products: Mapping[str, Product] = {}
        self._by_sku: Mapping[str, str] = {}
        self._index = ProductIndex(())

    async def list(self) -> Sequence[Product]:
        """All products, in the shop's order."""
        await self._refresh()
        return tuple(self._products.values())

    async def find(self, sku: str) -> Product | None:
        """The product of that SKU, of itself or of one of its variants, in any letter case."""
        await self._refresh()
        reference = self._by_sku.get(sku.strip().casefold())
        return None if reference is None else self._products[reference]

    async def search(self, message: str, limit: int, language: str = "") -> Sequence[Product]:
        """Products that a message names, best first."""
        await self._refresh()
        # The index is as old as the names in it; prices and stock may be newer.
        return [self._products[find_reference(product)] for product in self._index.find(message, limit, language)]

    def forget(self) -> None:
        """Ask the catalogue at the next call, whenever it was asked last."""
        self._checked = float("-inf")

    async def _refresh(self) -> None:
        now, before = time.monotonic(), self._checked
        if now - before < FRESH_SECONDS:
            return
        if self._version:
            self._checked = now  # who comes meanwhile is served with what there is
        try:
            changes = await self._catalogue.read_changes(self._version)
        except ShopError:
            self._checked = before
            raise
        if changes is not None and changes.version > self._version:
            self._apply(changes)
        if self._version == 0:
            shop_id = self._catalogue.shop_id
            raise ShopError(shop_id, "read_catalogue", f"its products were never read: make sync SHOP={shop_id}")
        self._checked = now

    def _apply(self, changes: Changes) -> None:
        products = {}
        for reference, read_at in changes.read_at.items():
            product = changes.products.get(reference) or self._products.get(reference)
            if product is not None:  # else it was removed while the catalogue was read
                products[reference] = dataclasses.replace(product, read_at=read_at)
        names = [_list_names(product) for product in products.values()]
        if names != [_list_names(product) for product in self._products.values()]:
            self._index = ProductIndex(products.values())
        variants = [(variant.sku, reference) for reference, item in products.items() for variant in item.variants]
        own = [(item.sku, reference) for reference, item in products.items()]
        # Of two with the same SKU the first one counts, and a product's own before a variant's.
        self._by_sku = {sku.casefold(): reference for sku, reference in reversed([*own, *variants])}
        self._products, self._version = products, changes.version


def _list_names(product: Product) -> tuple[object, ...]:
    """All by which a product is found."""
    return find_reference(product), product.sku, product.name, product.aliases, [item.sku for item in product.variants]
