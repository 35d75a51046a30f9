"""The demo shop's database as it should be today."""

from __future__ import annotations

import datetime
import pathlib
import zoneinfo

import sqlalchemy as sa

from pasar.commerce.demo.database import upgrade
from pasar.commerce.demo.seed import find_seeded_on, seed

TIME_ZONE = "Asia/Jakarta"  # as stylehub/shop.yml has it


def prepare_database(url: str, today: datetime.date) -> str:
    """Create, migrate and seed the database at ``url`` as far as needed today; says in one line what was done."""
    upgrade(url)
    if find_seeded_on(url, "stylehub") == today:
        return f"demo shop stylehub: already seeded for {today}"
    return f"demo shop {seed(url, today)}: seeded for {today}"


def prepare_missing(url: str) -> None:
    """Make the database where it is a file that is not there yet: plain ``rasa shell`` in a new clone has a shop too."""
    address = sa.engine.make_url(url)
    is_file = address.get_backend_name() == "sqlite" and address.database not in (None, "", ":memory:")
    if is_file and not pathlib.Path(str(address.database)).exists():
        prepare_database(url, find_today())


def find_today() -> datetime.date:
    """The shop's day: "yesterday" in its data is the shop's yesterday."""
    return datetime.datetime.now(zoneinfo.ZoneInfo(TIME_ZONE)).date()
