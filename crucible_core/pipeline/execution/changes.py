"""What a stage changed in a context, so that only that travels back from another process."""

from __future__ import annotations

import pickle
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from crucible_core.contract.errors import named
from crucible_core.contract.persistent import FrozenMap, Rows

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crucible_core.contract.context import Context

MAPS = ("metrics", "artifacts", "assigns", "telemetry_context")
ROWS = ("outputs", "_verdicts")


@dataclass(frozen=True, slots=True)
class Changes:
    """The difference between the context a stage got and the one it returned.

    Args:
        maps: Room to the keys whose value is another.
        dropped: Room to the keys that are not there any more.
        rows: Room to how many rows were kept, from the first, and those that came after them.
        asked: What the stage asked for without declaring it: see `Runtime`.
    """

    maps: dict[str, dict[str, Any]] = field(default_factory=dict)
    dropped: dict[str, list[str]] = field(default_factory=dict)
    rows: dict[str, tuple[int, list[Any]]] = field(default_factory=dict)
    asked: frozenset[str] = frozenset()

    def parts(self) -> Iterator[tuple[str, Any]]:
        """Yield each value with its place in the context."""
        for room, values in self.maps.items():
            for key, value in values.items():
                yield f"{room}.{key}", value
        for room, (kept, rows) in self.rows.items():
            for index, row in enumerate(rows, kept):
                yield f"{room.removeprefix('_')}[{index}]", row


def changes(before: Context, after: Context) -> Changes:
    """Return what a stage changed; what is the same object did not change."""
    found = Changes(asked=before.runtime.asked)
    for room in MAPS:
        old, new = getattr(before, room), getattr(after, room)
        if new is not old:
            changed = {key: value for key, value in new.items() if key not in old or old[key] is not value}
            dropped = [key for key in old if key not in new]
            found.maps.update({room: changed} if changed else {})
            found.dropped.update({room: dropped} if dropped else {})
    for room in ROWS:
        rows, others = vars(before)[room], vars(after)[room]
        if rows is not others:
            kept = _shared(rows, others)
            if kept < len(rows) or kept < len(others):
                found.rows[room] = kept, others[kept:]
    return found


def applied(before: Context, found: Changes) -> Context:
    """Return the context with these changes; all else in it is shared with the one before."""
    after = before
    for room, keys in found.dropped.items():
        held = getattr(after, room)
        after = after._with(room, FrozenMap({key: held[key] for key in held if key not in keys}))
    for room, values in found.maps.items():
        after = after._with(room, vars(after)[room].update(values))
    for room, (kept, rows) in found.rows.items():
        held = vars(after)[room]
        after = after._with(room, held.extend(rows) if kept == len(held) else Rows([*held[:kept], *rows]))
    return after


def first_unpicklable(parts: Iterator[tuple[str, Any]]) -> str:
    """Say which of these values does not pickle, and why."""
    for place, value in parts:
        try:
            pickle.dumps(value, pickle.HIGHEST_PROTOCOL)
        except Exception as error:  # noqa: BLE001 - what a value's own __reduce__ raises is up to it
            return f"{place} does not pickle: {named(error)}"
    return "it does not pickle"


def _shared(rows: Sequence[Any], others: Sequence[Any]) -> int:
    """Return how many rows from the first are the same objects."""
    pairs = enumerate(zip(rows, others, strict=False))
    return next((index for index, (mine, other) in pairs if mine is not other), min(len(rows), len(others)))
