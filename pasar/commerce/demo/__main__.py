"""Makes the demo shop's database: ``python -m pasar.commerce.demo``."""

from __future__ import annotations

import os

from pasar.commerce.demo.prepare import find_today, prepare_database

#: Where the database is where PASAR_DEMO_DATABASE does not say; relative to the working directory.
DEFAULT_DATABASE = "sqlite:///var/demo-shop.db"

if __name__ == "__main__":
    print(prepare_database(os.environ.get("PASAR_DEMO_DATABASE") or DEFAULT_DATABASE, find_today()))  # noqa: T201
