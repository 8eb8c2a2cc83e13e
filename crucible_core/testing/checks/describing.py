"""Group C: the description itself; here the act of describing, in two further modules what is said."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator, Mapping
from inspect import iscoroutine
from typing import TYPE_CHECKING, Any

from crucible_core.contract.description import StageDescription
from crucible_core.contract.description_reading import description_from
from crucible_core.contract.errors import named
from crucible_core.contract.example import example_record
from crucible_core.testing import recorded_calls
from crucible_core.testing.case import DESCRIPTION_CHECKS
from crucible_core.testing.check import BlockedError, Finding, all_checks, check, found_elsewhere
from crucible_core.testing.checks import describing_grammar, describing_words
from crucible_core.testing.clock import another_time
from crucible_core.testing.digest import Leaves, first_differences, leaves
from crucible_core.testing.facts import as_described
from crucible_core.testing.heavy import heavy_among
from crucible_core.testing.stated import fields
from crucible_core.testing.variables import set_elsewhere, worth_varying

if TYPE_CHECKING:
    from crucible_core.testing.case import Case
    from crucible_core.testing.workers import Workers

__all__ = ["describing_grammar", "describing_words"]

_MARK = "added by the conformance kit"


@check("C01", "the stage can be made without arguments and describes itself", after=["A01"])
def describes_itself(case: Case, facts: Mapping[str, Any]) -> Iterator[Finding]:
    """``describe()`` of an instance made without arguments returns a description, with and without options.

    It returns a ``StageDescription`` or a mapping, and does not raise, exit or wait for ever, also where the options
    lack a required one: that is then said of the options, not of the stage. What is wrong in the
    description itself other checks say, each for its part; this one says what none of them is about.

    Why: planner, documentation and this kit read the description. A stage that cannot give one cannot be used.

    Fix: the message says what happened. A stage that inherits from ``crucible_core.Stage`` has its description made
    from class attributes; one that does not returns a mapping with at least ``name`` and ``description``.
    """
    try:
        said = case.said
    except (Exception, SystemExit) as error:  # noqa: BLE001 - the stage's own code may raise anything
        yield Finding("describe() to return a description", _in_short(error))
        return
    if not isinstance(said, (StageDescription, Mapping)):
        yield Finding("describe() to return a StageDescription or a mapping", _kind_of(said))
        return
    try:
        case.loaded  # noqa: B018 - making it is what is checked
    except BlockedError as error:
        if not _said_by_another(case, facts):
            yield Finding("a description that the core can use", str(error))
        return
    with contextlib.suppress(BlockedError):  # examples that cannot be read are C02's
        yield from _with_options(case)


def _in_short(error: BaseException) -> str:
    return "it recurses without an end" if isinstance(error, RecursionError) else named(error)


def _kind_of(said: Any) -> str:
    if iscoroutine(said):
        said.close()
        return "it is a coroutine; describing is not awaited"
    return f"it returns {type(said).__name__}"


def _said_by_another(case: Case, facts: Mapping[str, Any]) -> bool:
    """Tell whether one of the checks of what is said finds the fault that keeps the core from using it."""
    for number in DESCRIPTION_CHECKS:
        try:
            if number != "C01" and any(True for _ in all_checks()[f"CRU-{number}"].body(case, facts)):
                return True
        except BlockedError:
            continue
    return False


def _with_options(case: Case) -> Iterator[Finding]:
    """Ask about the options of each example, as the planner does."""
    for example in () if case.derived else case.examples:
        given = {**case.description.options.defaults, **example.make("options")}
        try:
            description_from(case.describe(given))
        except (Exception, SystemExit) as error:  # noqa: BLE001 - the stage's own code may raise anything
            yield Finding(f"describe(options) to return a description for {example.summary!r}", _in_short(error))
            return
    for left_out in () if case.derived else case.description.options.required:
        yield from _incomplete(case, left_out)


def _incomplete(case: Case, left_out: str) -> Iterator[Finding]:
    """Ask about options of which a required one is missing, as the planner does of a user who forgot it."""
    for example in case.examples[:1]:
        given = {**case.description.options.defaults, **example.make("options")}
        given.pop(left_out, None)
        try:
            case.describe(given)
        except (Exception, SystemExit) as error:  # noqa: BLE001 - likewise
            yield Finding(f"describe(options) to return a description also without {left_out!r}", _in_short(error))


def _described_elsewhere(workers: Workers) -> Mapping[str, Any]:
    return {"other": workers.facts("other", "described")}


@check(
    "C07",
    "describing is pure: the same answer each time, everywhere",
    after=["B03", "C01"],
    gather=_described_elsewhere,
)
def describing_is_pure(case: Case, facts: Mapping[str, Any]) -> Iterator[Finding]:
    """Two calls of ``describe`` give equal answers, at any time, also in another process on another machine.

    The other process has another hash seed, locale, time zone, user, home and number of processors.

    A key that somebody adds to the mapping a call returned does not show in the next one; and ``describe(options)``
    leaves the options alone. Constants within it, such as a table of errors that a module holds, may be the same in all
    answers.

    Why: plans, documentation and caches are made from a description that somebody asked for some time, somewhere. Sets
    in their own order, clocks, counters and shared lists make two of them differ.

    Fix: build the mapping anew in each call, or return a ``StageDescription``; sort what comes from a set.
    """
    description = case.description
    first, second = _leaves_of(case.describe()), _leaves_of(case.describe())
    if first != second:
        yield Finding("two calls of describe() to give the same", first_differences(first, second))
        return
    after = _after_a_change(case)
    if after != first:
        yield Finding(
            "a change of what describe() returned not to show in the next call", first_differences(first, after)
        )
    yield from _options_left_alone(case)
    yield from _described_at_another_time(case, first)
    here = _without_addresses(as_described(description))
    there = _without_addresses(found_elsewhere(facts["other"]).get("facts", here))
    if there != here:
        seen = _first_other_line(here, there)
        yield Finding("the same description in another process, where the user and the machine are others", seen)
    if "failed" in facts["other"]:
        yield Finding(
            "a description in another process, where the user and the machine are others", facts["other"]["failed"]
        )


def _after_a_change(case: Case) -> Leaves:
    """Return what is said once a mapping that was returned has a key more; the key is taken out again."""
    stage = case.kind()
    said = case.describe(stage=stage)
    if type(said) is not dict:
        return _leaves_of(case.describe(stage=stage))
    said[_MARK] = None
    try:
        return _leaves_of(case.describe(stage=stage))
    finally:
        del said[_MARK]


def _without_addresses(text: str) -> str:
    """Leave out where in memory objects lie; that they are no JSON is C06's."""
    return re.sub(r" at 0x[0-9a-fA-F]+", "", text)


