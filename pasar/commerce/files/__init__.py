"""A shop from three files that any seller can export: ``products.csv``, ``orders.csv``, ``promotions.csv``.

Their columns are described in ``docs/shop-from-files.md``; ``python -m pasar.commerce.files check FOLDER`` says what is
wrong in which line and column. What is wrong is left out, the rest loads.
"""

from pasar.commerce.files.api import CsvApi

__all__ = ["CsvApi"]
