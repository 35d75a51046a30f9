"""The demo shop's schema, version by version."""
