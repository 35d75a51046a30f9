"""Things a message names, found by their form or in the pack's word lists, with normalised values.

Patterns know order numbers (by the shop's own formats), parcels, addresses, measures and sizes of other systems; lookups know colours,
countries and the like. Values come out as codes, ISO dates, centimetres and kilograms.
"""

from __future__ import annotations

import dataclasses
import datetime
import itertools
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from pasar.languages import dates, labels, measures
from pasar.languages.formatting import month_names
from pasar.languages.money import MoneyFinder, to_number
from pasar.languages.pack import Pack
from pasar.languages.text import NormalText, normalize
from pasar.languages.words import Word

#: Where a code begins and ends. Chinese has no spaces: "电话13812345678" is a number all the same.
_BEGIN, _END = r"(?<![^\W\u3400-\u9fff])", r"(?![^\W\u3400-\u9fff])"
_EMAIL = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,4}", re.ASCII)
_PHONE = re.compile(_BEGIN + r"(?<!\+)\+?\d(?:[ ().-]{0,2}\d){8,14}" + _END)
_TRACKING = re.compile(_BEGIN + r"(?=[a-z0-9]*\d{6})[a-z]{1,4}\d[a-z0-9]{7,24}" + _END)
_DIGITS = re.compile(r"\d{1,3}(?:[.,]\d{3})+|\d+(?:[.,]\d+)?")
_COUPON = re.compile(_BEGIN + r"(?=[A-Z0-9]*[A-Z])(?=[A-Z0-9]*\d)[A-Z]{3,}[A-Z0-9]{1,14}" + _END)
_LETTER_SIZE = re.compile(r"(?:\d?x{1,4}[sl]|[sml]|\d{1,2}xl)")
_URL = re.compile(r"https?://\S+")
_READ_APART = ("unit", "measure", "date", "size", "number", "size_system", "counter", "day")
_CODED = frozenset({"country", "language", "order_id"})  # kinds that count only where the pack knows the value
#: The role of a thing whose value is only what the buyer wrote: no code, no day, no order number of this shop.
AS_WRITTEN = "as_written"
_MOST_PIECES = 99  # of a product, where no counter stands behind the number
_LONGEST_PHRASE, _LONGEST_IN_CHARACTERS = 5, 10  # words


@dataclasses.dataclass(frozen=True)
class Entity:
    """A thing named at ``start`` to ``end`` of the source text; ``pattern`` where its form alone tells its kind."""

    kind: str
    value: str | float
    start: int
    end: int
    pattern: bool = False
    role: str | None = None  #: :data:`AS_WRITTEN` or nothing


