"""Actions in the bot's process: as over HTTP, only sooner, and a buyer always hears something."""

from __future__ import annotations

import asyncio
import importlib
import json
import socket

import aiohttp
import pytest
from conversations_of_rasa import DOMAIN, begin, turn
from rasa.core.actions.action import ActionExecutionRejection, RemoteAction
from rasa.core.agent import Agent
from rasa.core.channels.channel import CollectingOutputChannel
from rasa.core.nlg import TemplatedNaturalLanguageGenerator
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.utils.endpoints import EndpointConfig, read_endpoint_config
from sanic import Blueprint, Sanic, response
from structlog.testing import capture_logs

from pasar.nlu.inprocess import (
    ActionPackageError,
    InProcessActionEndpoint,
    attach,
    install,
    load_executor,
    serve_commands,
)

ACTIONS = """
import asyncio, decimal
from rasa_sdk import Action
from rasa_sdk.events import SlotSet
from rasa_sdk.interfaces import ActionExecutionRejection

SHARED = {"lines": [1]}

class Track(Action):
    def name(self):
        return "action_sample_order"

    async def run(self, dispatcher, tracker, domain):
        dispatcher.utter_message(response="utter_hello", buttons=[{"title": "Yes", "payload": "/affirm"}])
        tracker.slots["cart"]["lines"].append("changed")
        tracker.latest_message["entities"].append("changed")
        said = [e["text"] for e in tracker.events if e["event"] == "user"]
        return [SlotSet("order_id", said[-1]), SlotSet("cart", SHARED), SlotSet("count", len(domain["slots"]))]

class Fails(Action):
    def name(self):
        return "action_fails"

    async def run(self, dispatcher, tracker, domain):
        how = tracker.get_slot("language")
        dispatcher.utter_message(response="utter_hello")
        if how == "late":
            await asyncio.sleep(5)
        if how == "rejected":
            raise ActionExecutionRejection("action_fails", "not now")
        if how == "not JSON":
            return [SlotSet("count", decimal.Decimal("1"))]
        if how == "nothing":
            return None
        raise ValueError("the buyer said: my secret")
"""


@pytest.fixture(scope="module")
def package(tmp_path_factory):
    """A package of actions that is known by its name only."""
    home = tmp_path_factory.mktemp("actions")
    (home / "sample_actions").mkdir()
    (home / "sample_actions" / "__init__.py").write_text("")
    (home / "sample_actions" / "orders.py").write_text(ACTIONS)
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(home))
        yield "sample_actions"


@pytest.fixture
def endpoint(package):
    """The endpoint, which gives an action half a second."""
    return InProcessActionEndpoint(package=package, seconds=0.5)


def run(endpoint, name, language=None):
    """Run an action as Rasa does; returns its events."""
    tracker = DialogueStateTracker("ana", DOMAIN.slots)
    for event in [*begin(), *turn(1)]:
        tracker.update(event)
    tracker._set_slot("language", language)
    action = RemoteAction(name, endpoint)
    nlg = TemplatedNaturalLanguageGenerator(DOMAIN.responses)
    return tracker, asyncio.run(action.run(CollectingOutputChannel(), nlg, tracker, DOMAIN))


def test_action_says_and_does_as_over_http(endpoint):
    """Responses become messages and events become events, from the buyer's words and the domain."""
    _, events = run(endpoint, "action_sample_order")

    assert ["hello", "order_id", "cart", "count"] == [e.text if e.type_name == "bot" else e.key for e in events]
    assert ["say 1", {"lines": [1]}, len(DOMAIN.as_dict()["slots"])] == [e.value for e in events[1:]]
    assert [{"title": "Yes", "payload": "/affirm"}] == events[0].data["buttons"]


def test_action_cannot_change_the_tracker_in_place(endpoint):
    """What an action does to slots and the latest message without an event changes nothing."""
    tracker, _ = run(endpoint, "action_sample_order")

    assert {"lines": [1]} == tracker.get_slot("cart")
    assert [] == tracker.latest_message.entities


def test_events_share_nothing_with_the_action(endpoint):
    """An object that an action keeps can be changed later without changing the conversation."""
    _, events = run(endpoint, "action_sample_order")
    importlib.import_module("sample_actions.orders").SHARED["lines"].append(2)

    assert {"lines": [1]} == events[2].value
    importlib.import_module("sample_actions.orders").SHARED["lines"].pop()


