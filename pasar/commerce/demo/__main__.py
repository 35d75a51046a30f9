"""Makes the demo shop's database: ``python -m pasar.commerce.demo``."""

from __future__ import annotations

import datetime
import os
import zoneinfo

from pasar.commerce.demo.database import upgrade
from pasar.commerce.demo.seed import find_seeded_on, seed

#: Where the database is where PASAR_DEMO_DATABASE does not say; relative to the working directory.
DEFAULT_DATABASE = "sqlite:///var/demo-shop.db"
TIME_ZONE = "Asia/Jakarta"  # as stylehub/shop.yml has it


def prepare_database(url: str, today: datetime.date) -> str:
    """Create, migrate and seed the database at ``url`` as far as needed today; says in one line what was done."""
    upgrade(url)
    if find_seeded_on(url, "stylehub") == today:
        return f"demo shop stylehub: already seeded for {today}"
    return f"demo shop {seed(url, today)}: seeded for {today}"


if __name__ == "__main__":
    # "Yesterday" in the demo shop's data is the shop's yesterday.
    day = datetime.datetime.now(zoneinfo.ZoneInfo(TIME_ZONE)).date()
    print(prepare_database(os.environ.get("PASAR_DEMO_DATABASE") or DEFAULT_DATABASE, day))  # noqa: T201