class EntityFinder:
    """Finds entities of one language."""

    def __init__(
        self,
        pack: Pack,
        cut: Callable[[str], Sequence[str]],
        countries: Mapping[str, str],
        learnt: Mapping[str, str] | None = None,
    ) -> None:
        """``cut`` cuts a text as messages are cut.

        ``countries`` maps names to ISO codes, ``learnt`` phrases seen in annotated examples to their kind.
        """
        self._pack = pack
        self._cut = cut
        self._spaced = pack.code not in ("th", "zh", "ja")
        self._longest = _LONGEST_IN_CHARACTERS if pack.code in ("zh", "ja") else _LONGEST_PHRASE
        self._phrases: dict[str, list[tuple[str, str]]] = {}
        for phrase, kind in (learnt or {}).items():
            self._add(phrase, kind, phrase)
        for kind, forms in pack.lookups.items():
            if kind in _READ_APART:
                continue
            for form, value in forms.items():
                self._add(form, kind, value)
        for name, code in countries.items():
            self._add(name, "country", code)
        for form, value in pack.lookups.get("date", {}).items():
            self._add(form, "date", value)
        for form, value in pack.lookups.get("size", {}).items():
            self._add(form, "size", value)
        self._months = month_names(pack.locale)
        self._numbers = pack.lookups.get("number", {})
        self._units = pack.lookups.get("unit", {})
        self._measures = pack.lookups.get("measure", {})
        self._systems = pack.lookups.get("size_system", {})
        self._day_words = pack.lookups.get("day", {})
        self._wearers = pack.lookups.get("wearer", {})
        self._counters = pack.lookups.get("counter", {})
        self._money = MoneyFinder(pack.money, (*self._units, *self._counters))
        self._pieces = _compile_pieces(self._counters, self._numbers if self._spaced else (), spaced=self._spaced)

    def _add(self, phrase: str, kind: str, value: str) -> None:
        key = self._join(self._cut(phrase))
        kinds = self._phrases.setdefault(key, [])
        if all(kind != known for known, _ in kinds):
            kinds.append((kind, value))

    def _join(self, words: Sequence[str]) -> str:
        return (" " if self._spaced else "").join(words)

    def find(
        self,
        source: str,
        normal: NormalText,
        words: Sequence[Word],
        order_formats: Iterable[re.Pattern[str]],
        today: datetime.date,
    ) -> list[Entity]:
        """All entities, in order; what a pattern found is not looked up again."""
        found = list(self._find_patterns(source, normal, order_formats, today))
        taken = [(entity.start, entity.end) for entity in found]
        for entity in self._look_up(words, today):
            if not any(start < entity.end and entity.start < end for start, end in taken):
                found.append(entity)
                if entity.kind == "city":
                    country = self._pack.lookups["city"].get(self._form(source, entity))
                    found.append(dataclasses.replace(entity, kind="country", value=country or "", pattern=False))
        found += self._count_products(words, found)
        return sorted(
            (entity for entity in found if entity.value != ""), key=lambda entity: (entity.start, entity.kind)
        )

    def _count_products(self, words: Sequence[Word], found: Sequence[Entity]) -> list[Entity]:
        """Numbers right before what is bought: "dos vestidos", "3 kaos"."""
        products = {entity.start for entity in found if entity.kind == "product_name"}
        counted = []
        for word, after in itertools.pairwise(words):
            number = int(self._numbers.get(word, word if word.isdecimal() else "0"))
            clear = not any(entity.start < word.end and word.start < entity.end for entity in found)
            if after.start in products and 1 < number <= _MOST_PIECES and clear:
                counted.append(Entity("quantity", number, word.start, word.end))
        return counted

    def read(self, kind: str, written: str, today: datetime.date) -> str | float | None:
        """The value of a thing that is known to be of a kind; None where it cannot be told.

        Codes of the pack's word lists; ISO dates; numbers of pieces and money; centimetres and kilograms; sizes in
        capitals; else what is written. An order number of the shop is found by its form: another has no value.
        """
        text = normalize(written).text
        known = dict(self._phrases.get(self._join(self._cut(written)), ()))
        if kind == "date":
            return self._read_day(text, known.get(kind), today)
        if kind in known:
            return known[kind]
        if kind in _CODED:
            return None
        if kind == "price":
            amount = self._money.read(text)
            return None if amount is None else to_number(amount)
        if kind == "quantity":
            return self._read_quantity(text)
        if kind in ("height", "weight", "foot_length"):
            return self._read_measure(kind, text)
        return written.upper() if kind in ("size", "coupon_code", "tracking_number") else written

    def _read_day(self, text: str, code: str | None, today: datetime.date) -> str | None:
        day = next(iter((*dates.find_numeric(text), *dates.find_named(text, self._months, today))), None)
        if day is None and code is None:
            return dates.read_short(text, self._day_words, today)
        return day.value if day else dates.resolve(str(code), today)

    def _read_measure(self, kind: str, text: str) -> float | None:
        """A body's measure; without a unit a height or a foot's length, but no weight: of pounds or of kilograms."""
        for measure in measures.find(text, self._units, self._measures):
            if measure.kind == kind:
                return measure.value
        number = re.fullmatch(r"\d{2,3}(?:[.,]\d)?", text)
        return measures.from_number(float(text.replace(",", ".")), kind) if number and kind != "weight" else None

    def _read_quantity(self, text: str) -> int | None:
        match = _DIGITS.search(text)
        if match:
            return int(match.group()) if match.group().isdigit() else None
        words = [self._numbers[word] for word in (text, *self._cut(text)) if word in self._numbers]
        return int(words[0]) if words else None

    def _form(self, source: str, entity: Entity) -> str:
        return str(entity.value) if entity.kind != "city" else source[entity.start : entity.end].lower()

    def _find_patterns(
        self, source: str, normal: NormalText, order_formats: Iterable[re.Pattern[str]], today: datetime.date
    ) -> Iterator[Entity]:
        text = normal.text
        blocked: list[tuple[int, int]] = [match.span() for match in _URL.finditer(text)]

        def claim(match: re.Match[str]) -> bool:
            start, end = match.span()
            if any(start < taken_end and taken_start < end for taken_start, taken_end in blocked):
                return False
            blocked.append((start, end))
            return True

        def entity(kind: str, value: str | float, start: int, end: int) -> Entity:
            source_start, source_end = normal.span(start, end)
            return Entity(kind, value, source_start, source_end, pattern=True)

        for match in _EMAIL.finditer(text):
            if claim(match):
                yield entity("email", match.group(), *match.span())
        for pattern in order_formats:
            for match in pattern.finditer(text):
                if claim(match):
                    yield entity("order_id", match.group().upper().replace(" ", ""), *match.span())
        for match in _TRACKING.finditer(text):
            if claim(match):
                yield entity("tracking_number", match.group().upper(), *match.span())
        for measure in measures.find(text, self._units, self._measures):
            if not any(start < measure.end and measure.start < end for start, end in blocked):
                blocked.append((measure.start, measure.end))
                yield entity(measure.kind, measure.value, measure.start, measure.end)
        for label in labels.find(text, self._systems, self._wearers):
            if label.kind == "wearer":  # stands inside the label found just before
                yield entity(label.kind, label.value, label.start, label.end)
            elif not any(start < label.end and label.start < end for start, end in blocked):
                blocked.append((label.start, label.end))
                yield entity(label.kind, label.value, label.start, label.end)
        for found_date in (*dates.find_numeric(text), *dates.find_named(text, self._months, today)):
            if not any(start < found_date.end and found_date.start < end for start, end in blocked):
                blocked.append((found_date.start, found_date.end))
                yield entity("date", found_date.value, found_date.start, found_date.end)
        for price in self._money.find(text):
            if not any(start < price.end and price.start < end for start, end in blocked):
                blocked.append((price.start, price.end))
                yield entity("price", to_number(price.amount), price.start, price.end)
                if price.currency:
                    yield entity("currency", price.currency, price.start, price.end)
        for match in _PHONE.finditer(text):
            if claim(match):
                yield entity("phone", re.sub(r"[^\d+]", "", match.group()), *match.span())
        for match in self._pieces.finditer(text):
            pieces = self._counters[match["counter"]]
            number = int(self._numbers.get(match["number"], match["number"]))
            # "one piece" says mostly which, not how many; and some words only look like a counter ("3个月").
            if pieces and (number > 1 or match["number"].isdigit()) and claim(match):
                yield entity("quantity", number * int(pieces), *match.span())
        taken = [normal.span(*span) for span in blocked]
        for match in _COUPON.finditer(source):
            if not any(start < match.end() and match.start() < end for start, end in taken):
                yield Entity("coupon_code", match.group(), *match.span(), pattern=True)

    def _look_up(self, words: Sequence[Word], today: datetime.date) -> Iterator[Entity]:
        position = 0
        while position < len(words):
            for size in range(min(self._longest, len(words) - position), 0, -1):
                part = words[position : position + size]
                kinds = self._phrases.get(self._join(part))
                if kinds is None and size == 1:
                    kinds = self._letter_size(words, position)
                if kinds:
                    for kind, value in kinds:
                        normal = dates.resolve(value, today) if kind == "date" else value
                        yield Entity(kind, normal, part[0].start, part[-1].end)
                    position += size
                    break
            else:
                position += 1

    def _letter_size(self, words: Sequence[Word], position: int) -> list[tuple[str, str]] | None:
        """A letter is a size after a word for it, beside a colour, or in a message of a few words."""
        word = words[position]
        if not _LETTER_SIZE.fullmatch(word):
            return None
        if len(word) > 1 or len(words) <= 4 or (position and words[position - 1] in self._pack.size_words):
            return [("size", word.upper())]
        return None


def _compile_pieces(counters: Iterable[str], numbers: Iterable[str], *, spaced: bool) -> re.Pattern[str]:
    """A number, in digits or as one of ``numbers``, and a counter behind it; the longer one first."""
    behind, words = (
        "|".join(re.escape(word) for word in sorted(forms, key=len, reverse=True)) for forms in (counters, numbers)
    )
    number = r"\d{1,4}" + (f"|(?:{words})(?=\\s)" if words else "")
    return re.compile(rf"{_BEGIN}(?P<number>{number})\s?(?P<counter>{behind or '(?!)'})" + (_END if spaced else ""))
