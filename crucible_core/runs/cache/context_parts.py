"""What a stage reads of the context, as its key says it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from crucible_core.contract.paths import OPEN, ROOMS, fill, placeholders, root_of
from crucible_core.runs.cache.territory import prefixes

if TYPE_CHECKING:
    from crucible_core.contract.context import Context
    from crucible_core.pipeline.plan import PlannedStage
    from crucible_core.runs.cache.key_values import KeyValues

__all__ = ["ContextParts", "read_paths"]

ABSENT = "absent"
_EXPERIMENT = frozenset({"experiment", "experiment_id"})
_TOLD = ("run_id", "telemetry_context", "completed_stages", "verdicts")
"""What any stage may read without saying so, apart from the experiment and the reasoning events."""


class ContextParts:
    """Turn what stages read into parts of keys.

    Args:
        values: Turns values into texts.
    """

    def __init__(self, values: KeyValues) -> None:
        self._values = values

    def of(self, planned: PlannedStage, context: Context, names: frozenset[str]) -> tuple[dict[str, str], set[str]]:
        """Return the parts that a stage's inputs are, and the modules whose code comes with them.

        What it declares counts; and what it need not declare, where its code has a name for it.

        Args:
            planned: The stage.
            context: What the stages before it left.
            names: Every identifier in its code.

        Raises:
            UncacheableError: An input has no canonical form, or holds a secret.
        """
        parts: dict[str, str] = {}
        modules: set[str] = set()
        for path, value in self._undeclared(context, names):
            parts[path], brought = self._values.key_value(value, path)
            modules |= brought
        for path in read_paths(planned, context):
            room, _, key = path.partition(".")
            held: Any = getattr(context, room)
            if key and key not in held:
                parts[f"input {path}"] = ABSENT
                continue
            parts[f"input {path}"], brought = self._values.key_value(held[key] if key else held, path)
            modules |= brought
        return parts, modules

    def _undeclared(self, context: Context, names: frozenset[str]) -> Iterator[tuple[str, Any]]:
        """Yield the rest of the context that the code of a stage has a name for."""
        if names & _EXPERIMENT and context.experiment is not None:
            yield "experiment fields given", sorted(context.experiment.fields_set)
            for field in type(context.experiment).model_fields:
                yield f"experiment {field}", getattr(context.experiment, field)
        elif names & _EXPERIMENT:
            yield "experiment id", context.experiment_id
        for name in _TOLD:
            if name in names or (name == "completed_stages" and "stage_completed" in names):
                yield f"context {name}", getattr(context, name)
        if "trace" in names:
            events = context.trace or ()
            yield "context trace", [[each.stage, each.event_name, each.payload] for each in events]


def read_paths(planned: PlannedStage, context: Context) -> list[str]:
    """Return the context paths, room and first key, that a stage declares to read, open ones as what is there."""
    assert planned.description is not None
    declared = fill((*planned.description.reads, *planned.description.may_read), {"id": planned.id})
    return sorted({path for each in declared for path in _opened(each, context)})


def _opened(path: str, context: Context) -> Iterable[str]:
    if path == OPEN or path.startswith("{"):
        return [each for room in ROOMS for each in _opened(room if room == "outputs" else f"{room}.{OPEN}", context)]
    room, _, key = path.partition(".")
    held: Any = getattr(context, room)
    if key == OPEN or placeholders(path):
        return [f"{room}.{each}" for each in held]
    dotted = [each for each in prefixes(key) if each in held] if key else ()
    return [root_of(path), *(f"{room}.{each}" for each in dotted)]
