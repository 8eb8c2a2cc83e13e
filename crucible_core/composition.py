"""The one place where plan, runner, events and record meet."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any

from crucible_core.garbage import collection_paused
from crucible_core.ir.errors import CrucibleError
from crucible_core.ir.frozen import freeze_mapping
from crucible_core.pipeline.options import OptionMode
from crucible_core.pipeline.planning import make_plan
from crucible_core.runs.directory import DEFAULT_OUTPUT_DIR, check_run_id, new_run_id
from crucible_core.runs.index.settings import configured_index
from crucible_core.runs.origin import RunOrigin, origin_record
from crucible_core.runs.secret_values import option_types
from crucible_core.runs.session import RunSession, complain

if TYPE_CHECKING:
    from crucible_core.contract.runtime import CancelToken
    from crucible_core.ir import Experiment, SpecDocument
    from crucible_core.pipeline.plan import Plan
    from crucible_core.pipeline.result import RunResult
    from crucible_core.plugins.registry import Registry
    from crucible_core.runs.index.pusher import IndexPusher
    from crucible_core.trace.emitter import Observer


@collection_paused()
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
    from crucible_core.ir import SpecError, parse_experiment
    from crucible_core.plugins.registry import default_registry

    planned = partial(
        _planned,
        registry=registry or default_registry(),
        given=[f"assigns.{name}" for name in assigns] + (["outputs"] if outputs else []),
        mode=_mode(validate_options),
        overrides=overrides or {},
    )
    document = _document(experiment)
    if document is None:
        assert not isinstance(experiment, (str, os.PathLike, Mapping))
        return planned(experiment, None)
    try:
        return planned(parse_experiment(document), document)
    except SpecError as error:
        from crucible_core.pipeline.unreadable import with_plan_problems

        raise with_plan_problems(error, document, planned) from None


def _planned(
    experiment: Experiment,
    document: SpecDocument | None,
    *,
    registry: Registry,
    given: Iterable[str],
    mode: OptionMode,
    overrides: Mapping[str, Mapping[str, Any]],
) -> Plan:
    changed = _overridden(experiment, overrides) if overrides else experiment
    overridden = frozenset((stage, option) for stage, options in overrides.items() for option in options)
    return make_plan(changed, registry, document=document, given=given, mode=mode, overridden=overridden)


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
    origin: RunOrigin | None = None,
    index: str | None = None,
) -> RunResult:
    """Run an experiment.

    Args:
        experiment: An experiment, a mapping of its fields, or the path of a spec file.
        run_id: Id of the run; made from time and chance when not given.
        output_dir: Where run directories are made; ``artifacts/crucible`` by default.
        assigns: Values that are in the context's ``assigns`` from the start.
        outputs: Rows that are in the context's ``outputs`` from the start.
        seed: Seed of every random draw, from 0 on; 0 when not given, so that the same experiment gives the same result.
        validate_options: How strictly options are checked: ``error``, ``warn`` (report and go on) or ``off``.
        persist: Whether to record the run in a directory.
        resume: Has to be None; resuming a run comes with a later version.
        cancel: Asked between stages, and by stages, whether to stop; a ``threading.Event`` will do.
        telemetry_context: JSON values to keep with the record, such as who started the run.
        observers: Functions that get every event; one that raises is reported once and does not change the run.
        progress: Called with stage id, done and total while stages work.
        overrides: Stage id to options that win over those of the experiment.
        registry: Where stages are found; the installed plugins by default.
        sync: Wait for the disk after every stage, so that a power cut loses none that is completed.
        origin: The command line and the files that this call stands for, to be recorded.
        index: URL of a shared index that the run is pushed to while it progresses; when not given, the one that the
            settings name; empty for none. An index that cannot be reached never slows or changes a run.

    Returns:
        How it ended; also for a run that failed or was cancelled.

    Raises:
        SpecError: The experiment cannot be read; nothing was written.
        PlanError: It cannot run; every reason is listed, nothing was written.
        RunDirectoryError: The run id cannot name a directory, or the directory exists or cannot be written.
        CrucibleError: An argument is none of the values that its description allows.
        RunIndexError: The index is none, or what it takes is not installed.
    """
    if resume is not None:
        raise CrucibleError("resuming a run is not supported yet", hint="run the experiment again under a new run id")
    from crucible_core.plugins.registry import default_registry

    began = perf_counter()
    registry = registry or default_registry()
    assigns, rows, observers = assigns or {}, list(outputs), list(observers)
    _check_values(assigns, rows, telemetry_context or {}, observers, cancel)
    planned = plan(
        experiment,
        assigns=assigns,
        outputs=bool(rows),
        validate_options=validate_options,
        registry=registry,
        overrides=overrides,
    )
    pusher = _pusher(index, persist=persist)
    session = RunSession(
        plan=planned,
        run_id=check_run_id(new_run_id() if run_id is None else run_id),
        seed=_checked_seed(seed),
        began=began,
        observers=(*registry.trace_observers(), *_named(observers), *([("index", pusher)] if pusher else [])),
        telemetry_context=dict(telemetry_context or {}),
        types_of=option_types(registry),
        origin=origin_record(origin or RunOrigin(), assigns, rows, overrides or {}),
    )
    if persist:
        session.record_in(Path(DEFAULT_OUTPUT_DIR if output_dir is None else output_dir), sync=sync)
    try:
        return session.run(assigns, rows, cancel, progress)
    finally:
        if pusher is not None:
            pusher.close()


def _pusher(index: str | None, *, persist: bool) -> IndexPusher | None:
    """Return what pushes a run to the shared index it is to be in; None where it is to be in none."""
    if index and not persist:
        raise CrucibleError("index: a run that is not recorded cannot be in an index", hint="leave persist as it is")
    url = index if index is not None or not persist else configured_index()
    if not url:
        return None
    from crucible_core.runs.index.pusher import IndexPusher
    from crucible_core.runs.index.shared import check_shared

    check_shared(url)
    return IndexPusher(url, complain)


def _mode(name: str) -> OptionMode:
    if name not in list(OptionMode):
        raise CrucibleError(f"validate_options {name!r}: choose one of {', '.join(OptionMode)}")
    return OptionMode(name)


def _check_values(assigns: Any, rows: list[Any], facts: Any, observers: list[Any], cancel: Any) -> None:
    """Refuse, before anything is written, values that no run can begin with."""
    for name, value in (("assigns", assigns), ("telemetry_context", facts)):
        if not isinstance(value, Mapping) or not all(isinstance(key, str) for key in value):
            raise CrucibleError(f"{name}: give a mapping with names as keys, got {value!r:.60}")
    for index, row in enumerate(rows):
        if not isinstance(row, Mapping):
            raise CrucibleError(f"outputs[{index}]: give a mapping from field names to values, got {row!r:.60}")
    for index, observer in enumerate(observers):
        if not callable(observer):
            raise CrucibleError(f"observers[{index}]: give a function of one event, got {observer!r:.60}")
    if cancel is not None and not callable(getattr(cancel, "is_set", None)):
        raise CrucibleError(f"cancel: give something with is_set(), such as a threading.Event, got {cancel!r:.60}")


def _checked_seed(seed: int | None) -> int:
    if seed is None:
        return 0
    if isinstance(seed, bool) or not isinstance(seed, int) or seed < 0:
        raise CrucibleError(f"seed {seed!r}: give an integer from 0 on")
    return seed


def _document(experiment: Experiment | Mapping[str, Any] | str | os.PathLike[str]) -> SpecDocument | None:
    """Return what an experiment is to be read from; None for one that is read already."""
    from crucible_core.ir import SpecDocument, read_spec

    if isinstance(experiment, Mapping):
        return SpecDocument(None, dict(experiment))
    return read_spec(experiment) if isinstance(experiment, (str, os.PathLike)) else None


def _overridden(experiment: Experiment, overrides: Mapping[str, Mapping[str, Any]]) -> Experiment:
    """Return the experiment with these options over its own.

    Raises:
        CrucibleError: An override names a stage that is not there.
    """
    ids = [definition.id for definition in experiment.pipeline]
    for name in overrides:
        if name not in ids:
            raise CrucibleError(f"no stage {name!r} whose options could be overridden; there are: {', '.join(ids)}")
    pipeline = [
        definition.model_copy(update={"options": freeze_mapping({**definition.options, **overrides[definition.id]})})
        if definition.id in overrides
        else definition
        for definition in experiment.pipeline
    ]
    return experiment.model_copy(update={"pipeline": tuple(pipeline)})


def _named(observers: Iterable[Observer]) -> Iterator[tuple[str, Observer]]:
    for observer in observers:
        yield getattr(observer, "__qualname__", type(observer).__qualname__), observer
