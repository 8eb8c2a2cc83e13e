"""Group E, what a stage does with the data in its context."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from crucible_core.contract.paths import covers
from crucible_core.contract.persistent import FrozenMap
from crucible_core.contract.verdict import Verdict
from crucible_core.testing.check import Finding, NotApplicableError, check
from crucible_core.testing.data_flow import Declared, is_open, undeclared, unused
from crucible_core.testing.digest import first_differences, leaves
from crucible_core.testing.trial import KEYED, plain_map, plain_rows

if TYPE_CHECKING:
    from crucible_core.contract.context import Context
    from crucible_core.testing.case import Case
    from crucible_core.testing.spoilt_runs import SpoiltRun
    from crucible_core.testing.trial import Trial

_FOREIGN = "not_of_this_stage"


@check("E02", "the context it gets, and what is in it, is not changed", after=["E01"])
def inputs_are_left_alone(case: Case, facts: Mapping[str, Any]) -> Iterator[Finding]:
    """After a run, rows, datasets, arrays and objects in the context are what they were before.

    Private attributes and values that an object computes once and keeps (``functools.cached_property``) may be added.

    Why: the stages after this one, a retry and a comparison read the same objects. A change in place is a result that
    no record shows.

    Fix: copy what is to be changed, and hand the copy on: ``context.assign(data=changed)``.
    """
    del facts
    for trial in (*case.firsts(), *case.seconds()):
        before, after = trial.inputs
        if before != after:
            yield Finding(
                f"the context to be left as it was in the example {trial.example.summary!r}",
                f"before and after: {first_differences(before, after)}",
            )
            return


@check("E03", "what other stages left in the context is still there", after=["E01", "E02"])
def foreign_data_survive(case: Case, facts: Mapping[str, Any]) -> Iterator[Finding]:
    """Metrics, artifacts, values and rows that are not the stage's to write are in the context that it returns.

    So are the verdicts of other stages, which of them are completed, and what the caller wants to see in the record.

    Why: a context that is made anew instead of changed by its helpers loses the results of every stage before.

    Fix: return the context you got, changed by ``put_metric``, ``assign``, ``add_outputs`` and the like; do not make a
    ``Context`` of your own.
    """
    del facts
    for example in case.succeeding:
        trial = case.run(example, change=_with_foreign)
        if trial.result is None:
            yield Finding(f"the example {example.summary!r} to succeed beside results of other stages", trial.ended)
            continue
        yield from _lost(trial, Declared(case, trial))


def _with_foreign(context: Context) -> Context:
    value = {"value": 1}
    changed = context.put_metric(_FOREIGN, value).put_artifact(_FOREIGN, dict(value)).assign({_FOREIGN: [1, 2, 3]})
    told = changed._with("telemetry_context", FrozenMap({_FOREIGN: "kept"}))
    return told._entering(vars(told)["runtime"], _FOREIGN).put_verdict(Verdict("Is it kept?", True, "It is."))


def _lost(trial: Trial, declared: Declared) -> Iterator[Finding]:
    assert trial.result is not None
    writes = declared.paths("writes", "may_write")
    for room in KEYED:
        before, after = plain_map(trial.before, room), plain_map(trial.result, room)
        for key in before:
            path = f"{room}.{key}"
            own = any(covers(each, path) for each in writes) and key != _FOREIGN
            if not own and (key not in after or leaves(before[key]) != leaves(after[key])):
                yield Finding(
                    f"{path} to be there as it was", "it is gone" if key not in after else "it is another value"
                )
    yield from _told_otherwise(vars(trial.before), vars(trial.result))
    rows = plain_rows(trial.before)
    if leaves(rows) != leaves(plain_rows(trial.result)[: len(rows)]):
        yield Finding("the rows of outputs to be there as they were, before any new ones", "they are others")


def _told_otherwise(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Finding]:
    """Compare what is in no room: verdicts may be added, the runner adds the stage to those completed."""
    count = len(before["_verdicts"])
    if list(after["_verdicts"])[:count] != list(before["_verdicts"]):
        yield Finding("the verdicts of other stages to be there, before any new ones", "they are others, or gone")
    if not set(before["_completed"]) <= set(after["_completed"]):
        yield Finding("the completed stages to be known as such", "they are not")
    if leaves(dict(before["telemetry_context"])) != leaves(dict(after["telemetry_context"] or {})):
        yield Finding("telemetry_context as it was", "it is another")
    more = sorted(after.keys() - before.keys())
    if more:
        yield Finding("a context with the fields of a context", f"it has {', '.join(more)} as well")


@check("E04", "it reads and writes just what it declares", after=["E01"])
def data_flow_is_declared(case: Case, facts: Mapping[str, Any]) -> Iterator[Finding]:
    """Every path that is read or written is declared; what is declared is read in an example, and written in each.

    A path in ``reads`` or ``may_read`` is read in at least one example; one in ``writes`` is written in every example
    that succeeds, one in ``may_write`` in at least one. A stage may read back what it writes itself. Looking at all
    keys of a room is a read of ``room.*``.

    Why: the planner decides by these paths whether a pipeline can run, and resuming and caching decide what to keep.

    Fix: declare what the message shows, with ``{id}`` for the stage's own id and ``{option}`` for the value of an
    option; take out what is not used, or show it in an example.
    """
    del facts
    pairs = [(trial, Declared(case, trial)) for trial in case.firsts()]
    for trial, declared in pairs:
        yield from _not_declared(trial, declared)
    for name in ("reads", "may_read"):
        for template in unused(case, name, pairs):
            yield Finding(f"{template!r} in {name} to be read in an example", "it never is")
    yield from _not_written(case, [pair for pair in pairs if pair[0].result is not None])


def _not_declared(trial: Trial, declared: Declared) -> Iterator[Finding]:
    own = declared.paths("writes", "may_write")
    where = f"in the example {trial.example.summary!r}"
    for path in undeclared(trial.accesses.read, (*declared.paths("reads", "may_read"), *own)):
        yield Finding(f"only declared paths to be read {where}", f"it reads {path}")
    for path in undeclared(trial.written, own):
        yield Finding(f"only declared paths to be written {where}", f"it writes {path}")


def _not_written(case: Case, pairs: Iterable[tuple[Trial, Declared]]) -> Iterator[Finding]:
    succeeded = list(pairs)
    for template in case.description.writes:
        for trial, declared in succeeded if not is_open(template) else ():
            for path in declared.filled(template):
                if not any(covers(path, each) for each in trial.written):
                    yield Finding(
                        f"{path} to be written in the example {trial.example.summary!r}, as {template!r} is in writes",
                        "it is not; if it is written in some cases only, it belongs into may_write",
                    )
    for template in case.description.may_write:
        shown = any(
            covers(path, each)
            for trial, declared in succeeded
            for path in declared.filled(template)
            for each in trial.written
        )
        if not shown and not is_open(template):
            yield Finding(f"{template!r} in may_write to be written in an example", "it never is")


@check("E05", "bad data end in an error that the stage declares, not in a crash", after=["E06"])
def bad_data_are_foreseen(case: Case, facts: Mapping[str, Any]) -> Iterator[Finding]:
    """With data that are empty, incomplete, of another kind or no numbers, the stage succeeds or fails as it declares.

    Tried are the paths that it declares to read: no rows, one row, rows that are all alike, zeros everywhere; in the
    first row, and less in the last, a field that is missing or null, NaN, infinity, a huge number or a text in the
    place of a number, a number or a list in the place of a text; an array that is empty, of other dimensions or of
    integers; a data frame without a column; and its optional inputs left out.

    Why: data are what a user gets wrong most often. A traceback from inside the stage does not say which row.

    Fix: look at all of the data first, and raise ``StageError(code, message)`` with one of the codes in ``errors``; say
    which row or field, and what to do. What cannot be computed of such data may also be ``None``.
    """
    del facts
    for run in _spoilt(case):
        if not run.foreseen:
            yield Finding(f"success or a declared error with {run.where}", run.ended)


@check(
    "E13",
    "bad data change nothing besides",
    after=["D08", "E02", "E09", "F01", "F02", "F03", "F04", "F05", "F06", "F07"],
)
def bad_data_leave_no_trace(case: Case, facts: Mapping[str, Any]) -> Iterator[Finding]:
    """Also with the data of E05 the stage prints nothing, leaves its inputs, options and the process as they were.

    It writes no files but its own, talks to no undeclared host, starts no undeclared process and leaves nothing open.

    Why: the way through the code that nobody looks at is the one for bad data; what is left there by somebody who
    looked for a fault once goes to everybody.

    Fix: no ``print`` and no dump of the culprit: say it in the message and the details of the error. Correct a copy of
    a row, not the row.
    """
    del facts
    for run in _spoilt(case):
        for effect in run.effects:
            yield Finding(f"nothing besides with {run.where}", effect)


def _spoilt(case: Case) -> tuple[SpoiltRun, ...]:
    if not case.spoilt:
        raise NotApplicableError("it reads nothing of its context of which bad data could be made")
    return case.spoilt
