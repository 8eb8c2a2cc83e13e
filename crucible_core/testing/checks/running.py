"""Group E: what a stage does when it runs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from crucible_core.testing.case import RefusedError
from crucible_core.testing.check import Finding, check
from crucible_core.testing.checks.surroundings import changes
from crucible_core.testing.library_aspects import RANDOM

if TYPE_CHECKING:
    from crucible_core.testing.case import Case


@check("E01", "every example does what it says", after=["C01"])
def examples_run(case: Case, facts: Mapping[str, Any]) -> Iterator[Finding]:
    """Each example succeeds, or fails with the code in its ``raises``; there is at least one, and one succeeds.

    Why: examples are documentation that is executed, and what every other check of a running stage stands on.

    Fix: run the example by hand with the options and data that it gives. A crash has its last frames in the message.
    """
    del facts
    if not case.succeeding:
        yield Finding("at least one example that succeeds", f"{len(case.examples)} examples, none of which is to")
    for example in case.examples:
        expected = "to succeed" if example.raises is None else f"to fail with {example.raises!r}"
        try:
            trial = case.first(example)
        except RefusedError as error:
            yield Finding(f"the example {example.summary!r} {expected}", f"its options are refused: {error}")
            continue
        if trial.code != example.raises:
            yield Finding(f"the example {example.summary!r} {expected}", trial.ended)


@check("E09", "a run leaves the global random generators alone", after=["E01"])
def leaves_generators_alone(case: Case, facts: Mapping[str, Any]) -> Iterator[Finding]:
    """The state of ``random``, of ``numpy.random`` and of torch's generator is after a run as it was before.

    Why: who draws from a global generator, or seeds it, changes the draws of all other code in the process: the
    result of a stage then depends on which ran before it.

    Fix: a generator of the stage's own: ``context.runtime.rng()``, ``numpy.random.default_rng(context.runtime.seed)``,
    ``torch.Generator().manual_seed(context.runtime.seed)``; where a library draws from the global one only, save its
    state and put it back in ``finally``.
    """
    del facts
    yield from changes(case, RANDOM)