def _leaves_of(said: Any) -> Leaves:
    """Return what was said in canonical form, functions in examples aside: each call may make its own."""
    return leaves({name: _written(name, value) for name, value in fields(said).items()})


def _written(name: str, value: Any) -> Any:
    if name == "examples" and isinstance(value, (list, tuple)):
        return [example_record(each) for each in value]
    return value


def _described_at_another_time(case: Case, first: Leaves) -> Iterator[Finding]:
    """Describe it at another time, and with other variables of the environment."""
    with another_time(case.packages), recorded_calls.recording() as calls:
        later = _leaves_of(case.describe())
    if later != first:
        yield Finding("the same description at any time", first_differences(first, later))
        return
    names = worth_varying([calls], case.packages)
    with set_elsewhere(names):
        elsewhere = _leaves_of(case.describe())
    if elsewhere != first:
        expected = f"the same description whatever {', '.join(names)} is in the environment"
        yield Finding(expected, first_differences(first, elsewhere))


def _options_left_alone(case: Case) -> Iterator[Finding]:
    for example in () if case.derived else case.examples:
        given = {**case.description.options.defaults, **example.make("options")}
        before = leaves(given)
        case.describe(given)
        if leaves(given) != before:
            yield Finding(
                "describe(options) to leave the options as they are", first_differences(before, leaves(given))
            )
            return


def _first_other_line(here: str, there: str) -> str:
    pairs = zip(here.splitlines(), there.splitlines(), strict=False)
    one, other = next(((one, other) for one, other in pairs if one != other), ("", "one is longer"))
    return f"{one.strip()} here, {other.strip()} there"


def _describing_elsewhere(workers: Workers) -> Mapping[str, Any]:
    return {"describing": workers.facts("other", "describing")}


@check("C08", "describing loads nothing heavy and touches nothing", after=["C01"], gather=_describing_elsewhere)
def describing_is_light(case: Case, facts: Mapping[str, Any]) -> Iterator[Finding]:
    """Making the stage, ``describe``, and checking options load no heavy library and leave everything as it was.

    They write no file, talk to no network, start no process or thread, print nothing and change nothing of the process,
    such as the environment, random states or loggers; ``describe`` reads no file either. It is tried without options
    and with those of each example, which are also checked by the ``Options`` class, validators included. What Python
    itself reads is not meant: modules, their source, the metadata of distributions, time zones. The plugin's ``heavy``
    and ``light`` lists in ``[tool.crucible.conformance]`` count here as for importing.

    Why: ``crucible stages`` and every plan describe the installed stages. One that loads a deep learning library, or
    asks a server what it offers, makes all of them slow or broken for everybody.

    Fix: import heavy libraries in ``run``, and write down what would have to be looked up, or read it on import. What
    ``__init__`` or a validator does to the process belongs into ``run``, or nowhere.
    """
    case.description  # noqa: B018 - what is wrong with it others say
    found = found_elsewhere(facts["describing"])
    if "facts" not in found:
        if "failed" in found:
            yield Finding("describing to go through in a process of its own", found["failed"])
        return
    seen = found["facts"]
    heavy = heavy_among(seen["modules"], facts["configuration"])
    if heavy:
        yield Finding("describing to load nothing heavy", f"it loads {', '.join(heavy)}")
    for what, expected in (
        ("read", "describing to read no file"),
        ("written", "describing to write no file"),
        ("network", "describing to use no network"),
        ("processes", "describing to start no process"),
    ):
        if seen[what]:
            shown = [" ".join(each) if isinstance(each, (list, tuple)) else each for each in seen[what][:3]]
            yield Finding(expected, "; ".join(shown))
    for aspect, how in sorted(seen["changes"].items()):
        yield Finding(f"the same {aspect} after making and describing it as before", how)
    for what in seen["leaks"]:
        yield Finding("making and describing it to leave nothing open or running", what)
    if seen["printed"]:
        yield Finding("making and describing it to print nothing", repr(seen["printed"]))
