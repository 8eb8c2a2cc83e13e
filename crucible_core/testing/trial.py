"""One run of a stage, under observation."""

from __future__ import annotations

import contextlib
import gc
import os
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crucible_core.contract.errors import StageError
from crucible_core.contract.event_names import LIFECYCLE_EVENTS
from crucible_core.contract.options import option_values
from crucible_core.contract.persistent import FrozenMap, Rows
from crucible_core.contract.runtime import RunServices
from crucible_core.pipeline.runner import Progress, Runner
from crucible_core.runs.additions import StageAdditions
from crucible_core.testing import recorded_calls, surroundings
from crucible_core.testing.digest import Leaves, leaves
from crucible_core.testing.logged_metrics import logged_metrics
from crucible_core.testing.own_modules import imported_since, packages_of
from crucible_core.testing.printed import captured_output
from crucible_core.testing.recordable import unrecordable
from crucible_core.testing.recorded_context import Accesses, record_accesses
from crucible_core.testing.recorded_options import OptionsRead, WatchedOptions, watch_model
from crucible_core.trace.emitter import Emitter

if TYPE_CHECKING:
    from crucible_core.contract.context import Context
    from crucible_core.contract.example import StageExample
    from crucible_core.ir import Experiment
    from crucible_core.pipeline.plan import Plan, PlannedStage
    from crucible_core.pipeline.result import Failure
    from crucible_core.testing.recorded_calls import Calls
    from crucible_core.trace.emitter import Observer

SUBJECT = "subject"
"""The id of the stage in every run of the kit: another than its name, so that it cannot mistake one for the other."""

_NOW = datetime(2020, 2, 29, 12, 0, tzinfo=UTC)
"""The time on the clock of every run: results may name it and are compared."""

_ANY_RUN = "<id of the run>"
_ANY_PLACE = "<directory of the stage>"

ROOMS = ("outputs", "assigns", "metrics", "artifacts")
KEYED = ("assigns", "metrics", "artifacts")


@dataclass
class Trial:
    """What was seen of one run.

    Attributes:
        example: The example that was run.
        before: The context the stage got.
        result: The context it returned; None where it failed.
        failure: How it failed; None where it succeeded.
        details: What of the details of its error, as they were raised, is no JSON; None where nothing is.
        accesses: Context paths that were read and written.
        options: Options that were asked for.
        inputs: What the input consisted of before and after.
        given_options: What the options consisted of before and after.
        changes: Aspects of the process's state that changed, and how.
        leaks: What it left open, running or lying about.
        child_ran: Whether a child process ran and ended meanwhile.
        calls: What it asked of the operating system.
        events: The events of the run, as lines of its journal.
        payloads: Index of an event to what of its payload, as it was given, is no JSON.
        progress: How far it told to be, and of how much.
        printed: What it wrote to ``sys.stdout``, and how many characters.
        files: Its files below the run's directory, to what is in them.
        strays: Files below the run's directory that are not in the stage's own.
        place: The directory that stood for the run's.
        given_files: Temporary files that were there before, such as those that its options name.
        imported: Modules of other packages that were loaded for the first time meanwhile; importing may change what
            the stage did not.
        seconds: Wall time.
    """

    example: StageExample
    before: Context
    result: Context | None = None
    failure: Failure | None = None
    details: str | None = None
    accesses: Accesses = field(default_factory=Accesses)
    options: OptionsRead = field(default_factory=OptionsRead)
    inputs: tuple[Leaves, Leaves] = ({}, {})
    given_options: tuple[Leaves, Leaves] = ({}, {})
    changes: Mapping[str, str] = field(default_factory=dict)
    leaks: list[str] = field(default_factory=list)
    child_ran: bool = False
    calls: Calls = field(default_factory=recorded_calls.Calls)
    events: list[str] = field(default_factory=list)
    payloads: dict[int, str] = field(default_factory=dict)
    progress: list[tuple[float, float | None]] = field(default_factory=list)
    printed: tuple[str, int] = ("", 0)
    files: Mapping[str, bytes] = field(default_factory=dict)
    strays: tuple[str, ...] = ()
    place: Path = field(default_factory=Path)
    given_files: frozenset[str] = frozenset()
    imported: tuple[str, ...] = ()
    seconds: float = 0.0

    @property
    def code(self) -> str | None:
        """The error code it ended with; None where it succeeded."""
        return None if self.failure is None else self.failure.code

    @property
    def ended(self) -> str:
        """How it ended, in words."""
        if self.failure is None:
            return "it succeeds"
        said = f"it fails with {self.failure.code}: {self.failure.message}"
        return f"{said}\n{_last_frames(self.failure.traceback)}" if self.failure.traceback else said

    @property
    def written(self) -> frozenset[str]:
        """Context paths that were written, by a helper or by handing back another value."""
        found = set(self.accesses.written)
        if self.result is not None:
            found |= {f"{room}.{key}" for room in KEYED for key in self.changes_of(room)}
            found |= {"outputs"} if len(plain_rows(self.result)) != len(plain_rows(self.before)) else set()
        return frozenset(found)

    def changes_of(self, room: str) -> dict[str, Any]:
        """Return what is new or another value in a room of the returned context, unobserved."""
        if self.result is None:
            return {}
        return dict(vars(self.result)[room].changes_since(_unobserved(vars(self.before)[room])))

    def product(self) -> Leaves:
        """Return what came of it, in a canonical form: rooms, verdicts, files and metrics that it logged, or its code.

        A result may name the run it is of, and files of its own by where they lie; those stand for the id and the
        directory of any run, which are others each time.
        """
        if self.result is None:
            return leaves({"code": self.code})
        rooms: dict[str, Any] = {room: plain_map(self.result, room) for room in KEYED}
        verdicts = [verdict.to_dict() for verdict in self.result.verdicts]
        own = {str(self.place / "artifacts" / SUBJECT): _ANY_PLACE, self.before.run_id: _ANY_RUN}
        files = dict(self.files)
        for name, any_other in own.items():
            files = {path: held.replace(name.encode(), any_other.encode()) for path, held in files.items()}
        logged = logged_metrics(self.events)
        rooms |= {"outputs": plain_rows(self.result), "verdicts": verdicts, "files": files, "logged": logged}
        found = leaves(rooms)
        for name, any_other in own.items():
            found = {place: text.replace(name, any_other) for place, text in found.items()}
        return found


