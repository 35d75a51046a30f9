"""Makes the demo shop's database: ``python -m pasar.commerce.demo``."""

from __future__ import annotations

import datetime
import os

from pasar.commerce.demo.database import upgrade
from pasar.commerce.demo.seed import find_seeded_on, seed

#: Where the database is where PASAR_DEMO_DATABASE does not say; relative to the working directory.
DEFAULT_DATABASE = "sqlite:///var/demo-shop.db"


def prepare_database(url: str, today: datetime.date) -> str:
    """Create, migrate and seed the database at ``url`` as far as needed today; says in one line what was done."""
    upgrade(url)
    if find_seeded_on(url, "stylehub") == today:
        return f"demo shop stylehub: already seeded for {today}"
    return f"demo shop {seed(url, today)}: seeded for {today}"


if __name__ == "__main__":
    # The shop counts its days in UTC, as do its orders.
    day = datetime.datetime.now(datetime.timezone.utc).date()
    print(prepare_database(os.environ.get("PASAR_DEMO_DATABASE") or DEFAULT_DATABASE, day))  # noqa: T201
