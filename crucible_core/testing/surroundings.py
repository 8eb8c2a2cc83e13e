"""The state of a process that a stage has to leave as it found it: take it, compare it, put it back."""

from __future__ import annotations

import resource
import sys
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from crucible_core.testing import audited_calls
from crucible_core.testing.aspects import LOGGING, PROCESS, WARNINGS, put_all_back, taken
from crucible_core.testing.aspects_of_libraries import LIBRARIES, LIMITS, RANDOM, begin_anew, of_loaded
from crucible_core.testing.code_of_libraries import LibraryCode, library_code
from crucible_core.testing.holdings import Held, held, leaks, processes_started
from crucible_core.testing.loaded_modules import fakes, modules_changed
from crucible_core.testing.loggers import LOGGERS, Loggers, loggers
from crucible_core.testing.native_environment import OF_CHILDREN
from crucible_core.testing.registries import REGISTRIES
from crucible_core.testing.same import Same, Take

__all__ = [
    "CODE",
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
"""The aspect that modules which were loaded are so still, and that nothing else stands in the place of a module."""
CODE = "code of libraries"
"""The aspect that functions, classes and methods of libraries are those that they made."""

_OF_WHAT_WAS_THERE = frozenset({"disabled loggers", "names of levels"})
"""Aspects in which what is new, a logger or a module, did not change."""


@dataclass(frozen=True)
class State:
    """What was found, by aspect: ``environment``, ``working directory``, and so on.

    Args:
        values: Aspect to its value, comparable.
        modules: The modules that were loaded.
        back: What puts back what can be put back.
        code_back: What puts back the code of libraries.
    """

    values: Mapping[str, Any]
    modules: Mapping[str, Any]
    back: tuple[Callable[[], None], ...]
    code_back: tuple[Callable[[], None], ...] = ()

    def has_code_of(self, other: State) -> bool:
        """Tell whether the code of libraries is the same in another state."""
        return bool(self.values.get(CODE) == other.values.get(CODE))

    def restore(self, *, code: bool = True) -> None:
        """Put back what can be put back.

        Args:
            code: Whether the code of libraries has changed since, at which it takes some time to look again.
        """
        put_all_back((*self.back, *(self.code_back if code else ())))
        for name in fakes(self.modules, sys.modules):
            del sys.modules[name]
        sys.modules.update(self.modules)
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


def state(own: Collection[str] = ()) -> State:
    """Take the state of this process; about two milliseconds.

    Args:
        own: The packages whose code is going to be at work; what is theirs is not put back.
    """
    of_others: dict[str, Take] = {LOGGERS: partial(loggers, own)}
    values, back = taken(PROCESS, REGISTRIES, LOGGING, WARNINGS, of_loaded(RANDOM), of_loaded(LIBRARIES), of_others)
    code, code_back = taken({CODE: partial(library_code, own)})
    return State({**values, **code}, dict(sys.modules), tuple(back), tuple(code_back))


def differences(before: State, after: State, packages: Collection[str]) -> dict[str, str]:
    """Return the aspects that changed, each with how.

    Args:
        before: What was.
        after: What is.
        packages: Those whose code was at work; what only libraries may have done past Python is left out.
    """
    found = {}
    for aspect, value in before.values.items():
        now = after.values.get(aspect, value)
        if now != value and (how := _how(value, now, aspect, packages)):
            found[aspect] = how
    if OF_CHILDREN in found and not audited_calls.set_variables(packages):
        del found[OF_CHILDREN]
    changed = modules_changed(before.modules, after.modules)
    return {**found, MODULES: changed} if changed else found


def _how(before: Any, after: Any, aspect: str, packages: Collection[str]) -> str:
    if isinstance(before, (LibraryCode, Loggers)):
        found = before.changed(after, packages)
        return "; ".join(
            f"{name}: {_shown(one)} -> {_shown(other)}" for name, (one, other) in sorted(found.items())[:5]
        )
    return _difference(before, after, aspect)


def _difference(before: Any, after: Any, aspect: str) -> str:
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
