"""Processes are killed while messages flow: is every message answered once, and in order?"""
