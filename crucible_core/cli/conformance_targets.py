"""The stages that a command line means, each with the configuration of its distribution."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

import click

from crucible_core.cli.session import registry_for

if TYPE_CHECKING:
    from crucible_core.plugins.registry import Registry
    from crucible_core.testing.configuration import Configuration
    from crucible_core.testing.outcome import Outcome, Report
    from crucible_core.testing.target import Target

_PYPROJECT = Path("pyproject.toml")


@dataclass(frozen=True)
class AskedFor:
    """Stages to check.

    Args:
        groups: Stages that share a configuration, and that.
        complaints: What is wrong with them before anything is checked.
    """

    groups: tuple[tuple[tuple[Target, ...], Configuration], ...]
    complaints: tuple[str, ...] = ()

    def run(
        self,
        *,
        checks: Iterable[str] | None,
        timeout_s: float | None,
        jobs: int | None,
        on_outcome: Callable[[Outcome], None],
    ) -> Report:
        """Check them; as `run_conformance`."""
        from crucible_core.testing.outcome import Report, joined
        from crucible_core.testing.suite import run_conformance

        reports = [
            run_conformance(
                list(targets),
                configuration=configuration,
                checks=checks,
                timeout_s=timeout_s,
                jobs=jobs,
                on_outcome=on_outcome,
            )
            for targets, configuration in self.groups
        ]
        return joined([Report((), self.complaints), *reports])


def asked_for(ctx: click.Context, names: tuple[str, ...], config: Path | None) -> AskedFor:
    """Return what is meant by names, or by none.

    Raises:
        click.UsageError: There is no name, and no distribution in the working directory.
        CrucibleError: Nothing is called that, or a configuration cannot be used.
    """
    from crucible_core.cli.own_modules import find_modules_beside
    from crucible_core.testing.target import find_targets

    if not names:
        return _of_working_directory(config)
    find_modules_beside(_PYPROJECT)
    registry = registry_for(ctx)
    found = dict.fromkeys(target for name in names for target in find_targets(name, registry))
    ordered = sorted(found, key=lambda target: target.distribution or "")
    return AskedFor(
        tuple(
            (tuple(group), _configuration(distribution, registry, config))
            for distribution, group in groupby(ordered, key=lambda target: target.distribution or "")
        )
    )


def _of_working_directory(config: Path | None) -> AskedFor:
    from dataclasses import replace

    from crucible_core.testing.configuration import read_configuration
    from crucible_core.testing.own_distribution import own_distribution, read_project

    if "name" not in read_project(_PYPROJECT):
        raise click.UsageError(
            "there is no pyproject.toml of a distribution here; give a stage, a distribution or module:Class"
        )
    own = own_distribution(_PYPROJECT)
    if config is not None:
        own = replace(own, configuration=read_configuration(config))
    return AskedFor(((own.targets, own.configuration),), own.complaints)


def _configuration(distribution: str, registry: Registry, given: Path | None) -> Configuration:
    from crucible_core.testing.configuration import Configuration, read_configuration

    path = _pyproject_of(distribution, registry) if given is None else given
    return Configuration() if path is None else read_configuration(path)


def _pyproject_of(distribution: str, registry: Registry) -> Path | None:
    """Return the ``pyproject.toml`` of a distribution: here, or where it is installed from in editable mode.

    A class that belongs to no distribution goes by a file here that belongs to none either.
    """
    from crucible_core.plugins.names import normalise
    from crucible_core.plugins.origin import file_of
    from crucible_core.testing.own_distribution import read_project

    here = normalise(str(read_project(_PYPROJECT).get("name", "")))
    if here == distribution and (here or _PYPROJECT.is_file()):
        return _PYPROJECT
    for record in registry.records:
        place = file_of(record.source or "") if record.editable else None
        if record.distribution == distribution and place is not None and (Path(place) / _PYPROJECT).is_file():
            return Path(place) / _PYPROJECT
    return None
