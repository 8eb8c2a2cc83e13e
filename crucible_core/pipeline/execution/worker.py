"""What runs in the process of a stage: find the stage, run it once, report on the way, and say what came of it."""

from __future__ import annotations

import contextlib
import os
import pickle
import signal
import sys
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from crucible_core.contract.errors import named
from crucible_core.contract.event_names import REASONING_EVENTS
from crucible_core.contract.json_values import as_record
from crucible_core.contract.runtime import RunServices, Runtime
from crucible_core.pipeline.attempt import attempted, raised
from crucible_core.pipeline.execution.changes import changes, first_unpicklable
from crucible_core.pipeline.execution.frames import framed, read_frame
from crucible_core.pipeline.execution.reference import ChangedStageError, StageReference, resolved
from crucible_core.pipeline.plan import PlannedStage
from crucible_core.pipeline.result import Failure
from crucible_core.pipeline.termination import terminate

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from crucible_core.contract.context import Context


@dataclass(frozen=True, slots=True)
class Job:
    """What a process is told before it gets the context.

    Args:
        reference: The stage.
        stage_id: Its id.
        attempt: Which attempt it is.
        deadline: When it has to be done, by ``time.monotonic()``, which is the same for all processes.
        seed: The run's seed.
        artifacts: The directory of the stage's files; None where there is none.
        listening: Whether anybody sees events.
        watched: Whether anybody watches progress.
        hide: Hides secrets in a text; None where there are none.
    """

    reference: StageReference
    stage_id: str
    attempt: int
    deadline: float | None
    seed: int
    artifacts: str | None
    listening: bool
    watched: bool
    hide: Callable[[str], str] | None


class Wire:
    """The pipes to the run: what it says is read in a thread, which ends this process when the run is gone.

    Args:
        source: The descriptor of the pipe from the run.
        target: The descriptor of the pipe to the run.
    """

    def __init__(self, source: int, target: int) -> None:
        self._source = source
        self._target = target
        self._sending = threading.Lock()
        self._asking = threading.Lock()
        self._answers: list[Any] = []
        self._answered = threading.Semaphore(0)
        self.cancelled = threading.Event()
        self.done = False

    def listen(self) -> None:
        """Read what the run says, from now on."""
        threading.Thread(target=self._listen, daemon=True, name="crucible-worker").start()

    def _listen(self) -> None:
        while (data := read_frame(self._source)) is not None:
            kind, value = pickle.loads(data)  # noqa: S301 - the run that started this process wrote it
            if kind == "cancel":
                self.cancelled.set()
            else:
                self._answers.append(value)
                self._answered.release()
        if not self.done:  # the run is gone: what goes on here would be in the way of the run resumed
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(os.getpgid(0), signal.SIGKILL)

    def send(self, *message: Any) -> None:
        """Tell the run something."""
        data = memoryview(framed(message))
        with self._sending:
            while data:
                data = data[os.write(self._target, data) :]

    def ask(self, *question: Any) -> Any:
        """Ask the run something and wait for the answer; an answer that is an exception is raised."""
        with self._asking:
            self.send(*question)
            self._answered.acquire()
            answer = self._answers.pop()
        if isinstance(answer, BaseException):
            raise answer
        return answer


class WireSink:
    """Where the events of the stage go: to the run."""

    def __init__(self, wire: Wire, *, listening: bool) -> None:
        self._wire = wire
        self.listening = listening

    def emit(self, event_name: str, stage: str | None, payload: Mapping[str, Any], attempt: int | None = None) -> None:
        """Report one event; that of a checkpoint returns once it is recorded, since a stage may build on that."""
        del stage, attempt  # the run knows
        if event_name == "checkpoint":
            self._wire.ask("recorded", event_name, as_record(payload))
        elif self.listening or event_name in REASONING_EVENTS:
            self._wire.send("event", event_name, as_record(payload))


class WorkerRuntime(Runtime):
    """The run as a stage in a process of its own sees it."""

    __slots__ = ("_wire",)

    def __init__(self, wire: Wire, services: RunServices, job: Job) -> None:
        super().__init__(services, job.stage_id, job.attempt, job.deadline)
        self._wire = wire

    @property
    def plan(self) -> Any:
        """The stages of this run in order, without their classes."""
        return self._wire.ask("plan")


