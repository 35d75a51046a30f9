"""A shop as its file describes it: ``shops/<shop id>.yml``."""

from __future__ import annotations

import dataclasses
import pathlib
import re
from collections.abc import Iterator, Mapping
from typing import Any

import pydantic

from pasar.commerce.backend import UnknownShopError
from pasar.commerce.platforms.names import PLATFORMS
from pasar.commerce.profiles.document import Document, Way
from pasar.commerce.profiles.records import Records
from pasar.commerce.profiles.shape import DEMO, DemoShape, ShopShape
from pasar.commerce.rules import Promotion, ShippingRule, Shop

SHOP_ID = re.compile("[a-z0-9][a-z0-9_-]{0,63}")

#: What pydantic calls it → what we do.
_WORDS = {
    "value_error.missing": "is missing",
    "value_error.strictbool": "must be true or false",
    "type_error.list": "must be a list",
    "type_error.dict": "must hold keys and values",
    "type_error.none.not_allowed": "is empty",
}


@dataclasses.dataclass(frozen=True)
class DemoProfile:
    """A shop of invented data, whose rules are in its own database."""

    shop_id: str
    default: bool
    order_formats: tuple[str, ...]
    database: str  #: an SQLAlchemy URL


@dataclasses.dataclass(frozen=True)
class TrackingAccount:
    """A shop's account at a service that tracks parcels."""

    keys: Mapping[str, str]  #: name → environment variable
    couriers: Mapping[str, str]  #: the service's code of a carrier by the shop's name of it


@dataclasses.dataclass(frozen=True)
class Profile:
    """A shop on a platform."""

    shop: Shop
    default: bool  #: whether it answers where no shop is named
    platform: str  #: a name in ``pasar.commerce.platforms.names``
    keys: Mapping[str, str]  #: name → the environment variable that has its value
    settings: Mapping[str, str]  #: what is no secret: name → value
    base_url: str  #: asked instead of the platform's own host; "" for that one
    carriers: Mapping[str, TrackingAccount]  #: by service, the one to ask first in front
    promotions: tuple[Promotion, ...]
    shipping: Mapping[str, ShippingRule]  #: by country, in the file's order

    @property
    def shop_id(self) -> str:
        """The file's name."""
        return self.shop.shop_id

    def read_settings(self, environment: Mapping[str, str]) -> dict[str, str]:
        """All that the platform's module is made from; UnknownShopError where a variable is not set."""
        values = {**self.settings, **self._read_variables("keys", self.keys, environment)}
        return {**values, "base_url": self.base_url} if self.base_url else values

    def find_settings(self, environment: Mapping[str, str]) -> dict[str, str]:
        """As :meth:`read_settings`, without what is not set: some keys are known only when the seller has let us in."""
        found = {name: environment[variable] for name, variable in self.keys.items() if environment.get(variable)}
        return {**self.settings, **found, **({"base_url": self.base_url} if self.base_url else {})}

    def read_accounts(self, environment: Mapping[str, str]) -> dict[str, dict[str, str]]:
        """The keys of tracking accounts by service; UnknownShopError where a variable is not set."""
        return {
            service: self._read_variables(f"carriers.{service}", account.keys, environment)
            for service, account in self.carriers.items()
        }

    def _read_variables(self, field: str, named: Mapping[str, str], environment: Mapping[str, str]) -> dict[str, str]:
        for name, variable in named.items():
            if not environment.get(variable):
                reason = f"{field}.{name}: {variable} is not set in the environment"
                raise UnknownShopError(self.shop_id, "open_shop", reason)
        return {name: environment[variable] for name, variable in named.items()}

    @property
    def order_formats(self) -> tuple[str, ...]:
        """Regular expressions that an order number fully matches."""
        return self.shop.order_formats


def read_profile(path: pathlib.Path) -> Profile | DemoProfile:
    """The shop of a file; ProfileError with all that is wrong in it."""
    return make_profile(Document(path))


def make_profile(document: Document) -> Profile | DemoProfile:
    """The shop of a document; ProfileError with all that is wrong. Warnings stay noted in the document."""
    shop_id, content = document.path.stem, document.content
    if not SHOP_ID.fullmatch(shop_id):
        document.error((), f"the file's name {shop_id!r} is no shop id: small letters, digits, - and _")
    platform = content.get("platform")
    if platform == DEMO:
        demo = DemoShape.parse_obj(_check(DemoShape, document))
        document.check()
        return DemoProfile(shop_id, demo.default, tuple(demo.order_formats), demo.database)
    if platform is not None and (not isinstance(platform, str) or platform not in PLATFORMS):
        document.error(("platform",), f"must be one of: {', '.join((DEMO, *PLATFORMS))}")
    shape = ShopShape.parse_obj(_check(ShopShape, document))
    records = Records(document, shape)
    profile = Profile(
        shop=records.make_shop(shop_id),
        default=shape.default,
        platform=shape.platform,
        keys={str(name): str(variable) for name, variable in shape.keys.items()},
        settings={str(name): str(value) for name, value in shape.settings.items()},
        base_url=shape.base_url,
        carriers={str(service): _read_account(settings) for service, settings in shape.carriers.items()},
        promotions=records.make_promotions(),
        shipping=records.make_shipping(),
    )
    document.check()
    return profile


def _read_account(settings: Mapping[Any, Any]) -> TrackingAccount:
    tables = {name: table for name, table in settings.items() if isinstance(table, dict)}
    return TrackingAccount(
        keys={str(name): str(variable) for name, variable in settings.items() if name not in tables},
        couriers={str(name): str(code) for name, code in tables.get("couriers", {}).items()},
    )


def _check(shape: type[pydantic.BaseModel], document: Document) -> dict[Any, Any]:
    """The document's content where it fits ``shape``; ProfileError where it does not."""
    try:
        shape.parse_obj(document.content)
    except pydantic.ValidationError as error:
        for way, message in _list_problems(error):
            document.error(way, message)
    document.check()
    return document.content


def _list_problems(error: pydantic.ValidationError) -> Iterator[tuple[Way, str]]:
    """Where and what, in our words; of one place only the first, and the innermost where a value may be two things."""
    problems: dict[tuple[str | int, ...], str] = {}
    for item in error.errors():
        context = item.get("ctx", {})
        way = tuple(context.get("value", step) if step == "__key__" else step for step in item["loc"])
        if context.get("inside"):
            way = (*way, context["inside"])
        problems.setdefault(way, _describe(item["type"], str(item["msg"]), context))
    for way, message in problems.items():
        if not any(other != way and other[: len(way)] == way for other in problems):
            yield way, message


def _describe(kind: str, message: str, context: Mapping[str, Any]) -> str:
    if kind == "value_error.extra":
        return "is not known here"
    if kind == "value_error.const":
        return f"must be one of: {', '.join(map(str, context['permitted']))}"
    return _WORDS.get(kind, message)
