"""Train and evaluate language models: supervised, on preferences, by reinforcement, by distillation."""
