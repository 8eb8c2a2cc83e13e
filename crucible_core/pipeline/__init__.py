"""From an experiment to a plan, and from a plan to a result."""
