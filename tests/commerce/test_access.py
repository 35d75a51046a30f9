"""An order is shown to its buyer, and to nobody else."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pasar.commerce.access import Proof, access_order, access_orders, mask_email
from pasar.commerce.backend import ShopBackend
from pasar.commerce.demo.backend import DemoBackend
from pasar.commerce.model import Buyer, Order
from tests.commerce.samples import make_order

ORDER = make_order()  # of Mei@Example.com, +62 812 0000 1001, Indonesia


class CarelessBackend:
    """A backend whose search for orders gives everybody's."""

    async def get_order(self, order_id: str) -> Order | None:
        """The only order there is."""
        return ORDER if order_id == ORDER.order_id else None

    async def find_orders(self, buyer: Buyer) -> Sequence[Order]:
        """All orders, whoever asks."""
        return [ORDER]


BACKEND = cast(ShopBackend, CarelessBackend())


@pytest.mark.parametrize(
    "contact",
    [
        "mei@example.com",
        " MEI@EXAMPLE.COM ",
        "0812 0000 1001",
        "081200001001",
        "0812-0000-1001",
        "+62 812-0000-1001",
        "+6281200001001",
        "6281200001001",
        "62 812 0000 1001",
        "0062 812 0000 1001",
        "(0812) 00001001",
        "๐๘๑๒ ๐๐๐๐ ๑๐๐๑",
    ],
)
async def test_contact_of_the_order_opens_it(contact: str) -> None:
    """Any usual way to write the order's e-mail or phone is proof enough."""
    assert ORDER == await access_order(BACKEND, "SH2001", Proof(contacts=("no@example.com", contact)))


@pytest.mark.parametrize(
    "contact",
    [
        "",
        " ",
        "@",
        "+",
        "0",
        "mei",
        "example.com",
        "mei@example.co",
        "xmei@example.com",
        "mei@example.com.evil.net",
        "mei@example.com, tom@example.com",
        "+1 812 0000 1001",
        "0812 0000 1002",
        "812 0000",
        "0000 1001",
        "%",
        "SH2001",
        "9" * 300,
    ],
)
async def test_other_contact_opens_nothing(contact: str) -> None:
    """Parts of a contact, other contacts and no contact are no proof."""
    assert await access_order(BACKEND, "SH2001", Proof(contacts=(contact,))) is None


async def test_no_proof_opens_nothing() -> None:
    """Knowing the order's number alone is not enough."""
    assert await access_order(BACKEND, "SH2001", Proof()) is None
    assert await access_order(BACKEND, "SH2001", Proof(buyer=Buyer())) is None


@pytest.mark.parametrize("buyer", [Buyer(email="mei@example.com"), Buyer(phone="+6281200001001")])
async def test_authenticated_buyer_opens_her_order(buyer: Buyer) -> None:
    """What the channel has authenticated needs nothing typed."""
    assert ORDER == await access_order(BACKEND, " SH2001 ", Proof(buyer=buyer))


async def test_authenticated_other_buyer_opens_nothing() -> None:
    """Being somebody is not being the buyer."""
    assert await access_order(BACKEND, "SH2001", Proof(buyer=Buyer("tom@example.com", "+12025550108"))) is None


async def test_unknown_order_looks_like_a_foreign_one() -> None:
    """Whether an order exists cannot be found out by asking."""
    proof = Proof(contacts=("tom@example.com",))
    assert (await access_order(BACKEND, "SH9999", proof)) is (await access_order(BACKEND, "SH2001", proof))


async def test_lookalike_letter_is_another_address() -> None:
    """The Kelvin sign is no k, although both have the same lower case."""
    assert (
        await access_order(BACKEND, "SH2001", Proof(contacts=("mei@example.\u212aom", "mei@ex\uff41mple.com"))) is None
    )


async def test_order_without_contacts_is_nobodys() -> None:
    """An empty contact does not match an order that has none."""
    bare = dataclasses.replace(ORDER, email="", phone="")

    class BareBackend(CarelessBackend):
        async def get_order(self, order_id: str) -> Order | None:
            return bare

    proof = Proof(buyer=Buyer(), contacts=("", " ", "+", "@"))
    assert await access_order(cast(ShopBackend, BareBackend()), "SH2001", proof) is None


async def test_list_is_for_authenticated_buyers_only() -> None:
    """Typed contacts open single orders, never the list."""
    assert [ORDER] == list(await access_orders(BACKEND, Proof(buyer=Buyer(email="MEI@example.com"))))
    assert [] == list(await access_orders(BACKEND, Proof(contacts=("mei@example.com",))))
    assert [] == list(await access_orders(BACKEND, Proof(buyer=Buyer())))


async def test_list_leaves_out_what_a_careless_backend_gives() -> None:
    """Somebody else's orders are dropped even where the backend returns them."""
    assert [] == list(await access_orders(BACKEND, Proof(buyer=Buyer(email="tom@example.com"))))


@given(contact=st.text(max_size=40))
async def test_no_text_raises_or_opens(contact: str) -> None:
    """Whatever is typed, it neither fails nor opens somebody's order."""
    assert await access_order(BACKEND, "SH2001", Proof(contacts=(contact,))) is None


@pytest.mark.parametrize(
    ("order_id", "contact"),
    [("sh1003", "081 000 1003"), ("SH1005", "(202) 555-0105"), ("SH1005", "12025550105"), ("SH1001", "0812 0000 1001")],
)
async def test_national_phones_of_the_demo_shop(stylehub: DemoBackend, order_id: str, contact: str) -> None:
    """A number as written in the order's country opens it."""
    order = await access_order(stylehub, order_id, Proof(contacts=(contact,)))
    assert order is not None
    assert order_id.upper() == order.order_id


async def test_nok_cannot_open_sitis_order(stylehub: DemoBackend) -> None:
    """Both buyers exist, and neither sees the other's orders."""
    nok = Proof(buyer=Buyer(email="nok@example.com"), contacts=("nok@example.com",))
    assert await access_order(stylehub, "SH1001", nok) is None
    assert ["SH1011", "SH1003", "SH1004"] == [order.order_id for order in await access_orders(stylehub, nok)]


@pytest.mark.parametrize(
    ("email", "masked"),
    [
        ("nok@example.com", "n•••@example.com"),
        (" N@example.com ", "N•••@example.com"),
        ("", ""),
        ("nok", ""),
        ("@example.com", ""),
        ("nok@", ""),
    ],
)
def test_a_masked_address_shows_its_first_letter_only(email: str, masked: str) -> None:
    """However short it is, nobody learns its length."""
    assert masked == mask_email(email)
