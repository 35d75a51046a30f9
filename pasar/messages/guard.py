"""May this be sent here and now? Asked once before every call, by dated rules that are data (``rules.yml``)."""

from __future__ import annotations

import dataclasses
import datetime
import enum
import functools
import pathlib
import re
import zoneinfo
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import yaml

from pasar.messages.model import Author, Purpose, Reply, ReplyKind

RULES = pathlib.Path(__file__).with_name("rules.yml")

_LINK = re.compile(
    r"(?:(?:https?://|www\.)[^\s<>\"']+|(?<![@\w.-])(?:[a-z0-9-]+\.)+[a-z]{2,}/[^\s<>\"']*"
    r"|(?<![@\w.-])(?:[a-z0-9-]{2,}\.)+(?:com|net|org|shop|store)\b(?:\.[a-z]{2})?|[\w.+-]+@[\w-]+\.[\w.-]+)",
    re.IGNORECASE,
)
#: A telephone number as people write it: with its country's +, with its area in brackets, or from 0 in groups. One row of
#: digits alone is an order's or a parcel's.
_PHONE = re.compile(
    r"(?<![\w+-])(?:\+\d[\d .()-]{5,18}\d|\(0?\d{2,4}\)[ -]?\d{3,4}(?:[ -]?\d{3,4}){1,2}"
    r"|0\d{1,4}(?:[ .-]\d{2,4}){2,4})(?![\w-])"
)
_DURATION = re.compile(r"(\d+)([hd])")


class Action(enum.Enum):
    """What a rule asks for."""

    BLOCK = "block"
    REMOVE_LINKS = "remove_links"
    REMOVE_PHONES = "remove_phones"
    POSTPONE = "postpone"


@dataclasses.dataclass(frozen=True)
class Send:
    """What is to be sent."""

    channel: str
    country: str  #: of the account, ISO 3166; "" where it is not named
    heard_at: datetime.datetime | None  #: when the buyer last wrote there; None if never
    replies: tuple[Reply, ...]
    consents: frozenset[str] = frozenset()  #: purposes the buyer has consented to: "promotion"
    withdrawn: frozenset[str] = frozenset()  #: purposes she wants nothing of
    lately: tuple[datetime.datetime, ...] = ()  #: when the bot wrote to this buyer here before, as far as it is known


@dataclasses.dataclass(frozen=True)
class Verdict:
    """Whether it may be sent."""

    allowed: bool
    rule: str = ""  #: id of the rule that blocks, rewrites or postpones; "" where none does
    replies: tuple[Reply, ...] | None = None  #: what may be sent instead; None where nothing is changed
    until: datetime.datetime | None = None  #: when it may be sent; None for now


@dataclasses.dataclass(frozen=True)
class Rule:
    """One line of the law: see ``rules.yml`` for what the fields mean."""

    id: str
    then: Action
    valid_from: datetime.date
    source: str
    channels: frozenset[str] = frozenset()
    countries: frozenset[str] = frozenset()
    purposes: frozenset[Purpose] = frozenset()
    kinds: frozenset[ReplyKind] = frozenset()
    not_kinds: frozenset[ReplyKind] = frozenset()
    authors: frozenset[Author] = frozenset()
    silent_for: datetime.timedelta | None = None
    unheard: bool = False
    without_consent: str = ""
    withdrawn: str = ""
    more_than: int | None = None
    within: datetime.timedelta = datetime.timedelta(hours=1)
    hours: tuple[datetime.time, datetime.time] | None = None
    own_hosts: tuple[str, ...] = ()
    valid_until: datetime.date | None = None

    def holds(self, send: Send, reply: Reply, now: datetime.datetime) -> bool:
        """Whether all conditions but the time of day hold for a reply."""
        today = now.astimezone(datetime.timezone.utc).date()
        silence = None if send.heard_at is None else now - send.heard_at
        return (
            self.valid_from <= today
            and (self.valid_until is None or today <= self.valid_until)
            and (not self.channels or send.channel in self.channels)
            and (not self.countries or send.country in self.countries)
            and (not self.purposes or reply.purpose in self.purposes)
            and (not self.kinds or reply.kind in self.kinds)
            and reply.kind not in self.not_kinds
            and (not self.authors or reply.author in self.authors)
            and (self.silent_for is None or silence is None or silence > self.silent_for)
            and (not self.unheard or send.heard_at is None)
            and (self.more_than is None or sum(now - said < self.within for said in send.lately) >= self.more_than)
            and (not self.without_consent or self.without_consent not in send.consents)
            and (not self.withdrawn or self.withdrawn in send.withdrawn)
        )


@dataclasses.dataclass(frozen=True)
class Rules:
    """All rules, and the countries' time zones."""

    rules: tuple[Rule, ...]
    zones: Mapping[str, tuple[zoneinfo.ZoneInfo, ...]]


def judge(send: Send, now: datetime.datetime, rules: Rules | None = None) -> Verdict:
    """Whether ``send`` may go out at ``now`` (aware). Replies of one call go together or not at all."""
    book = rules or load_rules()
    for rule in _list(book, Action.BLOCK):
        if any(rule.holds(send, reply, now) for reply in send.replies):
            return Verdict(False, rule.id)
    found, changed = send.replies, ""
    for rule in _list(book, *_REWRITE):
        cut = tuple(_REWRITE[rule.then](reply, rule) if rule.holds(send, reply, now) else reply for reply in found)
        if cut != found:
            found, changed = cut, rule.id
    if changed:
        found = tuple(reply for reply in found if reply.text or reply.kind not in (ReplyKind.TEXT, ReplyKind.BUTTONS))
        if not found:
            return Verdict(False, changed)
    rewritten = found if changed else None
    for rule in _list(book, Action.POSTPONE):
        if any(rule.holds(send, reply, now) for reply in send.replies):
            until = _find_morning(rule, book.zones.get(send.country, ()), now)
            if until is not None:
                return Verdict(True, rule.id, rewritten, until)
    return Verdict(True, changed, rewritten)


