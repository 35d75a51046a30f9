"""What every shop backend must keep, whatever system it speaks to."""

from __future__ import annotations

import datetime

import pytest

from pasar.commerce.backend import ShopBackend, ShopError
from pasar.commerce.changes import Ability, AddressChange, LineChange, Outcome
from pasar.commerce.model import Address, Buyer, OrderState, ReturnRequest


class ShopBackendContract:
    """Inherit this, give the fixture ``backend`` and name in the class attributes what its shop holds."""

    sku: str
    variant_sku: str
    order_id: str
    owner: Buyer
    returnable_order_id: str
    cancellable_order_id: str = ""  #: paid, not shipped; "" where the shop's system lets nobody change orders
    cancellable_variants: tuple[str, str] = ("", "")  #: the one ordered, and another of the same product that is there
    shipped_order_id: str = ""
    coupon: str
    country: str
    no_country = "AQ"
    today: datetime.date

    @pytest.fixture
    def backend(self) -> ShopBackend:
        """The backend under test."""
        raise NotImplementedError

    async def test_shop_has_its_default_language(self, backend: ShopBackend) -> None:
        """The default language is among the shop's languages."""
        shop = await backend.get_shop()
        assert shop.default_language in shop.languages

    async def test_order_is_found_in_any_letter_case(self, backend: ShopBackend) -> None:
        """An order's number may be typed in lower case."""
        order = await backend.get_order(self.order_id.lower())
        assert order is not None
        assert self.order_id == order.order_id

    async def test_unknown_order_is_none(self, backend: ShopBackend) -> None:
        """An order that does not exist is None, not an error."""
        assert await backend.get_order("NO-SUCH-ORDER") is None

    async def test_times_are_aware(self, backend: ShopBackend) -> None:
        """An order's times carry their zone."""
        order = await backend.get_order(self.order_id)
        assert order is not None
        assert datetime.timedelta(0) == order.placed_at.utcoffset()

    async def test_orders_are_the_buyers_newest_first(self, backend: ShopBackend) -> None:
        """A buyer's orders are hers only and begin with the newest."""
        orders = await backend.find_orders(self.owner)
        assert self.order_id in {order.order_id for order in orders}
        assert {self.owner.email} == {order.email for order in orders}
        assert sorted((order.placed_at for order in orders), reverse=True) == [order.placed_at for order in orders]

    async def test_unpaid_orders_say_until_when(self, backend: ShopBackend) -> None:
        """An unpaid order names the day it must be paid by."""
        orders = await backend.find_orders(self.owner)
        unpaid = [order for order in orders if order.state is OrderState.UNPAID]
        assert all(order.pay_until for order in unpaid)

    async def test_nobody_has_no_orders(self, backend: ShopBackend) -> None:
        """A buyer without e-mail and phone has no orders, not all of them."""
        assert [] == list(await backend.find_orders(Buyer()))

    async def test_product_is_found_by_its_and_its_variants_sku(self, backend: ShopBackend) -> None:
        """Both SKUs lead to the product, in any letter case."""
        for sku in (self.sku, self.variant_sku, self.sku.lower()):
            product = await backend.get_product(sku)
            assert product is not None
            assert self.sku == product.sku

    async def test_unknown_product_is_none(self, backend: ShopBackend) -> None:
        """A product that does not exist is None, not an error."""
        assert await backend.get_product("NO-SUCH-SKU") is None

    async def test_every_product_is_found_by_its_name(self, backend: ShopBackend) -> None:
        """Searching for a product's whole name finds it first."""
        for product in await backend.list_products():
            for name in product.name.values():
                found = await backend.search_products(name)
                assert product.sku == found[0].sku, name

    async def test_search_keeps_its_limit(self, backend: ShopBackend) -> None:
        """No more products are found than asked for."""
        names = " ".join(name for product in await backend.list_products() for name in product.name.values())
        assert 2 == len(await backend.search_products(names[:500], limit=2))

    async def test_search_without_words_finds_nothing(self, backend: ShopBackend) -> None:
        """An empty message and one of signs alone name no product."""
        assert [] == list(await backend.search_products(""))
        assert [] == list(await backend.search_products("?!  😀"))

    async def test_promotions_run_on_their_day(self, backend: ShopBackend) -> None:
        """Only promotions of the day are given."""
        promotions = await backend.get_promotions(self.today)
        assert all(item.starts_on <= self.today <= item.ends_on for item in promotions)
        assert [] == list(await backend.get_promotions(datetime.date(1990, 1, 1)))

    async def test_promotions_of_a_product_are_its_own(self, backend: ShopBackend) -> None:
        """With a SKU only promotions that cover the product are given."""
        for item in await backend.get_promotions(self.today, self.sku):
            assert not item.skus or self.sku in item.skus

    async def test_coupon_is_found_in_any_letter_case(self, backend: ShopBackend) -> None:
        """A code may be typed in lower case and with spaces around."""
        coupon = await backend.get_coupon(f" {self.coupon.lower()} ")
        assert coupon is not None
        assert self.coupon == coupon.code

    async def test_unknown_coupon_is_none(self, backend: ShopBackend) -> None:
        """Neither an unknown code nor an empty one is a coupon."""
        assert await backend.get_coupon("NOSUCHCODE") is None
        assert await backend.get_coupon("") is None

    async def test_shipping_is_by_country(self, backend: ShopBackend) -> None:
        """A country the shop delivers to has a rule, another has none."""
        rule = await backend.get_shipping(self.country.lower())
        assert rule is not None
        assert self.country == rule.country
        assert await backend.get_shipping(self.no_country) is None
        assert self.country in {listed.country for listed in await backend.list_shipping()}

    async def test_return_asked_twice_is_one_ticket(self, backend: ShopBackend) -> None:
        """The second request for an order gives the first one's ticket."""
        first = await backend.open_return(ReturnRequest(self.returnable_order_id, "damaged", "refund", photo="media:1"))
        second = await backend.open_return(ReturnRequest(self.returnable_order_id.lower(), "size", "exchange"))
        assert first == second

    async def test_return_of_an_unknown_order_is_an_error(self, backend: ShopBackend) -> None:
        """No ticket is made for an order that does not exist."""
        with pytest.raises(ShopError):
            await backend.open_return(ReturnRequest("NO-SUCH-ORDER", "damaged", "refund"))

    async def test_address_is_changed_before_shipping(self, backend: ShopBackend) -> None:
        """The order has the new address; one on its way keeps its own."""
        if Ability.CHANGE_ADDRESS not in backend.abilities:
            return
        new = Address(("Jl. Melati 5",), "Bandung", "40115")
        done = await backend.change_address(AddressChange(self.cancellable_order_id, new))
        assert Outcome.DONE is done.outcome
        order = await backend.get_order(self.cancellable_order_id)
        assert order is not None
        assert order.address is not None
        assert (("Jl. Melati 5",), order.country) == (order.address.lines, order.address.country)
        refused = await backend.change_address(AddressChange(self.shipped_order_id, new))
        assert (Outcome.REFUSED, "shipped") == (refused.outcome, refused.reason)

    async def test_another_variant_is_put_into_an_order(self, backend: ShopBackend) -> None:
        """Of the same product, while it is there."""
        if Ability.EDIT_ORDER not in backend.abilities:
            return
        old, new = self.cancellable_variants
        order = await backend.get_order(self.cancellable_order_id)
        assert order is not None
        pieces = next(line.quantity for line in order.lines if line.variant_sku == old)
        done = await backend.edit_order(LineChange(self.cancellable_order_id, old, new, pieces))
        assert Outcome.DONE is done.outcome
        edited = await backend.get_order(self.cancellable_order_id)
        assert edited is not None
        assert new in [line.variant_sku for line in edited.lines]
        assert old not in [line.variant_sku for line in edited.lines]
        none = await backend.edit_order(LineChange(self.cancellable_order_id, new, "NO-SUCH-SKU", pieces))
        assert Outcome.REFUSED is none.outcome

    async def test_paid_order_is_cancelled_and_its_money_goes_back(self, backend: ShopBackend) -> None:
        """Once; the second time it is refused, and one on its way always."""
        if Ability.CANCEL not in backend.abilities:
            return
        done = await backend.cancel_order(self.cancellable_order_id, "changed_mind")
        assert Outcome.REFUSED is not done.outcome
        order = await backend.get_order(self.cancellable_order_id)
        assert order is not None
        if done.outcome is Outcome.DONE:
            assert OrderState.CANCELLED is order.state
            assert order.refund is not None
            assert order.total == order.refund.amount
        again = await backend.cancel_order(self.cancellable_order_id, "changed_mind")
        assert (Outcome.REFUSED, "cancelled") == (again.outcome, again.reason)
        refused = await backend.cancel_order(self.shipped_order_id, "changed_mind")
        assert (Outcome.REFUSED, "shipped") == (refused.outcome, refused.reason)

    async def test_changes_of_an_unknown_order_are_errors(self, backend: ShopBackend) -> None:
        """Nothing is made up."""
        if Ability.CANCEL in backend.abilities:
            with pytest.raises(ShopError):
                await backend.cancel_order("NO-SUCH-ORDER", "changed_mind")
