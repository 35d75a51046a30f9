"""Buying, paying and shipping, by the shop's rules for the buyer's country."""

from __future__ import annotations

import abc

from rasa_sdk.events import EventType, SlotSet

from actions.turn import ShopAction, Turn
from pasar.commerce.refunds import add_working_days
from pasar.commerce.rules import ShippingRule


class DestinationAction(ShopAction, abc.ABC):
    """An action that depends on where it shall go; says so where the shop does not deliver there."""

    async def answer(self, turn: Turn) -> list[EventType]:
        """Find the country's rule, then tell."""
        rule = await turn.backend.get_shipping(turn.country)
        if rule is None:
            countries = [turn.country_name(known.country) for known in await turn.backend.list_shipping()]
            turn.say("utter_ships_not_to", country=turn.country_name(turn.country), countries=turn.names(countries))
            return []
        return await self.tell(turn, rule)

    @abc.abstractmethod
    async def tell(self, turn: Turn, rule: ShippingRule) -> list[EventType]:
        """Tell what was asked about this country."""


class ActionTellShipping(DestinationAction):
    """What delivery costs."""

    def name(self) -> str:
        """As in the domain."""
        return "action_tell_shipping"

    async def tell(self, turn: Turn, rule: ShippingRule) -> list[EventType]:
        """Each way with cost and days, and from what value it is free."""
        turn.say("utter_shipping_cost", country=turn.country_name(rule.country), options=describe_options(turn, rule))
        return []


class ActionTellShippingOptions(DestinationAction):
    """Which couriers."""

    def name(self) -> str:
        """As in the domain."""
        return "action_tell_shipping_options"

    async def tell(self, turn: Turn, rule: ShippingRule) -> list[EventType]:
        """Each way with cost and days."""
        turn.say(
            "utter_shipping_options", country=turn.country_name(rule.country), options=describe_options(turn, rule)
        )
        return []


class ActionTellDestination(DestinationAction):
    """Whether the shop delivers to a place."""

    def name(self) -> str:
        """As in the domain."""
        return "action_tell_destination"

    async def tell(self, turn: Turn, rule: ShippingRule) -> list[EventType]:
        """Yes, and how."""
        turn.say("utter_ships_to", country=turn.country_name(rule.country), options=describe_options(turn, rule))
        return []


class ActionTellDeliveryTime(DestinationAction):
    """How long delivery takes, and whether it can make a day that the buyer named."""

    def name(self) -> str:
        """As in the domain."""
        return "action_tell_delivery_time"

    async def tell(self, turn: Turn, rule: ShippingRule) -> list[EventType]:
        """From the fastest way's first day to the slowest way's last."""
        first = min(option.days[0] for option in rule.options)
        last = max(option.days[1] for option in rule.options)
        handling = turn.shop.handling_days
        country = turn.country_name(rule.country)
        turn.say("utter_delivery_time", country=country, from_days=first, to_days=last, handling=handling)
        deadline = turn.deadline
        if deadline and deadline > turn.today:
            soonest = add_working_days(turn.today, handling + first)
            latest = add_working_days(turn.today, handling + last)
            in_time = latest <= deadline
            turn.say(
                "utter_delivery_by_deadline_yes" if in_time else "utter_delivery_by_deadline_no",
                first=turn.date(soonest),
                last=turn.date(latest),
                deadline=turn.date(deadline),
            )
        return [SlotSet("deadline", None)]


class ActionTellCod(DestinationAction):
    """Whether one can pay at the door."""

    def name(self) -> str:
        """As in the domain."""
        return "action_tell_cod"

    async def tell(self, turn: Turn, rule: ShippingRule) -> list[EventType]:
        """By the country's rule, with its limit."""
        country = turn.country_name(rule.country)
        if not rule.cod:
            turn.say("utter_cod_no", country=country, payments=describe_payments(turn, rule))
        elif rule.cod_limit:
            turn.say("utter_cod_yes", country=country, limit=turn.money(rule.cod_limit))
        else:
            turn.say("utter_cod_yes_no_limit", country=country)
        return []


class ActionTellCustoms(DestinationAction):
    """Who pays import tax."""

    def name(self) -> str:
        """As in the domain."""
        return "action_tell_customs"

    async def tell(self, turn: Turn, rule: ShippingRule) -> list[EventType]:
        """As the shop's record says for the country."""
        customs = rule.customs.to(turn.language, turn.shop.default_language)
        turn.say("utter_customs", country=turn.country_name(rule.country), customs=customs)
        return []


class ActionTellPaymentMethods(DestinationAction):
    """How one can pay."""

    def name(self) -> str:
        """As in the domain."""
        return "action_tell_payment_methods"

    async def tell(self, turn: Turn, rule: ShippingRule) -> list[EventType]:
        """In the buyer's country."""
        turn.say(
            "utter_payment_methods", country=turn.country_name(rule.country), payments=describe_payments(turn, rule)
        )
        return []


class ActionTellHowToOrder(DestinationAction):
    """How to buy."""

    def name(self) -> str:
        """As in the domain."""
        return "action_tell_how_to_order"

    async def tell(self, turn: Turn, rule: ShippingRule) -> list[EventType]:
        """The steps, with the country's ways to pay."""
        turn.say("utter_how_to_order", payments=describe_payments(turn, rule), days=turn.shop.handling_days)
        return []


def describe_payments(turn: Turn, rule: ShippingRule) -> str:
    """A country's ways to pay in the buyer's language."""
    return ", ".join(turn.label("payment_method", method) for method in rule.payment_methods)


def describe_options(turn: Turn, rule: ShippingRule) -> str:
    """A country's ways to send, each with cost, days and what makes it free."""
    listed = []
    for option in rule.options:
        facts = {
            "courier": option.courier,
            "cost": turn.money(option.cost),
            "from_days": option.days[0],
            "to_days": option.days[1],
        }
        if option.free_from:
            listed.append(turn.word("shipping_option_free_from", **facts, free_from=turn.money(option.free_from)))
        else:
            listed.append(turn.word("shipping_option", **facts))
    return "; ".join(listed)
