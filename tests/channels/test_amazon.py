"""Amazon's relay: its mails as other programs describe them, since Amazon itself describes none."""

from __future__ import annotations

import types

import pytest

from channels.amazon import AmazonConnector
from channels.connector import Account, ConnectorSettingsError
from pasar.messages.model import Author, Kind, Reply
from tests.channels.mail_contract import AUTHSERV, MailContract, certificate, write_mail  # noqa: F401

ORDER = "113-5985185-4541026"
RELAY = "7yxwc3c8k00p1k3@marketplace.amazon.com"
PASS = f"{AUTHSERV}; dkim=pass header.d=marketplace.amazon.com; dmarc=pass header.from=marketplace.amazon.com"


def wrap(text, begin="Begin message", end="End message"):
    """A buyer's words as the relay wraps them."""
    return (
        f"Order ID: {ORDER}\n# 1 Linen shirt [ASIN: B000000000]\n\n------------- {begin} -------------\n\n{text}\n\n"
        f"------------- {end} -------------\n\nFor Your Information: messages are kept for two years.\n"
    )


class TestAmazon(MailContract):
    connector_class = AmazonConnector
    settings = types.MappingProxyType({**MailContract.settings, "authserv_id": AUTHSERV})
    buyer = RELAY

    def write(self, text="Where is my parcel?", **fields):
        values = {"sender": f"Ann - Amazon Marketplace <{RELAY}>", "results": PASS, "subject": "Your order", **fields}
        return write_mail(text, **values)

    def open(self, client, **settings):
        return super().open(client, **{**settings, "authserv_id": AUTHSERV})

    def write_ignored(self):
        fake = f"{AUTHSERV}; dmarc=pass header.from=marketplace.amazon.com.evil.example"
        return {
            "automatic": self.write(headers={"Auto-Submitted": "auto-replied"}),
            "not proved": self.write(results=None),
            "spf of another": self.write(results=f"{AUTHSERV}; spf=pass smtp.mailfrom=evil.example"),
            "refuted": self.write(results=f"{AUTHSERV}; dmarc=fail header.from=marketplace.amazon.com"),
            "Amazon's own notice": self.write(sender="seller-notification@amazon.com"),
            "relay's notice": self.write(sender="donotreply@marketplace.amazon.com"),
            "somebody else": self.write(sender="ann@buyer.example"),
            "a domain that begins alike": self.write(sender="a@marketplace.amazon.com.evil.example", results=fake),
            "ourselves": self.write(sender="help@stylehub.example"),
        }

    @pytest.mark.parametrize(
        ("begin", "end"),
        [
            ("Begin message", "End message"),
            ("Message:", "End message"),
            ("Anfang der Nachricht", "Ende der Nachricht"),
            ("Début du message", "Fin du message"),
            ("Inizio messaggio", "Fine messaggio"),
            ("Iniciar mensaje", "Finalizar mensaje"),
            ("Início da mensagem", "Fim da mensagem"),
            ("メッセージはここから", "メッセージはここまで"),
        ],
    )
    def test_only_the_buyers_words_and_the_order_are_read(self, connector, begin, end):
        text = "It has not arrived.\nWhere is it?"
        order, words = self.read(connector, self.write(wrap(text, begin, end), subject="Inquiry"))
        assert (Kind.ORDER, ORDER) == (order.kind, order.facts["order_id"])
        assert (Kind.TEXT, text, Author.BUYER) == (words.kind, words.text, words.author)
        assert order.thread == words.thread and order.message_id != words.message_id

    def test_the_order_of_the_subject_comes_first(self, connector):
        (order, _) = self.read(connector, self.write(wrap("Hi"), subject="Order 702-4829174-3310257"))
        assert "702-4829174-3310257" == order.facts["order_id"]

    def test_an_order_that_she_names_herself_is_not_said_twice(self, connector):
        (words,) = self.read(connector, self.write(wrap(f"Where is {ORDER}?")))
        assert f"Where is {ORDER}?" == words.text

    def test_without_amazons_lines_all_is_hers(self, connector):
        text = "¿Dónde está?\n\nEl lun, 23 nov 2026 a las 9:41, Tienda <help@stylehub.example> escribió:\n> Hola"
        (words,) = self.read(connector, self.write(text))
        assert "¿Dónde está?" == words.text

    def test_all_about_an_order_is_one_conversation(self, connector):
        mails = [
            self.write(wrap("Hi"), subject="One", message_id="a@x"),
            self.write(wrap("Hi again"), subject="Two", message_id="b@x"),
        ]
        assert 1 == len({self.read(connector, mail)[0].thread for mail in mails})

    @pytest.mark.parametrize("domain", ["co.uk", "de", "com.mx", "co.jp", "sg"])
    def test_every_marketplace_has_a_relay(self, connector, domain):
        results = f"{AUTHSERV}; dmarc=pass header.from=marketplace.amazon.{domain}"
        received = self.read(connector, self.write(sender=f"a1@marketplace.amazon.{domain}", results=results))[-1]
        assert (True, f"a1@marketplace.amazon.{domain}") == (received.is_answered, received.buyer)

    def test_the_relay_is_no_buyers_address(self, connector):
        assert () == connector.vouch(self.read(connector, self.write())[-1])

    async def test_answers_go_to_the_relay_in_the_thread(self, connector, server):
        await connector.send(self.make_sending(Reply("It is on its way.")))
        (mail,) = server.mails
        assert (RELAY, "help@stylehub.example") == (mail["To"], mail["From"])
        assert mail["In-Reply-To"] and mail["Auto-Submitted"] is None

    def test_whom_to_believe_must_be_said(self, connector):
        settings = {name: value for name, value in self.settings.items() if name != "authserv_id"}
        with pytest.raises(ConnectorSettingsError, match="authserv_id"):
            AmazonConnector(Account("testshop", "stylehub", settings), connector.client)
