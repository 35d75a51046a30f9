"""The day itself: every order's buyer writes once, and the conversation is judged when she is done."""

from __future__ import annotations

import dataclasses
import datetime
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random

import sqlalchemy as sa

from benchmark.day.buyer import Customer, is_served
from benchmark.day.mix import LANGUAGES, draw_need
from benchmark.day.orders import make_orders, write_orders
from benchmark.day.truth import Record, judge
from pasar.commerce.demo.database import create_engine
from pasar.commerce.demo.files import ShopFiles, read_shop
from pasar.commerce.demo.schema import returns
from pasar.commerce.demo.seed import STYLEHUB
from pasar.commerce.model import Order
from pasar.commerce.registry import open_shop
from tests.conversations.runner import World, open_world, take
from tests.conversations.scenario import NOW, TODAY, Scenario, Step

_MOST_TURNS = 10
#: For these needs an order in one of these states, where one is left.
_FITTING = {
    **dict.fromkeys(("damaged_item", "wrong_item", "missing_item", "return_item"), ("delivered",)),
    "refund_status": ("cancelled", "returned"),
}


@dataclasses.dataclass
class Conversation:
    """One buyer's conversation, judged."""

    language: str
    need: str
    order_id: str
    state: str
    known: bool  #: by the channel
    heard: list[tuple[str, str]] = dataclasses.field(default_factory=list)  #: who, what
    outcome: str = "wrong"  #: right, wrong or person
    reason: str = ""  #: why a person, or why wrong
    understood: str = ""  #: the first message's intent, as it was read
    checked: int = 0
    unchecked: int = 0
    seconds: float = 0.0  #: until the first answer


def play_day(
    folder: Path, count: int, seed: int, languages: Sequence[str] = LANGUAGES, say: Callable[[str], None] = print
) -> list[Conversation]:
    """``count`` orders in databases of their own in ``folder``; the newest model answers."""
    chance = Random(seed)  # noqa: S311 - the same day again is what is wanted
    files = read_shop(STYLEHUB, TODAY)
    with open_world(folder) as world:
        made = make_orders(chance, count, languages, files, NOW)
        write_orders(f"sqlite:///{folder}/seeded.db", files.shop.shop_id, [order for _, order in made])
        played = []
        with world.begin(files.shop.shop_id):
            for number, (language, order, need) in enumerate(_assign(chance, made)):
                played.append(_play(world, folder, files, Random(f"{seed}-{number}"), language, order, need))  # noqa: S311
                if number % 50 == 49:
                    say(f"{number + 1} of {count}")
    return played


def _assign(chance: Random, made: list[tuple[str, Order]]) -> list[tuple[str, Order, str]]:
    """Needs drawn by the shares, each with an order it can be about; in the order they are written in."""
    left, assigned = list(made), []
    for need in sorted((draw_need(chance) for _ in made), key=lambda need: need not in _FITTING):
        fitting = [place for place, (_, order) in enumerate(left) if order.state.value in _FITTING.get(need, ())]
        language, order = left.pop(chance.choice(fitting) if fitting else chance.randrange(len(left)))
        assigned.append((language, order, need))
    chance.shuffle(assigned)
    return assigned


def _play(
    world: World, folder: Path, files: ShopFiles, chance: Random, language: str, order: Order, need: str
) -> Conversation:
    product = next(product for product in files.products if product.sku == order.lines[0].sku)
    customer = Customer(chance, language, need, order, product.name.to(language, files.shop.default_language))
    one = Conversation(language, need, order.order_id, order.state.value, known=chance.random() < 0.5)
    buyer = {"email": order.email} if one.known else {}
    scenario = Scenario("day", "", files.shop.shop_id, product.sku, [], buyer, datetime.time(10), {})
    said: list[tuple[str, str]] = []
    did: set[str] = set()
    responses: set[str] = set()
    spoken: set[str] = set()
    move: tuple[str, str] | None = ("buyer", customer.begin())
    state = "bot"
    for turn in range(_MOST_TURNS):
        if move is None:
            break
        began = time.perf_counter()
        outcome = world.wait(take(world.agent, scenario, f"day-{order.order_id}", Step(*move, language, {})))
        if turn == 0:
            one.seconds, one.understood = time.perf_counter() - began, " + ".join(outcome.needs) or outcome.intent
        did |= set(outcome.did)
        said += [(message.response, message.text) for message in outcome.said if message.response]
        responses |= {message.response for message in outcome.said}
        spoken |= {message.language for message in outcome.said}
        one.heard += [("buyer", move[1]), *(("bot", message.text) for message in outcome.said if message.text)]
        state = outcome.state
        move = customer.go_on(outcome, served=is_served(need, did))
    record = Record(world.wait(_read_order(files.shop.shop_id, order.order_id)), language, files, NOW)
    record.tickets = _count_returns(f"sqlite:///{folder}/shop.db", order.order_id)
    wrong, one.checked, one.unchecked = judge(record, said)
    strange = sorted(responses & {"utter_service_problem"})
    strange += sorted(f"answered in {code}" for code in spoken - {language, ""})
    served = is_served(need, did)
    if wrong or strange:
        one.outcome, one.reason = "wrong", "; ".join([*wrong, *strange])
    elif state != "bot":
        one.outcome = "person"
        one.reason = "asked for" if need == "talk_to_human" else f"offered: {_last_offer(said)}"
    elif served:
        one.outcome = "right"
    else:
        one.reason = f"{need} was not served; read as {one.understood}"
    return one


async def _read_order(shop: str, order_id: str) -> Order:
    order = await open_shop(shop).get_order(order_id)
    assert order is not None
    return order


def _count_returns(url: str, order_id: str) -> int:
    engine = create_engine(url)
    try:
        with engine.connect() as connection:
            query = sa.select(sa.func.count()).select_from(returns).where(returns.c.order_id == order_id)
            return int(connection.execute(query).scalar() or 0)
    finally:
        engine.dispose()


def _last_offer(said: list[tuple[str, str]]) -> str:
    """What was said before the person was called."""
    keys = [key for key, _ in said if not key.startswith("utter_person_called")]
    return keys[-1] if keys else ""
