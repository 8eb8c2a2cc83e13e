"""Make the context of a run again from what its stages left behind."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from crucible_core.contract.errors import CrucibleError
from crucible_core.contract.persistent import FrozenMap, Rows

if TYPE_CHECKING:
    from crucible_core.contract.context import Context
    from crucible_core.runs.codecs import Values

_ROOMS = ("metrics", "assigns", "artifacts")


class _Left(NamedTuple):
    """What a stage left in one place; ``encoded`` where codecs wrote it."""

    stage_id: str
    value: Any
    encoded: bool = True


class ContextRestoration:
    """Fold what stages changed into a context; a value that a later stage replaced is not read from the disk.

    Args:
        context: The context to begin with.
        values: The codecs, over the store of the run.
        may_unpickle: Tells of a stage and a context path whether the stage lets its value be pickled.
    """

    def __init__(self, context: Context, values: Values, may_unpickle: Callable[[str, str], bool]) -> None:
        self._context = context
        self._values = values
        self._may_unpickle = may_unpickle
        self._pending: dict[str, dict[str, _Left]] = {room: {} for room in _ROOMS}
        self._outputs: list[tuple[str, Mapping[str, Any]]] = []

    def add(self, stage_id: str, payload: Mapping[str, Any]) -> None:
        """Take into account what a stage left behind, as the event that completed it says."""
        state = payload.get("state", {})
        for room, keys in state.get("dropped", {}).items():
            for key in keys:
                self._drop(room, key)
        metrics = {**payload.get("metrics", {})}
        if "metrics" in state:
            metrics |= self._decoded(stage_id, "metrics", state["metrics"])
        self._pending["metrics"] |= {key: _Left(stage_id, value, encoded=False) for key, value in metrics.items()}
        for room in ("assigns", "artifacts"):
            self._pending[room] |= {key: _Left(stage_id, value) for key, value in state.get(room, {}).items()}
        if "outputs" in state:
            self._outputs.append((stage_id, state["outputs"]))
        if "verdicts" in state:
            for verdict in self._decoded(stage_id, "verdicts", state["verdicts"]):
                self._context = self._context.put_verdict(verdict)
        self._context = self._context._entering(None, stage_id)

    def context(self) -> Context:
        """Return the context as it was after the last stage that was added.

        Raises:
            CrucibleError: A value cannot be read; the message names it and the stage that wrote it.
        """
        context = self._context
        for room, pending in self._pending.items():
            if pending:
                made = {key: self._value(f"{room}.{key}", left) for key, left in pending.items()}
                context = context._with(room, vars(context)[room].update(made))
                pending.clear()
        for stage_id, added in self._outputs:
            rows = self._decoded(stage_id, "outputs", added["rows"])
            context = _with_rows(context, added["from"], rows)
        self._outputs.clear()
        self._context = context
        return context

    def continue_from(self, context: Context) -> None:
        """Go on from a context in which a stage was run again."""
        self._context = context

    def _drop(self, room: str, key: str) -> None:
        self._pending[room].pop(key, None)
        held = vars(self._context)[room]
        if key in held:
            left = {name: value for name, value in held.items() if name != key}
            self._context = self._context._with(room, FrozenMap(left))

    def _value(self, path: str, left: _Left) -> Any:
        return self._decoded(left.stage_id, path, left.value) if left.encoded else left.value

    def _decoded(self, stage_id: str, path: str, encoded: Any) -> Any:
        try:
            return self._values.decode(encoded, pickled=self._may_unpickle(stage_id, path))
        except Exception as error:
            raise CrucibleError(
                f"cannot restore {path}, which stage {stage_id} wrote: {error}",
                hint="install what it needs, or run the experiment again under a new run id",
            ) from error


def _with_rows(context: Context, start: int, rows: list[Mapping[str, Any]]) -> Context:
    held = context.outputs
    if start == len(held):
        return context.add_outputs(rows)
    return context._with("outputs", Rows([*held[:start], *rows]))
