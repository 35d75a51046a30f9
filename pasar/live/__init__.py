"""Comments under live streams: kept once each, gathered by what they ask, answered once."""
