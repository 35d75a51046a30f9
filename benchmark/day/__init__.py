"""A day after a live stream at StyleHub, played with the trained assistant and judged against the shop's record."""
