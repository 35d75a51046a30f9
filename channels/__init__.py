"""Channels: where buyers write, and where people take over."""
