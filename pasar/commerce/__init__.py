"""Shops: what they sell, whom they sold it to, and by which rules."""
