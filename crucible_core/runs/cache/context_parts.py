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
UNHOLDABLE = frozenset({"cancelled", "clock", "deadline", "plan", "record", "run_id", "trace"})
"""What a stage may ask its runtime or the context that is another in every run."""


class ContextParts:
    """Turn what stages read into parts of keys.

    Args:
        values: Turns values into texts.
    """

    def __init__(self, values: KeyValues) -> None:
        self._values = values

    def declared(self, planned: PlannedStage, context: Context) -> tuple[dict[str, str], set[str]]:
        """Return the parts that a stage's declared inputs are, and the modules whose code comes with them.

        Args:
            planned: The stage.
            context: What the stages before it left.

        Raises:
            UncacheableError: An input has no canonical form, or holds a secret.
        """
        parts: dict[str, str] = {}
        modules: set[str] = set()
        for path in read_paths(planned, context):
            room, _, key = path.partition(".")
            held: Any = getattr(context, room)
            if key and key not in held:
                parts[f"input {path}"] = ABSENT
                continue
            parts[f"input {path}"], brought = self._values.key_value(held[key] if key else held, path)
            modules |= brought
        return parts, modules

    def forget(self) -> None:
        """Look at every value again, since a stage ran."""
        self._values.forget()

    def asked(self, context: Context, asked: frozenset[str]) -> dict[str, str]:
        """Return the parts that the rest of the context is, of which stages need not say that they read it.

        Args:
            context: What the stages before it left.
            asked: What of it the stage asked for when it ran, as `Runtime` notes it.

        Raises:
            UncacheableError: It has no canonical form, or holds a secret.
        """
        return {name: self._values.key_value(value, name).said for name, value in _told(context, asked)}


def _told(context: Context, asked: frozenset[str]) -> Iterator[tuple[str, Any]]:
    for name in sorted(asked - UNHOLDABLE):
        value = vars(context)[name]
        if name != "experiment" or value is None:
            yield f"context {name.removeprefix('_')}", tuple(value) if name == "_completed" else value
            continue
        yield "experiment fields given", sorted(value.fields_set)
        for field in type(value).model_fields:
            yield f"experiment {field}", getattr(value, field)


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
