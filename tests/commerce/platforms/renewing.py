"""Asks for a token that must be renewed, as one of several processes: ``renewing.py URL FOLDER NUMBER``.

The platform is a folder: a refresh token that was sent is a file there, and sending it again fails.
"""

from __future__ import annotations

import asyncio
import datetime
import os
import pathlib
import sys
import time

from pasar.commerce.platforms.token_store import SqlTokenStore
from pasar.commerce.platforms.tokens import Token
from pasar.database import create_engine

KEY = "the key of the tests of two processes that race"


async def main(url: str, folder: pathlib.Path, number: str) -> None:
    """Wait for the start, ask, print what was given."""
    store = SqlTokenStore(create_engine(url), KEY)

    async def renew(token: Token) -> Token:
        # As a platform that gives a refresh token out once: two processes cannot both make the file.
        os.close(os.open(folder / f"spent-{token.refresh}", os.O_CREAT | os.O_EXCL))
        if number == "crash":
            (folder / "crashing").touch()
            os._exit(9)
        await asyncio.sleep(0.3)
        until = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(hours=4)
        return Token(f"access-{number}", f"refresh-{number}", until)

    (folder / f"waiting-{number}").touch()
    while not (folder / "start").exists():
        time.sleep(0.001)  # noqa: ASYNC251
    print((await store.get("shop", "platform", renew)).access)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], pathlib.Path(sys.argv[2]), sys.argv[3]))
