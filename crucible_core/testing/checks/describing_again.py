"""Describing with options, and after runs, beside describing without and before: groups C and E."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from crucible_core.contract.description_reading import read_description
from crucible_core.contract.paths import covers, fill
from crucible_core.testing.check import Finding, NotApplicableError, check
from crucible_core.testing.digest import first_differences, leaves
from crucible_core.testing.trial import SUBJECT

if TYPE_CHECKING:
    from crucible_core.contract.description import StageDescription
    from crucible_core.testing.case import Case

_READ, _WRITTEN = ("reads", "may_read"), ("writes", "may_write")
_FIXED_TRAITS = ("determinism", "picklable", "cacheable")


@check("C17", "with options a stage says the same of itself as without, but for paths", after=["C01", "C02", "C07"])
def options_change_nothing(case: Case, facts: Mapping[str, Any]) -> Iterator[Finding]:
    """``describe(options)`` gives the name, version, options, errors and traits that ``describe()`` gives.

    Placeholders in context paths are filled in, and paths, hosts and processes that these options do not need may be
    left out; none is added. Description, examples, resources, reasons and extensions may say more.

    Why: who installs, lists or looks at a stage asks it without options. What it takes, raises and does to the machine
    has to be in that answer, or nobody knows before it happens.

    Fix: say in ``describe()`` whatever may be: all errors, all hosts (``*`` where an option names them), ``may_read``
    and ``may_write`` for paths of which it depends on options whether they are needed.
    """
    del facts
    if case.derived:
        raise NotApplicableError("the core makes its description from class attributes")
    without = case.description
    for example in case.examples:
        given = {**without.options.defaults, **example.make("options")}
        for place, seen in _departures(without, read_description(case.describe(given)), given):
            expected = f"{place} with the options of {example.summary!r} as without any"
            yield Finding(expected, seen)


def _departures(
    without: StageDescription, described: StageDescription, given: Mapping[str, Any]
) -> Iterator[tuple[str, str]]:
    before, after = leaves(_fixed(without)), leaves(_fixed(described))
    if before != after:
        yield "what it says of itself", first_differences(before, after)
    values = {**given, "id": SUBJECT}
    for lists in (_READ, _WRITTEN):
        known = [path for name in lists for path in fill(getattr(without, name), values)]
        for path in (path for name in lists for path in fill(getattr(described, name), values)):
            if not any(covers(each, path) for each in known):
                yield f"only paths in {' and '.join(lists)}", f"{path} as well"
    for host in described.traits.network:
        if not any(fnmatchcase(host, each) for each in without.traits.network):
            yield "only hosts in traits.network", f"{host} as well"
    if described.traits.subprocess and not without.traits.subprocess:
        yield "no processes", "traits.subprocess"


def _fixed(about: StageDescription) -> dict[str, Any]:
    """Return what options have no say in; what is derived where it is not given is the same then as well."""
    traits = {name: getattr(about.traits, name) for name in _FIXED_TRAITS}
    table = about.options
    options = {"required": table.required, "optional": table.optional, "types": table.types, "defaults": table.defaults}
    return {
        "name": about.name,
        "version": about.version,
        "section": about.section,
        "errors": dict(about.errors),
        "options": options,
        "traits": traits,
    }


@check("E16", "a stage says of itself after its runs what it said before", after=["C07", "E01"])
def runs_change_no_description(case: Case, facts: Mapping[str, Any]) -> Iterator[Finding]:
    """Once its examples have run, ``describe`` gives the answer that it gave before.

    Why: plans, documentation and caches are made from what a stage said at some time. The record of a run would hold
    another version than the one that ran.

    Fix: let ``run`` change nothing of the stage's class, of its ``Options`` and of what ``describe`` is made from.
    """
    del facts
    before = leaves(_fixed(case.description))
    for _ in (*case.firsts(), *case.seconds()):
        continue
    after = leaves(_fixed(read_description(case.describe())))
    if before != after:
        yield Finding("the same description after the examples ran as before", first_differences(before, after))
