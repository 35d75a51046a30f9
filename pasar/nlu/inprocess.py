"""Actions in the bot's own process: what ``rasa run actions`` does, without HTTP and without writing JSON both ways.

Where ``endpoints.yml`` says ``in_process: true``, :func:`install` puts :class:`InProcessActionEndpoint` in the place of
the action server's address. ``rasa run actions`` goes on working for whoever takes that line out.
"""

from __future__ import annotations

import asyncio
import copy
import functools
import json
from collections.abc import Mapping
from typing import Any

import structlog
from rasa.core.actions.action import RemoteAction
from rasa.core.agent import Agent
from rasa.engine.runner.dask import DaskGraphRunner
from rasa.utils.endpoints import ClientResponseError, EndpointConfig
from rasa_sdk.executor import ActionExecutor
from rasa_sdk.interfaces import ActionExecutionRejection
from sanic import Blueprint, Request, Sanic

from pasar.nlu.runner import PlannedGraphRunner
from pasar.nlu.tracker_store import fail_loudly

PACKAGE = "actions"
SECONDS = 3.0
TROUBLE = "utter_service_problem"

log = structlog.get_logger()


class ActionPackageError(ImportError):
    """The package of actions cannot be imported."""


class Answer(dict[str, Any]):
    """What an action said and did, checked here to be what Rasa expects."""


class InProcessActionEndpoint(EndpointConfig):
    """Runs actions where Rasa would ask an action server; a buyer is always answered."""

    def __init__(self, package: str = PACKAGE, seconds: float = SECONDS, **kwargs: Any) -> None:
        """Import the package of actions, once for the process."""
        super().__init__(**kwargs)
        self.seconds = seconds
        self._executor = load_executor(package)

    async def request(self, *_: Any, json: Mapping[str, Any], **__: Any) -> Answer:
        """Run an action; return its events and responses, or a service problem where it fails or is late.

        A plain function (``def run``) cannot be stopped in time; write ``async def run``.
        """
        action = str(json.get("next_action"))
        task = asyncio.ensure_future(self._executor.run({**json, "tracker": _protect(json["tracker"])}))
        try:
            done, _pending = await asyncio.wait({task}, timeout=self.seconds)
        except asyncio.CancelledError:
            task.cancel()
            raise
        if not done:
            task.cancel()
            task.add_done_callback(_forget)
            return _apologise(action, "TimeoutError")
        try:
            return _check(task.result())
        except ActionExecutionRejection as rejection:
            raise _reject(rejection) from rejection
        except (Exception, asyncio.CancelledError) as error:
            return _apologise(action, type(error).__name__)


def install(agent: Agent | None) -> None:
    """Let an agent run actions in this process, where ``endpoints.yml`` says so, and see the tracker store's errors.

    May be called again at any time; costs nothing once it is done.
    """
    if agent is None:
        return
    fail_loudly(agent)
    if agent.processor is not None and isinstance(agent.processor.graph_runner, DaskGraphRunner):
        agent.processor.graph_runner = PlannedGraphRunner.adopt(agent.processor.graph_runner)
    endpoint = agent.action_endpoint
    agent.action_endpoint = _replace(endpoint)
    if agent.action_endpoint is endpoint:
        return
    if agent.processor is not None:
        agent.processor.action_endpoint = agent.action_endpoint
    log.info("actions.in_process", actions=len(agent.action_endpoint._executor.actions))


def attach(routes: Blueprint) -> None:
    """Install when the server of a channel's routes has started, and again before the first request to another agent.

    ``PUT /model`` makes a new agent out of ``endpoints.yml``; every address of the server is watched for it.
    """

    @routes.listener("after_server_start")
    async def begin(app: Sanic, _loop: asyncio.AbstractEventLoop) -> None:
        install(getattr(app.ctx, "agent", None))
        app.register_middleware(_watch, "request")


