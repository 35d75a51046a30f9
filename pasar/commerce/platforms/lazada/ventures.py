"""The countries of Lazada: each has its own host, currency and clock.

Hosts: https://open.lazada.com/apps/doc/doc?nodeId=10400&docId=108065. One token of a cross-border seller is good at
all of them, but every call goes to the country of the order or product.
"""

from __future__ import annotations

import dataclasses
import decimal
import zoneinfo

from pasar.commerce.model import Money

AUTH_URL = "https://auth.lazada.com/rest"  #: for all countries


@dataclasses.dataclass(frozen=True)
class Venture:
    """Lazada in one country."""

    country: str  #: ISO 3166-1 alpha-2
    url: str
    currency: str
    time_zone: zoneinfo.ZoneInfo
    refund_unit: decimal.Decimal  #: what a refund's 1 is worth

    def money(self, amount: decimal.Decimal) -> Money:
        """An amount in the country's currency."""
        return Money(amount, self.currency)


def _venture(country: str, host: str, currency: str, time_zone: str, refund_unit: str = "0.01") -> Venture:
    return Venture(
        country, f"https://{host}/rest", currency, zoneinfo.ZoneInfo(time_zone), decimal.Decimal(refund_unit)
    )


#: By country. Refunds are told "in cent, except VN":
#: https://open.lazada.com/apps/doc/api?path=%2Freverse%2Fgetreverseordersforseller
VENTURES = {
    venture.country: venture
    for venture in (
        _venture("SG", "api.lazada.sg", "SGD", "Asia/Singapore"),
        _venture("MY", "api.lazada.com.my", "MYR", "Asia/Kuala_Lumpur"),
        _venture("TH", "api.lazada.co.th", "THB", "Asia/Bangkok"),
        _venture("VN", "api.lazada.vn", "VND", "Asia/Ho_Chi_Minh", "1"),
        _venture("PH", "api.lazada.com.ph", "PHP", "Asia/Manila"),
        _venture("ID", "api.lazada.co.id", "IDR", "Asia/Jakarta"),
    )
}
