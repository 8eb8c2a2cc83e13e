"""A fault of the kit's own is told from one of a stage."""

from __future__ import annotations

import pytest

from crucible_core.testing.check import find_checks
from crucible_core.testing.faults import is_of_the_kit


def raised(call):
    """Return what a call raises, as it comes out of it."""
    with pytest.raises(Exception) as caught:
        call()
    error = caught.value
    return error.with_traceback(error.__traceback__.tb_next.tb_next)


def test_what_is_raised_in_the_kit_alone_is_its_own_fault():
    assert is_of_the_kit(raised(lambda: list(find_checks([object()]))))


class Named(str):
    __slots__ = ()

    def upper(self):
        raise ValueError("no")


def test_what_is_raised_in_code_that_the_kit_calls_is_not():
    assert not is_of_the_kit(raised(lambda: list(find_checks([Named("a")]))))


def test_what_ends_a_process_is_not():
    assert not is_of_the_kit(KeyboardInterrupt())