def _list(book: Rules, *actions: Action) -> Sequence[Rule]:
    return [rule for rule in book.rules if rule.then in actions]


def _remove_links(reply: Reply, rule: Rule) -> Reply:
    def replace(match: re.Match[str]) -> str:
        link = match.group()
        host = re.sub(r"^https?://", "", link, flags=re.IGNORECASE).partition("/")[0].lower()
        # What stands before an @ is a name, not a host; a port or a trailing full stop is neither.
        host = host.rpartition("@")[2].partition(":")[0].rstrip(".,;!?)")
        is_own = "@" not in link and any(host == own or host.endswith(f".{own}") for own in rule.own_hosts)
        return link if is_own else ""

    return _replace_text(reply, _LINK.sub(replace, reply.text))


def _remove_phones(reply: Reply, _rule: Rule) -> Reply:
    return _replace_text(reply, _PHONE.sub("", reply.text))


#: What changes a reply.
_REWRITE: Mapping[Action, Callable[[Reply, Rule], Reply]] = {
    Action.REMOVE_LINKS: _remove_links,
    Action.REMOVE_PHONES: _remove_phones,
}


def _replace_text(reply: Reply, text: str) -> Reply:
    if text == reply.text:
        return reply
    lines = [re.sub(r"[ \t]{2,}", " ", line).strip() for line in text.splitlines()]
    return dataclasses.replace(reply, text="\n".join(line for line in lines if line))


def _find_morning(rule: Rule, zones: Sequence[zoneinfo.ZoneInfo], now: datetime.datetime) -> datetime.datetime | None:
    """When the hours of a rule are over in every zone; None where they are in none of them now."""
    if rule.hours is None:
        return None
    begin, end = rule.hours
    moment = now.astimezone(datetime.timezone.utc)
    # Where the night ends in one zone it may last in another: from end to end, at most once for each zone.
    for _ in range(len(zones) + 1):
        ends = [_end_night(moment.astimezone(zone), begin, end) for zone in zones]
        later = [item for item in ends if item is not None]
        if not later:
            break
        moment = max(later).astimezone(datetime.timezone.utc)
    return moment if moment > now else None


def _end_night(local: datetime.datetime, begin: datetime.time, end: datetime.time) -> datetime.datetime | None:
    at = local.time()
    is_night = (at >= begin or at < end) if begin > end else begin <= at < end
    if not is_night:
        return None
    day = local.date() + datetime.timedelta(days=1 if at >= begin > end else 0)
    return datetime.datetime.combine(day, end, local.tzinfo)


@functools.lru_cache(maxsize=1)
def load_rules() -> Rules:
    """The rules of this version of Pasar."""
    return read_rules(RULES.read_text(encoding="utf-8"))


def read_rules(text: str) -> Rules:
    """Rules from YAML; ValueError names the rule that cannot be read."""
    data = yaml.safe_load(text)
    zones = {country: tuple(map(zoneinfo.ZoneInfo, names)) for country, names in data["zones"].items()}
    rules = tuple(_read_rule(dict(item)) for item in data["rules"])
    names = [rule.id for rule in rules]
    if len(names) != len(set(names)):
        raise ValueError("two rules have the same id")
    return Rules(rules, zones)


def _read_rule(item: dict[str, Any]) -> Rule:
    name = str(item.get("id"))
    try:
        values: dict[str, Any] = {
            "id": item.pop("id"),
            "then": Action(item.pop("then")),
            "valid_from": item.pop("valid_from"),
            "source": item.pop("source"),
            "valid_until": item.pop("valid_until", None),
            "unheard": item.pop("unheard", False),
            "without_consent": item.pop("without_consent", ""),
            "withdrawn": item.pop("withdrawn", ""),
            "channels": frozenset(item.pop("channels", ())),
            "countries": frozenset(item.pop("countries", ())),
            "purposes": frozenset(map(Purpose, item.pop("purposes", ()))),
            "kinds": frozenset(map(ReplyKind, item.pop("kinds", ()))),
            "not_kinds": frozenset(map(ReplyKind, item.pop("not_kinds", ()))),
            "authors": frozenset(map(Author, item.pop("authors", ()))),
            "own_hosts": tuple(item.pop("own_hosts", ())),
        }
        if "silent_for" in item:
            values["silent_for"] = _read_duration(item.pop("silent_for"))
        if "more_than" in item:
            values["more_than"] = int(item.pop("more_than"))
            values["within"] = _read_duration(item.pop("within"))
        if "from" in item:
            values["hours"] = tuple(datetime.time.fromisoformat(item.pop(end)) for end in ("from", "until"))
    except (KeyError, ValueError, TypeError) as error:
        raise ValueError(f"rule {name}: {error}") from error
    if item:
        raise ValueError(f"rule {name}: unknown {', '.join(sorted(item))}")
    if not isinstance(values["valid_from"], datetime.date) or not values["source"]:
        raise ValueError(f"rule {name}: needs a day in valid_from, and a source")
    return Rule(**values)


def _read_duration(text: str) -> datetime.timedelta:
    match = _DURATION.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is no duration as 24h or 7d")
    return datetime.timedelta(hours=int(match[1]) * (24 if match[2] == "d" else 1))
