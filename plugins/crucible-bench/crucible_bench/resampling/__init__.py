"""Permutation and bootstrap distributions, drawn in chunks of bounded memory."""