def plain_map(context: Context, room: str) -> dict[str, Any]:
    """Return a room of a context as a dict, unobserved."""
    return dict(_unobserved(vars(context)[room]))


def _unobserved(held: FrozenMap[Any]) -> FrozenMap[Any]:
    return FrozenMap._of(held._layers, held._origin)


def plain_rows(context: Context) -> list[Any]:
    """Return the outputs of a context as a list, unobserved."""
    held: Rows[Any] = vars(context)["outputs"]
    return held._rows[: held._length]


def inputs_of(context: Context) -> Leaves:
    """Return what a context holds, in the form in which it must be left."""
    rooms: dict[str, Any] = {room: plain_map(context, room) for room in KEYED}
    rooms |= {"outputs": plain_rows(context), "telemetry_context": dict(context.telemetry_context)}
    rooms |= {"experiment_id": context.experiment_id, "run_id": context.run_id}
    return leaves(rooms, public=True, exact=True)


class _Lines:
    """Keep the lines of a journal in memory, and what of their payloads is no JSON."""

    def __init__(self) -> None:
        self.kept: list[str] = []
        self.payloads: dict[int, str] = {}

    def append(self, line: str, timestamp: str, event_name: str, stage: str | None, payload: Mapping[str, Any]) -> None:
        del timestamp, stage
        problem = None if event_name in LIFECYCLE_EVENTS else unrecordable(payload, "payload")
        if problem is not None:
            self.payloads[len(self.kept)] = problem
        self.kept.append(line)

    def lines(self) -> int:
        return len(self.kept)


