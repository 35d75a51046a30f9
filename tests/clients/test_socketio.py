"""socket.io's own JavaScript client talks to the web chat."""

from __future__ import annotations

import asyncio
import fcntl
import hashlib
import json
import pathlib
import shutil
import subprocess

import pytest

from tests.clients.installed import HERE, PROJECT

pytestmark = pytest.mark.slow

FILES = ("package.json", "package-lock.json", "talk.mjs")


def install() -> pathlib.Path:
    """The folder with the client, as its lock names it; made once for that."""
    if shutil.which("npm") is None:
        pytest.fail("there is no npm on this machine; launch/setup.sh --tests installs it, or: apt-get install npm")
    content = b"".join((HERE / "node" / name).read_bytes() for name in FILES)
    folder = PROJECT / "var" / "clients" / f"node-{hashlib.sha256(content).hexdigest()[:16]}"
    folder.parent.mkdir(parents=True, exist_ok=True)
    with (folder.parent / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            draft = folder.with_suffix(".new")
            shutil.rmtree(draft, ignore_errors=True)
            draft.mkdir()
            for name in FILES:
                shutil.copy(HERE / "node" / name, draft)
            command = ["npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts", "--silent"]
            subprocess.run(command, cwd=draft, check=True)
            draft.rename(folder)
    return folder


@pytest.mark.parametrize("transports", [("websocket",), ("polling",), ("polling", "websocket")], ids="-".join)
async def test_socketios_client_talks_to_the_web_chat(server, transports):
    """A text, a quick reply, the same conversation from two clients, and a new one."""
    folder = await asyncio.to_thread(install)
    command = ["node", "talk.mjs", server.url, *transports]
    done = await asyncio.to_thread(subprocess.run, command, cwd=folder, capture_output=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr.decode()[-3000:]
    told = json.loads(done.stdout)
    assert {"text": "You said: hello 🚚"} == told["hello"]
    replies = [("Order status", "/order_status"), ("Returns", "/return_item")]
    assert replies == [(reply["title"], reply["payload"]) for reply in told["choice"]["quick_replies"]]
    assert "You said: /return_item" == told["pressed"]["text"]
    assert "message" == told["refused"]["field"]
    assert 43 == len(told["token"]) and told["token"] == told["again"] != told["new_token"]
    assert ["You said: both?"] * 2 == told["heard"]
    assert "You said: alone" == told["left"]["text"]
    heard = server.bot.heard
    assert ["hello 🚚", "choose", "/return_item", "both?", "alone"] == [message.text for message in heard]
    assert {"webchat"} == {message.input_channel for message in heard}
    assert 1 == len({message.sender_id for message in heard})
