"""What happened in a run, event by event: the record, and what can be read off it."""
