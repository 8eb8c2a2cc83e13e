"""What is to be checked: stages, found by name, distribution, place or class."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from crucible_core.contract.errors import CrucibleError
from crucible_core.plugins.record import CORE, StageRef

if TYPE_CHECKING:
    from crucible_core.contract.example import StageExample
    from crucible_core.plugins.record import PluginRecord
    from crucible_core.plugins.registry import Registry


class NoSuchStageError(CrucibleError):
    """Nothing installed is called that."""


@dataclass(frozen=True)
class Target:
    """One stage to check, and how another process finds it.

    Args:
        name: Its name, or that of its class where it has no entry point.
        value: ``module:Class``.
        distribution: Normalised name of the distribution that offers it; None for a class of one's own.
        version: That distribution's version.
        file: The source file of its module, for a module that cannot be imported by name.
        kind: The class itself, where a caller has it; needed for one that no other process could find.
        examples: Examples to use instead of those of its description.
    """

    name: str
    value: str
    distribution: str | None = None
    version: str | None = None
    file: str | None = None
    kind: type | None = field(default=None, compare=False)
    examples: tuple[StageExample, ...] | None = field(default=None, compare=False)

    @property
    def module(self) -> str:
        """The module it is in."""
        return self.value.partition(":")[0].strip()

    @property
    def findable(self) -> bool:
        """Whether another process can import it: no class of a function, a notebook or ``__main__``."""
        return "<" not in self.value and (self.module != "__main__" or self.kind is None) and self.examples is None

    def command(self, check_id: str) -> str:
        """Return the command line that runs one check on it again."""
        named = self.name if self.distribution else self.value
        return f"crucible conformance {named} --check {check_id}"


def find_targets(asked: Any, registry: Registry | None = None) -> tuple[Target, ...]:
    """Return the stages that somebody means.

    Args:
        asked: A stage class; a `StageRef`; ``module:Class``; or the name of a stage, of ``distribution:stage``, or of
            a distribution, for all of its stages.
        registry: Where names are looked up; the installed plugins by default.

    Raises:
        NoSuchStageError: Nothing installed is called that.
    """
    if isinstance(asked, Target):
        return (asked,)
    if isinstance(asked, StageRef):
        return (_of_ref(asked),)
    if isinstance(asked, type):
        return (_of_class(asked, registry),)
    if not isinstance(asked, str):
        raise NoSuchStageError(f"{asked!r} is no stage; give its class, its name or 'module:Class'")
    from crucible_core.plugins.registry import default_registry

    found = tuple(_named(asked, registry or default_registry()))
    if found:
        return found
    if _names_a_class(asked):
        return (Target(asked.rpartition(":")[2], asked),)
    _raise_for_one_without_stages(asked, registry or default_registry())
    raise NoSuchStageError(
        f"no installed plugin or stage is called {asked!r}",
        hint="crucible plugins list shows what is installed; a class of your own is given as module:Class",
    )


def _names_a_class(asked: str) -> bool:
    """Tell whether a text is ``module:Class`` of a package that is there; a check says whether the class is."""
    module, colon, kind = asked.partition(":")
    if not colon or not all(part.isidentifier() for part in (*module.split("."), *kind.split("."))):
        return False
    package = module.partition(".")[0]
    return package in sys.modules or find_spec(package) is not None


def installed(distribution: str) -> PluginRecord | None:
    """Return what metadata say now of a distribution that is installed, whether it is enabled or not."""
    from crucible_core.plugins.inventory import take_inventory
    from crucible_core.plugins.names import normalise
    from crucible_core.plugins.settings import load_settings

    records = take_inventory(load_settings(tolerant=True)).records
    return next((record for record in records if record.distribution == normalise(distribution)), None)


def _named(name: str, registry: Registry) -> Iterator[Target]:
    """Yield the stages of a distribution, or the stage, of that name; also those that do not load."""
    from crucible_core.plugins.builtin import builtin_stages
    from crucible_core.plugins.names import normalise

    wanted = normalise(name)
    refs = [*builtin_stages(), *(ref for record in registry.records for ref in record.stages)]
    refs += [ref for ref in registry.stages() if ref not in refs]
    of_distribution = [ref for ref in refs if normalise(ref.distribution or "") == wanted]
    yield from map(_of_ref, of_distribution or [ref for ref in refs if name in (ref.name, ref.qualified)])


def _raise_for_one_without_stages(name: str, registry: Registry) -> None:
    """Say of a plugin that offers no stage, perhaps because it cannot be read, what is wrong with it."""
    from crucible_core.plugins.names import normalise

    for record in registry.records:
        if record.distribution == normalise(name):
            raise NoSuchStageError(
                f"the plugin {record.name} offers no stage{f': {record.reason}' if record.reason else ''}",
                hint=record.fix or None,
            )


def _of_ref(ref: StageRef) -> Target:
    value = ref.value or _value(ref.target)
    return Target(ref.name, value, ref.distribution, ref.version, kind=ref.target)


def _value(kind: type | None) -> str:
    return f"{kind.__module__}:{kind.__qualname__}" if kind is not None else ""


def _of_class(kind: type, registry: Registry | None) -> Target:
    """Return a class as a target; as the stage of a distribution where an entry point names it."""
    from crucible_core.plugins.builtin import BUILTIN_STAGES
    from crucible_core.plugins.registry import default_registry

    value = _value(kind)
    builtin = next((name for name, where in BUILTIN_STAGES.items() if where == value), None)
    if builtin is not None:
        return next(_named(f"{CORE}:{builtin}", registry or default_registry()))
    for record in (registry or default_registry()).records:
        for ref in record.stages:
            if ref.value.replace(" ", "") == value:
                return _of_ref(ref)
    module = sys.modules.get(kind.__module__)
    return Target(kind.__name__, value, file=getattr(module, "__file__", None), kind=kind)
