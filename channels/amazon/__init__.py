"""Amazon's buyer-seller messages: mails by way of Amazon's relay.

No interface of Amazon's reads what buyers write or answers it: "you cannot use this API to respond to messages from
buyers" (https://developer-docs.amazon.com/sp-api/docs/messaging-api-v1-use-case-guide). What is left is mail: Amazon sends
a copy of each message to the seller's address, from an address that stands for the buyer, and takes answers by mail from
the account's registered or approved addresses only (https://sellercentral.amazon.com/help/hub/reference/200389080).

Not said in public, and taken from what other programs read (so it may change without notice): that the relay's addresses
end in ``@marketplace.amazon.<domain>``, the lines around the buyer's words ("Begin message"), and that the order's number
stands in subject or body. Where those lines are missing, the whole mail is read as any other's. Nor is it said whether the
relay forwards mails that call themselves automatic (``Auto-Submitted``): answers do not, and loops are ended by the rules.
"""

from __future__ import annotations

import datetime
import functools
import pathlib
import re
from collections.abc import Sequence

import yaml

from channels.connector import Capabilities, Rate
from channels.mail.authentication import Proof
from channels.mail.connector import MailConnector
from channels.mail.quoting import strip_quotes
from channels.mail.reading import Mail
from pasar.buyers.marks import Mark

MARKERS = pathlib.Path(__file__).with_name("markers.yml")

#: https://developer-docs.amazon.com/sp-api/docs/marketplace-ids names the countries; these are their shops' domains.
_DOMAINS = (
    "com", "ca", "com.mx", "com.br", "co.uk", "de", "fr", "it", "es", "nl", "se", "pl", "com.be", "ie", "com.tr", "ae",
    "sa", "eg", "in", "co.za", "sg", "com.au", "co.jp",
)  # fmt: skip
_RELAYS = frozenset(f"marketplace.amazon.{domain}" for domain in _DOMAINS)
_ORDER = re.compile(r"(?<![\d-])(?:\d{3}|D\d{2})-\d{7}-\d{7}(?![\d-])")
_RULE = r"[ \t]*-{5,}[ \t]*"


class AmazonConnector(MailConnector):
    """Settings: as :class:`channels.mail.connector.MailConnector`, ``authserv_id`` among those that must be there."""

    name = "amazon"
    capabilities = Capabilities(
        documented="https://sellercentral.amazon.com/help/hub/reference/200389080",
        text_limit=4000,  # of a mail none is named in public: a figure of ours
        together=20,
        redelivery=datetime.timedelta(days=14),
        rate=Rate(1),
        pause=datetime.timedelta(seconds=5),
    )
    declares = False

    def read_authserv_id(self) -> str:
        """Needed: whom Amazon's name is believed from."""
        return self.account.read("authserv_id")

    def refuse(self, mail: Mail, proof: Proof) -> str:
        """Only buyers, and only by Amazon itself: its own notices and everybody else are recorded."""
        if mail.sender.rpartition("@")[2] not in _RELAYS:
            return "no buyer's address"
        return "" if proof is Proof.PROVED else "not proved to be Amazon's"

    def find_words(self, mail: Mail) -> str:
        """What stands between Amazon's lines; below them are its own words, and the order's."""
        begin, end = _load_markers()
        found = begin.search(mail.text)
        text = mail.text[found.end() :] if found else mail.text
        last = end.search(text)
        return strip_quotes(text[: last.start()] if last else text)

    def find_topic(self, mail: Mail) -> str:
        """The order, where one is named: all about it is one conversation."""
        return self.find_order(mail) or super().find_topic(mail)

    def find_order(self, mail: Mail) -> str:
        """Of the subject, else of the body."""
        found = _ORDER.search(mail.subject) or _ORDER.search(mail.text)
        return found.group() if found else ""

    def vouch(self, message: object) -> Sequence[Mark]:
        """Nothing: the relay's address is no buyer's."""
        return ()


@functools.cache
def _load_markers() -> tuple[re.Pattern[str], re.Pattern[str]]:
    """The lines before and after a buyer's words."""
    data = yaml.safe_load(MARKERS.read_text(encoding="utf-8"))
    begin, end = (
        re.compile(rf"^{_RULE}(?:{'|'.join(map(re.escape, data[key]))}){_RULE}$", re.IGNORECASE | re.MULTILINE)
        for key in ("begin", "end")
    )
    return begin, end
