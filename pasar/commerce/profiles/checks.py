"""What is wrong in all shops' files, with file and line: what ``make validate`` prints."""

from __future__ import annotations

import asyncio
import datetime
import pathlib
from collections.abc import Collection, Mapping, Sequence

from pasar.commerce.backend import ShopError
from pasar.commerce.carriers.names import SERVICES
from pasar.commerce.demo.fields import ShopFileError
from pasar.commerce.demo.files import read_shop
from pasar.commerce.platforms.names import load_platform
from pasar.commerce.platforms.tokens import Renewal, Token, TokenExpiredError
from pasar.commerce.policies import has_policy
from pasar.commerce.profiles.document import Document, Finding, Level, ProfileError, Way
from pasar.commerce.profiles.profile import DemoProfile, Profile, make_profile
from pasar.commerce.rules import Shop

#: A demo shop's own files are in a folder of its id here; without one it is in a database only.
DEMO_SHOPS = pathlib.Path(__file__).resolve().parents[1] / "demo"


def check_shops(
    folder: pathlib.Path, languages: Collection[str], environment: Mapping[str, str], today: datetime.date
) -> list[Finding]:
    """Errors and warnings of all files of a folder; ``languages`` are those that have a pack."""
    findings: list[Finding] = []
    defaults: list[pathlib.Path] = []
    for path in sorted(folder.glob("*.yml")):
        try:
            document = Document(path)
        except ProfileError as error:
            findings += error.findings
            continue
        try:
            profile = make_profile(document)
        except ProfileError:
            profile = None
        if isinstance(profile, Profile):
            _Checks(document, profile).run(languages, environment, today)
        if isinstance(profile, DemoProfile) and (DEMO_SHOPS / profile.shop_id / "shop.yml").is_file():
            findings += check_demo(DEMO_SHOPS / profile.shop_id, today)
        if profile is not None and profile.default:
            if defaults:
                document.error(("default",), f"{defaults[0].name} is the default already")
            defaults.append(path)
        findings += sorted(document.findings, key=lambda finding: finding.line)
    for path in sorted(folder.glob("*.yaml")):
        findings.append(Finding(path, 1, Level.WARNING, "is not read: its name must end in .yml"))
    return findings


def check_demo(directory: pathlib.Path, today: datetime.date) -> list[Finding]:
    """Errors and warnings of the files of a demo shop."""
    try:
        files = read_shop(directory, today)
        document = Document(directory / "shipping.yml")
    except ShopFileError as error:
        return [Finding(directory, 1, Level.ERROR, str(error))]
    except ProfileError as error:
        return list(error.findings)
    _warn_policies(document, (), files.shop, [rule.country for rule in files.shipping], today)
    return document.findings


def _warn_policies(document: Document, way: Way, shop: Shop, countries: Collection[str], today: datetime.date) -> None:
    for country in countries:
        if not has_policy(shop, country, today):
            document.warn((*way, country), "has no policy today: falls to the shop's default")


class _NoTokens:
    """For a module that is opened and closed again."""

    async def get(self, shop_id: str, platform: str, _renew: Renewal, *, refused: str = "") -> Token:  # noqa: ARG002
        raise TokenExpiredError(f"shop {shop_id}: {platform}: there are no tokens here")

    async def put(self, shop_id: str, platform: str, token: Token) -> None:
        """Keep nothing."""


class _Checks:
    """What a file says that is possible, but does not fit together."""

    def __init__(self, document: Document, profile: Profile) -> None:
        self._document = document
        self._profile = profile
        self._shop = profile.shop

    def run(self, languages: Collection[str], environment: Mapping[str, str], today: datetime.date) -> None:
        """Note all of it in the document."""
        self._check_keys(environment)
        self._check_carriers(environment)
        self._check_languages(languages)
        _warn_policies(self._document, ("shipping",), self._shop, self._profile.shipping, today)
        self._check_amounts()
        self._check_payment()
        self._check_amends()

    def _check_keys(self, environment: Mapping[str, str]) -> None:
        platform, profile = load_platform(self._profile.platform), self._profile
        for name in profile.keys:
            if name not in platform.keys:
                known = ", ".join(platform.keys)
                self._document.error(("keys", name), f"is no key of {profile.platform}, which has: {known}")
        for name in profile.settings:
            if name in platform.keys:
                self._document.error(("settings", name), "belongs under keys")
        ways: list[tuple[Way, str]] = [(("keys", name), variable) for name, variable in profile.keys.items()]
        if self._warn_unset(ways, environment):
            # Which keys can be left out, only the module knows; the words are for people.
            for name, text in platform.keys.items():
                if name not in profile.keys and "optional" not in text.lower():
                    self._document.warn(("keys", name), f"is not given: {text}")
            return
        try:
            opened = platform.open(profile.shop, profile.read_settings(environment), _NoTokens())
        except ShopError as error:
            self._document.error(("keys",), error.reason)
        else:
            asyncio.run(opened.close())

    def _check_carriers(self, environment: Mapping[str, str]) -> None:
        for service, account in self._profile.carriers.items():
            if service not in SERVICES:
                self._document.error(("carriers", service), f"must be one of: {', '.join(SERVICES)}")
                continue
            ways: list[tuple[Way, str]] = [
                (("carriers", service, name), variable) for name, variable in account.keys.items()
            ]
            if self._warn_unset(ways, environment):
                continue
            values = {name: environment[variable] for name, variable in account.keys.items()}
            try:
                opened = SERVICES[service].open(self._shop.shop_id, values, account.couriers)
            except ShopError as error:
                self._document.error(("carriers", service), error.reason)
            else:
                asyncio.run(opened.close())

    def _warn_unset(self, ways: Sequence[tuple[Way, str]], environment: Mapping[str, str]) -> bool:
        unset = [(way, variable) for way, variable in ways if not environment.get(variable)]
        for way, variable in unset:
            self._document.warn(way, f"{variable} is not set in the environment")
        return bool(unset)

    def _check_languages(self, languages: Collection[str]) -> None:
        if self._shop.default_language not in languages:
            self._document.error(("default_language",), f"there is no pack data/{self._shop.default_language}")
        for place, code in enumerate(self._shop.languages):
            if code not in languages and code != self._shop.default_language:
                self._document.warn(("languages", place), f"there is no pack data/{code}: nobody is answered in it")
        for code in self._shop.personas:
            if code not in self._shop.languages:
                self._document.warn(("personas", code), "is no language of this shop")

    def _check_amounts(self) -> None:
        used = dict.fromkeys((self._shop.currency, *self._shop.currencies.values()))
        limits = {("returns", "approval_limit"): self._shop.returns.approval_limit}
        if self._shop.changes.cancel_limit:
            limits["changes", "cancel_limit"] = self._shop.changes.cancel_limit
        for way, amounts in limits.items():
            if missing := [currency for currency in used if currency not in amounts]:
                self._document.warn(way, f"has no amount in {', '.join(missing)}: a person decides there")

    def _check_payment(self) -> None:
        for country, rule in self._profile.shipping.items():
            if "cod" in rule.payment_methods and not rule.cod:
                self._document.warn(("shipping", country, "payment_methods"), "has cod, but there is no cod_limit")

    def _check_amends(self) -> None:
        codes = {promotion.code for promotion in self._profile.promotions}
        for place, amends in enumerate(self._shop.amends):
            if amends.code and amends.code not in codes:
                way = ("amends", place, "code")
                self._document.warn(way, f"{amends.code} is not among the promotions: the platform must know it")
