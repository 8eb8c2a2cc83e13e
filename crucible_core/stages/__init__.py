"""Hold the stages that come with the core."""
