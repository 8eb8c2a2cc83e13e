"""One run, from its first event to its last."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any

from crucible_core.contract.context import Context
from crucible_core.contract.json_values import as_record
from crucible_core.contract.runtime import RunServices
from crucible_core.pipeline.cancellation import Cancellation
from crucible_core.pipeline.quality import reached_targets, target_verdicts
from crucible_core.pipeline.result import Failure, RunResult
from crucible_core.pipeline.runner import Progress, RecordError, Runner, cancelled, closed_by_gate
from crucible_core.pipeline.termination import GRACE_S
from crucible_core.runs.additions import StageAdditions
from crucible_core.runs.directory import create_run_directory
from crucible_core.runs.manifest import initial_manifest, unrecorded_manifest
from crucible_core.runs.record import RunRecord
from crucible_core.runs.resuming.stage_state import StageStates, is_whole
from crucible_core.runs.scratch import scratch_directory
from crucible_core.runs.secret_values import HidingSink, SecretsWhenAsked, SecretValues, secrets_of
from crucible_core.runs.spec import recorded_spec
from crucible_core.trace.emitter import Emitter, Observer
from crucible_core.trace.timestamps import utc_now

if TYPE_CHECKING:
    from crucible_core.contract.runtime import CancelToken, EventSink
    from crucible_core.pipeline.plan import Plan
    from crucible_core.plugins.codec_ref import CodecRef
    from crucible_core.runs.cache.run_cache import RunCache
    from crucible_core.runs.directory import RunDirectory
    from crucible_core.runs.resuming.resumption import Resumption
    from crucible_core.runs.secret_values import OptionTypes

OnProgress = Callable[[str, float, float | None], None]


@dataclass(eq=False, repr=False)
class RunSession:
    """One run of a plan.

    Args:
        plan: What is run.
        run_id: Its id.
        seed: The seed of every random draw.
        began: ``perf_counter()`` when it began.
        observers: Name and callable of everyone who is told of events.
        telemetry_context: JSON values to keep with the record.
        types_of: Tells the types of a stage's options, for what may be recorded of them.
        assigns: Values that the context begins with.
        rows: Outputs that the context begins with.
        codecs: Returns the codecs for values; asked when there is a first value to keep.
        origin: How the run was asked for, as its manifest says it.
        caches: Whether results of stages are looked for in the cache, and kept there.
    """

    plan: Plan
    run_id: str
    seed: int
    began: float
    observers: tuple[tuple[str, Observer], ...]
    telemetry_context: Mapping[str, Any]
    types_of: OptionTypes
    assigns: Mapping[str, Any] = field(default_factory=dict)
    rows: Sequence[Mapping[str, Any]] = ()
    codecs: Callable[[], Iterable[CodecRef]] = tuple
    check_reference: Callable[[Any], str | None] | None = None
    origin: Mapping[str, Any] = field(default_factory=dict)
    caches: bool = True
    record: RunRecord | None = None
    states: StageStates | None = None
    resumption: Resumption | None = None
    secrets: SecretValues = field(default_factory=lambda: SecretValues(()))
    manifest: dict[str, Any] = field(default_factory=dict)
    spec: dict[str, Any] = field(default_factory=dict)

    def record_in(self, output_dir: Path, *, sync: bool) -> None:
        """Make the directory of the run and write its beginning there.

        Raises:
            RunDirectoryError: It is there already, or cannot be written; nothing of this run is left then.
        """
        self._look_for_secrets()
        manifest = self.secrets.hidden(initial_manifest(self.plan, self._identity()))
        directory = create_run_directory(output_dir, self.plan.experiment.id, self.run_id)
        self.record = RunRecord.begin(directory, self.spec, manifest, sync=sync)
        self._keep_values_in(directory, sync=sync)

    def go_on_with(self, resumption: Resumption, *, sync: bool) -> None:
        """Take up the record of a run that was begun before; this process holds its lock.

        Raises:
            RunDirectoryError: It cannot be written to.
        """
        from crucible_core.runs.resuming.beginning import resumed_manifest

        self._look_for_secrets()
        self.resumption, earlier = resumption, resumption.earlier
        manifest = self.secrets.hidden(resumed_manifest(resumption, self._identity(), utc_now()))
        self.record = RunRecord.go_on(
            earlier.directory, self.spec, manifest, earlier.lock, end=earlier.history.end, sync=sync
        )
        self._keep_values_in(earlier.directory, sync=sync)

    def run(self, cancel: CancelToken | None, on_progress: OnProgress | None, grace_s: float = GRACE_S) -> RunResult:
        """Run all stages and close the record."""
        if self.observers and self.record is None:
            self.secrets = secrets_of(self.plan, self.types_of)
        emitter = self._emitter()
        sink: EventSink = HidingSink(emitter, self.secrets) if self.secrets else emitter
        state = Progress(self._context(emitter))
        cancellation = Cancellation(cancel, grace_s, state, complain)
        services = RunServices(
            seed=self.seed,
            sink=sink,
            artifacts=self.record.directory.artifacts if self.record else scratch_directory(),
            cancel=cancellation,
            grace_s=grace_s,
            progress=on_progress,
            plan=self.plan,
            record=lambda: self._manifest_now(state),
            hide=self._hiding(),
            check_reference=self.check_reference,
        )
        keep = None if self.states is None else self.states.of_stage
        cache = self._cache(sink)
        if cache is None:
            runner = Runner(services, StageAdditions(sink, self._run_dir, keep), self.began)
        else:
            from crucible_core.runs.cache.cached_additions import CachedAdditions

            additions = CachedAdditions(sink, self._run_dir, keep, cache)
            runner = Runner(services, additions, self.began, cache.reuse, cache.reusable)
        try:
            with cancellation:
                self._from_start_to_stop(sink, runner, state)
        finally:
            if cache is not None:
                cache.close()
            if self.record is not None:
                self.record.close()
        return self._result(state, services)

    def _hiding(self) -> Callable[[str], str] | None:
        if self.record is None and not self.observers:
            return SecretsWhenAsked(lambda: secrets_of(self.plan, self.types_of))
        return self.secrets.hidden_text if self.secrets else None

    def _cache(self, sink: EventSink) -> RunCache | None:
        """Return the cache, where this run uses it and has a stage that may be in it."""
        described = (planned.description for planned in self.plan.stages)
        if not (self.caches and self.record and any(about.traits.cacheable for about in described if about)):
            return None
        from crucible_core.runs.cache.run_cache import RunCache

        return RunCache(self.plan, self.record.directory, self.seed, self.codecs, self.secrets, sink)

    def _look_for_secrets(self) -> None:
        self.secrets = secrets_of(self.plan, self.types_of)
        self.spec = self.secrets.hidden(recorded_spec(self.plan, self.types_of))

    def _keep_values_in(self, directory: RunDirectory, *, sync: bool) -> None:
        from functools import partial

        from crucible_core.runs.resuming.run_values import run_values

        make = partial(run_values, directory, self.codecs, self.secrets, sync=sync)
        self.states = StageStates(self.plan, make, self.secrets)

    def _emitter(self) -> Emitter:
        lines = self.resumption.earlier.history.lines if self.resumption else 0
        ids = (self.run_id, self.plan.experiment.id)
        return Emitter(*ids, self.record, self.observers, complain, first_seq=lines + 1)

    @property
    def _run_dir(self) -> Path | None:
        return self.record.directory.path if self.record else None

    def _context(self, emitter: Emitter) -> Context:
        return Context(
            experiment_id=self.plan.experiment.id,
            run_id=self.run_id,
            experiment=self.plan.experiment,
            outputs=self.rows,
            assigns=self.assigns,
            trace=emitter.reasoning,
            telemetry_context=self.telemetry_context,
        )

    def _result(self, state: Progress, services: RunServices) -> RunResult:
        assert services.artifacts is not None
        return RunResult(
            status=state.status,
            context=state.context,
            failure=self._shown(state.failure),
            timings=tuple(state.timings),
            run_dir=self._run_dir,
            duration=perf_counter() - self.began,
            artifacts=services.artifacts,
        )

    def _from_start_to_stop(self, sink: EventSink, runner: Runner, state: Progress) -> None:
        try:
            self._until_cancelled(sink, runner, state)
            closed_by_gate(state, state.context.verdicts)
            sink.emit("run_stop", None, self._ending(state))
        except RecordError as error:
            state.status, state.failure = "failed", Failure(None, "record_failed", str(error))

    def _until_cancelled(self, sink: EventSink, runner: Runner, state: Progress) -> None:
        """Run the stages and judge; an interrupt outside a stage ends the run as one inside a stage does."""
        try:
            self._start(sink)
            self._report_notes(sink)
            self._run_stages(sink, runner, state)
            for verdict in target_verdicts(state.context) if state.status == "succeeded" else ():
                state.context = state.context.put_verdict(verdict)
                sink.emit("verdict", None, verdict.to_dict())
        except (KeyboardInterrupt, SystemExit) as error:
            self._cancel(sink, state, error)

    def _run_stages(self, sink: EventSink, runner: Runner, state: Progress) -> None:
        if self.resumption is None:
            runner.run(self.plan.stages, state)
            return
        from crucible_core.runs.resuming.going_on import GoingOn

        assert self.states is not None
        GoingOn(self.resumption, self.states, runner, sink, lambda: self._start(sink)).run(state)

    def _cancel(self, sink: EventSink, state: Progress, error: KeyboardInterrupt | SystemExit) -> None:
        """End the attempt that was interrupted; which one, if any, is for the journal to say where there is one."""
        current = state.current
        if self.record is not None:
            if not self.record.lines():
                self._start(sink)  # the interrupt came first; without its beginning a journal tells nothing
            current = self.record.open_stage()
        state.status, state.failure = "cancelled", cancelled(error, current)
        if current is not None:
            ending = {**state.failure.to_dict(), "duration_s": 0.0, "will_retry_in_s": None}
            sink.emit("stage_error", current, ending, state.attempt)

    def _start(self, sink: EventSink) -> None:
        if not sink.listening:
            return
        payload = {"resumed": self.resumption is not None, "manifest": self._beginning()}
        if self.states is not None:
            payload |= {"spec": self.spec, "state": self._given(self.states)}
        if self.resumption is not None:
            payload["kept"] = self.resumption.kept
        sink.emit("run_start", None, payload)

    def _given(self, states: StageStates) -> Mapping[str, Any]:
        """Return what the run was given, to be kept: what an earlier process kept stands."""
        kept = {} if self.resumption is None else self.resumption.earlier.given
        if is_whole(kept) and kept:
            return kept
        return states.given(self.assigns, self.rows)

    def _report_notes(self, sink: EventSink) -> None:
        for note in self.plan.notes:
            message, fields = self.secrets.hidden(str(note)), self.secrets.hidden(note.to_dict())
            complain(message)
            attempt = None if note.stage is None else 1
            sink.emit("log", note.stage, {"level": "warning", "message": message, "fields": fields}, attempt)

    def _ending(self, state: Progress) -> dict[str, Any]:
        return {
            "status": state.status,
            "duration_s": round(perf_counter() - self.began, 6),
            "failure": state.failure.to_dict() if state.failure else None,
            "quality_targets": reached_targets(state.context),
            "git": self.record.git.facts(wait=True) if self.record else None,
        }

    def _shown(self, failure: Failure | None) -> Failure | None:
        """Return why the run failed without the secrets that a message or traceback may quote."""
        if failure is None or not self.secrets:
            return failure
        return Failure(**self.secrets.hidden(failure.to_dict()))

    def _identity(self) -> dict[str, Any]:
        """Return what only the run knows of itself."""
        from crucible_core import __version__

        return {
            "crucible_version": __version__,
            "run_id": self.run_id,
            "seed": self.seed,
            "created_at": utc_now(),
            "telemetry_context": self.telemetry_context,
            "cache": self.caches,
            **self.origin,
        }

    def _beginning(self) -> dict[str, Any]:
        """Return the manifest as it is before anything happened; recorded or not, made once."""
        if self.record is not None:
            return dict(self.record.fold.manifest)  # a copy: run_start is about the state before it
        if not self.manifest:
            self.manifest = initial_manifest(self.plan, self._identity())
        return self.manifest

    def _manifest_now(self, state: Progress) -> Mapping[str, Any]:
        """Return what the manifest would say now, as JSON values; made from memory where nothing is recorded."""
        manifest: Mapping[str, Any]
        if self.record is not None:
            manifest = {**self.record.fold.manifest, "git": self.record.git.facts(wait=True)}
        else:
            manifest = unrecorded_manifest(self._beginning(), state.context, state.timings)
        now: dict[str, Any] = as_record(manifest)  # a copy: a stage cannot change the record
        return now


def complain(message: str) -> None:
    """Tell a person what a run cannot say in its result."""
    with contextlib.suppress(AttributeError, OSError):  # stderr may be closed
        sys.stderr.write(f"crucible: {message}\n")
