"""The values of a shop's file as records of the rules; what cannot be meant is noted at its line."""

from __future__ import annotations

import decimal
import re
from collections.abc import Mapping

from pasar.commerce.model import Money, OrderState, Text
from pasar.commerce.pricing import round_money
from pasar.commerce.profiles.document import Document, Way
from pasar.commerce.profiles.fields import Amount, Country, Currency
from pasar.commerce.profiles.shape import (
    WEEK,
    OptionShape,
    PolicyShape,
    PromotionShape,
    ReturnsShape,
    ShippingShape,
    ShopShape,
)
from pasar.commerce.rules import (
    Amends,
    ChangeRules,
    Policy,
    Promotion,
    ReturnPolicy,
    ShippingOption,
    ShippingRule,
    Shop,
)


class Records:
    """Makes records of one file's values."""

    def __init__(self, document: Document, shape: ShopShape) -> None:
        """Errors are noted in ``document``; whoever uses the records checks it."""
        self._document = document
        self._shape = shape

    def make_shop(self, shop_id: str) -> Shop:
        """The shop and its rules."""
        shape = self._shape
        if shape.default_language not in shape.languages:
            self._document.error(("default_language",), "is not among the languages")
        if len(set(shape.languages)) < len(shape.languages):
            self._document.error(("languages",), "has one twice")
        if shape.closes_at <= shape.opens_at:
            self._document.error(("closes_at",), "is not after opens_at")
        if not shape.order_formats:
            self._document.error(("order_formats",), "is empty")
        elif shape.order_example and not any(re.fullmatch(form, shape.order_example) for form in shape.order_formats):
            self._document.error(("order_example",), "is in none of the order_formats")
        if not shape.order_example:
            self._document.warn(("order_example",), "is not given: buyers are shown no order number as an example")
        limits = self._make_amounts(shape.changes.cancel_limit, ("changes", "cancel_limit"))
        return Shop(
            shop_id=shop_id,
            name=shape.name,
            default_language=shape.default_language,
            languages=tuple(shape.languages),
            country=shape.country,
            currency=shape.currency,
            currencies={str(country): str(currency) for country, currency in shape.currencies.items()},
            time_zone=shape.time_zone,
            opens_at=shape.opens_at,
            closes_at=shape.closes_at,
            open_days=tuple(sorted({WEEK.index(day) for day in shape.open_days})),
            order_formats=tuple(shape.order_formats),
            personas={code: {"name": who.name, "gender": who.gender} for code, who in shape.personas.items()},
            returns=self._make_returns(shape.returns, ("returns",)),
            email=shape.email,
            address=self._make_text(shape.address, ("address",)),
            handling_days=shape.handling_days,
            policies=tuple(self._make_policy(item, place) for place, item in enumerate(shape.policies)),
            changes=ChangeRules(
                cancel=_read_state(shape.changes.cancel),
                address=_read_state(shape.changes.address),
                edit=_read_state(shape.changes.edit),
                cancel_limit=limits,
            ),
            amends=tuple(
                Amends(
                    code=item.code.upper(),
                    reasons=tuple(item.reasons),
                    most_per_buyer=item.most_per_buyer,
                    budget=self._make_amounts(item.budget, ("amends", place, "budget")),
                )
                for place, item in enumerate(shape.amends)
            ),
            return_address=self._make_text(shape.return_address, ("return_address",)),
            order_example=shape.order_example,
        )

    def make_promotions(self) -> tuple[Promotion, ...]:
        """Promotions and vouchers, in the file's order."""
        made = tuple(self._make_promotion(item, place) for place, item in enumerate(self._shape.promotions))
        codes = [item.code for item in made]
        for place, code in enumerate(codes):
            if code and code in codes[:place]:
                self._document.error(("promotions", place, "code"), f"{code} is there twice")
        return made

    def make_shipping(self) -> dict[str, ShippingRule]:
        """Delivery by country, in the file's order."""
        return {country: self._make_rule(country, item) for country, item in self._shape.shipping.items()}

    def _make_returns(self, shape: ReturnsShape, way: Way) -> ReturnPolicy:
        return ReturnPolicy(
            days=shape.days,
            buyer_pays_shipping=shape.buyer_pays_shipping,
            refund_days=shape.refund_days,
            approval_limit=self._make_amounts(shape.approval_limit, (*way, "approval_limit")),
            photo_reasons=tuple(shape.photo_reasons),
            payout_days={str(method): (days[0], days[1]) for method, days in shape.payout_days.items()},
        )

    def _make_policy(self, shape: PolicyShape, place: int) -> Policy:
        way = ("policies", place)
        for earlier, other in enumerate(self._shape.policies[:place]):
            if (other.country, other.valid_from) == (shape.country, shape.valid_from):
                line = self._document.find_line(("policies", earlier))
                self._document.error(way, f"begins on the day of the one in line {line}, for the same country")
        return Policy(
            country=shape.country,
            valid_from=shape.valid_from,
            returns=self._make_returns(shape.returns, (*way, "returns")) if shape.returns else None,
            warranty_months=shape.warranty_months,
            tax_included=shape.tax_included,
            tax_percent=shape.tax_percent,
            claim_days=shape.claim_days,
            invoice=shape.invoice,
            source=shape.source,
        )

    def _make_promotion(self, shape: PromotionShape, place: int) -> Promotion:
        way = ("promotions", place)
        if shape.percent is not None and shape.amount_off:
            self._document.error(way, "has both percent and amount_off")
        if shape.most_off and shape.percent is None:
            self._document.error((*way, "most_off"), "is the highest amount of a percentage, and there is no percent")
        for currency, most in shape.most_off.items():
            if most == 0:
                self._document.error((*way, "most_off", currency), "must be more than zero")
        if shape.percent == 0:
            self._document.error((*way, "percent"), "must be more than zero")
        if shape.ends_on < shape.starts_on:
            self._document.error((*way, "ends_on"), "is before starts_on")
        return Promotion(
            code=shape.code.upper(),
            name=self._make_text(shape.name, (*way, "name")),
            skus=tuple(shape.skus),
            starts_on=shape.starts_on,
            ends_on=shape.ends_on,
            percent=shape.percent,
            amount_off=self._make_amounts(shape.amount_off, (*way, "amount_off")),
            min_spend=self._make_amounts(shape.min_spend, (*way, "min_spend")),
            most_off=self._make_amounts(shape.most_off, (*way, "most_off")),
            stackable=shape.stackable,
            uses_left=shape.uses_left,
            once_per_buyer=shape.once_per_buyer,
        )

    def _make_rule(self, country: Country, shape: ShippingShape) -> ShippingRule:
        way = ("shipping", country)
        currency = self._shape.currencies.get(country, self._shape.currency)
        if not shape.options:
            self._document.error((*way, "options"), "is empty")
        return ShippingRule(
            country=country,
            options=tuple(
                self._make_option(item, currency, (*way, "options", place)) for place, item in enumerate(shape.options)
            ),
            cod=shape.cod_limit is not None,
            cod_limit=self._make_optional(shape.cod_limit, currency, (*way, "cod_limit")),
            payment_methods=tuple(shape.payment_methods),
            customs=self._make_text(shape.customs, (*way, "customs")),
        )

    def _make_option(self, shape: OptionShape, currency: str, way: Way) -> ShippingOption:
        return ShippingOption(
            courier=shape.courier,
            cost=self._make_money(shape.cost, currency, (*way, "cost")),
            days=shape.days,
            free_from=self._make_optional(shape.free_from, currency, (*way, "free_from")),
        )

    def _make_amounts(self, amounts: Mapping[Currency, Amount], way: Way) -> dict[str, Money]:
        return {currency: self._make_money(amount, currency, (*way, currency)) for currency, amount in amounts.items()}

    def _make_optional(self, amount: decimal.Decimal | None, currency: str, way: Way) -> Money | None:
        return None if amount is None else self._make_money(amount, currency, way)

    def _make_money(self, amount: decimal.Decimal, currency: str, way: Way) -> Money:
        money = round_money(amount, currency)
        if money.amount != amount:
            self._document.error(way, f"{amount} is no amount of {currency}, which has fewer digits")
        return money

    def _make_text(self, texts: Mapping[str, str], way: Way) -> Text:
        default = self._shape.default_language
        if "" in texts:
            return Text({default: texts[""]})
        if not texts:
            return Text()
        if default not in texts and default in self._shape.languages:
            self._document.error(way, f"has no words in {default}, the default language")
        if missing := [code for code in self._shape.languages if code not in texts and code != default]:
            self._document.warn(way, f"has no words in {', '.join(missing)}: its buyers read {default}")
        for code in texts:
            if code not in self._shape.languages:
                self._document.warn((*way, code), "is no language of this shop")
        return Text(texts)


def _read_state(name: str) -> OrderState | None:
    return None if name == "never" else OrderState(name)
