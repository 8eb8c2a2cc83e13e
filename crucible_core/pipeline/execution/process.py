"""Run stages in processes of their own: a new interpreter each, in a session of its own, that ends with the attempt."""

from __future__ import annotations

import contextlib
import json
import os
import pickle
import selectors
import signal
import subprocess
import sys
import time
from collections import deque
from typing import TYPE_CHECKING, Any

from crucible_core.contract.errors import named
from crucible_core.pipeline.execution.changes import applied, first_unpicklable
from crucible_core.pipeline.execution.executor import AttemptFailedError
from crucible_core.pipeline.execution.frames import FrameBuffer, framed, framed_bytes
from crucible_core.pipeline.execution.output import Output
from crucible_core.pipeline.execution.worker import Job, died_of
from crucible_core.pipeline.result import Failure

if TYPE_CHECKING:
    from crucible_core.contract.context import Context
    from crucible_core.pipeline.execution.executor import ContextReference, StageFuture
    from crucible_core.pipeline.execution.reference import StageReference
    from crucible_core.pipeline.plan import Plan

_START = (
    "import json, sys; source, target = map(int, sys.argv[1:3]); "
    "sys.path[:] = json.loads(open(source, 'rb', buffering=0, closefd=False).readline()); "
    "from crucible_core.pipeline.execution.worker import serve; serve(source, target)"
)
_PATIENCE_S = 5.0
"""Seconds that a process may take to end once its stage is done: what was registered with ``atexit`` runs then."""
_LOOK_S = 0.05
_CHUNK = 1 << 20


class ProcessExecutor:
    """Runs each attempt in a new process of this machine."""

    def submit(self, stage: StageReference, context: ContextReference, options: Any) -> StageFuture:
        """Start a process and send it what it needs; see `Executor`.

        Raises:
            AttemptFailedError: What the stage is given does not pickle, or no process can be started.
        """
        stage_id = context.definition.id
        given = context.definition, context.context, options
        try:
            data = pickle.dumps(given, pickle.HIGHEST_PROTOCOL)
        except Exception:  # noqa: BLE001 - what a value's own __reduce__ raises is up to it
            why = first_unpicklable(_parts(context.context, options))
            message = f"what {stage_id} is given cannot be sent to a process of its own: {why}"
            raise AttemptFailedError(Failure(stage_id, "unpicklable", message)) from None
        return ProcessFuture(_job(stage, context), data, context)


def _parts(context: Context, options: Any) -> Any:
    for room in ("assigns", "artifacts"):
        yield from ((f"{room}.{key}", value) for key, value in getattr(context, room).items())
    yield from ((f"outputs[{index}]", row) for index, row in enumerate(context.outputs))
    yield from ((f"the option {name}", value) for name, value in options)


def _job(stage: StageReference, context: ContextReference) -> Job:
    runtime = context.runtime
    services = runtime._services
    directory = None if services.artifacts is None else str(services.artifacts(runtime.stage_id))
    return Job(
        stage,
        runtime.stage_id,
        runtime.attempt,
        runtime.deadline,
        services.seed,
        directory,
        listening=services.sink is not None and services.sink.listening,
        watched=services.progress is not None,
        hide=services.hide,
    )


