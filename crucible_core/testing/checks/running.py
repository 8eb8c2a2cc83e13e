"""Group E: what a stage does when it runs."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import partial
from inspect import isfunction
from typing import TYPE_CHECKING, Any

from crucible_core.contract.persistent import FrozenMap, Rows
from crucible_core.testing.aspects_of_libraries import RANDOM
from crucible_core.testing.case import RefusedError
from crucible_core.testing.check import Finding, Level, NotApplicableError, check
from crucible_core.testing.checks.surroundings import changes
from crucible_core.testing.trial import KEYED, plain_map, plain_rows

if TYPE_CHECKING:
    from crucible_core.contract.context import Context
    from crucible_core.contract.example import StageExample
    from crucible_core.testing.case import Case

_ADDRESS = re.compile(r"\bat 0x[0-9a-fA-F]{6,}")


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
            yield Finding(f"the example {example.summary!r} {expected}", f"{trial.ended}{_given_as_function(example)}")


def _given_as_function(example: StageExample) -> str:
    """Say which value was meant to be made by a function and is one."""
    for room in KEYED:
        made = example.make(room)
        for key in made if isinstance(made, Mapping) else ():
            if isfunction(made[key]):
                return f"; {room}.{key} is the function itself: give the whole field as one, {room}=lambda: {{...}}"
    return ""


@check("E06", "an error has a code that is declared, a message, and details that can be recorded", after=["E01"])
def errors_are_useful(case: Case, facts: Mapping[str, Any]) -> Iterator[Finding]:
    """What a failing example raises has a declared code and says something; its details are JSON values.

    A record holds a detail that is none, such as an exception, a set or an array, by what Python shows for it. Numbers
    of numpy, dates, paths and members of enums count as the number or text that they stand for.

    Why: programs react to code and details, people to the message. The text of an object tells neither anything.

    Fix: give ``StageError`` a message that says what, where and what to do, and details made of strings, numbers, lists
    and mappings: ``str(error)``, ``sorted(names)``, ``array.tolist()``.
    """
    del facts
    failing = [trial for trial in case.firsts() if trial.failure is not None]
    if not failing:
        raise NotApplicableError("none of its examples is to fail")
    for trial in failing:
        assert trial.failure is not None
        where = f"in the example {trial.example.summary!r}"
        if not case.foresees(trial.code):
            yield Finding(f"a code declared in errors {where}", repr(trial.code))
        if trial.failure.message.strip() in ("", "None", trial.code):
            yield Finding(f"a message that says what is wrong {where}", repr(trial.failure.message))
        for said in (trial.failure.message, repr(trial.failure.details)):
            if _ADDRESS.search(said) and trial.details is None:
                yield Finding(f"no text of an object in message and details {where}", said)
        if trial.details is not None:
            yield Finding(f"JSON values as details {where}", trial.details)


@check("E10", "it can run on what it left itself", after=["E01"])
def runs_on_its_own_output(case: Case, facts: Mapping[str, Any]) -> Iterator[Finding]:
    """On the context that it returned, the stage succeeds again or fails as it declares.

    Why: the same stage can be used twice in a pipeline, and a run that is repeated begins with what is there.

    Fix: do not take for granted that your own results are not there yet.
    """
    del facts
    for example in case.succeeding:
        left = case.first(example).result
        assert left is not None
        trial = case.run(example, change=partial(_with_rooms_of, left=left))
        if not case.foresees(trial.code):
            yield Finding(f"success or a declared error on its own output of {example.summary!r}", trial.ended)


def _with_rooms_of(context: Context, left: Context) -> Context:
    changed = context._with("outputs", Rows(plain_rows(left)))
    for room in KEYED:
        changed = changed._with(room, FrozenMap(plain_map(left, room)))
    return changed


@check("E11", "an interrupt is not swallowed", level=Level.RECOMMENDED, after=["E01"])
def interrupts_pass(case: Case, facts: Mapping[str, Any]) -> Iterator[Finding]:
    """A Ctrl-C that arrives while the stage reads its input ends it.

    Why: ``except BaseException`` or a bare ``except`` makes a run that nobody can stop.

    Fix: catch ``Exception`` at most.
    """
    del facts
    tried = False
    for example in case.succeeding[:1]:
        if not case.first(example).accesses.read:
            continue
        tried = True
        trial = case.run(example, interrupt=True)
        if trial.accesses.read and trial.code != "cancelled":
            yield Finding("an interrupt at its first look at the context to end it", trial.ended)
    if not tried:
        raise NotApplicableError("it reads nothing of its context")


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
