"""What the bot does: read slots, ask the shop, say it by a response's name, set slots. No words, no HTTP, no SQL here."""
