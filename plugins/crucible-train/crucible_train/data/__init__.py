"""From rows of a dataset to what a training step reads: conversations, tokens, weights, batches."""
