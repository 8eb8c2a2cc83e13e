"""A library that the stages are built on."""


def same(value):
    return value
