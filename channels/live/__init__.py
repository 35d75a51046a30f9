"""Comments under live streams: fetched or received, answered once a question, by what each platform allows."""
