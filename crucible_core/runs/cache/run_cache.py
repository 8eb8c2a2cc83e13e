"""The cache as one run uses it: look for the result of a stage, and keep it where it had to be computed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from crucible_core.contract.errors import CrucibleError, named
from crucible_core.runs.cache.cache_directory import CacheDirectory
from crucible_core.runs.cache.entry import DamagedEntryError, Entry
from crucible_core.runs.cache.errors import UncacheableError
from crucible_core.runs.cache.looked_for import LookedFor
from crucible_core.runs.cache.results import Results
from crucible_core.runs.cache.run_paths import RunPaths
from crucible_core.runs.cache.stage_files import kept_files, restore_files
from crucible_core.runs.cache.stage_key import StageKeys, is_cacheable, stage_keys
from crucible_core.runs.codecs import StoreError
from crucible_core.trace.timestamps import utc_now

if TYPE_CHECKING:
    from crucible_core.contract.context import Context
    from crucible_core.contract.runtime import EventSink, Runtime
    from crucible_core.pipeline.plan import Plan, PlannedStage
    from crucible_core.plugins.codec_ref import CodecRef
    from crucible_core.runs.cache.code_closure import CodeClosure
    from crucible_core.runs.cache.stage_key import StageKey
    from crucible_core.runs.codecs import ObjectRef
    from crucible_core.runs.directory import RunDirectory
    from crucible_core.runs.secret_values import SecretValues

__all__ = ["RunCache"]


class RunCache:
    """Results of stages, from other runs and for other runs.

    Args:
        plan: What is run.
        directory: The run's own directory; the cache is beside those of the experiments.
        seed: The run's seed.
        codecs: Returns the codecs for values.
        secrets: The secrets of the run.
        sink: Gets a warning where an entry turns out to be damaged.

    Attributes:
        reusable: Ids of the stages whose results may be there, or are kept.
    """

    def __init__(
        self,
        plan: Plan,
        directory: RunDirectory,
        seed: int,
        codecs: Callable[[], Iterable[CodecRef]],
        secrets: SecretValues,
        sink: EventSink,
    ) -> None:
        paths = RunPaths(directory.path)
        self._cache = CacheDirectory(directory.path.parent.parent)
        self._run = directory
        self._ids = plan.experiment.id, directory.path.name
        self._sink = sink
        self._keys: StageKeys = stage_keys(self._cache, plan, seed, codecs, secrets, paths)
        self._results = Results(plan, self._cache.objects, codecs, secrets, paths)
        self._looked_for: dict[str, LookedFor] = {}
        self._outcomes: dict[str, dict[str, Any]] = {}
        self._with_files: set[str] = set()
        self._code: dict[str, ObjectRef] = {}
        self._places = {planned.id: place for place, planned in enumerate(plan.stages)}
        self._last_found = -1
        described = ((planned.id, planned.description) for planned in plan.stages)
        self.reusable = frozenset(name for name, about in described if about and is_cacheable(about.traits))

    def reuse(self, planned: PlannedStage, context: Context) -> Context | None:
        """Return the context that a stage would return, where its result is known, else None.

        Args:
            planned: The stage, one of those that are ``reusable``.
            context: What the stages before it left.
        """
        self._outcomes.pop(planned.id, None)
        self._looked_for.pop(planned.id, None)
        if self._places[planned.id] != self._last_found + 1:  # a stage ran in between, and may have changed a value
            self._keys.inputs.forget()
        looked_for = self._looking(planned, context)
        if looked_for is None:
            return None
        try:
            found = self._restored(looked_for, context)
        except Exception as error:  # noqa: BLE001 - whatever is wrong with an entry, the stage can run
            self._take_out(looked_for, error)
            found = None
        if found is None:
            self._looked_for[planned.id] = looked_for.begun()
        else:
            self._last_found = self._places[planned.id]
        return found

    def ran(self, runtime: Runtime) -> None:
        """Take note that a stage has run just now."""
        looked_for = self._looked_for.get(runtime.stage_id)
        if looked_for is not None:
            self._looked_for[runtime.stage_id] = looked_for.ended(runtime)

    def keep(self, before: Context, after: Context, runtime: Runtime) -> None:
        """Keep the result of a stage that ran, where it can be kept; `outcome` says why it was not.

        Args:
            before: The context that it got.
            after: The one that it returned.
            runtime: Its runtime.
        """
        stage_id = runtime.stage_id
        looked_for = self._looked_for.pop(stage_id, None)
        if looked_for is None:
            return
        key = looked_for.key
        try:
            looked_for.check(self._keys, runtime)
            key = self._with_asked(looked_for, before)
            looked_for = replace(looked_for, key=key)
            self._outcomes[stage_id] = {"outcome": "kept", "key": key.digest, "reason": None}
            with self._cache.in_use():
                result = self._results.kept(looked_for.planned, before, after)
                files = kept_files(self._run.artifacts(stage_id), self._cache.objects)
                self._put(replace(self._entry(looked_for), result=replace(result, files=files)), key)
        except Exception as error:  # noqa: BLE001 - whatever keeps a result from being kept, the stage has run
            reason = str(error) if isinstance(error, (UncacheableError, CrucibleError, OSError)) else named(error)
            self._outcomes[stage_id] = {"outcome": "not_kept", "key": key.digest, "reason": reason}
            self._put_without_result(looked_for, reason)

    def outcome(self, stage_id: str) -> Mapping[str, Any]:
        """Return what the cache did for a stage that is done; empty where the stage does not want any of it."""
        return self._outcomes.get(stage_id, {})

    def restored_files(self, stage_id: str) -> bool:
        """Tell whether a stage was not run, and its files were brought back."""
        return stage_id in self._with_files

    def close(self) -> None:
        """Take note of the keys of stages that did not come to a result, for whoever asks why they missed."""
        for looked_for in self._looked_for.values():
            self._put_without_result(looked_for, "the stage did not complete")
        self._looked_for.clear()
        self._cache.close()

    def _looking(self, planned: PlannedStage, context: Context) -> LookedFor | None:
        """Return what is to be looked for; None where a stage has no key, which its outcome says."""
        assert planned.description is not None
        try:
            base = self._keys.of(planned, context)
            known = self._cache.asked(planned.description.name, base.digest)
            return LookedFor(planned, self._keys.also(base, context, known), base, known)
        except UncacheableError as error:
            reason = str(error)
        except Exception as error:  # noqa: BLE001 - what a value of somebody else's raises is no reason not to run
            reason = f"its key cannot be made: {named(error)}"
        self._outcomes[planned.id] = {"outcome": "uncacheable", "key": None, "reason": reason}
        return None

    def _with_asked(self, looked_for: LookedFor, context: Context) -> StageKey:
        """Return the key with everything that the stage turned out to ask for, and have it looked at from now on."""
        if looked_for.asked <= looked_for.known:
            return looked_for.key
        known = looked_for.known | looked_for.asked | self._cache.asked(looked_for.stage, looked_for.base.digest)
        self._cache.put_asked(looked_for.stage, looked_for.base.digest, known)
        return self._keys.also(looked_for.base, context, known)

    def _restored(self, looked_for: LookedFor, context: Context) -> Context | None:
        planned, key = looked_for.planned, looked_for.key
        with self._cache.in_use():
            entry = self._cache.find(looked_for.stage, key.digest)
            if entry is None or entry.result is None:
                return None
            _check_parts(entry, key)
            if entry.result.files:
                restore_files(entry.result.files, self._cache.objects, self._run.artifacts(planned.id))
            found = self._results.restored(planned, context, entry.result)
        self._cache.used(entry)
        if entry.result.files:
            self._with_files.add(planned.id)
        source = {name: getattr(entry, name) for name in ("experiment_id", "run_id", "created_at", "duration_s")}
        self._outcomes[planned.id] = {"outcome": "hit", "key": key.digest, "reason": None, **source}
        return found

    def _take_out(self, looked_for: LookedFor, error: Exception) -> None:
        stage_id, digest = looked_for.planned.id, looked_for.key.digest
        if isinstance(error, OSError):
            message = f"the cache cannot be used for {stage_id}, the stage runs: {error}"
        else:
            said = error if isinstance(error, (DamagedEntryError, CrucibleError)) else named(error)
            message = f"the entry of {stage_id} in the cache is of no use and was taken out, the stage runs: {said}"
        self._sink.emit("log", stage_id, {"level": "warning", "message": message, "fields": {"key": digest}}, 1)
        self._cache.remove(looked_for.stage, digest)

    def _entry(self, looked_for: LookedFor) -> Entry:
        experiment_id, run_id = self._ids
        return Entry(
            key=looked_for.key.digest,
            stage=looked_for.stage,
            stage_id=looked_for.planned.id,
            experiment_id=experiment_id,
            run_id=run_id,
            created_at=utc_now(),
            parts=looked_for.key.parts,
            code={},
            duration_s=looked_for.duration_s,
        )

    def _put(self, entry: Entry, key: StageKey) -> None:
        code = {name: self._listed(closure) for name, closure in key.code.items()}
        self._cache.put(replace(entry, code=code))

    def _listed(self, closure: CodeClosure) -> ObjectRef:
        """Return the object that lists some code, written where it is not there."""
        known = self._code.get(closure.digest)
        if known is None or not self._cache.objects.holds(known):
            known = self._code[closure.digest] = self._cache.put_text(closure.listed)
        return known

    def _put_without_result(self, looked_for: LookedFor, reason: str) -> None:
        """Write what a key was made of, unless its result is there by now."""
        try:
            with self._cache.in_use():
                found = self._cache.find(looked_for.stage, looked_for.key.digest)
                if found is None or found.result is None:
                    self._put(replace(self._entry(looked_for), reason=reason), looked_for.key)
        except (DamagedEntryError, StoreError, OSError):
            return


def _check_parts(entry: Entry, key: StageKey) -> None:
    if entry.parts != key.parts:
        raise DamagedEntryError("its parts are those of another key")
