"""Group D: options as they are described, and as the stage takes them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from crucible_core.contract.json_values import as_record
from crucible_core.contract.type_spec import is_secret
from crucible_core.testing.case import RefusedError
from crucible_core.testing.check import Finding, NotApplicableError, check
from crucible_core.testing.option_copies import goes_nowhere, looked_for
from crucible_core.testing.option_trials import (
    accepts_directly,
    base_options,
    directly_refused,
    example_with,
    option_bounds,
    read_options,
    verdict_in_run,
    with_default_omitted,
)
from crucible_core.testing.values import is_small, wrong_values

if TYPE_CHECKING:
    from crucible_core.testing.case import Case


@check("D01", "a required option that is left out is refused by name", after=["E01"])
def required_is_required(case: Case, facts: Mapping[str, Any]) -> Iterator[Finding]:
    """Each required option, taken out of an example in turn, is refused before the run, with its name in the message.

    The options that the description calls required are also those that the stage's own ``Options`` class requires.

    Why: a user who forgets an option is to read which one, not what went wrong later for want of it.

    Fix: give an option no default in the ``Options`` class if it is required, and one if it is not; a description that
    is written by hand has to say the same.
    """
    del facts
    table = case.description.options
    wrong = list(_otherwise_required(case))
    if not table.required and not wrong:
        raise NotApplicableError("it has no required option")
    yield from wrong
    example = replace(case.succeeding[0], experiment={})  # whose section would fill it in again
    base = base_options(case, case.succeeding[0])
    for name in table.required:
        given = {key: value for key, value in base.items() if key != name}
        yield from _refused_by_name(case, example, given, name, "without")


def _otherwise_required(case: Case) -> Iterator[Finding]:
    """Compare with the stage's own class what the description calls required."""
    table = case.description.options
    fields = {} if case.model is None else case.model.model_fields
    for name, each in fields.items():
        if name in table.names and each.is_required() != (name in table.required):
            words = ("required", "optional") if each.is_required() else ("optional", "required")
            yield Finding(f"the description to call {name!r} {words[0]}, as Options does", f"it calls it {words[1]}")


def _refused_by_name(case: Case, example: Any, given: Mapping[str, Any], name: str, how: str) -> Iterator[Finding]:
    try:
        case.planned(example, given)
    except RefusedError as error:
        if name not in str(error):
            yield Finding(f"the refusal of options {how} {name!r} to name it", str(error))
    else:
        yield Finding(f"options {how} {name!r} to be refused", "they are accepted")


@check("D02", "an option that is not described is refused by name", after=["E01"])
def unknown_is_refused(case: Case, facts: Mapping[str, Any]) -> Iterator[Finding]:
    """An option of another name is refused, by the planner and by the ``Options`` class; the two know the same names.

    Why: a misspelt option that is silently ignored is a run with other settings than its author believes.

    Fix: leave ``extra="forbid"`` of ``StageOptions`` alone; describe every field of ``Options`` and nothing else.
    """
    del facts
    example, name = case.succeeding[0], "no_such_option"
    while name in case.description.options.names:
        name += "_"
    given = {**base_options(case, example), name: 1}
    yield from _refused_by_name(case, example, given, name, "with")
    if case.model is None:
        return
    if accepts_directly(case.model, given):
        yield Finding(f"Options to refuse {name!r}", "it accepts it: its model_config allows or ignores extra keys")
    for each in sorted(set(case.model.model_fields) ^ set(case.description.options.names)):
        described = each in case.description.options.names
        yield Finding(
            f"{each!r} to be described and a field of Options",
            "it is described and no field" if described else "it is a field and not described",
        )