@functools.lru_cache(maxsize=1)
def serve_commands() -> None:
    """Let ``rasa shell`` and ``rasa interactive`` run actions in their process too.

    They load neither our channels nor anything else that is told of the agent, so this replaces one method: whatever
    Rasa's remote action is given for an endpoint, an endpoint ``in_process`` is replaced there.
    """
    begin = RemoteAction.__init__

    def replace(action: RemoteAction, name: str, endpoint: EndpointConfig | None) -> None:
        begin(action, name, _replace(endpoint))

    RemoteAction.__init__ = replace


def _replace(endpoint: EndpointConfig | None) -> EndpointConfig | None:
    """Return this process instead of an action server's address, where ``endpoints.yml`` says so; always the same object."""
    if endpoint is None or isinstance(endpoint, InProcessActionEndpoint) or not endpoint.kwargs.get("in_process"):
        return endpoint
    if not hasattr(endpoint, "_in_process"):
        settings = {key: value for key, value in endpoint.kwargs.items() if key != "in_process"}
        endpoint._in_process = InProcessActionEndpoint(url=endpoint.url, **settings)
        _trust_answers()
    return endpoint._in_process


@functools.cache
def load_executor(package: str) -> ActionExecutor:
    """Return this process's actions of a package; ActionPackageError where it cannot be imported."""
    executor = ActionExecutor()
    try:
        executor.register_package(package)
    except SystemExit as error:  # what rasa_sdk does, having logged why
        raise ActionPackageError(f"cannot import the actions of {package!r}") from error
    return executor


async def _watch(request: Request) -> None:
    agent = getattr(request.app.ctx, "agent", None)
    if agent is not None and agent is not getattr(request.app.ctx, "installed", None):
        install(agent)
        request.app.ctx.installed = agent


def _protect(tracker: Mapping[str, Any]) -> dict[str, Any]:
    """Copy what an action may change in place; a tracker's events and an intent's ranking are for reading."""
    message = dict(tracker.get("latest_message") or {})
    for key in ("intent", "entities", "metadata"):
        if key in message:
            message[key] = copy.deepcopy(message[key])
    return {
        **tracker,
        "slots": {k: copy.deepcopy(v) if isinstance(v, (dict, list)) else v for k, v in tracker["slots"].items()},
        "latest_message": message,
        "active_loop": dict(tracker.get("active_loop") or {}),
    }


def _check(result: Mapping[str, Any] | None) -> Answer:
    """Return a result as it would be after HTTP: plain JSON that shares nothing with the action."""
    answer = Answer(json.loads(json.dumps(result or {"events": [], "responses": []})))
    if not all(isinstance(event.get("event"), str) for event in answer["events"]):
        raise TypeError("an event has no name")
    return answer


def _apologise(action: str, error: str) -> Answer:
    log.error("action.failed", action=action, error=error)
    return Answer(events=[], responses=[{"response": TROUBLE}])


def _reject(rejection: ActionExecutionRejection) -> ClientResponseError:
    """Say it as an action server does; Rasa then lets its policies choose again."""
    body = {"error": rejection.message, "action_name": rejection.action_name}
    return ClientResponseError(400, "Bad Request", json.dumps(body))


def _forget(task: asyncio.Task[Any]) -> None:
    """Take note of a late action's end, so that nothing is logged with what the buyer wrote."""
    if not task.cancelled():
        task.exception()


@functools.lru_cache(maxsize=1)
def _trust_answers() -> None:
    """Let Rasa check only what comes from outside.

    Rasa proves its own unchanging JSON schema to be a schema each time it checks an action's result: 54 ms of CPU, more
    than all the rest of a turn. There is no setting for it, so this replaces one method; other results are checked as
    ever.
    """
    check = RemoteAction._validate_action_result

    def validate(action: RemoteAction, result: dict[str, Any]) -> bool:
        return isinstance(result, Answer) or bool(check(action, result))

    RemoteAction._validate_action_result = validate