def serve(source: int, target: int) -> NoReturn:
    """Do the work that the run sends, and end this process.

    Args:
        source: The descriptor of the pipe from the run, from which the path for imports is read.
        target: The descriptor of the pipe to the run.
    """
    for descriptor in (source, target):
        os.set_inheritable(descriptor, False)  # a process that the stage starts must not hold them open
    came = _note_sigterm()
    wire = Wire(source, target)
    data, context_data = read_frame(source), read_frame(source)
    if data is None or context_data is None:  # the run ended meanwhile
        sys.exit(1)
    wire.listen()
    job: Job = pickle.loads(data)  # noqa: S301 - the run that started this process wrote it
    answer = _outcome(wire, job, context_data)
    if came and answer[0] == "failed" and answer[1].code == "cancelled":
        answer = "failed", Failure(job.stage_id, "worker_died", *died_of(job.stage_id, -signal.SIGTERM))
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(Exception):  # a stage replaced or closed it: what it printed is its own affair
            stream.flush()
    wire.done = True
    wire.send(*answer)
    sys.exit(0)


def _note_sigterm() -> list[int]:
    """Raise `Terminated` in the stage when SIGTERM comes; what is returned holds something from then on."""
    came: list[int] = []

    def note(number: int, frame: object) -> NoReturn:
        came.append(number)
        terminate(number, frame)

    signal.signal(signal.SIGTERM, note)
    return came


def died_of(stage_id: str, status: int) -> tuple[str, dict[str, Any]]:
    """Say how the process of a stage ended before its time, in words and for programs.

    Args:
        stage_id: The stage's id.
        status: Its exit status, or minus the number of the signal that ended it.
    """
    details: dict[str, Any] = {"exit_status": status, "signal": None}
    how = f"ended with exit status {status}"
    if status < 0:
        name = signal.Signals(-status).name if -status in list(signal.Signals) else f"signal {-status}"
        details = {"exit_status": None, "signal": name}
        how = f"was ended by {name}"
        how += " (sent by somebody, or by the system for want of memory)" if name == "SIGKILL" else ""
    return f"the process of {stage_id} {how} before the stage was done", details


def _outcome(wire: Wire, job: Job, data: bytearray) -> tuple[str, Any]:
    """Run the stage; return what it changed, pickled, or why it failed."""
    try:
        kind = resolved(job.reference)
    except ChangedStageError as error:
        return "failed", Failure(job.stage_id, "stage_changed", f"{error}; {error.hint}")
    try:
        definition, context, options = pickle.loads(data)  # noqa: S301 - likewise
    except Exception as error:  # noqa: BLE001 - what unpickling an object of somebody else's raises is up to that
        message = f"what {job.stage_id} is given cannot be read in a process of its own: {named(error)}"
        return "failed", Failure(job.stage_id, "unpicklable", message)
    before = context._entering(_runtime(wire, job))
    try:
        planned = PlannedStage(0, definition, stage=kind(), options=options)
    except BaseException as error:  # noqa: BLE001 - a stage's own code: whatever it raises, it is its failure
        return "failed", raised(error, job.stage_id)
    result, failure = attempted(planned, before)
    return ("failed", failure) if failure is not None else _sent_back(job.stage_id, before, result)


def _runtime(wire: Wire, job: Job) -> Runtime:
    directory = job.artifacts
    services = RunServices(
        seed=job.seed,
        sink=WireSink(wire, listening=job.listening),
        artifacts=None if directory is None else lambda _: Path(directory),
        cancel=wire.cancelled,
        progress=(lambda _, done, total: wire.send("progress", done, total)) if job.watched else None,
        record=lambda: wire.ask("record"),
        hide=job.hide,
    )
    return WorkerRuntime(wire, services, job)


def _sent_back(stage_id: str, before: Context, after: Context) -> tuple[str, Any]:
    found = changes(before, after)
    try:
        return "changed", pickle.dumps(found, pickle.HIGHEST_PROTOCOL)
    except Exception:  # noqa: BLE001 - what a value's own __reduce__ raises is up to it
        message = f"what {stage_id} returned cannot leave its process: {first_unpicklable(found.parts())}"
        return "failed", Failure(stage_id, "unpicklable", message)
