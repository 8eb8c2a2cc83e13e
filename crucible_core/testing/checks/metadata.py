"""Group A: what a distribution says of its stages before anything of it is imported."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from crucible_core.plugins.builtin import BUILTIN_STAGES
from crucible_core.plugins.discover import STAGES, entry_problems, is_stage_name
from crucible_core.plugins.problems import LoadProblemError
from crucible_core.testing.check import Finding, Level, NotApplicableError, check
from crucible_core.testing.completeness import misplaced_files, missing_metadata, missing_modules
from crucible_core.testing.installed import installed, installed_plugin
from crucible_core.testing.requirement import requirement_problems

if TYPE_CHECKING:
    from crucible_core.testing.case import Case

_BUILTIN = frozenset(BUILTIN_STAGES)  # as it was before any stage was imported


@check("A01", "the stage is where its entry point says, and is a class with describe and run")
def is_there(case: Case, facts: Mapping[str, Any]) -> Iterator[Finding]:
    """The module imports, has the attribute, and that is a class with the methods of a stage.

    Why: nothing else can be said of a stage that cannot be loaded. A module that does not exist, one that raises, a
    name that is not there and a thing that is no stage are told apart.

    Fix: correct the value of the entry point (``module:Class``) in ``pyproject.toml`` and install the plugin again, or
    mend what the module raises on import.
    """
    del facts
    if "[" in case.target.value:
        yield Finding("an entry point of the form module:Class, without extras", case.target.value)
        return
    try:
        case.kind  # noqa: B018 - loading it is what is checked
    except LoadProblemError as error:
        yield Finding(f"{case.target.value} to be a stage class", error.problem.reason)


@check("A02", "the stage calls itself what its entry point calls it, in snake_case", after=["C01"])
def has_one_name(case: Case, facts: Mapping[str, Any]) -> Iterator[Finding]:
    """The ``name`` of the description is the name of the entry point, and of the letters a-z, digits and ``_``.

    A class that no distribution offers has no entry point; then only the form of the name is looked at.

    Why: experiments call a stage by the name of its entry point; events, errors and documentation by the name in its
    description. The planner refuses a stage that has two.

    Fix: make ``name`` of the class and the entry point in ``pyproject.toml`` the same, and install the plugin again.
    """
    del facts
    name = case.description.name
    if not is_stage_name(name):
        yield Finding("a snake_case name in the description, such as 'two_groups'", repr(name))
    if case.target.distribution is not None and case.target.name != name:
        yield Finding(f"the description's name to be that of the entry point, {case.target.name!r}", repr(name))


@check("A03", "the distribution says which versions of crucible-core it works with, and they include this one")
def declares_the_core(case: Case, facts: Mapping[str, Any]) -> Iterator[Finding]:
    """A requirement on ``crucible-core`` with a lower and an upper bound, which the running version is between.

    Environment markers are evaluated, several requirements are taken together, and pre-releases of the core count. A
    requirement that holds with an extra only does not hold for who installs the plugin plainly.

    Why: whether a plugin fits the core is decided from this line before anything of the plugin is imported. Without a
    lower bound a user of an old core gets an import error; without an upper bound, of a future core, a surprise.

    Fix: write ``"crucible-core>=0.1,<0.2"`` or the like into ``dependencies`` in ``pyproject.toml``, and install the
    plugin again.
    """
    del facts
    yield from (Finding(*each) for each in requirement_problems(installed_plugin(case.target)))


@check("A04", "the entry points of the distribution can be used: right groups, no name twice, none of the core's")
def entry_points_are_sound(case: Case, facts: Mapping[str, Any]) -> Iterator[Finding]:
    """No stage name occurs twice in the distribution or is a built-in stage's, and no entry point is malformed.

    Malformed is: a group that is nearly one of Crucible's (``crucible.stage``), a value with extras or without a class,
    a stage name that is not snake_case, two entry points in ``crucible.plugins``.

    Why: one malformed entry point makes discovery refuse the whole plugin, sound stages and all; a stage in a group
    that does not exist is never found; the name of a built-in stage stays with the core.

    Fix: correct ``[project.entry-points]`` in ``pyproject.toml`` and install the plugin again.
    """
    del facts
    entries = installed_plugin(case.target).entry_points
    for entry, problem in entry_problems(entries):
        if entry is None or (entry.name, entry.value) != (case.target.name, case.target.value):
            yield Finding("entry points that discovery accepts", problem)
    if case.target.name in _BUILTIN and any((each.group, each.name) == (STAGES, case.target.name) for each in entries):
        yield Finding("a name that no built-in stage has", repr(case.target.name))


@check("A05", "the distribution's metadata say what a person or an index wants to know", level=Level.RECOMMENDED)
def is_well_described(case: Case, facts: Mapping[str, Any]) -> Iterator[Finding]:
    """Summary, long description, licence, supported Python versions, a typed package, and a name or keyword to find it.

    Why: who looks for a plugin finds it by ``crucible`` in its name or keywords, and decides by the rest whether to use
    it. Without ``py.typed`` type checkers take everything of the plugin as unknown.

    Fix: add to ``[project]`` in ``pyproject.toml`` what is missing; put an empty file ``py.typed`` into the package.
    """
    del facts
    found = installed(case.target)
    try:
        missing = list(missing_metadata(found, case.target.module))
    except (OSError, UnicodeDecodeError) as error:
        raise NotApplicableError(f"its METADATA cannot be read: {error}") from error
    if missing:
        yield Finding("complete metadata", f"missing: {'; '.join(missing)}")


@check("A06", "the wheel holds the modules that entry points name, and no package of tests", level=Level.RECOMMENDED)
def wheel_is_complete(case: Case, facts: Mapping[str, Any]) -> Iterator[Finding]:
    """Every module that an entry point of Crucible's names is among the installed files; ``tests`` is not.

    What is looked at are the files that the installer wrote down, so that there is nothing to see in a plugin that is
    installed in editable mode.

    Why: a plugin tested from its source directory finds modules there that the wheel lacks. A top-level package called
    ``tests`` overwrites that of every other distribution with the same slip.

    Fix: correct which packages the build backend includes, and look into the wheel with ``python -m zipfile -l``.
    """
    del facts
    found = installed(case.target)
    if found.in_place:
        raise NotApplicableError(found.in_place)
    for module in missing_modules(found):
        yield Finding(f"the module {module} among the installed files", "it is not in RECORD")
    for file in misplaced_files(found):
        yield Finding("no top-level package of tests in the wheel", file)
