"""The state of a process that a stage has to leave as it found it: take it, compare it, put it back."""

from __future__ import annotations

import resource
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from crucible_core.testing import recorded_calls
from crucible_core.testing.aspects import LOGGING, PROCESS, WARNINGS, Same, put_all_back, taken
from crucible_core.testing.aspects_of_libraries import LIBRARIES, LIMITS, RANDOM, begin_anew, of_loaded
from crucible_core.testing.holdings import Held, held, leaks, processes_started
from crucible_core.testing.native_environment import OF_CHILDREN
from crucible_core.testing.standard_library import Functions

__all__ = [
    "MODULES",
    "Held",
    "SpoiledProcessError",
    "State",
    "differences",
    "held",
    "leaks",
    "processes_started",
    "state",
]

MODULES = "loaded modules"
"""The aspect that modules which were loaded are so still."""

_OF_WHAT_WAS_THERE = frozenset({"disabled loggers", "standard library"})
"""Aspects in which what is new, a logger or a module, did not change."""


@dataclass(frozen=True)
class State:
    """What was found, by aspect: ``environment``, ``working directory``, and so on.

    Args:
        values: Aspect to its value, comparable.
        modules: The modules that were loaded.
        back: What puts back what can be put back.
    """

    values: Mapping[str, Any]
    modules: Mapping[str, Any]
    back: tuple[Callable[[], None], ...]

    def restore(self) -> None:
        """Put back what can be put back."""
        put_all_back(self.back)
        for name, module in self.modules.items():
            sys.modules.setdefault(name, module)
        begin_anew(self.values)


class SpoiledProcessError(Exception):
    """A stage took something from the process that nobody can give back: nothing more can be looked at in it."""


def require_usable(before: State) -> None:
    """Make sure that the process is fit to go on, once its state was put back.

    Raises:
        SpoiledProcessError: A hard limit on what a process may use is lower than it was.
    """
    for name, (_, most) in before.values.get(LIMITS, {}).items():
        now = resource.getrlimit(getattr(resource, name))[1]
        if now != most and (most == resource.RLIM_INFINITY or 0 <= now < most):
            raise SpoiledProcessError(f"the hard limit {name} is {now} after a run, for good; it was {most}")


def state() -> State:
    """Take the state of this process; about a millisecond."""
    values, back = taken(PROCESS, LOGGING, WARNINGS, of_loaded(RANDOM), of_loaded(LIBRARIES))
    return State(values, dict(sys.modules), tuple(back))


def differences(before: State, after: State, packages: Iterable[str]) -> dict[str, str]:
    """Return the aspects that changed, each with how.

    Args:
        before: What was.
        after: What is.
        packages: Those whose code was at work; what only libraries may have done past Python is left out.
    """
    found = {}
    for aspect, value in before.values.items():
        now = after.values.get(aspect, value)
        if now != value and (how := _difference(_named(value), _named(now), aspect)):
            found[aspect] = how
    if OF_CHILDREN in found and not recorded_calls.set_variables(packages):
        del found[OF_CHILDREN]
    gone = sorted(name for name in before.modules.keys() - after.modules.keys() if before.modules[name] is not None)
    return {**found, MODULES: f"gone: {', '.join(gone[:5])}"} if gone else found


def _named(value: Any) -> Any:
    return value.named() if isinstance(value, Functions) else value


def _difference(before: Any, after: Any, aspect: str = "") -> str:
    if isinstance(before, dict) and isinstance(after, dict):
        keys = before.keys() if aspect in _OF_WHAT_WAS_THERE else before.keys() | after.keys()
        changed = sorted(key for key in keys if before.get(key) != after.get(key))
        return "; ".join(f"{key}: {_shown(before.get(key))} -> {_shown(after.get(key))}" for key in changed[:5])
    if isinstance(before, list) and isinstance(after, list):
        added = [each for each in after if each not in before]
        removed = [each for each in before if each not in after]
        return f"added {_shown(added)}, removed {_shown(removed)}" if added or removed else "another order"
    return f"{_shown(before)} -> {_shown(after)}"


def _shown(value: Any) -> str:
    text = repr(Same(value) if callable(value) else value)
    return text if len(text) <= 120 else f"{text[:117]}..."  # noqa: PLR2004 - a line
