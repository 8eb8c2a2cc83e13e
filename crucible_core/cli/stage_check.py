"""What the planner objects to in a stage, for children that try the stages of plugins."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from crucible_core.plugins.record import StageRef

__all__ = ["CHECK", "planner_objection"]

CHECK = "crucible_core.cli.stage_check:planner_objection"
"""`planner_objection`, as a probe names it."""


def planner_objection(ref: StageRef, kind: type) -> str | None:
    """Say why no experiment could use a stage class, or None: trying a plugin and running it are to agree."""
    from crucible_core.pipeline.loading import inspected

    failure = inspected(ref, kind).failure
    return failure.message if failure else None
