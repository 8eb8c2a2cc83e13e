"""The places that may switch a plugin on or off, and which of them decides."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from crucible_core.plugins.names import normalise

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["TIMEOUT", "Level", "Settings", "StageChoice"]

TIMEOUT = 10.0
"""Seconds that a hook module may take where nothing else is said."""
_STAGE_TIMES = 6
"""How many times as long a stage's module may take: it may import more, and is imported only where it is needed."""


class Level(NamedTuple):
    """What one place (a flag, a variable, a file) says about plugins.

    Attributes:
        source: How messages name the place.
        undo: What to type to lift a block it imposes.
        disabled: Names it switches off, as written there.
        enabled: Names it switches on against what a lower level says.
        only: An allow list: everything else is off. None for no list, empty for no plugins at all.
    """

    source: str
    undo: str = ""
    disabled: tuple[str, ...] = ()
    enabled: tuple[str, ...] = ()
    only: tuple[str, ...] | None = None

    def allows(self, names: frozenset[str]) -> bool | None:
        """Say whether something known by these normalised names is on, off, or not mentioned here (None)."""
        if _mentions(self.disabled, names):
            return False
        if self.only is not None:
            return _mentions(self.only, names)
        return True if _mentions(self.enabled, names) else None

    @property
    def named(self) -> tuple[str, ...]:
        """Every name it mentions."""
        return (*self.disabled, *self.enabled, *(self.only or ()))


def _mentions(written: Iterable[str], names: frozenset[str]) -> bool:
    return any(normalise(name) in names for name in written)


class StageChoice(NamedTuple):
    """Which distribution a contested stage name stands for.

    Attributes:
        stage: The contested name.
        distribution: The distribution chosen, as written.
        source: The file that says so.
    """

    stage: str
    distribution: str
    source: str


class Settings(NamedTuple):
    """What the user says about plugins.

    For each plugin and stage the highest level that mentions it decides; within a level, off wins.

    Attributes:
        levels: Highest first: flags, environment, the project's file, the user's file.
        strict: Whether a bad record is an error (exit code 3).
        choices: Winners of contested stage names, highest level first.
        problems: What was wrong in the settings, when they were read tolerantly.
        timeout: Seconds that a hook module may take to be imported, and to answer; for ever when 0.
    """

    levels: tuple[Level, ...] = ()
    strict: bool = False
    choices: tuple[StageChoice, ...] = ()
    problems: tuple[str, ...] = ()
    timeout: float = TIMEOUT

    @property
    def stage_timeout(self) -> float:
        """Seconds that a stage's module may take to be imported, and a stage to be made; for ever when 0."""
        return self.timeout * _STAGE_TIMES

    def block(self, names: Iterable[str]) -> Level | None:
        """Return the level that switches off something known by these names; None when it is on."""
        level = self.decider(names)
        return level if level and not level.allows(frozenset(map(normalise, names))) else None

    def decider(self, names: Iterable[str]) -> Level | None:
        """Return the highest level that mentions one of these names; None when none does."""
        wanted = frozenset(map(normalise, names))
        return next((level for level in self.levels if level.allows(wanted) is not None), None)

    def choice(self, stage: str) -> StageChoice | None:
        """Return who is to provide a contested stage, or None."""
        return next((choice for choice in self.choices if choice.stage == stage), None)
