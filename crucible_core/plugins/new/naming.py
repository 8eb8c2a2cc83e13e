"""The names of a new plugin: its distribution, its import package, its stage and the stage's class."""

from __future__ import annotations

import keyword
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from crucible_core.plugins.names import normalise
from crucible_core.plugins.new.errors import NewPluginError
from crucible_core.plugins.new.taken import is_foreign, package_owner, stage_owner

if TYPE_CHECKING:
    from crucible_core.plugins.inventory import Inventory

__all__ = ["LONGEST", "PluginNames", "choose_names"]

LONGEST = 48
"""Characters of a name: the longest line of the template has package and class, and 120 columns."""

_DISTRIBUTION = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?", re.ASCII)  # PEP 508
_STAGE = re.compile(r"[a-z][a-z0-9_]*", re.ASCII)
_PREFIX = "crucible-"


@dataclass(frozen=True, slots=True)
class PluginNames:
    """How the parts of a plugin are called.

    Attributes:
        distribution: What pip installs.
        package: What Python imports.
        stage: What experiments name.
        class_name: The stage's class; rendering lengthens one that the template itself uses.
    """

    distribution: str
    package: str
    stage: str
    class_name: str


def choose_names(name: str, stage: str | None, inventory: Inventory) -> PluginNames:
    """Derive the names of a plugin, and refuse those that would not work in this environment.

    Args:
        name: Name of the distribution.
        stage: Name of the stage; the distribution's, without ``crucible-``, where None.
        inventory: The installed plugins, whose stages it must not repeat.

    Raises:
        NewPluginError: A name is malformed, reserved or taken; the hint is one that is not.
    """
    problem = _name_problem(name, inventory)
    if problem:
        raise NewPluginError(f"{name!r} cannot be the name of a plugin: {problem}", hint=_other_name(name, inventory))
    package = _package(name)
    chosen = _stage_of(package) if stage is None else stage
    problem = _stage_problem(chosen, normalise(name), inventory)
    if problem:
        free = _other_stage(chosen, package, normalise(name), inventory)
        raise NewPluginError(
            f"{chosen!r} cannot be the name of a stage: {problem}", hint=f"choose another, such as --stage {free}"
        )
    return PluginNames(name, package, chosen, "".join(word.capitalize() for word in chosen.split("_")))


def _package(name: str) -> str:
    """Return the import package of a distribution, as build backends expect it."""
    return normalise(name).replace("-", "_")


def _stage_of(package: str) -> str:
    """Return the name that a package suggests for its stage."""
    plain = package.removeprefix("crucible_")
    return plain if _STAGE.fullmatch(plain) else package


def _name_problem(name: str, inventory: Inventory) -> str:
    """Say what is wrong with a distribution's name; empty where nothing is."""
    if not _DISTRIBUTION.fullmatch(name):
        return "a name has letters (a-z), digits, '-', '_' and '.', and begins and ends with a letter or digit"
    package = _package(name)
    if len(name) > LONGEST:
        return f"it has {len(name)} characters, {LONGEST} are the most"
    if not package.isidentifier():
        return f"its package {package!r} would begin with a digit, and Python could not import it"
    if keyword.iskeyword(package):
        return f"{package!r} is a keyword of Python, so its package could not be imported"
    owner = package_owner(package, normalise(name), inventory)
    if owner:
        return f"its package {package!r} would hide {owner}"
    foreign = is_foreign(normalise(name), inventory)
    return "a distribution of that name is installed, and it is no plugin" if foreign else ""


def _other_name(name: str, inventory: Inventory) -> str:
    """Return a piece of advice: a name like this one that would do."""
    plain = "-".join(re.findall(r"[a-z0-9]+", name.lower()))[: LONGEST - len(_PREFIX)].strip("-")
    prefixed = plain if plain.startswith("crucible") else f"{_PREFIX}{plain}"
    for candidate in (plain, prefixed, f"my-{plain}"):
        if candidate != name and not _name_problem(candidate, inventory):
            return f"choose another, such as {candidate}"
    return "choose another, such as my-plugin"


def _stage_problem(stage: str, distribution: str, inventory: Inventory) -> str:
    """Say what is wrong with a stage's name; empty where nothing is."""
    if not _STAGE.fullmatch(stage):
        return "a stage's name is snake_case: a letter first, then a-z, 0-9 and '_'"
    if len(stage) > LONGEST:
        return f"it has {len(stage)} characters, {LONGEST} are the most"
    owner = stage_owner(stage, distribution, inventory)
    return f"{owner} has one of that name" if owner else ""


def _other_stage(stage: str, package: str, distribution: str, inventory: Inventory) -> str:
    """Return a name like this one that would do."""
    plain = "_".join(re.findall(r"[a-z0-9]+", stage.lower())).lstrip("0123456789_")
    for candidate in (plain, package, f"my_{plain}"[:LONGEST]):
        if candidate != stage and not _stage_problem(candidate, distribution, inventory):
            return candidate
    return "my_stage"
