"""What one stage changed in the context, as JSON values that the context can be made from again."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from crucible_core.contract.errors import StageError
from crucible_core.contract.json_values import NON_FINITE, as_record
from crucible_core.contract.paths import OPEN, covers, fill, root_of
from crucible_core.runs.additions import context_changes

if TYPE_CHECKING:
    from crucible_core.contract.context import Context
    from crucible_core.contract.persistent import FrozenMap, Rows
    from crucible_core.pipeline.plan import Plan, PlannedStage
    from crucible_core.runs.additions import Changes
    from crucible_core.runs.codecs import Values
    from crucible_core.runs.secret_values import SecretValues

EPHEMERAL: Mapping[str, Any] = {"$": "ephemeral"}
"""Stands for a value that is not kept; the stage that wrote it makes it again."""

_STANDING_FOR_FLOATS = frozenset(NON_FINITE.values())


class StageStates:
    """Turn what stages change into JSON values, large values into files beside the journal.

    Args:
        plan: The stages.
        make_values: Makes the codecs, over the store of the run; called when there is a first value to keep.
        secrets: The secrets of the run, which no file may hold.
    """

    def __init__(self, plan: Plan, make_values: Callable[[], Values], secrets: SecretValues) -> None:
        self._stages = {planned.id: planned for planned in plan.stages}
        self._make_values = make_values
        self._secrets = secrets
        self._made: Values | None = None
        self._written_again = {stage_id: keys for stage_id, each in self._stages.items() if (keys := _written(each))}

    @property
    def values(self) -> Values:
        """The codecs of this run, over its store."""
        if self._made is None:
            self._made = self._make_values()
        return self._made

    def of_stage(
        self, stage_id: str, before: Context, after: Context, changes: Changes | None = None
    ) -> dict[str, Any]:
        """Return what a stage changed; parts in which nothing changed are left out.

        Args:
            stage_id: Its id.
            before: The context it got.
            after: The context it returned.
            changes: `context_changes` of the two, where they are known.

        Raises:
            StageError: ``no_codec``: it wrote a value that nothing can keep and that it does not declare ephemeral.
        """
        state: dict[str, Any] = {}
        planned = self._stages[stage_id]
        changed = context_changes(before, after) if changes is None else changes
        changed = _with_written_again(changed, self._written_again.get(stage_id, ()), after)
        if "metrics" in changed:
            state |= self._metrics(changed["metrics"])
        for room in ("assigns", "artifacts"):
            if changed.get(room):
                state[room] = {
                    key: self._encoded(planned, f"{room}.{key}", value) for key, value in changed[room].items()
                }
        if after.outputs is not before.outputs:
            state |= self._outputs(planned, before.outputs, after.outputs)
        elif after.outputs and "outputs" in declared(planned, "writes"):  # its rows may be changed in place
            state["outputs"] = {"from": 0, "rows": self._encoded(planned, "outputs", list(after.outputs))}
        if len(after.verdicts) != len(before.verdicts):
            state["verdicts"] = self._encoded_or_ephemeral(list(after.verdicts[len(before.verdicts) :]))
        dropped = _dropped(before, after)
        if dropped:
            state["dropped"] = dropped
        return state

    def given(self, assigns: Mapping[str, Any], rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        """Return what a run was given, in the same form; what nothing can keep has to be given again."""
        state: dict[str, Any] = {}
        if assigns:
            state["assigns"] = {name: self._encoded_or_ephemeral(value) for name, value in assigns.items()}
        if rows:
            state["outputs"] = {"from": 0, "rows": self._encoded_or_ephemeral(list(rows))}
        return state

    def _encoded_or_ephemeral(self, value: Any) -> Any:
        from crucible_core.runs.codecs import NoCodecError, SecretValueError

        try:
            return self.values.encode(value)
        except (NoCodecError, SecretValueError):
            return EPHEMERAL

    def _metrics(self, changed: Mapping[str, Any]) -> dict[str, Any]:
        """Return what the record of the metrics, strict JSON, does not say exactly."""
        if self._secrets and self._secrets.hidden(changed) != as_record(changed):
            return {"metrics": EPHEMERAL}
        inexact = {key: value for key, value in changed.items() if _is_inexact(value)}
        return {"metrics": self.values.encode(inexact)} if inexact else {}

    def _encoded(self, planned: PlannedStage, path: str, value: Any) -> Any:
        if any(covers(each, path) for each in declared(planned, "ephemeral")):
            return EPHEMERAL
        from crucible_core.runs.codecs import NoCodecError, SecretValueError

        try:
            return self.values.encode(
                value, pickled=any(covers(each, path) for each in declared(planned, "pickled")), where=path
            )
        except SecretValueError:  # never onto the disk: a resumed run makes it again
            return EPHEMERAL
        except NoCodecError as error:
            raise StageError(
                "no_codec",
                f"{planned.definition.name}: {error}. Where the stage can make it again, declare it: ephemeral = "
                f"({path!r},); where it may be pickled: pickled = ({path!r},)",
                path=path,
            ) from error

    def _outputs(self, planned: PlannedStage, before: Rows[Any], after: Rows[Any]) -> dict[str, Any]:
        start = len(before) if _begins_with(after, before) else 0
        if start == len(after):
            return {}
        return {"outputs": {"from": start, "rows": self._encoded(planned, "outputs", after[start:])}}


def declared(planned: PlannedStage, key: str) -> tuple[str, ...]:
    """Return context paths that a stage declares, its id filled in."""
    paths: tuple[str, ...] = getattr(planned.description, key, ())
    return fill(paths, {"id": planned.id}) if paths else ()


def _written(planned: PlannedStage) -> tuple[tuple[str, str], ...]:
    """Return room and key of each value, other than a metric, that a stage declares to write."""
    paths = map(root_of, (*declared(planned, "writes"), *declared(planned, "may_write")))
    split = (path.partition(".") for path in paths)
    return tuple((room, key) for room, _, key in split if room in ("assigns", "artifacts") and key != OPEN)


def _with_written_again(changes: Changes, written: tuple[tuple[str, str], ...], after: Context) -> Changes:
    """Add what a stage declares to write and left as the same object, which it may have changed in place.

    It should have made another; that it did not must cost nobody data when the run goes on, or is found in the cache.
    """
    for room, key in written:
        if key not in changes.get(room, {}) and key in (values := getattr(after, room)):
            changes = {**changes, room: {**changes.get(room, {}), key: values[key]}}
    return changes


def is_whole(state: Mapping[str, Any]) -> bool:
    """Tell whether nothing in a state has to be made again."""
    parts = [*state.get("assigns", {}).values(), *state.get("artifacts", {}).values()]
    parts += [state.get("outputs", {}).get("rows"), state.get("metrics"), state.get("verdicts")]
    return not any(part == EPHEMERAL for part in parts if isinstance(part, dict))


def _begins_with(longer: Rows[Any], shorter: Rows[Any]) -> bool:
    if longer._rows is shorter._rows:
        return len(longer) >= len(shorter)
    return len(longer) >= len(shorter) and all(a is b for a, b in zip(longer, shorter, strict=False))


def _dropped(before: Context, after: Context) -> dict[str, list[str]]:
    """Name the keys that are gone, which only a context made from scratch can do."""
    found = {}
    for room in ("metrics", "assigns", "artifacts"):
        elder: FrozenMap[Any] = getattr(before, room)
        younger: FrozenMap[Any] = getattr(after, room)
        if not younger.grew_from(elder):
            gone = [key for key in elder if key not in younger]
            if gone:
                found[room] = gone
    return found


def _is_inexact(value: Any) -> bool:
    """Tell whether the record of a metric, strict JSON, does not say exactly what it is."""
    if isinstance(value, float):
        return not math.isfinite(value)
    if isinstance(value, str):
        return value in _STANDING_FOR_FLOATS
    if isinstance(value, dict):
        return any(map(_is_inexact, value.values()))
    return isinstance(value, list) and any(map(_is_inexact, value))