def observe(
    example: StageExample,
    planned: PlannedStage,
    plan: Plan,
    context: Context,
    *,
    seed: int,
    place: Path,
    tmp: Path,
    settle_s: float = 0.0,
    interrupt: bool = False,
    observers: tuple[tuple[str, Observer], ...] = (),
) -> Trial:
    """Run a planned stage on a context once, watch it, and put the process's state back.

    Args:
        example: What is run.
        planned: The stage and its options, checked.
        plan: What the stage sees as the run's plan.
        context: What it gets; made for this run alone.
        seed: The run's seed.
        place: A new directory that stands for the run's.
        tmp: This process's directory for temporary files.
        settle_s: Seconds that threads and child processes may take to end.
        interrupt: Whether the stage is interrupted when it first looks at the context.
        observers: Name and callable of each observer of the run's events.
    """
    pid, packages = os.getpid(), packages_of(type(planned.stage))
    trial = Trial(example, context, place=place)
    journal = _Lines()
    emitter = Emitter(context.run_id, context.experiment_id, journal, observers)
    services = RunServices(
        seed=seed,
        sink=emitter,
        artifacts=lambda stage: place / "artifacts" / stage,
        clock=lambda: _NOW,
        progress=lambda _, done, total: trial.progress.append((done, total)),
        plan=plan,
    )
    progress = Progress(context)
    trial.accesses = record_accesses(context)
    runner = Runner(services, StageAdditions(emitter, place), time.perf_counter())
    before_inputs, before_options = inputs_of(context), leaves(option_values(planned.options))
    trial.accesses.interrupt = interrupt
    watching = _Watching(planned.stage, trial)
    standing_in: Any = watching
    with _watched(planned._replace(stage=standing_in), trial) as watched:
        gc.freeze()  # what is there stays there: the collection after the run looks at what the run left
        state, held = surroundings.state(packages), surroundings.held(tmp)
        began = time.perf_counter()
        with recorded_calls.recording() as calls, captured_output(imports=False) as printed:
            runner.run([watched], progress)
        if os.getpid() != pid:  # the stage forked, and this is the other branch
            os._exit(0)
        trial.seconds = time.perf_counter() - began
        after = surroundings.state(packages)
    trial.accesses = replace(trial.accesses, read={*trial.accesses.read}, written={*trial.accesses.written})
    trial.calls = calls
    trial.given_files = frozenset(path for path, changed in held.temporary if changed)
    trial.child_ran = surroundings.processes_started(held)
    trial.failure = progress.failure
    trial.result = progress.context if progress.failure is None else None
    trial.changes = surroundings.differences(state, after, packages)
    if printed.was_closed:
        trial.changes = {**trial.changes, "standard streams": "stdout was closed"}
    code = not state.has_code_of(after)
    del after  # it holds what the stage left in the place of what was there
    trial.imported = imported_since(state.modules, type(planned.stage).__module__)
    state.restore(code=code)
    surroundings.require_usable(state)
    trial.inputs = before_inputs, inputs_of(watching.given)
    trial.given_options = before_options, leaves(option_values(planned.options))
    trial.events, trial.payloads = journal.kept, journal.payloads
    trial.printed = printed.start, printed.count
    trial.files, trial.strays = _files(place)
    gc.collect()
    trial.leaks = surroundings.leaks(held, tmp, settle_s)
    return trial


class _Watching:
    """Stand before a stage: what it does itself counts as an access, not what the runner does; and errors are seen.

    Attributes:
        given: The very context that it got.
    """

    def __init__(self, stage: Any, trial: Trial) -> None:
        self._stage = stage
        self._trial = trial
        self._accesses = trial.accesses
        self.given = trial.before

    def run(self, context: Context, options: Any) -> Any:
        self.given = context
        self._accesses.watched = True
        try:
            return self._stage.run(context, options)
        except StageError as error:
            self._trial.details = unrecordable(getattr(error, "details", {}), "details", sets=False)
            raise
        finally:
            self._accesses.watched = False


@contextlib.contextmanager
def _watched(planned: PlannedStage, trial: Trial) -> Iterator[PlannedStage]:
    """Yield the stage with options that remember what was asked of them."""
    assert planned.loaded is not None
    assert planned.description is not None
    model = planned.loaded.model
    if model is None:
        known = frozenset(planned.description.options.names)
        yield planned._replace(options=WatchedOptions(option_values(planned.options), known, trial.options))
        return
    with watch_model(model, trial.options):
        yield planned


def _files(place: Path) -> tuple[dict[str, bytes], tuple[str, ...]]:
    """Return the stage's own files with their contents, and paths of others."""
    own = place / "artifacts" / SUBJECT
    files, strays = {}, []
    for path in sorted(place.rglob("*")):
        if path.is_relative_to(own):
            if path.is_file():
                files[path.relative_to(own).as_posix()] = path.read_bytes()
        elif not own.is_relative_to(path):
            strays.append(path.relative_to(place).as_posix())
    return files, tuple(strays)


def _last_frames(traceback: str) -> str:
    return "\n".join(traceback.strip().splitlines()[-7:])


def experiment_of(example: StageExample, name: str) -> Experiment:
    """Return the experiment that an example stands in, with the stage under test as its pipeline."""
    from crucible_core.ir import Experiment

    pipeline = [{"id": SUBJECT, "name": name}]
    return Experiment.from_dict({"id": "conformance", "pipeline": pipeline, **example.make("experiment")})
