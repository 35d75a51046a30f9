"""Reading a platform's products into the catalogue."""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Callable, Iterator, Sequence

import structlog

from pasar.commerce.backend import ShopError
from pasar.commerce.changes import Ability
from pasar.commerce.model import Product
from pasar.commerce.platforms.api import Notice, NoticeKind, PlatformApi
from pasar.commerce.platforms.catalogue import Catalogue, Counts

#: Where only changes are read, products that were taken down are not told: all are read once a day.
WHOLE_EVERY = datetime.timedelta(hours=24)
#: Clocks differ, and platforms' searches lag behind: changes are asked from so long before the last sync.
OVERLAP = datetime.timedelta(minutes=10)
#: Products written at once, however long the platform's pages are.
MOST_WRITTEN = 500

#: Is told how many products are read, and how many there will be: as many as the last time, None where that is unknown.
Progress = Callable[[int, "int | None"], None]

log = structlog.get_logger()


@dataclasses.dataclass(frozen=True)
class SyncReport:
    """What came of a sync."""

    whole: bool  #: whether all products were read, not only changed ones
    added: int
    changed: int
    same: int
    removed: int


def be_silent(_done: int, _total: int | None) -> None:
    """Tell nobody."""


async def sync_catalogue(
    api: PlatformApi, catalogue: Catalogue, *, whole: bool = False, progress: Progress = be_silent
) -> SyncReport:
    """Read what has changed since the last sync, or all of it.

    What was written stays where it is cut off, and the next sync reads it again. Products that have vanished are
    removed at the end of a whole one.
    """
    stand, began = await catalogue.read_stand(), _now()
    whole = whole or Ability.SYNC_CHANGES not in api.abilities or _is_due(stand.whole_from, began)
    since = None if whole or stand.synced_from is None else stand.synced_from - OVERLAP
    total = Counts()
    place = 0
    async for page in api.read_products(since):
        for part in _cut(page):
            counts = await catalogue.write(part, _now(), place if whole else None)
            place += len(part)
            total = Counts(total.added + counts.added, total.changed + counts.changed, total.same + counts.same)
            progress(place, stand.products if whole and stand.products else None)
    removed = 0
    if whole:
        if place == 0 and stand.products:
            # Rather a platform's mistake than a shop that sells nothing any more.
            reason = f"the platform gave no product at all: the {stand.products} known ones are kept"
            raise ShopError(catalogue.shop_id, "sync", reason)
        removed = await catalogue.remove_unseen(stand.version)
    await catalogue.finish(began, whole=whole)
    report = SyncReport(whole, total.added, total.changed, total.same, removed)
    log.info("catalogue.synced", shop=catalogue.shop_id, **dataclasses.asdict(report))
    return report


async def refresh_product(api: PlatformApi, catalogue: Catalogue, notice: Notice) -> None:
    """Bring the product of a notice up to date; a notice of something else changes nothing.

    A deletion is asked about, too: webhooks come in no order, and some platforms sign the body but not its topic.
    """
    if not notice.reference or notice.kind not in (NoticeKind.PRODUCT_CHANGED, NoticeKind.PRODUCT_DELETED):
        return
    product = await api.read_product(notice.reference)
    if product is None:
        await catalogue.remove(notice.reference)
    else:
        await catalogue.write([product], _now())


def _is_due(whole_from: datetime.datetime | None, now: datetime.datetime) -> bool:
    return whole_from is None or now - whole_from >= WHOLE_EVERY


def _cut(page: Sequence[Product]) -> Iterator[Sequence[Product]]:
    for start in range(0, len(page), MOST_WRITTEN):
        yield page[start : start + MOST_WRITTEN]


def _now() -> datetime.datetime:
    return datetime.datetime.now(datetime.timezone.utc)
