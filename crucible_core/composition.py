"""The one place where plan, runner, events and record meet."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any, NamedTuple

from crucible_core.garbage import collection_paused
from crucible_core.ir.errors import CrucibleError, path_text
from crucible_core.ir.frozen import freeze_options
from crucible_core.pipeline.planning import make_plan
from crucible_core.pipeline.termination import GRACE_S
from crucible_core.runs.arguments import check_given, check_grace, checked_seed, option_mode, waits_for_the_disk
from crucible_core.runs.directory import DEFAULT_OUTPUT_DIR, check_run_id, new_run_id
from crucible_core.runs.index.settings import configured_index
from crucible_core.runs.origin import RunOrigin, origin_record
from crucible_core.runs.secret_values import option_types
from crucible_core.runs.session import RunSession, complain

if TYPE_CHECKING:
    from crucible_core.contract.runtime import CancelToken
    from crucible_core.ir import Experiment, SpecDocument, StageDef
    from crucible_core.pipeline.options import OptionMode
    from crucible_core.pipeline.plan import Plan
    from crucible_core.pipeline.result import RunResult
    from crucible_core.plugins.registry import Registry
    from crucible_core.runs.resuming.resumption import Resumption
    from crucible_core.runs.resuming.taking_up import TakingUp
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
        mode=option_mode(validate_options),
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
    experiment: Experiment | Mapping[str, Any] | str | os.PathLike[str] | None = None,
    *,
    run_id: str | None = None,
    output_dir: str | os.PathLike[str] | None = None,
    assigns: Mapping[str, Any] | None = None,
    outputs: Iterable[Mapping[str, Any]] = (),
    seed: int | None = None,
    validate_options: str = "error",
    persist: bool = True,
    resume: str | os.PathLike[str] | None = None,
    from_changed: bool = False,
    take_over: bool = False,
    cancel: CancelToken | None = None,
    grace_s: float = GRACE_S,
    telemetry_context: Mapping[str, Any] | None = None,
    observers: Iterable[Observer] = (),
    progress: Callable[[str, float, float | None], None] | None = None,
    overrides: Mapping[str, Mapping[str, Any]] | None = None,
    registry: Registry | None = None,
    durability: str = "process",
    cache: bool = True,
    origin: RunOrigin | None = None,
    index: str | None = None,
) -> RunResult:
    """Run an experiment, or go on with a run that did not come to its end.

    Args:
        experiment: An experiment, a mapping of its fields, or the path of a spec file; with `resume` it may be left
            out: that which the run began with is taken, from its file where that still is.
        run_id: Id of the run; made from time and chance when not given.
        output_dir: Where run directories are made; ``artifacts/crucible`` by default.
        assigns: Values that are in the context's ``assigns`` from the start.
        outputs: Rows that are in the context's ``outputs`` from the start.
        seed: Seed of every random draw, from 0 on; 0 when not given, so that the same experiment gives the same result.
        validate_options: How strictly options are checked: ``error``, ``warn`` (report and go on) or ``off``.
        persist: Whether to record the run in a directory.
        resume: The run to go on with: its directory, its id, or the beginning of that. Options, seed and values that
            it was given need not be given again.
        from_changed: With `resume`: run again from the first stage that is not as recorded, instead of refusing.
        take_over: With `resume`: go on also where a process on another host may still be at it.
        cancel: Asked between stages, and by stages, whether to stop; a ``threading.Event`` will do.
        grace_s: Seconds that the running stage has to end by itself after Ctrl-C, SIGTERM or ``cancel``; a second
            Ctrl-C ends it at once.
        telemetry_context: JSON values to keep with the record, such as who started the run.
        observers: Functions that get every event; one that raises is reported once and does not change the run.
        progress: Called with stage id, done and total while stages work.
        overrides: Stage id to options that win over those of the experiment.
        registry: Where stages are found; the installed plugins by default.
        durability: What a completed stage survives: ``process`` (the end of this process, whatever ends it; nothing
            waits for the disk) or ``power`` (a power cut, too: every stage waits for the disk).
        cache: Whether results of cacheable stages are looked for, and kept, beside the runs.
        origin: The command line and the files that this call stands for, to be recorded.
        index: URL of a shared index that the run is pushed to while it progresses; when not given, the one that the
            settings name; empty for none. An index that cannot be reached never slows or changes a run.

    Returns:
        How it ended; also for a run that failed or was cancelled.

    Raises:
        SpecError: The experiment cannot be read; nothing was written.
        PlanError: It cannot run; every reason is listed, nothing was written.
        RunDirectoryError: The run id cannot name a directory, or the directory exists or cannot be written; or the run
            cannot go on: it is done, another process is at it, its experiment changed, or its record is damaged.
        CrucibleError: An argument is none of the values that its description allows.
        RunIndexError: The index is none, or what it takes is not installed.
    """
    from crucible_core.plugins.registry import default_registry

    began = perf_counter()
    registry = registry or default_registry()
    assigns, rows, observers, overrides = assigns or {}, list(outputs), list(observers), overrides or {}
    check_given(assigns, rows, telemetry_context or {}, observers, cancel)
    check_grace(grace_s)
    sync = waits_for_the_disk(durability)
    followed = _following(index, persist=persist)
    session = partial(
        RunSession,
        began=began,
        observers=(*registry.trace_observers(), *_named(observers)),
        telemetry_context=dict(telemetry_context or {}),
        types_of=option_types(registry),
        codecs=registry.codecs,
        check_reference=registry.check_reference,
        caches=cache and persist,
    )
    planned = partial(plan, validate_options=validate_options, registry=registry)
    given = _Given(checked_seed(seed), assigns, rows, overrides, origin or RunOrigin())
    where = None if output_dir is None else Path(output_dir)
    if resume is None:
        ready = _new_session(session, planned, experiment, run_id, given)
        if persist:
            ready.record_in(where or DEFAULT_OUTPUT_DIR, sync=sync)
        with followed(ready):
            return ready.run(cancel, progress, grace_s)
    if not persist or run_id is not None:
        raise CrucibleError("a run that goes on keeps its id and its record: leave out run_id, and persist=False")
    from crucible_core.runs.resuming.earlier_run import EarlierRun
    from crucible_core.runs.resuming.taking_up import TakingUp

    with EarlierRun.open(resume, where, take_over=take_over) as earlier:
        taking_up = TakingUp(earlier, registry.codecs, option_types(registry), from_changed)
        ready, resumption = _resumed_session(taking_up, session, planned, experiment, given)
        ready.go_on_with(resumption, sync=sync)
        with followed(ready):
            return ready.run(cancel, progress, grace_s)


def _following(index: str | None, *, persist: bool) -> Callable[[RunSession], AbstractContextManager[None]]:
    """Return what has a run pushed, while it goes on, to the shared index it is to be in."""
    if index and not persist:
        raise CrucibleError("index: a run that is not recorded cannot be in an index", hint="leave persist as it is")
    url = index if index is not None or not persist else configured_index()
    if not url:
        return lambda _: nullcontext()
    from crucible_core.runs.index.followers import following
    from crucible_core.runs.index.shared import check_shared

    check_shared(url)

    def follow(session: RunSession) -> AbstractContextManager[None]:
        assert session.record is not None
        return following(url, session.record.directory.path, complain)

    return follow


class _Given(NamedTuple):
    """What a run is given besides its experiment."""

    seed: int | None
    assigns: Mapping[str, Any]
    rows: list[Mapping[str, Any]]
    overrides: Mapping[str, Mapping[str, Any]]
    origin: RunOrigin


def _new_session(
    session: Callable[..., RunSession],
    planned: Callable[..., Plan],
    experiment: Experiment | Mapping[str, Any] | str | os.PathLike[str] | None,
    run_id: str | None,
    given: _Given,
) -> RunSession:
    if experiment is None:
        raise CrucibleError("give an experiment, or a run to resume")
    return session(
        plan=planned(experiment, assigns=given.assigns, outputs=bool(given.rows), overrides=given.overrides),
        run_id=check_run_id(new_run_id() if run_id is None else run_id),
        seed=given.seed or 0,
        assigns=given.assigns,
        rows=given.rows,
        origin=origin_record(given.origin, given.assigns, given.rows, given.overrides),
    )


def _resumed_session(
    taking_up: TakingUp,
    session: Callable[..., RunSession],
    planned: Callable[..., Plan],
    experiment: Experiment | Mapping[str, Any] | str | os.PathLike[str] | None,
    given: _Given,
) -> tuple[RunSession, Resumption]:
    """Return the session that goes on with a run, and how it does."""
    earlier = taking_up.earlier
    overrides = earlier.overrides(given.overrides)
    the_plan = planned(
        earlier.experiment(overrides) if experiment is None else experiment,
        assigns=taking_up.given_names(given.assigns),
        outputs=bool(given.rows) or taking_up.gives_rows,
        overrides=overrides,
    )
    taken = taking_up.go_on(the_plan, given.seed, given.assigns, given.rows)
    made = session(
        plan=the_plan,
        run_id=earlier.run_id,
        seed=earlier.manifest["seed"] if given.seed is None else given.seed,
        assigns=taken.assigns,
        rows=taken.rows,
        origin=origin_record(given.origin, taken.assigns, taken.rows, overrides),
    )
    return made, taken.resumption


def _document(experiment: Experiment | Mapping[str, Any] | str | os.PathLike[str]) -> SpecDocument | None:
    """Return what an experiment is to be read from; None for one that is read already."""
    from crucible_core.ir import SpecDocument, read_spec

    if isinstance(experiment, Mapping):
        return SpecDocument(None, dict(experiment))
    return read_spec(experiment) if isinstance(experiment, (str, os.PathLike)) else None


def _overridden(experiment: Experiment, overrides: Mapping[str, Mapping[str, Any]]) -> Experiment:
    """Return the experiment with these options over its own.

    Raises:
        CrucibleError: An override names a stage that is not there, or has a value that no experiment can have.
    """
    ids = [definition.id for definition in experiment.pipeline]
    for name in overrides:
        if name not in ids:
            raise CrucibleError(f"no stage {name!r} whose options could be overridden; there are: {', '.join(ids)}")
    pipeline = [
        definition.model_copy(update={"options": _frozen_options(definition, overrides[definition.id])})
        if definition.id in overrides
        else definition
        for definition in experiment.pipeline
    ]
    return experiment.model_copy(update={"pipeline": tuple(pipeline)})


def _frozen_options(definition: StageDef, given: Mapping[str, Any]) -> Mapping[str, Any]:
    try:
        return freeze_options({**definition.options, **given})
    except ValueError as error:
        path = path_text((definition.id, *getattr(error, "path", ())))
        raise CrucibleError(f"{path}: {error}") from None


def _named(observers: Iterable[Observer]) -> Iterator[tuple[str, Observer]]:
    for observer in observers:
        yield getattr(observer, "__qualname__", type(observer).__qualname__), observer
