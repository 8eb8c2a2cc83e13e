"""What a stage is, what it says of itself, and what it is given: the contract between the core and every plugin."""