@check("D03", "a value of a wrong type is refused, and types are those of the Options class", after=["E01"])
def wrong_types_are_refused(case: Case, facts: Mapping[str, Any]) -> Iterator[Finding]:
    """For each option, values that its type does not admit are refused; the types described are those of ``Options``.

    Values that a library converts by custom (a number for a boolean) are not tried.

    Why: a wrong value that gets through fails somewhere inside the stage, or worse, does not fail.

    Fix: annotate the option with the type it has, and let the description be derived from it; where Python's types say
    less than the description, ``Annotated[str, Spec("module")]`` says the rest.
    """
    del facts
    yield from _other_types(case)
    example = case.succeeding[0]
    base = base_options(case, example)
    for name, spec in case.description.options.types.items():
        for value in wrong_values(spec):
            try:
                case.planned(example, {**base, name: value})
            except RefusedError:
                continue
            yield Finding(f"{name} = {value!r} to be refused, since its type is {spec!r}", "it is accepted")


def _other_types(case: Case) -> Iterator[Finding]:
    """Compare the description with the stage's own class."""
    if case.model is None:
        return
    from crucible_core.contract.options import option_table

    own, said = (as_record(table.types) for table in (option_table(case.model), case.description.options))
    for name, spec in said.items():
        if name in own and own[name] != spec:
            yield Finding(f"the type of {name} to be described as {own[name]!r}, as Options has it", repr(spec))


@check("D04", "values at the bounds are accepted, and those just outside are refused", after=["D03", "E06"])
def bounds_hold(case: Case, facts: Mapping[str, Any]) -> Iterator[Finding]:
    """What the description of an option admits, the stage takes, and what it does not is refused.

    Values at the bounds and one between are accepted by the ``Options`` class and do not crash the stage (it may fail
    in a way it foresees); values just outside are refused by the planner, or by the stage with an error it declares.
    Where there is no bound, values far from those of the examples must not crash it: 0, a number below it, a large one,
    an empty text, an empty list. Patterns, steps and bounds of items count as well; very large values are not
    run.

    Why: bounds are what a user reads to know what to try. A bound that is not the real one is a false description.

    Fix: put the bounds into ``Field(ge=..., le=..., min_length=...)`` of ``Options``, where they are enforced and
    described at once; in a description by hand, into ``options_schema``, which the core enforces.
    """
    del facts
    seen = False
    for name, bounds in option_bounds(case):
        seen = True
        for value in bounds.candidates(bounds.near):
            yield from _judged(case, name, value, admitted=bounds.described(value))
        for value in bounds.far(bounds.near):
            if directly_refused(case, name, value) is None:  # a refusal that says so before the run is no crash
                yield from _judged(case, name, value, admitted=True)
    if not seen:
        raise NotApplicableError("it has no option of a type of which values can be made up")


def _judged(case: Case, name: str, value: Any, *, admitted: bool) -> Iterator[Finding]:
    what = f"{name} = {value if len(repr(value)) < 80 else type(value).__name__!r}"  # noqa: PLR2004 - a line
    refused = directly_refused(case, name, value)
    if admitted and refused:
        yield Finding(f"{what} to be accepted, since the description admits it", f"it is refused: {refused}")
    elif not admitted and refused is None:
        ended = verdict_in_run(case, name, value)
        if ended is None or not ended.foreseen:
            said = "it is accepted" if ended is None else ended.words
            yield Finding(f"{what} to be refused, since the description does not admit it", said)
    elif admitted and is_small(value):
        ended = verdict_in_run(case, name, value)
        if ended is not None and ended.crashed:
            yield Finding(f"{what} to work or to fail as foreseen, since the description admits it", ended.words)


@check("D05", "every option that is described is read", after=["E01", "I04"])
def described_is_read(case: Case, facts: Mapping[str, Any]) -> Iterator[Finding]:
    """Over all examples, the stage asks for the value of each option at least once, or hands all of them on.

    A value that goes nowhere, as in ``_ = options.alpha``, is not read. What the value changes is not asked: an option
    may matter for other data than those of the examples. Where all options are taken at once (``model_dump()``,
    ``dict(options)``, ``**options``), one of which nothing uses the value counts as not read.

    Why: an option that nobody reads is a promise that nobody keeps: the user sets it, and nothing happens.

    Fix: use the option, or take it out of ``Options``.
    """
    del facts
    read = read_options(case)
    for name in case.description.options.names:
        if name not in read.names:
            yield Finding(f"the option {name!r} to be read in one of the examples", "it never is")
        elif name in read.together and name not in read.used:
            if goes_nowhere(case, name):
                seen = "it is taken with all others; nothing uses it, and another one changes nothing"
                yield Finding(f"the value of the option {name!r} to be used", seen)
        elif name not in read.used:
            yield Finding(f"the value of the option {name!r} to be used", "it is asked for, and goes nowhere")


