"""Switch a plugin or a stage on or off for good, in a configuration file."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from crucible_core.plugins.builtin import BUILTIN_STAGES
from crucible_core.plugins.configuration import FILE_NAME, user_file
from crucible_core.plugins.edit import switch_off, switch_on
from crucible_core.plugins.errors import SettingsError
from crucible_core.plugins.filter import own_names
from crucible_core.plugins.names import near_matches, normalise
from crucible_core.plugins.record import CORE

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from crucible_core.plugins.inventory import Inventory
    from crucible_core.plugins.levels import Settings

__all__ = ["Switched", "disable", "enable", "is_builtin"]


class Switched(NamedTuple):
    """What became of a request to switch something.

    Attributes:
        label: What it is about, as it is written in a configuration file.
        changed: Whether the file was written.
        message: What was done, for a person.
    """

    label: str
    changed: bool
    message: str


@dataclass(frozen=True, slots=True)
class _Target:
    """What a name means: how to write it, how it may be written, by which names settings decide about it."""

    label: str
    plugin: str
    spellings: tuple[str, ...]
    decided_by: tuple[str, ...]


def disable(name: str, file: Path, inventory: Inventory, reload: Callable[[], Settings]) -> Switched:
    """Switch something off in a file and say what was done.

    Args:
        name: A distribution, a hook entry point, a stage (``stage`` or ``distribution:stage``) or a command.
        file: The configuration file to write.
        inventory: What is installed.
        reload: Reads the settings again, with the edited file.

    Raises:
        SettingsError: Nothing installed is known by this name, it is part of the core, or the file cannot
            be written.
    """
    if is_builtin(name):
        raise _builtin(inventory, name)
    target = _target(inventory, name)
    if target is None:
        raise _unknown(inventory, name)
    changed = switch_off(file, target.label, target.spellings)
    done = f"disabled {target.label} in {file}" if changed else f"{target.label} is disabled in {file} already"
    settings = reload()
    level = settings.decider(target.decided_by)
    if level is not None and settings.block(target.decided_by) is None:
        raise SettingsError(f"{done}, but it stays on: {level.source} names it", hint=f"take it out of {level.source}")
    return Switched(target.label, changed, done)


def enable(name: str, file: Path, inventory: Inventory, reload: Callable[[], Settings]) -> Switched:
    """Switch something on in a file and say what was done; arguments as for `disable`.

    What a lower level switches off (the user's file, when the project's is edited) is overridden by
    listing it under ``enabled``.

    Raises:
        SettingsError: Nothing is known by this name, something stronger than the file keeps it off (a flag,
            the environment, the plugin as a whole), or the file cannot be written.
    """
    target = _target(inventory, name)
    if target is None:
        known = "it is built in and always on" if is_builtin(name) else "nothing installed is known by it"
        if switch_on(file, [name]):
            return Switched(name, changed=True, message=f"took {name} out of {file}; {known}")
        raise _builtin(inventory, name) if is_builtin(name) else _unknown(inventory, name)
    changed = switch_on(file, target.spellings)
    level = reload().block(target.decided_by)
    if level is not None and _is_lower(level.source, file, reload()):
        changed = switch_on(file, target.spellings, name=target.label)
        level = reload().block(target.decided_by)
    if level is not None:
        undo = level.undo.format(name=target.plugin)
        raise SettingsError(f"{target.label} is still switched off by {level.source}", hint=undo)
    done = f"enabled {target.label} in {file}" if changed else f"{target.label} is enabled already"
    return Switched(target.label, changed, done)


def _is_lower(source: str, file: Path, settings: Settings) -> bool:
    """Say whether a level comes after the one of a file, or the file has none yet, being new."""
    order = [level.source for level in settings.levels]
    if str(file) in order:
        return order.index(source) > order.index(str(file))
    return source.endswith(FILE_NAME) and file != user_file(os.environ)


def _target(inventory: Inventory, name: str) -> _Target | None:
    record = inventory.find(name)
    if record is None:
        return None
    wanted = normalise(name)
    own = own_names(record)
    if wanted in map(normalise, own):
        return _Target(record.name, record.name, record.known_as, own)
    plain = next(one for one in record.known_as if normalise(one) == wanted)
    qualified = plain if ":" in plain else f"{record.distribution}:{plain}"
    spellings = (plain, qualified, qualified.rpartition(":")[2])
    return _Target(plain, record.name, spellings, (*own, *spellings))


def is_builtin(name: str) -> bool:
    """Tell whether a name means the core or one of its stages, whoever else offers a stage of that name."""
    distribution, _, stage = name.rpartition(":")
    plain = normalise(stage) in {normalise(CORE), *map(normalise, BUILTIN_STAGES)}
    return normalise(distribution) == CORE if distribution else plain


def _builtin(inventory: Inventory, name: str) -> SettingsError:
    rivals = [ref.qualified for record in inventory.records for ref in record.stages if ref.name == name]
    ending = f"; to switch a plugin's stage of that name, write {' or '.join(rivals)}" if rivals else ""
    hint = f"a stage runs only where an experiment names it: leave it out there{ending}"
    return SettingsError(f"{name!r} is built in: it is always there and cannot be switched on or off", hint=hint)


def _unknown(inventory: Inventory, name: str) -> SettingsError:
    known = [one for record in inventory.records for one in record.known_as]
    meant = near_matches(name, known, limit=1)
    ending = f"; did you mean {meant[0]!r}?" if meant else ""
    return SettingsError(f"no installed plugin or stage is known as {name!r}{ending}", hint="crucible plugins list")
