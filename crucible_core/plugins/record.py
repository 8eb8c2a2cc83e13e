"""What is known of a plugin and of a stage before anything of it is imported."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

__all__ = ["BAD", "CORE", "PluginRecord", "StageRef", "Status"]

CORE = "crucible-core"
"""The distribution that the built-in stages belong to."""


class Status(StrEnum):
    """What can be done with a plugin."""

    AVAILABLE = "available"
    """Enabled and compatible; nothing of it was imported yet."""
    DISABLED = "disabled"
    """Switched off by a flag, the environment or a configuration file."""
    INCOMPATIBLE = "incompatible"
    """Its requirement on crucible-core does not admit the running version."""
    CONFLICT = "conflict"
    """Another distribution, or the core, offers a stage or a command of the same name."""
    BROKEN = "broken"
    """Its metadata cannot be read, or its code failed to load."""
    LOADED = "loaded"
    """Something of it was imported and works."""


BAD = frozenset({Status.INCOMPATIBLE, Status.CONFLICT, Status.BROKEN})
"""What ``--strict`` does not accept."""


class StageRef(NamedTuple):
    """Where a stage is to be found.

    Attributes:
        name: The stage's name, unique in an environment.
        value: ``module:Class``; empty when ``target`` is given.
        distribution: Normalised name of the distribution that offers it.
        version: That distribution's version.
        target: The class itself, for stages that a hook computes.
    """

    name: str
    value: str = ""
    distribution: str | None = None
    version: str | None = None
    target: type | None = None

    @property
    def qualified(self) -> str:
        """``distribution:name``, which addresses this stage even when its name is contested."""
        return f"{self.distribution}:{self.name}" if self.distribution else self.name


class PluginRecord(NamedTuple):
    """One installed distribution that offers something to Crucible.

    Attributes:
        distribution: Name as PEP 503 compares it.
        name: Name as its metadata writes it.
        version: Its version; empty when the metadata do not say.
        stages: The stages among its entry points, sorted by name.
        hook_module: Value of its entry point in ``crucible.plugins``.
        hook_name: Name of that entry point.
        commands: Its entry points in ``crucible.commands`` as (name, value).
        status: What can be done with it.
        reason: Why its status is what it is, or a note; may be empty.
        fix: What to type or do about it; may be empty.
        location: The metadata directory.
        editable: Whether it is installed in editable mode.
        source: The URL it was installed from, when that was not an index.
        requirements: What it says of crucible-core, as its metadata write it.
        requires_core: The versions of crucible-core it admits, as a specifier.
        blocked: Stages and commands that are switched off while others of it are not, as (name, reason).
        contested: Names of its stages that another distribution offers too.
    """

    distribution: str
    name: str
    version: str = ""
    stages: tuple[StageRef, ...] = ()
    hook_module: str | None = None
    hook_name: str | None = None
    commands: tuple[tuple[str, str], ...] = ()
    status: Status = Status.AVAILABLE
    reason: str = ""
    fix: str = ""
    location: str = ""
    editable: bool = False
    source: str | None = None
    requirements: tuple[str, ...] = ()
    requires_core: str = ""
    blocked: tuple[tuple[str, str], ...] = ()
    contested: tuple[str, ...] = ()

    @property
    def usable(self) -> bool:
        """Whether something of it may be loaded."""
        return self.status in (Status.AVAILABLE, Status.CONFLICT, Status.LOADED)

    @property
    def enabled_stages(self) -> tuple[StageRef, ...]:
        """Its stages that are not switched off; empty when the plugin is not usable."""
        off = {name for name, _ in self.blocked}
        return tuple(ref for ref in self.stages if ref.name not in off) if self.usable else ()

    @property
    def known_as(self) -> tuple[str, ...]:
        """Every name that a person may use for it: distribution, hook entry point, stages, commands."""
        names = [self.distribution, self.name]
        names += [self.hook_name] if self.hook_name else []
        names += [name for ref in self.stages for name in (ref.name, ref.qualified)]
        names += [each for name, _ in self.commands for each in (name, f"{self.distribution}:{name}")]
        return tuple(dict.fromkeys(names))