@pytest.mark.parametrize(
    ("how", "error"), [("raises", "ValueError"), ("late", "TimeoutError"), ("not JSON", "TypeError")]
)
def test_trouble_is_told_to_the_buyer(endpoint, how, error):
    """An action that fails or is late has the buyer hear of it; the log has names and no words."""

    async def call():
        tracker = {"sender_id": "ana", "slots": {"language": how}, "events": []}
        return await endpoint.request(json={"next_action": "action_fails", "tracker": tracker}, method="post")

    with capture_logs() as logs:
        answer = asyncio.run(call())

    assert {"events": [], "responses": [{"response": "utter_service_problem"}]} == answer
    assert [{"event": "action.failed", "log_level": "error", "action": "action_fails", "error": error}] == logs


def test_unknown_action_is_told_to_the_buyer(endpoint):
    """An action that nobody wrote is trouble like any other."""
    call = endpoint.request(json={"next_action": "action_x", "tracker": {"sender_id": "ana", "slots": {}}})

    assert [{"response": "utter_service_problem"}] == asyncio.run(call)["responses"]


def test_action_without_events_is_fine(endpoint):
    """An action that returns nothing has said what it said."""
    _, events = run(endpoint, "action_fails", "nothing")

    assert ["hello"] == [event.text for event in events]


def test_rejection_is_rasas_own(endpoint):
    """An action that rejects lets Rasa's policies choose another."""
    with pytest.raises(ActionExecutionRejection) as rejected:
        run(endpoint, "action_fails", "rejected")

    assert "not now" == rejected.value.message


def test_package_that_cannot_be_imported_is_named():
    """A wrong package is an error that says which."""
    with pytest.raises(ActionPackageError, match="no_such_actions"):
        load_executor("no_such_actions")


def test_install_only_where_endpoints_say_so(package):
    """The address of an action server stays where nothing is said, and becomes this process where it is."""
    remote = Agent(domain=DOMAIN, action_endpoint=EndpointConfig("http://127.0.0.1:5055/webhook"))
    local = Agent(domain=DOMAIN, action_endpoint=EndpointConfig("http://x", in_process=True, package=package))
    for agent in (remote, local):
        install(agent)
    first = local.action_endpoint
    install(local)
    install(None)

    assert EndpointConfig is type(remote.action_endpoint)
    assert InProcessActionEndpoint is type(local.action_endpoint)
    assert first is local.action_endpoint


def test_endpoints_file_says_in_process():
    """The project's own endpoints.yml asks for actions in the process."""
    config = read_endpoint_config("endpoints.yml", "action_endpoint")

    assert config.kwargs["in_process"] is True
    assert 3 == config.kwargs["seconds"]


def test_other_results_are_checked_as_ever(package):
    """What an action server sends is still checked by Rasa."""
    install(Agent(domain=DOMAIN, action_endpoint=EndpointConfig("http://x", in_process=True, package=package)))

    with pytest.raises(Exception, match="Failed to validate"):
        RemoteAction("action_x", None)._validate_action_result({"events": "wrong"})


def test_replaced_agent_is_installed_before_its_first_request(package):
    """Any request after PUT /model finds the new agent running actions in the process, and so does the very first."""

    def make_agent():
        return Agent(domain=DOMAIN, action_endpoint=EndpointConfig("http://x", in_process=True, package=package))

    async def serve():
        app, routes = Sanic("installs"), Blueprint("channel")
        attach(routes)
        app.blueprint(routes)

        @app.listener("before_server_start")
        async def load(app, _):
            app.ctx.agent = make_agent()

        @app.get("/kind")
        async def tell_kind(request):
            return response.json(type(request.app.ctx.agent.action_endpoint).__name__)

        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        server = await app.create_server("127.0.0.1", port, return_asyncio_server=True)
        await server.startup()
        await server.before_start()
        await server.after_start()
        kinds = [type(app.ctx.agent.action_endpoint).__name__]
        async with aiohttp.ClientSession() as session:
            for _ in range(2):
                async with session.get(f"http://127.0.0.1:{port}/kind") as reply:
                    kinds.append(json.loads(await reply.text()))
                app.ctx.agent = make_agent()
        server.close()
        return kinds

    assert ["InProcessActionEndpoint"] * 3 == asyncio.run(serve())


def test_commands_that_know_no_channel_run_actions_in_process(package: str) -> None:
    """As in ``rasa shell``: nobody installed anything, yet the endpoint of ``endpoints.yml`` is replaced; others are not."""
    serve_commands()
    local = EndpointConfig(url="", in_process=True, package=package)
    elsewhere = EndpointConfig(url="http://127.0.0.1:5055/webhook")
    first, second = RemoteAction("action_sample_order", local), RemoteAction("action_fails", local)
    assert isinstance(first.action_endpoint, InProcessActionEndpoint)
    assert first.action_endpoint is second.action_endpoint
    assert RemoteAction("action_sample_order", elsewhere).action_endpoint is elsewhere
    assert RemoteAction("action_sample_order", None).action_endpoint is None
