"""How soon platforms have their acknowledgement, while the bot is idle, busy, or being begun again."""
