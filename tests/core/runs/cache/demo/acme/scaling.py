"""What a stage multiplies with."""

from . import deep


def scaled(value, factor):
    return value * factor * deep.STEP
