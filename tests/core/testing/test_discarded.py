"""Which values go nowhere, as the code that asks for them is compiled, also when it has run often."""

from __future__ import annotations

import sys

import pytest

from crucible_core.testing.discarded import is_discarded

pytestmark = pytest.mark.every_interpreter


class Asked:
    """Say of each attribute and item that is asked for whether it goes nowhere."""

    def __init__(self):
        self.said = {}

    def __getattribute__(self, name):
        object.__getattribute__(self, "said")[name] = is_discarded(sys._getframe(1))
        return 1

    def __getitem__(self, name):
        object.__getattribute__(self, "said")[name] = is_discarded(sys._getframe(1))
        return 1


def throws_away(asked):
    asked.statement  # noqa: B018
    _ = asked.underscore
    once = asked.once  # noqa: F841
    twice = asked.twice  # noqa: F841
    asked["item"]
    put = asked["put"]  # noqa: F841
    try:
        tried = asked.tried  # noqa: F841
    finally:
        other = 2
    return other


def uses(asked):
    value = asked.value
    if asked.condition:
        value += asked["added"]
    str(asked.argument)
    both = again = asked.both

    def inner():
        return cell

    cell = asked.cell
    for each in (asked.looped,):
        value += each
    called = len(str(asked.passed))
    again += sum(one for one in (1, 2) if asked.filtered)
    return value, both, inner(), called


def looks_at_all(asked):
    kept = asked.kept
    return locals()


@pytest.mark.parametrize("times", [1, 1000], ids=["at first", "often"])
@pytest.mark.parametrize(("function", "expected"), [(throws_away, True), (uses, False), (looks_at_all, False)])
def test_a_value_goes_nowhere_or_somewhere(function, expected, times):
    asked = Asked()
    for _ in range(times):
        function(asked)
    said = object.__getattribute__(asked, "said")
    assert said
    assert said == dict.fromkeys(said, expected)
