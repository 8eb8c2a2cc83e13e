"""How good a model is on examples: their likelihood, its choices among answers, and its own answers."""
