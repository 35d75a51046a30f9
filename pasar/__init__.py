"""Pasar: the business of answering a shop's buyers, in plain Python."""
