"""TikTok Shop, to the seller's side of its Partner API (202309 and later).

Written to https://partner.tiktokshop.com/docv2 as it stood at the end of 2025; each module names its pages. What those
pages leave open is not guessed:

- A line of an order is one piece; pieces of one variant at one price are told as one line.
- An order has one parcel here. Of an order sent in several, the one still on its way is told; tracking is by order, so
  its scans are those of all of them.
- A tracking event has a time and words, no place and no code: the words stand where the place would.
- E-mail addresses are TikTok's own aliases and are left out; phones and names may be masked, masked phones too.
- Sellers cannot change an address or an order's lines, and there are no invoices to read.
- Which HTTP status an error has is not said: the code in the answer decides.
- More than 10,000 products in one search are refused by TikTok.
- A webhook carries no time that is signed apart from its body, and no age at which it is too old: a second delivery
  is known by its id.
"""

from __future__ import annotations

from pasar.commerce.platforms.tiktokshop.api import TikTokShopApi

__all__ = ["TikTokShopApi"]
