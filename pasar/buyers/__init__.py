"""Buyers: which conversations are one person's, and what she has agreed to."""
