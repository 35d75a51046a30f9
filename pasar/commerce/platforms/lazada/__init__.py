"""Lazada, by its Open Platform: one country of one seller.

Written to https://open.lazada.com/apps/doc/api and the guides beside it (``docId`` in the modules is a page of
https://open.lazada.com/apps/doc/doc). What they leave open, each module says.
"""

from pasar.commerce.platforms.lazada.api import LazadaApi

__all__ = ["LazadaApi"]
