"""The distribution whose source lies in a directory: what its ``pyproject.toml`` declares against what is installed."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crucible_core.plugins.discover import STAGES
from crucible_core.plugins.record import Status
from crucible_core.testing.configuration import Configuration, ConfigurationError, read_configuration
from crucible_core.testing.target import find_targets, installed

if TYPE_CHECKING:
    from crucible_core.plugins.record import PluginRecord
    from crucible_core.testing.target import Target


@dataclass(frozen=True)
class OwnDistribution:
    """A distribution in its own repository.

    Args:
        pyproject: Its ``pyproject.toml``.
        name: Its name; empty where the file gives none.
        targets: Its stages as they are installed.
        configuration: What it says to the kit; the defaults where that cannot be used.
        complaints: Why what is installed is not what the file declares, and what is wrong with the configuration.
    """

    pyproject: Path
    name: str
    targets: tuple[Target, ...]
    configuration: Configuration
    complaints: tuple[str, ...]


def own_distribution(pyproject: Path) -> OwnDistribution:
    """Return the distribution of a ``pyproject.toml``; what is wrong is among its complaints."""
    try:
        configuration = read_configuration(pyproject)
        complaints: tuple[str, ...] = ()
    except ConfigurationError as error:
        configuration, complaints = Configuration(), (str(error),)
    project = read_project(pyproject)
    name = str(project.get("name", ""))
    record = installed(name)
    declared = _declared(project)
    refs = () if record is None else record.stages
    targets = tuple(find_targets(ref)[0] for ref in refs if declared is None or ref.name in declared)
    version = record.version if record is not None else None
    names = {ref.name for ref in refs} | set(declared or ())
    found = (*_differences(pyproject, name, declared, record), *configuration.complaints(names, version))
    return OwnDistribution(pyproject, name, targets, configuration, (*complaints, *found))


def read_project(pyproject: Path) -> Mapping[str, Any]:
    """Return the table ``[project]``; empty where there is none that can be read."""
    try:
        project = tomllib.loads(pyproject.read_text(encoding="utf-8")).get("project", {})
    except (OSError, ValueError):
        return {}
    return project if isinstance(project, Mapping) else {}


def _declared(project: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Return the stages that a project declares, name to value; None where it leaves that to its build backend."""
    groups = project.get("entry-points", {})
    declared = groups.get(STAGES) if isinstance(groups, Mapping) else None
    return declared if isinstance(declared, Mapping) else None


def _differences(
    pyproject: Path, name: str, declared: Mapping[str, Any] | None, record: PluginRecord | None
) -> Iterator[str]:
    """Yield how what is installed differs from what the file declares."""
    again = f"run: pip install -e {_shown(pyproject.parent)}"
    if not name:
        yield f"{pyproject}: there is no [project] name, so that its stages cannot be found"
    elif record is None:
        yield f"no stage of {name} is installed, so that nothing was checked; {again}"
    elif record.status is Status.BROKEN:
        yield f"{name} is installed, but {record.reason}; {record.fix or again}"
    elif not record.stages or not (declared is None or declared):
        yield f"{pyproject}: no stage of {name} was found, so that nothing was checked"
    if declared is None or record is None:
        return
    there = {ref.name: ref.value for ref in record.stages}
    for stage in sorted(declared.keys() | there.keys()):
        here, installed_as = declared.get(stage, "not a stage"), there.get(stage, "not a stage")
        if _plain(here) != _plain(installed_as):
            yield (
                f"{stage}: {here} in {pyproject.name}, {installed_as} in what is installed of {name} {record.version}; "
                f"{again}"
            )


def _plain(value: Any) -> str:
    return str(value).replace(" ", "")


def _shown(directory: Path) -> str:
    return os.path.relpath(directory)
