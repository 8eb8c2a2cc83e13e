"""The one place where plan, runner, events and record meet."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any

from crucible_core.contract.context import Context
from crucible_core.contract.runtime import RunServices
from crucible_core.ir.errors import CrucibleError
from crucible_core.pipeline.options import OptionMode
from crucible_core.pipeline.plan import Plan, make_plan
from crucible_core.pipeline.quality import reached_targets, target_verdicts
from crucible_core.pipeline.result import Failure, RunResult
from crucible_core.pipeline.runner import Progress, RecordError, Runner, cancelled, closed_by_gate
from crucible_core.runs.additions import StageAdditions
from crucible_core.runs.directory import DEFAULT_OUTPUT_DIR, check_run_id, create_run_directory, new_run_id
from crucible_core.runs.manifest import initial_manifest, unrecorded_manifest
from crucible_core.runs.record import RunRecord, scratch_directory
from crucible_core.trace.emitter import Emitter, Observer

if TYPE_CHECKING:
    from crucible_core.contract.runtime import CancelToken
    from crucible_core.ir import Experiment, SpecDocument
    from crucible_core.plugins.registry import Registry


def plan(
    experiment: Experiment | Mapping[str, Any] | str | os.PathLike[str],
    *,
    assigns: Iterable[str] = (),
    outputs: bool = False,
    validate_options: str = "error",
    registry: Registry | None = None,
    overrides: Mapping[str, Mapping[str, Any]] | None = None,
) -> Plan:
    """Check everything an experiment asks for, and run nothing.

    Args:
        experiment: An experiment, a mapping of its fields, or the path of a spec file.
        assigns: Names of the values that will be given in ``assigns``.
        outputs: Whether rows of ``outputs`` will be given.
        validate_options: ``error``, ``warn`` (report and go on) or ``off``.
        registry: Where stages are found; the installed plugins by default.
        overrides: Stage id to options that win over those of the experiment.

    Raises:
        SpecError: The experiment cannot be read.
        PlanError: It cannot run; every reason is listed.
    """
    from crucible_core.plugins.registry import default_registry

    loaded, document = _load(experiment, overrides or {})
    given = [f"assigns.{name}" for name in assigns] + (["outputs"] if outputs else [])
    mode = OptionMode(validate_options)
    return make_plan(loaded, registry or default_registry(), document=document, given=given, mode=mode)


def run(
    experiment: Experiment | Mapping[str, Any] | str | os.PathLike[str],
    *,
    run_id: str | None = None,
    output_dir: str | os.PathLike[str] | None = None,
    assigns: Mapping[str, Any] | None = None,
    outputs: Iterable[Mapping[str, Any]] = (),
    seed: int | None = None,
    validate_options: str = "error",
    persist: bool = True,
    resume: str | None = None,
    cancel: CancelToken | None = None,
    telemetry_context: Mapping[str, Any] | None = None,
    observers: Iterable[Observer] = (),
    progress: Callable[[str, float, float | None], None] | None = None,
    overrides: Mapping[str, Mapping[str, Any]] | None = None,
    registry: Registry | None = None,
    sync: bool = False,
) -> RunResult:
    """Run an experiment.

    Args:
        experiment: An experiment, a mapping of its fields, or the path of a spec file.
        run_id: Id of the run; made from time and chance when not given.
        output_dir: Where run directories are made; ``artifacts/crucible`` by default.
        assigns: Values that are in the context's ``assigns`` from the start.
        outputs: Rows that are in the context's ``outputs`` from the start.
        seed: Seed of every random draw; 0 when not given, so that the same experiment gives the same result.
        validate_options: How strictly options are checked: ``error``, ``warn`` (report and go on) or ``off``.
        persist: Whether to record the run in a directory.
        resume: Not there yet; see Raises.
        cancel: Asked between stages, and by stages, whether to stop; a ``threading.Event`` will do.
        telemetry_context: JSON values to keep with the record, such as who started the run.
        observers: Functions that get every event; one that raises is reported once and does not change the run.
        progress: Called with stage id, done and total while stages work.
        overrides: Stage id to options that win over those of the experiment.
        registry: Where stages are found; the installed plugins by default.
        sync: Wait for the disk after every recorded event, so that a power cut loses no completed stage.

    Returns:
        How it ended; also for a run that failed or was cancelled.

    Raises:
        SpecError: The experiment cannot be read; nothing was written.
        PlanError: It cannot run; every reason is listed, nothing was written.
        RunDirectoryError: The run's directory exists or cannot be made.
    """
    if resume is not None:
        raise CrucibleError("resuming a run is not supported yet", hint="run the experiment again under a new run id")
    from crucible_core.plugins.registry import default_registry

    began = perf_counter()
    registry = registry or default_registry()
    assigns, rows = assigns or {}, list(outputs)
    planned = plan(
        experiment,
        assigns=assigns,
        outputs=bool(rows),
        validate_options=validate_options,
        registry=registry,
        overrides=overrides,
    )
    session = _Session(
        plan=planned,
        run_id=check_run_id(run_id or new_run_id()),
        seed=0 if seed is None else seed,
        began=began,
        observers=(*registry.trace_observers(), *_named(observers)),
        telemetry_context=dict(telemetry_context or {}),
    )
    if persist:
        session.record_in(Path(output_dir or DEFAULT_OUTPUT_DIR), sync=sync)
    return session.run(assigns, rows, cancel, progress)


@dataclass
class _Session:
    """One run, from its first event to its last."""

    plan: Plan
    run_id: str
    seed: int
    began: float
    observers: tuple[tuple[str, Observer], ...]
    telemetry_context: Mapping[str, Any]
    record: RunRecord | None = None
    manifest: dict[str, Any] = field(default_factory=dict)

    def record_in(self, output_dir: Path, *, sync: bool) -> None:
        """Make the directory of the run and write its beginning there."""
        directory = create_run_directory(output_dir, self.plan.experiment.id, self.run_id)
        self.record = RunRecord.begin(directory, self.plan, self._identity(), sync=sync)

    def run(
        self,
        assigns: Mapping[str, Any],
        rows: Iterable[Mapping[str, Any]],
        cancel: CancelToken | None,
        on_progress: Callable[[str, float, float | None], None] | None,
    ) -> RunResult:
        """Run all stages and close the record."""
        emitter = Emitter(self.run_id, self.plan.experiment.id, self.record, self.observers, _complain)
        artifacts = self.record.directory.artifacts if self.record else scratch_directory()
        services = RunServices(
            seed=self.seed,
            sink=emitter,
            artifacts=artifacts,
            cancel=cancel,
            progress=on_progress,
            plan=self.plan,
            record=lambda: self._manifest_now(state),
        )
        context = Context(
            experiment_id=self.plan.experiment.id,
            run_id=self.run_id,
            experiment=self.plan.experiment,
            outputs=rows,
            assigns=assigns,
            trace=emitter.reasoning,
            telemetry_context=self.telemetry_context,
        )
        state = Progress(context)
        run_dir = self.record.directory.path if self.record else None
        try:
            self._stages(emitter, Runner(services, StageAdditions(emitter, run_dir), self.began), state)
        finally:
            if self.record is not None:
                self.record.close()
        duration = perf_counter() - self.began
        timings = tuple(state.timings)
        return RunResult(state.status, state.context, state.failure, timings, run_dir, duration, artifacts)

    def _stages(self, emitter: Emitter, runner: Runner, state: Progress) -> None:
        try:
            beginning = self.record.fold.manifest if self.record else {}
            emitter.emit("run_start", None, {"resumed": False, "manifest": beginning})
            self._report_notes(emitter)
            self._until_cancelled(emitter, runner, state)
            for verdict in target_verdicts(state.context) if state.status == "succeeded" else ():
                state.context = state.context.put_verdict(verdict)
                emitter.emit("verdict", None, verdict.to_dict())
            closed_by_gate(state, state.context.verdicts)
            emitter.emit("run_stop", None, self._ending(state))
        except RecordError as error:
            state.status, state.failure = "failed", Failure(None, "record_failed", str(error))

    def _until_cancelled(self, emitter: Emitter, runner: Runner, state: Progress) -> None:
        """Run the stages; an interrupt that comes between two of them ends the run as one inside a stage does."""
        try:
            runner.run(self.plan.stages, state)
        except (KeyboardInterrupt, SystemExit) as error:
            state.status, state.failure = "cancelled", cancelled(error, state.current)
            if state.current is not None:
                emitter.emit("stage_error", state.current, {**state.failure.to_dict(), "duration_s": 0.0}, 1)

    def _report_notes(self, emitter: Emitter) -> None:
        for note in self.plan.notes:
            _complain(str(note))
            emitter.emit("log", note.stage, {"level": "warning", "message": str(note), "fields": note.to_dict()}, 1)

    def _ending(self, state: Progress) -> dict[str, Any]:
        return {
            "status": state.status,
            "duration_s": round(perf_counter() - self.began, 6),
            "failure": state.failure.to_dict() if state.failure else None,
            "quality_targets": reached_targets(state.context),
            "git": self.record.git.facts(wait=True) if self.record else None,
        }

    def _identity(self) -> dict[str, Any]:
        from crucible_core import __version__

        return {
            "crucible_version": __version__,
            "run_id": self.run_id,
            "seed": self.seed,
            "created_at": datetime.now(UTC).isoformat(timespec="microseconds"),
            "telemetry_context": self.telemetry_context,
        }

    def _manifest_now(self, state: Progress) -> Mapping[str, Any]:
        """Return what the manifest would say now; made from memory where nothing is recorded."""
        if self.record is not None:
            return self.record.fold.manifest
        if not self.manifest:
            self.manifest = initial_manifest(self.plan, self._identity())
        return unrecorded_manifest(self.manifest, state.context, state.timings)


def _load(
    experiment: Experiment | Mapping[str, Any] | str | os.PathLike[str], overrides: Mapping[str, Mapping[str, Any]]
) -> tuple[Experiment, SpecDocument | None]:
    from crucible_core.ir import Experiment as ExperimentType
    from crucible_core.ir import load_experiment

    if isinstance(experiment, ExperimentType):
        loaded, document = experiment, None
    else:
        loaded, document = load_experiment(experiment)
    return (loaded, document) if not overrides else (_overridden(loaded, overrides), document)


def _overridden(experiment: Experiment, overrides: Mapping[str, Mapping[str, Any]]) -> Experiment:
    """Return the experiment with these options over its own.

    Raises:
        CrucibleError: An override names a stage that is not there.
    """
    ids = [definition.id for definition in experiment.pipeline]
    for name in overrides:
        if name not in ids:
            raise CrucibleError(f"no stage {name!r} to override; the stages are: {', '.join(ids)}")
    pipeline = [
        definition.model_copy(
            update={"options": type(definition.options)({**definition.options, **overrides[definition.id]})}
        )
        if definition.id in overrides
        else definition
        for definition in experiment.pipeline
    ]
    return experiment.model_copy(update={"pipeline": tuple(pipeline)})


def _named(observers: Iterable[Observer]) -> Iterable[tuple[str, Observer]]:
    for observer in observers:
        yield getattr(observer, "__qualname__", type(observer).__qualname__), observer


def _complain(message: str) -> None:
    sys.stderr.write(f"crucible: {message}\n")
