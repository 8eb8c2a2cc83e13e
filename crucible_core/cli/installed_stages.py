"""The stages that a spec can name, each with what it says of itself, for ``crucible schema``."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import click

from crucible_core.cli.notes import print_notes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crucible_core.contract.description import StageDescription
    from crucible_core.plugins.inventory import Inventory
    from crucible_core.plugins.record import StageRef
    from crucible_core.plugins.registry import Registry
    from crucible_core.plugins.survey import Answers
    from crucible_core.schemas.spec import InstalledStage

__all__ = ["installed_stages"]


def installed_stages(inventory: Inventory, timeout: float) -> Iterator[InstalledStage]:
    """Yield every stage that a spec can name; say on stderr of which the options cannot be known.

    All plugins are tried in child processes first, and only what works there is loaded here.
    """
    from crucible_core.cli.stage_check import CHECK
    from crucible_core.plugins.survey import ask_plugins, survey
    from crucible_core.schemas.spec import InstalledStage

    answers = ask_plugins(inventory, timeout, check=CHECK)
    found = survey(inventory, answers)
    print_notes(found.notes)
    problems = {stage.ref.qualified: stage.problem for stage in found.stages if stage.problem}
    registry = _without_broken_hooks(inventory, answers)
    refs = registry.stages()
    counts = Counter(ref.name for ref in refs)
    for ref in refs:
        names = (ref.name, ref.qualified) if counts[ref.name] == 1 else (ref.qualified,)
        description, problem = (None, problems[ref.qualified]) if ref.qualified in problems else _asked(registry, ref)
        if problem:
            click.echo(f"left out the options of {names[0]}: {problem}", err=True)
        yield InstalledStage(names, description)


def _without_broken_hooks(inventory: Inventory, answers: Answers) -> Registry:
    """Return a registry that imports only hook modules that a child process survived."""
    from crucible_core.plugins.registry import Registry

    broken = {name for name, results in answers.items() for one in results if one.entry.kind == "hooks" and one.problem}
    kept = (one._replace(hook_module=None) if one.distribution in broken else one for one in inventory.records)
    return Registry(inventory._replace(records=tuple(kept)))


def _asked(registry: Registry, ref: StageRef) -> tuple[StageDescription | None, str]:
    """Return what a stage says of itself, or why it cannot be asked."""
    from crucible_core.ir.errors import CrucibleError
    from crucible_core.pipeline.loading import inspected

    try:
        loaded = inspected(ref, registry.load(ref))
    except CrucibleError as error:
        return None, str(error)
    return (None, loaded.failure[1]) if loaded.failure else (loaded.description, "")
