"""Rasa's server: started, watched until it answers, ended."""

from __future__ import annotations

import http.client
import json
import pathlib
import re
import time
import urllib.error
import urllib.request
from collections.abc import Iterator

from launch.checks import HOST, PROJECT, LaunchError, check_port
from launch.child import Child, say

LOG = pathlib.Path("var/log/rasa.log")
SHOPS_LOG = pathlib.Path("var/log/shops.log")
START_SECONDS = 300.0
#: The conversation in which the server is asked whether it answers; always the same one.
ASKER = "pasar-start-check"
_DEMO = re.compile(r"^platform:\s*demo\b", re.MULTILINE)
_ASK_SECONDS = 30.0
_PAUSE = 0.1
_TICK = 10.0


def run(port: int, project: pathlib.Path = PROJECT) -> None:
    """Serve until StopRequest; LaunchError where the server ends by itself."""
    check_port(port)
    say("starting (Rasa and TensorFlow take most of it)")
    with Child(["-m", "rasa", "run", "-i", HOST, "-p", str(port)], project / LOG) as server:
        prepare_shops(project)
        wait_for_answer(server, port, project)
        print(f"Pasar answers at http://{HOST}:{port}/chat/", flush=True)
        status = server.wait()
        raise LaunchError(_explain_end(server, status))


def prepare_shops(project: pathlib.Path) -> None:
    """Make the demo shop's database as it is today, where a shop uses it; meanwhile Rasa starts."""
    files = (project / "shops").glob("*.yml")
    if not any(_DEMO.search(path.read_text(encoding="utf-8")) for path in files):
        return
    with Child(["-m", "pasar.commerce.demo"], project / SHOPS_LOG) as child:
        if child.wait():
            raise LaunchError(
                f"The demo shop's database cannot be made; the last lines of {SHOPS_LOG}:\n{child.tail()}"
            )


def wait_for_answer(server: Child, port: int, project: pathlib.Path) -> None:
    """Return when a buyer of each language would be answered; LaunchError where that does not come to be."""
    began = time.monotonic()
    told = 0.0
    waiting = list(list_greetings(project)) or ["?"]
    while waiting:
        if server.poll() is not None:
            raise LaunchError(_explain_end(server, server.poll()))
        passed = time.monotonic() - began
        if passed > START_SECONDS:
            raise LaunchError(f"No answer after {START_SECONDS:.0f} s; the last lines of {LOG}:\n{server.tail()}")
        if passed > told + _TICK:
            told = passed
            say(f"... {passed:.0f} s")
        if is_answered(port, waiting[0]):
            waiting.pop(0)
        else:
            time.sleep(_PAUSE)


def is_answered(port: int, text: str) -> bool:
    """Whether the server answers a message."""
    body = json.dumps({"sender": ASKER, "message": text}).encode()
    request = urllib.request.Request(
        f"http://{HOST}:{port}/webhooks/rest/webhook", body, {"Content-Type": "application/json"}
    )
    try:
        with _direct.open(request, timeout=_ASK_SECONDS) as response:
            return bool(json.load(response))
    except (OSError, ValueError, http.client.HTTPException):
        return False


def list_greetings(project: pathlib.Path) -> Iterator[str]:
    """A greeting from each language pack: whatever a language's first message must load is loaded by it."""
    for path in sorted(project.glob("data/*/nlu/greet.yml")):
        found = re.search(
            r"^\s+- ([^\[\]\n]+)$", path.read_text(encoding="utf-8").partition("examples:")[2], re.MULTILINE
        )
        if found:
            yield found[1].strip()


def _explain_end(server: Child, status: int | None) -> str:
    return f"Rasa's server ended (exit status {status}); the last lines of {LOG}:\n{server.tail()}"


# Never through a proxy, whatever the environment says: it is this very machine.
_direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
