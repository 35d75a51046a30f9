"""What the demo shop says, one file a language: ``texts/<code>.yml``.

The other files hold facts and name what is said of them: a product by its SKU, a promotion by its id.
"""

from __future__ import annotations

import datetime
import functools
import pathlib
from collections.abc import Sequence

from pasar.commerce.demo.fields import Field, open_file
from pasar.commerce.model import Text

_NAMES = ("address", "return_address", "customs", "promotions", "products", "guides")
_OF_GUIDE = ("problem", "signs", "steps")
_OF_PRODUCT = ("name", "aliases", "description", "attributes")


class ShopTexts:
    """The words of all languages of a shop."""

    def __init__(self, directory: pathlib.Path, languages: Sequence[str], today: datetime.date) -> None:
        """Read ``<directory>/<code>.yml``; ShopFileError names the file that is missing or has a name too many."""
        self._fields = {code: self._open(directory / f"{code}.yml", today) for code in languages}

    @staticmethod
    def _open(path: pathlib.Path, today: datetime.date) -> Field:
        whole = open_file(path, today)
        field = Field(f"{path.parent.name}/{whole.path}", whole.value, today)
        field.check_names(*_NAMES)
        for _, product in field["products"].map_items():
            product.check_names(*_OF_PRODUCT)
        for _, guide in field["guides"].map_items():
            guide.check_names(*_OF_GUIDE)
        return field

    def read(self, *names: str) -> Text:
        """What every language says at a place: ``read("products", "DRESS-01", "name")``; ShopFileError where it is missing."""
        return Text(
            {
                code: functools.reduce(Field.__getitem__, names, field).read_text()
                for code, field in self._fields.items()
            }
        )

    def has(self, name: str) -> bool:
        """Whether any language says something at a place, which then all of them must."""
        return any(bool(field[name]) for field in self._fields.values())

    def read_lists(self, *names: str) -> tuple[Text, ...]:
        """As :meth:`read`, of a list: every language must have as many items."""
        lists = {
            code: functools.reduce(Field.__getitem__, names, field).read_texts() for code, field in self._fields.items()
        }
        length = max(len(items) for items in lists.values())
        for code, items in lists.items():
            if len(items) != length or not items:
                field = functools.reduce(Field.__getitem__, names, self._fields[code])
                raise field.fail(f"must have {length or 'one or more'} items, as in the other languages")
        return tuple(Text({code: items[place] for code, items in lists.items()}) for place in range(length))

    def check_known(self, kind: str, known: Sequence[str] | frozenset[str]) -> None:
        """Complain of words for what is not there, which are mostly misspelt names."""
        for field in self._fields.values():
            if words := field[kind]:
                words.check_names(*known)

    def check_attributes(self, sku: str, names: Sequence[str]) -> None:
        """Complain of sentences about attributes that a product has not."""
        for field in self._fields.values():
            if attributes := field["products"][sku]["attributes"]:
                attributes.check_names(*names)
