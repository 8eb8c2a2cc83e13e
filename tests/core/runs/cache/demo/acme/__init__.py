"""A distribution of stages, as somebody would publish it."""

UNIT = 1.0
