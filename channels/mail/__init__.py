"""Mail as RFC 5322 and its relatives say it: what the channels that come by mail share (e-mail, Amazon's relay)."""
