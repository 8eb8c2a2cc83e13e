"""Group E: what a stage does when it runs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from crucible_core.testing.case import RefusedError
from crucible_core.testing.check import Finding, check

if TYPE_CHECKING:
    from crucible_core.testing.case import Case


@check("E01", "every example does what it says", after=["C01", "C02", "C04", "C05", "C09", "I06"])
def examples_run(case: Case, facts: Mapping[str, Any]) -> Iterator[Finding]:
    """Each example succeeds, or fails with the code in its ``raises``.

    Why: examples are documentation that is executed, and what every other check of a running stage stands on.

    Fix: run the example by hand with the options and data that it gives. A crash has its last frames in the message.
    """
    del facts
    for example in case.examples:
        expected = "to succeed" if example.raises is None else f"to fail with {example.raises!r}"
        try:
            trial = case.first(example)
        except RefusedError as error:
            yield Finding(f"the example {example.summary!r} {expected}", f"its options are refused: {error}")
            continue
        if trial.code != example.raises:
            yield Finding(f"the example {example.summary!r} {expected}", trial.ended)
