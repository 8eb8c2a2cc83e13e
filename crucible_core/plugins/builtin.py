"""The stages and commands that come with the core."""

from __future__ import annotations

from crucible_core.plugins.record import CORE, StageRef

__all__ = ["BUILTIN_COMMANDS", "BUILTIN_STAGES", "builtin_stages"]

BUILTIN_STAGES = {
    "data_checks": "crucible_core.stages.data_checks:DataChecks",
    "guardrails": "crucible_core.stages.guardrails.stage:Guardrails",
    "report": "crucible_core.stages.report.stage:Report",
    "validate": "crucible_core.stages.validate:Validate",
}
"""Name of each built-in stage and where it is."""
BUILTIN_COMMANDS = frozenset(
    {"cache", "completion", "conformance", "plugins", "run", "runs", "schema", "stages", "trace", "validate"}
)
"""Names that no command of a plugin can have: those of `crucible` itself."""


def builtin_stages() -> tuple[StageRef, ...]:
    """Return the built-in stages, sorted by name."""
    from crucible_core import __version__

    return tuple(StageRef(name, value, CORE, __version__) for name, value in sorted(BUILTIN_STAGES.items()))
