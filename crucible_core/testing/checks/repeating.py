"""Group E, whether a run repeats."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from crucible_core.testing.check import Finding, NotApplicableError, check, found_elsewhere
from crucible_core.testing.digest import first_differences
from crucible_core.testing.variables import set_elsewhere, worth_varying

if TYPE_CHECKING:
    from crucible_core.testing.case import Case
    from crucible_core.testing.trial import Trial
    from crucible_core.testing.workers import Workers


_UNLIKE = "with another hash seed, locale, time zone, user, home and number of processors"


def _products_elsewhere(workers: Workers) -> Mapping[str, Any]:
    return {"other": workers.facts("other", "products"), "seed": workers.hash_seed}


@check(
    "E07",
    "the same inputs and seed give the same result, also in another process",
    after=["E01"],
    gather=_products_elsewhere,
)
def results_repeat(case: Case, facts: Mapping[str, Any]) -> Iterator[Finding]:
    """Run twice in one process, at another time, and once in another process, every example gives one result.

    The other process has another hash seed, locale, time zone, user, home and number of processors. Variables of the
    environment that the stage's code asks for by name are something else in one more run, unless their names say that
    they are about keys, caches, logs or the machine. Metrics that are logged are results, unless their names say that
    they are durations, rates or uses of the machine.

    The hash seed is one under which sets of the texts in the examples have another order. In the other process the
    examples are run from the last to the first, each after a run with other numbers. Each run has an id of its own, and
    a directory of its own for the stage's files; any may stand for them where a result names them.

    A stage whose determinism is ``bitwise`` gives that result with another seed of the run as well; one that is
    ``seeded`` with the same seed only. Compared are metrics, outputs, values, artifacts, verdicts and files.

    Why: resuming, caching and comparing runs rest on it.

    Fix: draw from ``context.runtime.rng()`` or seed generators with ``context.runtime.seed``; sort what comes out of
    sets and directories; let the key of what is remembered hold all that it was made of; take the time from
    ``context.runtime.clock()``. A stage that cannot repeat itself declares ``determinism="none"`` with the reason.
    """
    determinism = case.description.traits.determinism
    if determinism == "none":
        raise NotApplicableError("it declares that its results do not repeat")
    for trial in case.seconds():
        yield from _other_result(case.first(trial.example), trial, "twice in one process")
    yield from _elsewhere(case)
    for example in case.examples if determinism == "bitwise" else ():
        with_other_seed = case.run(example, seed=1)
        yield from _other_result(case.first(example), with_other_seed, "with another seed, since it claims bitwise")
    other, seeds = found_elsewhere(facts["other"]), f"hash seeds 0 and {facts['seed']}, order and what ran before"
    if "failed" in other:
        yield Finding("the examples to run in another process", other["failed"])
    for example, elsewhere in zip(case.examples, other.get("facts", ()), strict=False):
        mine = case.first(example).product()
        if mine != elsewhere:
            expected = f"one result of the example {example.summary!r} in two processes ({_UNLIKE}; {seeds})"
            yield Finding(expected, first_differences(mine, elsewhere))


def _elsewhere(case: Case) -> Iterator[Finding]:
    """Run the examples at another time, and with other variables of the environment."""
    for example in case.examples:
        mine, later = case.first(example).product(), case.later(example)
        if later not in (None, mine):
            expected = f"one result of the example {example.summary!r} at any time"
            yield Finding(expected, first_differences(mine, later or {}))
        cached = case.description.traits.cacheable  # then it may not ask for any, which CRU-E14 is about
        names = [] if cached else worth_varying([case.first(example).calls], case.packages)
        with set_elsewhere(names):
            other = case.run(example) if names else None
        if other is not None:
            yield from _other_result(case.first(example), other, f"whatever {', '.join(names)} is in the environment")


def _other_result(one: Trial, other: Trial, how: str) -> Iterator[Finding]:
    mine, theirs = one.product(), other.product()
    if mine != theirs:
        expected = f"one result of the example {one.example.summary!r} {how}"
        yield Finding(expected, first_differences(mine, theirs))
