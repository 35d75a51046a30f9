"""Processes are killed while messages flow: whether every message is answered once, and in order."""
