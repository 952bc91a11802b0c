"""The invariants of the promise, read from the history alone. Nothing here knows how the production code works."""
