"""Group J: a plugin beside others, and after it was uninstalled."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crucible_core.plugins.builtin import builtin_stages
from crucible_core.plugins.errors import StageUnavailableError, StageUnloadableError, UnknownStageError
from crucible_core.plugins.levels import Settings
from crucible_core.plugins.record import CORE, StageRef
from crucible_core.plugins.registry import build_registry
from crucible_core.testing import siblings
from crucible_core.testing.check import Finding, NotApplicableError, check
from crucible_core.testing.installed import installed, installed_plugin

if TYPE_CHECKING:
    from crucible_core.contract.errors import CrucibleError
    from crucible_core.plugins.registry import Registry
    from crucible_core.testing.case import Case
    from crucible_core.testing.target import Target

_BUILTIN = builtin_stages()  # as they were before any stage was imported
_CORE_FILES = "crucible_core/"


@check("J01", "without the plugin the core and the other plugins are as they were", after=["A01"])
def can_be_uninstalled(case: Case, facts: Mapping[str, Any]) -> Iterator[Finding]:
    """Where the distribution is gone, the core's stages and other plugins are found, and the stage is unknown.

    It is not uninstalled: discovery is shown all that is installed but this distribution. That the plugin installed no
    file into the core's package, which would go with it, is looked up in its list of files.

    Why: a plugin is a guest. One that enters itself into the core's tables or files outlives itself, or takes
    something with it.

    Fix: offer stages by entry points alone, or by the hook ``crucible_register_stages``; change nothing of the core's.
    """
    del facts
    plugin = installed_plugin(case.target)
    for file in plugin.files:
        if file.startswith(_CORE_FILES):
            yield Finding("no file of the plugin's in the core's package", file)
    case.kind  # noqa: B018 - what its import changes is to be seen
    with _place(case) as place:
        path = list(siblings.path_without(plugin.name, sys.path, place))
        yield from _without(case.target, build_registry(Settings(), path=path))


def _without(target: Target, registry: Registry) -> Iterator[Finding]:
    plugin = target.distribution
    for ref in _BUILTIN:
        found = _resolved(registry, ref.qualified)
        if found != ref:
            yield Finding(f"the core's stage {ref.name!r}", _shown(found))
    there = {record.distribution for record in registry.records}
    for record in build_registry(Settings()).records:
        if record.distribution not in {plugin, *there}:
            yield Finding(f"the plugin {record.name}", "it is not found")
    for name in (target.name, f"{target.distribution}:{target.name}"):
        found = _resolved(registry, name)
        if isinstance(found, StageRef) and found.value == target.value and found.distribution in (CORE, plugin):
            yield Finding(f"the stage {name!r} to be unknown", _shown(found))


@check(
    "J02",
    "the plugin works beside one that is broken and one that offers a stage of the same name",
    after=["C01", "A02", "A03", "A04"],
    gather=lambda workers: {"importing": workers.facts("other", "importing")},
)
def bears_its_neighbours(case: Case, facts: Mapping[str, Any]) -> Iterator[Finding]:
    """The stage loads and describes itself beside broken plugins; beside a rival it goes by ``distribution:stage``.

    Distributions are made up for it, before and after the others on the module search path: one whose modules are
    missing or raise, some whose metadata cannot be read, and one that offers a stage of the same name. The stage is
    loaded beside the first in a process of its own; beside the others it is looked up.

    Why: nobody can answer for what else is installed. A stage that loads all others, or takes for granted that
    metadata can be read, falls with the first that is broken.

    Fix: ask the core for what is installed, or expect of each entry point that it does not load. A hook module has to
    import by itself.
    """
    beside = _beside(facts)
    if beside is not None:
        yield Finding("the stage to load and describe itself beside a broken plugin", beside)
    if case.target.distribution is None:
        if beside is None and "facts" not in facts["importing"]:
            raise NotApplicableError(facts["importing"]["not_applicable"])
        return
    installed(case.target)
    with _place(case) as place:
        broken = [siblings.broken_site(place / "broken"), siblings.malformed_site(place / "malformed")]
        rival = [siblings.rival_site(place / "rival", case.target.name)]
        for what, sites in (("a broken plugin", broken), ("a plugin that offers a stage of the same name", rival)):
            for order, path in (("after", [*sites, *sys.path]), ("before", [*sys.path, *sites])):
                yield from _found(case, build_registry(Settings(), path=path), f"{order} {what}")


def _beside(facts: Mapping[str, Any]) -> str | None:
    """Return what loading the stage in another process beside a broken plugin raised, if that could be tried."""
    found: str | None = facts["importing"].get("facts", {}).get("beside")
    return found


def _found(case: Case, registry: Registry, where: str) -> Iterator[Finding]:
    """Yield whether a registry does not find and load the stage, or not the hooks of its plugin."""
    name = f"{case.target.distribution}:{case.target.name}"
    found = _resolved(registry, name)
    if not (isinstance(found, StageRef) and _same(registry, found, case.kind)):
        yield Finding(f"{name} to be found {where} on the path", _shown(found))
    problem = registry.hooks.problems.get(case.target.distribution or "")
    if problem is not None:
        yield Finding(f"the hooks of {case.target.distribution} to load {where} on the path", problem.reason)


def _same(registry: Registry, ref: StageRef, kind: type) -> bool:
    try:
        return registry.load(ref) is kind
    except StageUnloadableError:
        return False


def _resolved(registry: Registry, name: str) -> StageRef | CrucibleError:
    try:
        return registry.resolve(name)
    except (UnknownStageError, StageUnavailableError) as error:
        return error


def _shown(found: StageRef | CrucibleError) -> str:
    return f"{found.qualified} ({found.value})" if isinstance(found, StageRef) else str(found)


@contextmanager
def _place(case: Case) -> Iterator[Path]:
    """Yield a new directory, and remove it."""
    place = case.home / "neighbours"
    place.mkdir()
    try:
        yield place
    finally:
        shutil.rmtree(place)
