"""E-mail: a shop's own mailbox, read by IMAP and answered by SMTP.

Written to RFC 5322 (messages), 3501 (IMAP), 6409 (submission), 8601 (Authentication-Results), 3834 (automatic responses)
and 3676 (flowed text, signatures). A mailbox that asks for OAuth 2 (Microsoft 365) is not covered: user and password, or
an app's password, are needed. Attachments are told by name, type and size; their bytes stay in the mailbox.
"""

from __future__ import annotations

import datetime

from channels.connector import Capabilities, Rate
from channels.mail.authentication import Proof
from channels.mail.connector import MailConnector
from channels.mail.reading import Mail


class EmailConnector(MailConnector):
    """Settings: see :class:`channels.mail.connector.MailConnector`."""

    name = "email"
    capabilities = Capabilities(
        documented="https://www.rfc-editor.org/rfc/rfc5322",
        text_limit=20_000,  # no standard names one: a figure of ours
        together=20,
        redelivery=datetime.timedelta(days=14),  # twice as long as is looked back
        rate=Rate(2),  # providers' limits differ, and count days rather than seconds
        pause=datetime.timedelta(seconds=5),
    )

    def refuse(self, mail: Mail, proof: Proof) -> str:
        """Whose domain says that it is not hers: an answer would go to somebody who never wrote."""
        return "not from its domain" if proof is Proof.REFUTED else ""
