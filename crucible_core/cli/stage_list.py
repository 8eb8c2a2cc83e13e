"""What ``crucible stages list`` lists."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from crucible_core.plugins.inventory import Inventory
    from crucible_core.plugins.record import StageRef
    from crucible_core.plugins.survey import Survey, SurveyedStage

__all__ = ["stage_list"]


def stage_list(inventory: Inventory, timeout: float) -> tuple[list[dict[str, Any]], Survey]:
    """Return a row for each stage, as ``docs/schemas/stages_list.schema.json`` describes it, and the survey behind it.

    The built-in stages are asked in a thread of this process while children ask those of plugins: the main thread
    waits for the children, since it is what an interrupt reaches.
    """
    from concurrent.futures import ThreadPoolExecutor

    from crucible_core.cli.stage_check import CHECK
    from crucible_core.plugins.builtin import builtin_stages
    from crucible_core.plugins.survey import ask_plugins, survey

    with ThreadPoolExecutor(max_workers=1) as pool:
        own = pool.submit(lambda: {ref: _builtin_row(ref) for ref in builtin_stages()})
        found = survey(inventory, ask_plugins(inventory, timeout, check=CHECK, thorough=inventory.settings.strict))
    rows = [*(own.result()[ref] for ref in found.builtin), *map(_row, found.stages)]
    return sorted(rows, key=lambda row: (row["name"], row["distribution"])), found


def _row(stage: SurveyedStage) -> dict[str, Any]:
    facts = stage.facts
    return {
        "name": stage.ref.name,
        "distribution": stage.ref.distribution,
        "version": facts.version if facts else None,
        "description": facts.description if facts else None,
        "weak_traits": [trait for trait, _ in facts.weak] if facts else [],
        "problem": stage.problem or None,
    }


def _builtin_row(ref: StageRef) -> dict[str, Any]:
    from crucible_core.contract.stage import class_description
    from crucible_core.plugins.loading import load_stage

    about = class_description(load_stage(ref))
    return {
        "name": ref.name,
        "distribution": ref.distribution,
        "version": about.version,
        "description": about.description,
        "weak_traits": list(about.traits.weak),
        "problem": None,
    }
