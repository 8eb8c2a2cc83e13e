"""The examples in docstrings about looking at runs are true."""

from __future__ import annotations

import doctest
from importlib import import_module

import pytest

MODULES = (
    "crucible_core.cli.runs.comparison_page",
    "crucible_core.cli.runs.quantities",
    "crucible_core.runs.archive.contents",
    "crucible_core.runs.leaves",
    "crucible_core.runs.metric_values",
    "crucible_core.trace.one_line",
)


@pytest.mark.parametrize("name", MODULES)
def test_examples_are_true(name):
    failed, tried = doctest.testmod(import_module(name))
    assert (failed, tried > 0) == (0, True)
