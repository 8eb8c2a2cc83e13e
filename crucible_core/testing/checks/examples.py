"""Group I: what the examples of a stage show."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from enum import Enum
from typing import TYPE_CHECKING, Any

from crucible_core.contract.json_values import as_record
from crucible_core.contract.options import option_values
from crucible_core.contract.type_spec import is_list
from crucible_core.testing.case import RefusedError
from crucible_core.testing.check import BlockedError, Finding, Level, NotApplicableError, check
from crucible_core.testing.placeholder_text import is_placeholder
from crucible_core.testing.schema_members import choices_within

if TYPE_CHECKING:
    from crucible_core.testing.case import Case


@check("I06", "at least one example succeeds", after=["C01"])
def an_example_succeeds(case: Case, facts: Mapping[str, Any]) -> Iterator[Finding]:
    """There are examples, and one of them at least is to succeed.

    Why: examples are documentation that is executed, and all that this kit knows of how a stage is used. Of a stage
    without any it could say nothing.

    Fix: ``examples = (StageExample("What it shows.", options={...}, outputs=[...]),)``, small enough to run at once.
    """
    del facts
    if not case.succeeding:
        yield Finding("at least one example that succeeds", f"{len(case.examples)} examples, none of which is to")


@check("I02", "every declared error is shown by an example", after=["C01", "I06"])
def errors_are_shown(case: Case, facts: Mapping[str, Any]) -> Iterator[Finding]:
    """Each code in ``errors`` is the ``raises`` of an example.

    Why: an error that never happens is a promise nobody has tried; callers write code for it. An example also shows
    what has to be wrong for it.

    Fix: add an example with ``raises="code"``; its data or ``experiment`` may be as wrong as it takes. Take out a code
    that nothing can lead to.
    """
    del facts
    errors = case.description.errors
    shown = {each.raises for each in case.examples if each.raises is not None}
    if not errors:
        raise NotApplicableError("it declares no errors")
    for code in errors:
        if code not in shown:
            yield Finding(f"an example with raises={code!r}", f"examples raise {_listed(shown)}")


@check("I04", "every option is given by an example", after=["C01", "I06"])
def options_are_shown(case: Case, facts: Mapping[str, Any]) -> Iterator[Finding]:
    """Each option, with a default or without, stands in the ``options`` of an example.

    Options that a function makes are made to be looked at. An example that fails counts as well.

    Why: this kit tries of a stage what its examples use. An option that is in none is an option nobody has tried.

    Fix: add it to an example, with another value than its default.
    """
    del facts
    names = case.description.options.names
    if not names:
        raise NotApplicableError("it has no options")
    given = {name for example in case.examples for name in example.make("options")}
    for name in names:
        if name not in given:
            yield Finding(f"an example that gives the option {name!r}", f"examples give {_listed(given)}")


@check("I05", "every value of an enum is used by an example", after=["C01", "C09", "I06"])
def enums_are_shown(case: Case, facts: Mapping[str, Any]) -> Iterator[Finding]:
    """Each value that an enum allows is given by an example, or is the default in one that leaves the option out.

    Enums within lists, tuples, maps, unions, nullable types and models count too.

    Why: each value is a way through the code. The one that is never tried is the one that does not work.

    Fix: add an example for it, or take out what is not offered.
    """
    del facts
    options = case.description.options
    members = {name: [*_members(spec), *_members_of_parts(case, name, spec)] for name, spec in options.types.items()}
    if not any(members.values()):
        raise NotApplicableError("it has no option with an enum")
    for name, wanted in members.items():
        used = {_key(each) for example in case.examples for each in _scalars(_effective(case, example, name))}
        missing = [value for value in wanted if _key(value) not in used]
        if missing:
            yield Finding(f"examples with {name} = {_listed(map(repr, missing))}", "no example uses them")


def _effective(case: Case, example: Any, name: str) -> Any:
    """Return an option's value in an example, given or by default; defaults within a model included."""
    given, defaults = example.make("options"), case.description.options.defaults
    try:
        planned, _ = case.planned(example)
        return [given.get(name, defaults.get(name)), as_record(option_values(planned.options).get(name))]
    except (RefusedError, BlockedError):
        return given.get(name, defaults.get(name))


def _members_of_parts(case: Case, name: str, spec: Any) -> list[Any]:
    """Return every value that an enum within a model allows; none where the option has no model in it."""
    schema = case.description.options_schema if "'struct'" in repr(spec) else {}
    about = schema.get("properties", {}).get(name, {})
    return list(choices_within(about, schema.get("$defs", {})))


def _members(spec: Any) -> Iterator[Any]:
    """Yield every value that an enum within a type spec allows."""
    if isinstance(spec, Mapping):
        for kind, argument in spec.items():
            yield from argument if kind == "enum" else _members(argument) if kind != "struct" else ()
    elif is_list(spec):
        for each in spec:
            yield from _members(each)


def _scalars(value: Any) -> Iterator[Any]:
    """Yield every value without parts within a value, keys of mappings among them."""
    if isinstance(value, Mapping):
        for key, each in value.items():
            yield from _scalars(key)
            yield from _scalars(each)
    elif is_list(value) or isinstance(value, (set, frozenset)):
        for each in value:
            yield from _scalars(each)
    else:
        yield value


def _key(value: Any) -> tuple[str, Any]:
    """Return what tells values of an enum apart: ``True`` is not 1, but 1 is 1.0."""
    plain = value.value if isinstance(value, Enum) else value
    if isinstance(plain, (int, float)) and not isinstance(plain, bool):
        return "number", plain
    return type(plain).__name__, plain if isinstance(plain, (str, bool, type(None))) else repr(plain)


@check("I07", "each example says what it shows", level=Level.RECOMMENDED, after=["C01"])
def summaries_say_something(case: Case, facts: Mapping[str, Any]) -> Iterator[Finding]:
    """The summary of each example is a text of its own, no stand-in, and no two are the same.

    Why: ``crucible stages describe`` and generated documentation show the summaries. An example is named by its own in
    what this kit reports.

    Fix: say in a few words what is special about the example.
    """
    del facts
    summaries = [each.summary for each in case.examples]
    for summary in summaries:
        if is_placeholder(summary, "example", "an example", "test", "example 1"):
            yield Finding("a summary that says what the example shows", repr(summary))
    for summary, count in Counter(map(repr, summaries)).items():
        if count > 1:
            yield Finding("a summary of its own for each example", f"{count} have {summary}")


def _listed(values: Any) -> str:
    return ", ".join(sorted(map(str, values))) or "none"