class ProcessFuture:
    """An attempt in a process; everything happens in the thread that waits, so that events keep their order.

    Raises:
        AttemptFailedError: No process can be started.
    """

    def __init__(self, job: Job, data: bytes, context: ContextReference) -> None:
        self._stage_id = job.stage_id
        self._context = context
        self._answer: tuple[str, Any] | None = None
        self._output = Output()
        source, self._commands = os.pipe()
        self._reports, target = os.pipe()
        try:
            self._child = self._started(source, target)
        except OSError as error:
            self._close()
            message = f"no process can be started for {job.stage_id}: {named(error)}"
            raise AttemptFailedError(Failure(job.stage_id, "worker_died", message)) from None
        finally:
            os.close(source)
            os.close(target)
        self._frames = FrameBuffer(self._reports)
        for descriptor in (self._commands, self._reports):
            os.set_blocking(descriptor, False)
        path = json.dumps([os.path.abspath(each) for each in sys.path]).encode() + b"\n"  # noqa: PTH100 - "" is the working directory
        self._unsent = deque([memoryview(path), memoryview(framed(job)), memoryview(framed_bytes(data))])
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._reports, selectors.EVENT_READ)
        self._output.register(self._selector)
        self._is_open = True

    def wait(self, seconds: float) -> bool:
        """Pass on what the process reports and prints; see `StageFuture`."""
        until = time.monotonic() + seconds
        while self._answer is None:
            left = until - time.monotonic()
            if left < 0:
                return False
            if self._child.poll() is not None:
                while self._read():  # what it said last
                    pass
                return True
            self._pump(min(left, _LOOK_S))
        return True

    def result(self) -> Context:
        """Return the context that the stage returned; see `StageFuture`."""
        if self._answer is None:
            died = died_of(self._stage_id, self._child.wait())
            raise AttemptFailedError(Failure(self._stage_id, "worker_died", *died))
        kind, value = self._answer
        if kind == "failed":
            raise AttemptFailedError(value)
        try:
            changed = pickle.loads(value)  # noqa: S301 - the process that this one started wrote it
        except Exception as error:  # noqa: BLE001 - what unpickling an object of somebody else's raises is up to that
            message = f"what {self._stage_id} returned cannot be read here: {named(error)}"
            raise AttemptFailedError(Failure(self._stage_id, "unpicklable", message)) from None
        made = applied(self._context.context, changed)
        self._context.runtime.asked = changed.asked  # by the stage, whatever was looked at here to send it
        return made

    def cancel(self) -> None:
        """Make the stage's ``runtime.cancelled`` true."""
        self._send("cancel", None)

    def terminate(self) -> None:
        """Raise an exception in the stage, by SIGTERM."""
        with contextlib.suppress(ProcessLookupError):
            self._child.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End the process and whatever it started that is still in its session; once done, it may end by itself."""
        if not self._is_open:
            return
        try:
            if self._answer is not None:
                self._let_end()
        finally:
            with contextlib.suppress(ProcessLookupError, PermissionError):  # it is gone, and what it started
                os.killpg(self._child.pid, signal.SIGKILL)
            self._child.wait()
            self._output.drain()
            self._selector.close()
            self._close()

    def _started(self, source: int, target: int) -> subprocess.Popen[bytes]:
        stdout, stderr = self._output.descriptors
        flags = ["-P", "-u", "-X", "faulthandler"]  # unbuffered: what it printed is not lost when it dies
        flags += [*(["-O"] * sys.flags.optimize), *(f"-W{each}" for each in sys.warnoptions)]
        return subprocess.Popen(  # noqa: S603 - our own interpreter and program
            [sys.executable, *flags, "-c", _START, str(source), str(target)],
            stdin=subprocess.DEVNULL,
            stdout=stdout,
            stderr=stderr,
            pass_fds=(source, target),
            start_new_session=True,
        )

    def _close(self) -> None:
        self._is_open = False
        os.close(self._commands)
        os.close(self._reports)
        self._output.close()

    def _let_end(self) -> None:
        until = time.monotonic() + _PATIENCE_S
        while self._child.poll() is None and time.monotonic() < until:
            self._pump(_LOOK_S)

    def _pump(self, seconds: float) -> None:
        """Send and receive what can be, waiting so long at most for anything."""
        if self._unsent and self._commands not in self._selector.get_map():
            self._selector.register(self._commands, selectors.EVENT_WRITE)
        for key, _ in self._selector.select(seconds):
            if key.fd == self._commands:
                self._write()
            elif key.fd != self._reports:
                still_open = self._output.pass_on(key.fd)
                if not still_open:
                    self._selector.unregister(key.fd)
            elif self._read() is None:
                self._selector.unregister(self._reports)

    def _send(self, *message: Any) -> None:
        self._unsent.append(memoryview(framed(message)))

    def _write(self) -> None:
        try:
            while self._unsent:
                written = os.write(self._commands, self._unsent[0][:_CHUNK])
                self._unsent[0] = self._unsent[0][written:]
                if not self._unsent[0]:
                    self._unsent.popleft()
        except BlockingIOError:
            return
        except OSError:  # nobody reads any more: how it ended is seen elsewhere
            self._unsent.clear()
        self._selector.unregister(self._commands)

    def _read(self) -> bool | None:
        """Read what the process reports, once; tell whether there was anything, None where there will be no more."""
        found = self._frames.read()
        for data in self._frames.messages():
            self._take(*pickle.loads(data))  # noqa: S301 - the process that this one started wrote it
        return found

    def _take(self, kind: str, *values: Any) -> None:
        runtime = self._context.runtime
        if kind == "event":
            runtime._emit(*values)
        elif kind == "recorded":
            runtime._emit(*values)
            self._send("answer", None)
        elif kind == "progress":
            runtime.progress(*values)
        elif kind == "record":
            self._send("answer", dict(runtime.record()))
        elif kind == "plan":
            self._send("answer", _portable(runtime.plan))
        else:
            self._answer = kind, values[0]


def _portable(plan: Plan | None) -> Plan | Exception | None:
    """Return a plan as another process can read it: without classes, options, and how stages are run."""
    if plan is None:
        return None
    stages = tuple(each._replace(loaded=None, stage=None, policies=None, options=None) for each in plan.stages)
    portable = plan._replace(stages=stages, document=None)
    try:
        pickle.dumps(portable)
    except Exception as error:  # noqa: BLE001 - what a value's own __reduce__ raises is up to it
        return RuntimeError(f"the plan cannot be sent to a process of a stage's own: {named(error)}")
    return portable
