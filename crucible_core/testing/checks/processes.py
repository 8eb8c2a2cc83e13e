"""Group H: other processes, and other uses of one instance."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from crucible_core.testing.check import Finding, Level, NotApplicableError, check, found_elsewhere
from crucible_core.testing.digest import first_differences

if TYPE_CHECKING:
    from crucible_core.testing.case import Case
    from crucible_core.testing.workers import Workers


def _elsewhere(workers: Workers) -> Mapping[str, Any]:
    """Pickle here, run there; and run there what was made there, to compare with."""
    pickled = workers.facts("main", "pickled")
    payloads = pickled.get("facts", [])
    if not payloads or any(each["error"] for each in payloads):
        return {"pickled": pickled, "there": {"facts": []}, "made": {"facts": []}}
    there = workers.facts("other", "unpickled_products", payloads)
    return {"pickled": pickled, "there": there, "made": workers.facts("other", "succeeding_products")}


@check("H01", "the stage pickles and runs in a spawned process", after=["E01"], gather=_elsewhere)
def runs_in_another_process(case: Case, facts: Mapping[str, Any]) -> Iterator[Finding]:
    """Stage, options, context and what comes of them pickle; unpickled in a spawned process, they give the same result.

    A stage that cannot says so with ``picklable=False`` and a reason. Data of an example that do not pickle are made
    anew in the other process; they are not the stage's.

    Why: executors send stages to other processes and take their results back. Without this the fault shows when a
    cluster is at work, far from its cause.

    Fix: keep what does not pickle (open files, locks, lambdas, loaded models) out of the instance and the context: make
    it in ``run``, or leave it out in ``__getstate__`` and make it again.
    """
    if not case.description.traits.picklable:
        raise NotApplicableError("it says that it does not pickle")
    yield from _problems(case, facts)


def _problems(case: Case, facts: Mapping[str, Any]) -> Iterator[Finding]:
    for what in ("pickled", "there", "made"):
        if "not_applicable" in found_elsewhere(facts[what]):
            raise NotApplicableError(facts[what]["not_applicable"])
        if "failed" in facts[what]:
            yield Finding("the stage to be sent to another process", facts[what]["failed"])
            return
    here, there = facts["pickled"]["facts"], facts["there"]["facts"]
    for example, sent in zip(case.succeeding, here, strict=True):
        if sent["error"]:
            yield Finding(f"the example {example.summary!r} to pickle", sent["error"])
    for example, came, made in zip(case.succeeding, there, facts["made"]["facts"], strict=bool(there)):
        yield from _compared(case, example, came, made)


def _compared(case: Case, example: Any, came: Mapping[str, str], made: Mapping[str, str]) -> Iterator[Finding]:
    if "error" in came:
        yield Finding(f"the example {example.summary!r} to run in another process", came["error"])
    elif case.steady(example) and came != made:
        seen = first_differences(dict(made), dict(came))
        yield Finding(f"the same result of {example.summary!r} from a stage that was pickled", seen)


@check("H03", "an instance can be used again", level=Level.RECOMMENDED, after=["E01"])
def instances_can_be_used_again(case: Case, facts: Mapping[str, Any]) -> Iterator[Finding]:
    """One instance that runs all examples one after the other gives what a new one gives for each.

    Why: the core makes an instance for each step of a pipeline. Tests, notebooks and executors of others use one again,
    and what it remembers of the last run then goes into the next.

    Fix: keep what belongs to a run in variables of ``run``, not on ``self``.
    """
    del facts
    if not any(map(case.steady, case.examples)):
        raise NotApplicableError("no example gives the same result twice, so that none can be compared")
    stage = case.kind()
    for example in (*case.examples, *case.examples[:1]):
        if not case.steady(example):
            case.run(example, stage=stage)
            continue
        again, fresh = case.run(example, stage=stage).product(), case.second(example).product()
        if again != fresh:
            seen = first_differences(fresh, again)
            yield Finding(f"the same result of {example.summary!r} from an instance that was used before", seen)
            return
