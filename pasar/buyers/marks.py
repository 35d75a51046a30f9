"""Marks: what has been verified of a buyer, in one form each, so that the same is the same wherever it was verified.

Only who verified it may make a mark: the platform of its own account and number, mail by its authenticated sender, the
shop's site by its signed token, :mod:`pasar.commerce.access` of an order. What a buyer types is none.
"""

from __future__ import annotations

import base64
import dataclasses
import datetime
import enum
import hashlib
import hmac
import unicodedata
from collections.abc import Mapping

import phonenumbers
from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

MAX_EMAIL = 254  # RFC 5321
MAX_ID = 128


class MarkKind(enum.Enum):
    """What is verified. An account of a channel has one of each but orders."""

    EMAIL = "email"
    PHONE = "phone"
    ACCOUNT = "account"  # on the platform that the shop's orders are on
    ORDER = "order"  # shown to her, because she knew its e-mail address


#: How long a mark that nobody has verified again still joins. Numbers are given to others: in the USA after 45 days at
#: the earliest (47 CFR 52.15(f)(1)(ii)), elsewhere no sooner as far as is documented; mailboxes after a year.
LASTS: Mapping[MarkKind, datetime.timedelta] = {
    MarkKind.PHONE: datetime.timedelta(days=45),
    MarkKind.EMAIL: datetime.timedelta(days=365),
}
#: A join by one of these shows the orders of one to the other. A number may be somebody else's tomorrow, and what is
#: printed on a parcel opens that parcel's order and no other: these only bring conversations together.
OPENING = frozenset({MarkKind.EMAIL, MarkKind.ACCOUNT})


@dataclasses.dataclass(frozen=True)
class Mark:
    """A verified mark; its value is in the one form that :func:`read_email` and the like give."""

    kind: MarkKind
    value: str = dataclasses.field(repr=False)
    sole: bool = False  #: the channel has one account for it at a time: a newer one takes it over


def read_email(text: str) -> Mark | None:
    """An address; None where it is none. Only letter case of ASCII is folded: all else names another mailbox somewhere."""
    value = text.strip().encode("utf-8", "replace").lower().decode()
    name, at, domain = value.rpartition("@")
    fine = name and at and "." in domain and "@" not in name and len(value) <= MAX_EMAIL
    return Mark(MarkKind.EMAIL, value) if fine and value.isprintable() and not any(map(str.isspace, value)) else None


def read_phone(text: str, country: str = "", *, sole: bool = False) -> Mark | None:
    """A number as E.164; None where it is none. Without its + it is one of ``country`` (ISO 3166)."""
    try:
        number = phonenumbers.parse(text.strip(), country.upper() or None)
    except phonenumbers.NumberParseException:
        return None
    # Mexico's mobile numbers were called with a 1 behind 52 until 2019, and are still named so here and there.
    national = str(number.national_number)
    if number.country_code == 52 and len(national) == 11 and national.startswith("1"):
        number.national_number = int(national[1:])
    if not phonenumbers.is_valid_number(number) or number.extension:
        return None
    return Mark(MarkKind.PHONE, phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164), sole)


def read_account(platform: str, account: str) -> Mark | None:
    """An account of a platform; None where there is none."""
    return Mark(MarkKind.ACCOUNT, f"{platform}:{account}") if platform and 0 < len(account) <= MAX_ID else None


def read_order(order_id: str) -> Mark | None:
    """An order of the shop; None where there is none."""
    value = order_id.strip().upper()
    return Mark(MarkKind.ORDER, value) if 0 < len(value) <= MAX_ID else None


def has_ended(kind: MarkKind, seconds: float) -> bool:
    """Whether a mark that was verified so long ago says nothing any more."""
    return kind in LASTS and seconds > LASTS[kind].total_seconds()


def fold_name(text: str) -> str:
    """A name as it is compared; "" for one too short to tell anything."""
    folded = " ".join(unicodedata.normalize("NFKC", text).casefold().split())
    letters = sum(2 if character >= "\u2e80" else 1 for character in folded if character.isalpha())
    return folded if letters >= 3 else ""


class Vault:
    """Digests and encrypts by keys of the installation, so that who reads the tables learns no address or number."""

    def __init__(self, secret: str) -> None:
        """``secret``: 32 bytes or more."""
        self._key = _derive(secret, b"pasar buyer digests")
        self._fernet = Fernet(base64.urlsafe_b64encode(_derive(secret, b"pasar buyer marks")))

    def digest(self, shop: str, kind: str, *values: str) -> str:
        """The same for the same values of the same shop only."""
        text = "\0".join((shop, kind, *values)).encode("utf-8", "surrogatepass")
        return hmac.new(self._key, text, hashlib.sha256).hexdigest()

    def seal(self, value: str) -> str:
        """Encrypted."""
        return self._fernet.encrypt(value.encode()).decode()

    def unseal(self, sealed: str) -> str:
        """What was sealed; "" where it was by another secret."""
        try:
            return self._fernet.decrypt(sealed.encode()).decode()
        except InvalidToken:
            return ""


def _derive(secret: str, purpose: bytes) -> bytes:
    return HKDF(SHA256(), length=32, salt=None, info=purpose).derive(secret.encode())