@check("D06", "no option is read that is not described", after=["E01"])
def read_is_described(case: Case, facts: Mapping[str, Any]) -> Iterator[Finding]:
    """The stage does not ask its options, nor a dict that it makes of all of them, for names that are not described.

    Why: an option that is read and not described cannot be given, since the planner refuses it: dead code at best.

    Fix: add the option to ``Options``, or take out the code that asks for it.
    """
    del facts
    read = read_options(case)
    for name in sorted(read.undeclared):
        yield Finding("only described options to be read", f"it asks for {name!r}")
    for name in looked_for(case) if read.together else ():
        yield Finding("only described options to be read", f"it looks for {name!r} in a dict of its options")


@check("D07", "the default that is described is the one that takes effect", after=["C06", "D01", "E07"])
def default_is_effective(case: Case, facts: Mapping[str, Any]) -> Iterator[Finding]:
    """Leaving an option out gives the same result as giving its described default.

    Also when a stage without an ``Options`` class is called without the option, which tells what default its code has;
    what stands in its code for an optional option without a default (``options.get("alpha", 0.05)``) is one.

    Why: users leave options out because they have read the default.

    Fix: let the description be derived from ``Options``; in a stage without, read the option without a default of its
    own (``options["alpha"]``): the core fills in the described one.
    """
    del facts
    if case.model is not None:
        from crucible_core.contract.options import option_table

        table = case.description.options
        own, said = (as_record(each.defaults) for each in (option_table(case.model), table))
        for name in sorted(own.keys() & set(table.optional)):
            if own[name] != said.get(name):
                yield Finding(f"the default of {name} to be described as {own[name]!r}", repr(said.get(name)))
    for name, value in read_options(case).fallbacks.items():
        if name not in case.description.options.defaults:
            yield Finding(f"the default of {name} to be described as {value!r}, which the code takes", "there is none")
    yield from _cannot_be_left_out(case)
    for name in case.description.options.defaults:
        secret = is_secret(case.description.options.types.get(name))  # whose default the description does not show
        difference = None if secret else with_default_omitted(case, name)
        if difference is not None:
            yield Finding(f"the result to be the same without {name!r} and with its default given", difference)


def _cannot_be_left_out(case: Case) -> Iterator[Finding]:
    """Leave out options that are optional and have no default, in an example that gives them."""
    table = case.description.options
    for name in table.optional:
        if name in table.defaults:
            continue
        example = example_with(case, name)
        given = {key: value for key, value in base_options(case, example).items() if key != name}
        try:
            trial = case.run(example, options=given)
        except RefusedError:
            continue  # together with others it may be needed
        if not case.foresees(trial.code):
            yield Finding(f"the stage to do without {name!r}, since it is optional", trial.ended)


@check("D08", "options are not changed by the stage", after=["E01"])
def options_are_left_alone(case: Case, facts: Mapping[str, Any]) -> Iterator[Finding]:
    """After a run the options hold what they held before, in nested lists and mappings too.

    Why: the record shows the options after the run, a retry gets the same object, and other stages may share a value.

    Fix: copy a value before changing it.
    """
    del facts
    from crucible_core.testing.digest import first_differences

    for trial in case.firsts():
        before, after = trial.given_options
        if before != after:
            yield Finding(
                f"the options to be left as they were in the example {trial.example.summary!r}",
                first_differences(before, after),
            )
