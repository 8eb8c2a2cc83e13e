"""One thing the kit checks: its id, its level, what it says when it fails."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import TYPE_CHECKING, Any

from crucible_core.contract.errors import CrucibleError

if TYPE_CHECKING:
    from crucible_core.testing.case import Case
    from crucible_core.testing.workers import Workers

SUITE_VERSION = "0.1"
"""The version of the table; a check says in ``since`` which one introduced it."""

SUITES = (SUITE_VERSION,)
"""All versions that there were, so that a plugin can pin one of them."""

GROUPS = {
    "A": "metadata",
    "B": "importing",
    "C": "describing",
    "D": "options",
    "E": "running",
    "F": "surroundings",
    "G": "events",
    "H": "processes",
    "I": "examples",
    "J": "neighbours",
}
"""The first letter of an id and what the group is about."""


class Level(StrEnum):
    """How much a failure weighs."""

    REQUIRED = "required"
    """The stage does not conform."""
    RECOMMENDED = "recommended"
    """Reported; a careful author follows it."""
    ADVISORY = "advisory"
    """Reported; measured in a way that other work on the machine can disturb, or a matter of taste."""


@dataclass(frozen=True)
class Finding:
    """One way in which a stage departs from what a check asks.

    Args:
        expected: What should be, in a few words.
        seen: What was.
    """

    expected: str
    seen: str


class NotApplicableError(Exception):
    """Raised by a check that has nothing to look at in this stage; its text says why."""


class BlockedError(Exception):
    """Raised where nothing can be looked at because of a fault that other checks are about.

    Args:
        reason: What is in the way.
        by: Numbers of the checks one of which finds that fault; where none does, this check fails itself.
    """

    def __init__(self, reason: str, by: Iterable[str]) -> None:
        super().__init__(reason)
        self.by = tuple(f"CRU-{each}" for each in by)


def found_elsewhere(found: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what was found out in another process.

    Raises:
        BlockedError: The stage's module does not import there.
    """
    if "blocked" in found:
        raise BlockedError(f"it does not import in another process: {found['blocked']}", ("B03",))
    return found


class UnknownCheckError(CrucibleError):
    """An id that no check has."""


Body = Callable[["Case", Mapping[str, Any]], Iterable[Finding]]
Gather = Callable[["Workers"], Mapping[str, Any]]


@dataclass(frozen=True)
class Check:
    """An entry of the table.

    Args:
        id: Permanent: ``CRU-`` with the group's letter and two digits.
        title: What holds for a stage that passes, as one sentence without a full stop.
        level: How much a failure weighs.
        since: The version of the suite that introduced it.
        after: Ids of the checks without whose success this one cannot say anything.
        body: Yields what it finds, given the case and the gathered facts; runs in a process of the stage's.
        gather: Collects facts from other processes first; runs in the kit's own process.
    """

    id: str
    title: str
    level: Level
    since: str
    after: tuple[str, ...]
    body: Body
    gather: Gather | None = None

    @property
    def group(self) -> str:
        """The letter of its group."""
        return self.id[4]

    @property
    def page(self) -> str:
        """Where its documentation page lies in the repository."""
        return f"docs/conformance/{self.id}.md"

    @property
    def documentation(self) -> str:
        """What it means, why it matters, and how to mend a stage that fails it."""
        from inspect import cleandoc

        return cleandoc(self.body.__doc__ or "")

    def to_dict(self) -> dict[str, Any]:
        """Return what the table says of it as JSON values, as in ``docs/schemas/conformance_checks.schema.json``."""
        return {
            "id": self.id,
            "title": self.title,
            "group": GROUPS[self.group],
            "level": self.level.value,
            "since": self.since,
            "after": list(self.after),
            "page": self.page,
        }


_TABLE: dict[str, Check] = {}


def check(
    number: str,
    title: str,
    *,
    level: Level = Level.REQUIRED,
    since: str = "0.1",
    after: Iterable[str] = (),
    gather: Gather | None = None,
) -> Callable[[Body], Body]:
    """Enter a function into the table as the check ``CRU-<number>``.

    Args:
        number: The group's letter and two digits.
        title: As for `Check`.
        level: As for `Check`.
        since: As for `Check`.
        after: Numbers of the checks that have to hold first.
        gather: As for `Check`.
    """

    def enter(body: Body) -> Body:
        name = f"CRU-{number}"
        assert name not in _TABLE, f"{name} is taken"
        _TABLE[name] = Check(name, title, level, since, tuple(f"CRU-{each}" for each in after), body, gather)
        return body

    return enter


@cache
def all_checks() -> Mapping[str, Check]:
    """Return the table, id to check, in the order in which the checks run: each after those it stands on."""
    rooms = import_module("crucible_core.testing.checks")
    for room in iter_modules(rooms.__path__):
        import_module(f"{rooms.__name__}.{room.name}")
    ordered: dict[str, Check] = {}
    for name in sorted(_TABLE):
        _place(name, ordered)
    return ordered


def _place(name: str, ordered: dict[str, Check]) -> None:
    for before in _TABLE[name].after:
        if before not in ordered:
            _place(before, ordered)
    ordered.setdefault(name, _TABLE[name])


def find_checks(names: Iterable[str]) -> Iterator[Check]:
    """Yield the checks of these ids (``CRU-D01``, ``D01``) or groups (``D``), and before them what they stand on.

    Raises:
        UnknownCheckError: There is none of that name.
    """
    table = all_checks()
    wanted: set[str] = set()
    for name in names:
        full = name.upper() if name.upper().startswith("CRU-") else f"CRU-{name.upper()}"
        found = [each for each in table if each == full or (len(full) == len("CRU-X") and each.startswith(full))]
        if not found:
            raise UnknownCheckError(f"there is no check {name!r}; crucible conformance --list shows all")
        wanted.update(found)
    yield from (each for each in table.values() if each.id in wanted)
