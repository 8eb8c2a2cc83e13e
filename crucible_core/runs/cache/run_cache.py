"""The cache as one run uses it: look for the result of a stage, and keep it where it had to be computed."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any

from crucible_core.contract.errors import CrucibleError, named
from crucible_core.runs.cache.cache_directory import CacheDirectory
from crucible_core.runs.cache.code_closure import CodeClosures
from crucible_core.runs.cache.context_parts import ContextParts
from crucible_core.runs.cache.entry import DamagedEntryError, Entry
from crucible_core.runs.cache.errors import UncacheableError
from crucible_core.runs.cache.file_content import FileContents
from crucible_core.runs.cache.key_values import KeyValues
from crucible_core.runs.cache.option_parts import OptionParts
from crucible_core.runs.cache.results import Results
from crucible_core.runs.cache.run_paths import RunPaths
from crucible_core.runs.cache.source_memo import SourceMemo
from crucible_core.runs.cache.stage_files import kept_files, restore_files
from crucible_core.runs.cache.stage_key import StageKey, StageKeys, is_cacheable
from crucible_core.runs.codecs import StoreError

if TYPE_CHECKING:
    from crucible_core.contract.context import Context
    from crucible_core.contract.runtime import EventSink, Runtime
    from crucible_core.pipeline.plan import Plan, PlannedStage
    from crucible_core.plugins.codec_ref import CodecRef
    from crucible_core.runs.directory import RunDirectory
    from crucible_core.runs.secret_values import SecretValues

__all__ = ["RunCache"]

_RUN_FACTS = frozenset({"clock", "plan", "record", "remaining"})
"""What a stage can ask its runtime that no key holds."""


@dataclass(frozen=True)
class _Looked:
    """A stage whose result was not there.

    Args:
        planned: The stage.
        key: Its key.
        modules: Names of the modules that were imported before it ran.
        began: When, by ``perf_counter()``.
        imported: Names of those that were imported while it did.
        duration_s: How long it took.
    """

    planned: PlannedStage
    key: StageKey
    modules: frozenset[str]
    began: float
    imported: frozenset[str] = frozenset()
    duration_s: float | None = None


class RunCache:
    """Results of stages, from other runs and for other runs.

    Args:
        plan: What is run.
        directory: The run's own directory; the cache is beside those of the experiments.
        seed: The run's seed.
        codecs: Returns the codecs for values.
        secrets: The secrets of the run.
        sink: Gets a warning where an entry turns out to be damaged.
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
        self._directory = CacheDirectory(directory.path.parent.parent)
        self._run = directory
        self._ids = plan.experiment.id, directory.path.name
        self._sink = sink
        self._contents = FileContents()
        paths = RunPaths(directory.path)
        values = KeyValues(
            self._directory.path / "tmp",
            codecs,
            secrets=secrets.texts,
            contents=self._contents,
            paths=paths,
        )
        source = plan.document.source if plan.document is not None else None
        self._options = OptionParts(values, self._contents, Path(source).parent if source else None)
        self._closures = CodeClosures(SourceMemo(self._directory.sources), self._contents)
        self._keys = StageKeys(seed, self._closures, self._options, ContextParts(values))
        self._results = Results(plan, self._directory.objects, codecs, secrets, paths)
        self._looked: dict[str, _Looked] = {}
        self._outcomes: dict[str, dict[str, Any]] = {}
        self._files: set[str] = set()

    def reuse(self, planned: PlannedStage, context: Context) -> Context | None:
        """Return the context that a stage would return, where its result is known, else None."""
        assert planned.description is not None
        self._outcomes.pop(planned.id, None)
        self._looked.pop(planned.id, None)
        if not is_cacheable(planned.description.traits):
            return None
        try:
            key = self._keys.of(planned, context)
        except UncacheableError as error:
            return self._without(planned, str(error))
        except (KeyboardInterrupt, SystemExit):
            raise
        except BaseException as error:  # noqa: BLE001 - what a value or a package of somebody else's raises is no reason not to run
            return self._without(planned, f"its key cannot be made: {named(error)}")
        found = self._restored(planned, key, context)
        if found is None:
            self._looked[planned.id] = _Looked(planned, key, frozenset(sys.modules), perf_counter())
        return found

    def _without(self, planned: PlannedStage, reason: str) -> None:
        self._outcomes[planned.id] = {"outcome": "uncacheable", "key": None, "reason": reason}

    def _restored(self, planned: PlannedStage, key: StageKey, context: Context) -> Context | None:
        name, digest = _name(planned), key.digest
        try:
            with self._directory.in_use():
                entry = self._directory.find(name, digest)
                if entry is None or entry.result is None:
                    return None
                if entry.parts != key.parts:
                    raise DamagedEntryError("its parts are those of another key")
                if entry.result.files:
                    restore_files(entry.result.files, self._directory.objects, self._run.artifacts(planned.id))
                found = self._results.restored(planned, context, entry.result)
        except (DamagedEntryError, CrucibleError, OSError) as error:
            return self._damaged(planned, digest, error)
        self._directory.used(entry)
        if entry.result.files:
            self._files.add(planned.id)
        self._outcomes[planned.id] = {
            "outcome": "hit",
            "key": digest,
            "reason": None,
            "experiment_id": entry.experiment_id,
            "run_id": entry.run_id,
            "created_at": entry.created_at,
            "duration_s": entry.duration_s,
        }
        return found

    def _damaged(self, planned: PlannedStage, digest: str, error: Exception) -> None:
        message = f"the entry of {planned.id} in the cache is of no use and was taken out; the stage runs: {error}"
        self._sink.emit("log", planned.id, {"level": "warning", "message": message, "fields": {"key": digest}}, 1)
        self._directory.remove(_name(planned), digest)

    def restored_files(self, stage_id: str) -> bool:
        """Tell whether a stage was not run, and its files were brought back."""
        return stage_id in self._files

    def outcome(self, stage_id: str) -> Mapping[str, Any]:
        """Return what the cache did for a stage that is done; empty where the stage does not want any of it."""
        return self._outcomes.get(stage_id, {})

    def ran(self, stage_id: str) -> None:
        """Take note that a stage has run just now; what is imported from here on is not imported by it."""
        looked = self._looked.get(stage_id)
        if looked is not None:
            self._looked[stage_id] = replace(
                looked,
                imported=frozenset(sys.modules) - looked.modules,
                duration_s=round(perf_counter() - looked.began, 6),
            )

    def keep(self, before: Context, after: Context, runtime: Runtime) -> None:
        """Keep the result of a stage that ran, where it can be kept; `outcome` says why it was not.

        Args:
            before: The context that it got.
            after: The one that it returned.
            runtime: Its runtime.
        """
        looked = self._looked.pop(runtime.stage_id, None)
        if looked is None:
            return
        entry = self._entry(looked)
        try:
            self._check(looked, before, runtime)
            with self._directory.in_use():
                result = self._results.kept(looked.planned, before, after)
                files = kept_files(self._run.artifacts(runtime.stage_id), self._directory.objects)
                self._put(replace(entry, result=replace(result, files=files)), looked.key)
        except (UncacheableError, StoreError, OSError, CrucibleError) as error:
            self._outcomes[runtime.stage_id] = {"outcome": "not_kept", "key": entry.key, "reason": str(error)}
            self._put_without_result(entry, looked.key, str(error))
        else:
            self._outcomes[runtime.stage_id] = {"outcome": "kept", "key": entry.key, "reason": None}

    def close(self) -> None:
        """Take note of the keys of stages that did not come to a result, for whoever asks why they missed."""
        for looked in self._looked.values():
            self._put_without_result(self._entry(looked), looked.key, "the stage did not complete")
        self._looked.clear()

    def _check(self, looked: _Looked, before: Context, runtime: Runtime) -> None:
        """Make sure that what ran is what the key says.

        Raises:
            UncacheableError: It may not be.
        """
        if runtime.attempt > 1:
            raise UncacheableError(f"it took {runtime.attempt} attempts, so it depends on more than its inputs")
        asked = sorted(runtime.asked)
        if looked.planned.definition.isolation is not None:  # it asked in another process, which does not tell
            names = frozenset().union(*(closure.names for closure in looked.key.code.values()))
            asked = sorted(names & _RUN_FACTS) if "runtime" in names else []
        if asked:
            raise UncacheableError(f"it asked its runtime for {', '.join(asked)}, which no key can hold")
        for path, sha256 in looked.key.files.items():
            if self._contents.file(path) != sha256:
                raise UncacheableError(f"{path} changed while the stage ran")
        for name in sorted(looked.imported):
            self._check_import(name, looked.key)
        options, _ = self._options.of(looked.planned, frozenset())
        if not options.items() <= looked.key.parts.items():
            raise UncacheableError("a file that its options name changed while it ran")

    def _check_import(self, name: str, key: StageKey) -> None:
        file = getattr(sys.modules.get(name), "__file__", None)
        if isinstance(file, str) and file not in key.files and not self._closures.is_fixed(name):
            raise UncacheableError(f"it imported {name}, which the sources it consists of do not name")

    def _entry(self, looked: _Looked) -> Entry:
        now = datetime.now(UTC).isoformat(timespec="microseconds")
        key, (experiment_id, run_id) = looked.key, self._ids
        stage, stage_id = _name(looked.planned), looked.planned.id
        return Entry(
            key=key.digest,
            stage=stage,
            stage_id=stage_id,
            experiment_id=experiment_id,
            run_id=run_id,
            created_at=now,
            parts=key.parts,
            code={},
            duration_s=looked.duration_s,
        )

    def _put(self, entry: Entry, key: StageKey) -> None:
        code = {}
        for name, closure in key.code.items():
            data = closure.listed.encode()
            code[name] = self._directory.objects.put(lambda stream, data=data: stream.write(data), ".json")
        self._directory.put(replace(entry, code=code))

    def _put_without_result(self, entry: Entry, key: StageKey, reason: str) -> None:
        """Write what a key was made of, unless its result is there by now."""
        try:
            with self._directory.in_use():
                found = self._directory.find(entry.stage, entry.key)
                if found is None or found.result is None:
                    self._put(replace(entry, reason=reason), key)
        except (DamagedEntryError, StoreError, OSError):
            return


def _name(planned: PlannedStage) -> str:
    assert planned.description is not None
    return planned.description.name
