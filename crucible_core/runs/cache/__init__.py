"""What was computed is not computed again: the cache of the results of deterministic stages."""
