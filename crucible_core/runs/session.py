"""One run, from its first event to its last."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any

from crucible_core.contract.context import Context
from crucible_core.contract.json_values import as_record
from crucible_core.contract.runtime import RunServices
from crucible_core.pipeline.quality import reached_targets, target_verdicts
from crucible_core.pipeline.result import Failure, RunResult
from crucible_core.pipeline.runner import Progress, RecordError, Runner, cancelled, closed_by_gate
from crucible_core.runs.additions import StageAdditions
from crucible_core.runs.directory import create_run_directory
from crucible_core.runs.manifest import initial_manifest, unrecorded_manifest
from crucible_core.runs.record import RunRecord
from crucible_core.runs.scratch import scratch_directory
from crucible_core.runs.secret_values import HidingSink, SecretValues, secrets_of
from crucible_core.runs.spec import recorded_spec
from crucible_core.trace.emitter import Emitter, Observer

if TYPE_CHECKING:
    from crucible_core.contract.runtime import CancelToken, EventSink
    from crucible_core.pipeline.plan import Plan
    from crucible_core.runs.secret_values import OptionTypes

OnProgress = Callable[[str, float, float | None], None]


@dataclass
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
        origin: How the run was asked for, as its manifest says it.
    """

    plan: Plan
    run_id: str
    seed: int
    began: float
    observers: tuple[tuple[str, Observer], ...]
    telemetry_context: Mapping[str, Any]
    types_of: OptionTypes
    origin: Mapping[str, Any] = field(default_factory=dict)
    record: RunRecord | None = None
    secrets: SecretValues = field(default_factory=lambda: SecretValues(()))
    manifest: dict[str, Any] = field(default_factory=dict)

    def record_in(self, output_dir: Path, *, sync: bool) -> None:
        """Make the directory of the run and write its beginning there.

        Raises:
            RunDirectoryError: It is there already, or cannot be written; nothing of this run is left then.
        """
        self.secrets = secrets_of(self.plan, self.types_of)
        spec = self.secrets.hidden(recorded_spec(self.plan, self.types_of))
        manifest = self.secrets.hidden(self._beginning())
        directory = create_run_directory(output_dir, self.plan.experiment.id, self.run_id)
        self.record = RunRecord.begin(directory, spec, manifest, sync=sync)

    def run(
        self,
        assigns: Mapping[str, Any],
        rows: Iterable[Mapping[str, Any]],
        cancel: CancelToken | None,
        on_progress: OnProgress | None,
    ) -> RunResult:
        """Run all stages and close the record."""
        if self.observers and self.record is None:
            self.secrets = secrets_of(self.plan, self.types_of)
        emitter = Emitter(self.run_id, self.plan.experiment.id, self.record, self.observers, complain)
        sink: EventSink = HidingSink(emitter, self.secrets) if self.secrets else emitter
        state = Progress(self._context(assigns, rows, emitter))
        services = RunServices(
            seed=self.seed,
            sink=sink,
            artifacts=self.record.directory.artifacts if self.record else scratch_directory(),
            cancel=cancel,
            progress=on_progress,
            plan=self.plan,
            record=lambda: self._manifest_now(state),
        )
        runner = Runner(services, StageAdditions(sink, self._run_dir), self.began)
        try:
            self._from_start_to_stop(sink, runner, state)
        finally:
            if self.record is not None:
                self.record.close()
        return self._result(state, services)

    @property
    def _run_dir(self) -> Path | None:
        return self.record.directory.path if self.record else None

    def _context(self, assigns: Mapping[str, Any], rows: Iterable[Mapping[str, Any]], emitter: Emitter) -> Context:
        return Context(
            experiment_id=self.plan.experiment.id,
            run_id=self.run_id,
            experiment=self.plan.experiment,
            outputs=rows,
            assigns=assigns,
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
            runner.run(self.plan.stages, state)
            for verdict in target_verdicts(state.context) if state.status == "succeeded" else ():
                state.context = state.context.put_verdict(verdict)
                sink.emit("verdict", None, verdict.to_dict())
        except (KeyboardInterrupt, SystemExit) as error:
            self._cancel(sink, state, error)

    def _cancel(self, sink: EventSink, state: Progress, error: KeyboardInterrupt | SystemExit) -> None:
        """End the attempt that was interrupted; which one, if any, is for the journal to say where there is one."""
        current = state.current
        if self.record is not None:
            if not self.record.lines():
                self._start(sink)  # the interrupt came first; without its beginning a journal tells nothing
            current = self.record.open_stage()
        state.status, state.failure = "cancelled", cancelled(error, current)
        if current is not None:
            sink.emit("stage_error", current, {**state.failure.to_dict(), "duration_s": 0.0}, 1)

    def _start(self, sink: EventSink) -> None:
        if sink.listening:
            sink.emit("run_start", None, {"resumed": False, "manifest": self._beginning()})

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

    def _beginning(self) -> dict[str, Any]:
        """Return the manifest as it is before anything happened; recorded or not, made once."""
        from crucible_core import __version__

        if self.record is not None:
            return dict(self.record.fold.manifest)  # a copy: run_start is about the state before it
        if not self.manifest:
            identity = {
                "crucible_version": __version__,
                "run_id": self.run_id,
                "seed": self.seed,
                "created_at": datetime.now(UTC).isoformat(timespec="microseconds"),
                "telemetry_context": self.telemetry_context,
                **self.origin,
            }
            self.manifest = initial_manifest(self.plan, identity)
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
