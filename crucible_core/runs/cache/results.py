"""What a stage left behind: into the cache, and back into the context of another run."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from crucible_core.contract.json_values import as_record
from crucible_core.contract.paths import covers
from crucible_core.runs.cache.context_parts import read_paths
from crucible_core.runs.cache.entry import CachedResult
from crucible_core.runs.cache.errors import UncacheableError
from crucible_core.runs.codecs import Values
from crucible_core.runs.resuming.restoring import ContextRestoration
from crucible_core.runs.resuming.stage_state import EPHEMERAL, StageStates, declared, is_whole

if TYPE_CHECKING:
    from crucible_core.contract.context import Context
    from crucible_core.pipeline.plan import Plan, PlannedStage
    from crucible_core.plugins.codec_ref import CodecRef
    from crucible_core.runs.cache.run_paths import RunPaths
    from crucible_core.runs.codecs import ObjectStore
    from crucible_core.runs.secret_values import SecretValues

__all__ = ["Results"]


class Results:
    """Turn what stages change into JSON values in the cache's store, and make contexts of them.

    The path of the run's directory, which is another in every run, is exchanged for a word that stands for it; a large
    value in which it lies is not kept.

    Args:
        plan: The stages.
        store: The cache's objects.
        codecs: Returns the codecs there are.
        secrets: The secrets of the run.
        paths: The run's directory.
    """

    def __init__(
        self,
        plan: Plan,
        store: ObjectStore,
        codecs: Callable[[], Iterable[CodecRef]],
        secrets: SecretValues,
        paths: RunPaths,
    ) -> None:
        self._values = Values(store, codecs, secrets=secrets.texts)
        self._states = StageStates(plan, lambda: self._values, secrets)
        careful = Values(store, codecs, secrets=(*secrets.texts, *paths.texts))
        self._pathless = StageStates(plan, lambda: careful, secrets)
        self._paths = paths
        self._secrets = secrets

    def kept(self, planned: PlannedStage, before: Context, after: Context) -> CachedResult:
        """Return what a stage changed, values written into the store.

        Raises:
            UncacheableError: Something in it cannot be kept, or cannot be put into another context.
            StoreError: The disk did not take a value.
        """
        state, names_run = self._state(planned, before, after)
        if "dropped" in state:
            raise UncacheableError("it takes things out of the context")
        if not is_whole(state):
            raise UncacheableError(f"{_first_lost(state)} cannot be kept")
        metrics = as_record(dict(after.metrics.changes_since(before.metrics)))
        reads_rows = "outputs" in read_paths(planned, before)
        start = state.get("outputs", {}).get("from", len(before.outputs))
        if start != len(before.outputs) and not reads_rows:
            raise UncacheableError("it changes outputs that it does not declare to read")
        hidden = self._paths.hidden(metrics)
        appends = start == len(before.outputs)
        return CachedResult(hidden, state, appends=appends, names_run=names_run or hidden is not metrics)

    def restored(self, planned: PlannedStage, context: Context, result: CachedResult) -> Context:
        """Return the context that the stage would return.

        Raises:
            CrucibleError: A value cannot be read.
            DamagedObjectError: An object is missing, or not what was written.
        """

        def may_unpickle(_: str, path: str) -> bool:
            return any(covers(each, path) for each in declared(planned, "pickled"))

        metrics, state = dict(result.metrics), dict(result.state)
        if result.names_run:
            metrics, state = self._paths.shown(metrics), self._paths.shown(state)
        if result.appends and "outputs" in state:
            state["outputs"] = {**state["outputs"], "from": len(context.outputs)}
        restoration = ContextRestoration(context, self._values, may_unpickle)
        restoration.add(planned.id, {"metrics": metrics, "state": state})
        return restoration.context()

    def _state(self, planned: PlannedStage, before: Context, after: Context) -> tuple[dict[str, Any], bool]:
        """Return what a stage changed, and whether it names the run's directory."""
        state = self._pathless.of_stage(planned.id, before, after)
        if is_whole(state):
            return state, False
        whole = self._states.of_stage(planned.id, before, after)
        for room in ("assigns", "artifacts"):
            for key, encoded in state.get(room, {}).items():
                if encoded == EPHEMERAL:
                    state[room][key] = self._hidden(f"{room}.{key}", whole[room][key])
        if state.get("outputs", {}).get("rows") == EPHEMERAL:
            state["outputs"] = {**whole["outputs"], "rows": self._hidden("outputs", whole["outputs"]["rows"])}
        for name in ("metrics", "verdicts"):
            if state.get(name) == EPHEMERAL:
                state[name] = self._hidden(name, whole[name])
        return state, True

    def _hidden(self, where: str, encoded: Any) -> Any:
        """Return encoded values without the path of the run's directory, which is somewhere in them.

        Raises:
            UncacheableError: It is in what is no text any more.
        """
        if _has_opaque(encoded):
            raise UncacheableError(f"{where} names files of this run's directory, and is too large to be rewritten")
        return self._paths.hidden(encoded)


def _has_opaque(encoded: Any) -> bool:
    if isinstance(encoded, list):
        return any(map(_has_opaque, encoded))
    if isinstance(encoded, dict):
        return encoded.get("$") in ("object", "coded") or any(map(_has_opaque, encoded.values()))
    return False


def _first_lost(state: Mapping[str, Any]) -> str:
    for room in ("assigns", "artifacts"):
        for key, encoded in state.get(room, {}).items():
            if encoded == EPHEMERAL:
                return f"{room}.{key}"
    return next((name for name in ("metrics", "verdicts") if state.get(name) == EPHEMERAL), "outputs")
