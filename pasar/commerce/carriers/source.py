"""What is asked of whoever knows where parcels are."""

from __future__ import annotations

from typing import Protocol

from pasar.commerce.model import Parcel


class ParcelSource(Protocol):
    """Carriers, or a service that asks them, for one shop. A call may raise ``ShopError``."""

    async def track(self, courier: str, tracking_number: str) -> Parcel | None:
        """The parcel as its carrier knows it (``courier`` as the shop's system writes it), or None."""

    async def close(self) -> None:
        """Give back connections."""
