"""The Redis server of an inbox, its keys and scripts.

Conversations are in :data:`PARTITIONS` partitions, by a hash of their id that never changes. A partition has a stream of
the messages that wait; whatever is changed is changed by one script (``scripts/*.lua``), which Redis runs whole or not at
all, on the keys of one partition. What a conversation's keys hold:

========================  ==========================================================================================
``messages``  stream      what waits or is being answered: member, keep_until, data
``known``     sorted set  ids of messages, by when they are forgotten; +inf while they wait
``recorded``  hash        id → data of what nobody answers, until it is forgotten
``due``       sorted set  conversations, by when somebody may take them; while one is claimed, when its lease ends
``thread:…``  hash        owner, batch, attempt of a claim; first_at, ready_at of what no batch has; address
``fresh:…``   list        the stream's ids of what no batch has
``batch:…``   list        the stream's ids of the batch
========================  ==========================================================================================
"""

from __future__ import annotations

import pathlib
import zlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import redis
import structlog

PARTITIONS = 64  # written into the keys: with another number nothing that waits would be found
CONNECT_SECONDS = 2.0
ANSWER_SECONDS = 5.0

_SCRIPTS = pathlib.Path(__file__).with_name("scripts")
_NEEDED = {"appendonly": "yes", "appendfsync": "always", "maxmemory-policy": "noeviction"}

log = structlog.get_logger()


class UnsafeServerError(RuntimeError):
    """The server may lose what it has taken; names the setting."""


def find_partition(conversation_id: str) -> int:
    """Where a conversation is."""
    return zlib.crc32(conversation_id.encode()) % PARTITIONS


def name_key(partition: int, name: str, conversation_id: str = "") -> str:
    """A key of a partition; what is in braces would keep a partition together in a cluster."""
    key = f"pasar:{{inbox-{partition:02}}}:{name}"
    return f"{key}:{conversation_id}" if conversation_id else key


class RedisServer:
    """A server that is asked when it is needed: it may be away when this process starts, and come back. Thread-safe."""

    def __init__(self, url: str) -> None:
        """``redis://``, ``rediss://`` or ``unix://``, as redis-py reads them."""
        self.client: Any = redis.Redis.from_url(
            url, decode_responses=True, socket_connect_timeout=CONNECT_SECONDS, socket_timeout=ANSWER_SECONDS
        )
        self._scripts: Mapping[str, Any] = {
            path.stem: self.client.register_script(path.read_text(encoding="utf-8")) for path in _SCRIPTS.glob("*.lua")
        }
        self._is_checked = False

    def run(
        self, script: str, names: Sequence[str], conversation_id: str, arguments: Sequence[Any], pipeline: Any = None
    ) -> Any:
        """Run a script on the keys of a conversation, in a pipeline where one is given."""
        partition = find_partition(conversation_id)
        keys = [
            name_key(partition, name, conversation_id if name in {"thread", "fresh", "batch"} else "") for name in names
        ]
        return self._scripts[script](keys=keys, args=arguments, client=pipeline)

    def run_in(self, script: str, names: Sequence[str], partitions: Iterable[int], arguments: Sequence[Any]) -> Any:
        """Run a script on the keys of partitions."""
        keys = [name_key(partition, name) for partition in partitions for name in names]
        return self._scripts[script](keys=keys, args=arguments)

    def check(self) -> None:
        """Refuse a server that answers before its disk has what it was told, or drops keys; UnsafeServerError."""
        if self._is_checked:
            return
        try:
            found = {name: self.client.config_get(name).get(name) for name in _NEEDED}
        except redis.ResponseError as error:
            # Rented servers do not tell: then docs/operate.md says what to ask of their owner.
            log.warning("inbox.redis.unchecked", error=type(error).__name__)
            self._is_checked = True
            return
        wrong = [f"{name} {found[name]}" for name, value in _NEEDED.items() if found[name] != value]
        if wrong:
            log.error("inbox.redis.unsafe", settings=wrong)
            raise UnsafeServerError(f"Redis has {', '.join(wrong)}; an inbox needs {_NEEDED}")
        self._is_checked = True

    def close(self) -> None:
        """Close the connections."""
        self.client.close()
        self.client.connection_pool.disconnect()
