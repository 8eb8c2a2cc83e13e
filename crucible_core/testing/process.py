"""A child process that answers questions about one stage, and may hang, exit, crash or print without harm."""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import secrets
import selectors
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from crucible_core.testing.serving import NOT_ITS_OWN

if TYPE_CHECKING:
    from crucible_core.testing.target import Target

_START = (
    "import json, sys; job = json.load(open(sys.argv[1], encoding='utf-8')); sys.path[:] = job['path']; "
    "from crucible_core.testing.serving import serve; serve(job)"
)
_KEPT_OUTPUT = 4_000
_CHUNK = 1 << 16
_OUTPUT_FDS = (1, 2)
_PATIENCE_S = 5.0


_ENDS: set[int] = set()
"""This process's ends of the pipes to all children: a fork has to close them, or no child sees the others' end."""


class ProcessEndedError(Exception):
    """The child did not answer: it hung and was killed, exited, or crashed; the text says which."""


@dataclass(frozen=True)
class Surroundings:
    """What is special about a child.

    Args:
        hash_seed: Its ``PYTHONHASHSEED``.
        environ: Further environment variables.
        flags: Options of the interpreter.
    """

    hash_seed: int = 0
    environ: tuple[tuple[str, str], ...] = ()
    flags: tuple[str, ...] = ()


class StageProcess:
    """Start a child for a stage when it is first asked something, and again after it ended.

    Args:
        target: The stage.
        surroundings: What is special about the child.
    """

    def __init__(self, target: Target, surroundings: Surroundings | None = None) -> None:
        self._target = target
        self._surroundings = surroundings or Surroundings()
        self._child: _Child | None = None
        self._stopped = False

    def ask(self, question: Mapping[str, Any], timeout: float) -> dict[str, Any]:
        """Return the child's answer.

        Args:
            question: JSON values; ``serving`` says which.
            timeout: Seconds it may take, the start of the child not counted.

        Raises:
            ProcessEndedError: There was none.
        """
        if self._child is None:
            self._child = _started(self._target, self._surroundings)
            self._answer({"do": "hello"}, max(timeout, 20.0))
        return self._answer(question, timeout)

    def _answer(self, question: Mapping[str, Any], timeout: float) -> dict[str, Any]:
        assert self._child is not None
        if self._stopped:
            self._child.kill()
        try:
            return self._child.ask(question, timeout)
        except ProcessEndedError:
            self.close()
            raise

    def stop(self) -> None:
        """Kill the child, from another thread than the one that waits for its answer; no other one answers."""
        self._stopped = True
        child = self._child
        if child is not None:
            child.kill()

    def close(self) -> None:
        """End the child and whatever it started, and remove its files."""
        if self._child is not None:
            self._child.close()
            self._child = None


_CHILDREN: set[_Child] = set()


@atexit.register
def _close_all() -> None:
    """End what nobody closed, such as the processes of a check that was called by hand."""
    for child in list(_CHILDREN):
        child.close()


class _Child:
    """A running child: its process id, the pipes to it, and what it prints."""

    def __init__(self, pid: int, wait: Callable[[bool], int | None], pipes: tuple[int, int, int], home: str) -> None:
        self._pid = pid
        self._wait = wait
        self._questions, self._answers, output = pipes
        self._ends = frozenset(pipes)
        self._home = home
        self._unread = b""
        self._output = _Output(output)
        _CHILDREN.add(self)

    def ask(self, question: Mapping[str, Any], timeout: float) -> dict[str, Any]:
        self._output.forget()
        token = secrets.token_hex(8)
        try:
            self._send(json.dumps({**question, "token": token}).encode() + b"\n")
        except OSError:
            raise ProcessEndedError(self._ending()) from None
        line = self._line(time.monotonic() + timeout, timeout)
        try:
            answer: dict[str, Any] = json.loads(line)
            if answer.pop("token") == token:
                return answer
        except (ValueError, TypeError, KeyError, AttributeError):
            pass
        raise ProcessEndedError("it writes to file descriptors that are not its own")

    def _send(self, data: bytes) -> None:
        while data:
            data = data[os.write(self._questions, data) :]

    def _line(self, deadline: float, timeout: float) -> bytes:
        with selectors.DefaultSelector() as selector:
            selector.register(self._answers, selectors.EVENT_READ)
            while b"\n" not in self._unread:
                if not selector.select(max(0.0, deadline - time.monotonic())):
                    self.kill()
                    raise ProcessEndedError(f"it was not done after {timeout:g} s and was killed")
                chunk = os.read(self._answers, _CHUNK)
                if not chunk:
                    raise ProcessEndedError(self._ending())
                self._unread += chunk
        line, _, self._unread = self._unread.partition(b"\n")
        return line

    def _ending(self) -> str:
        """Say how the child ended; it closed the pipe, so that it is about to where it has not."""
        deadline = time.monotonic() + _PATIENCE_S
        status = self._wait(False)
        while status is None and time.monotonic() < deadline:
            time.sleep(0.01)
            status = self._wait(False)
        if status in (None, NOT_ITS_OWN):
            return f"it closes or uses file descriptors that are not its own{self._output.last_words()}"
        assert status is not None
        if status >= 0:
            return f"it ends the process with exit status {status}{self._output.last_words()}"
        name = signal.Signals(-status).name if -status in list(signal.Signals) else f"signal {-status}"
        return f"it crashes the process ({name}){self._output.last_words()}"

    def kill(self) -> None:
        """Ask the supervisor to kill the child and all that it left, and kill it when it does not."""
        if self._wait(False) is None:
            os.kill(self._pid, signal.SIGTERM)
        deadline = time.monotonic() + _PATIENCE_S
        while self._wait(False) is None and time.monotonic() < deadline:
            time.sleep(0.005)
        for kill in (os.killpg, os.kill) if self._wait(False) is None else ():
            with contextlib.suppress(ProcessLookupError, PermissionError):
                kill(self._pid, signal.SIGKILL)

    def close(self) -> None:
        _CHILDREN.discard(self)
        self.kill()
        self._wait(True)
        _ENDS.difference_update(self._ends)
        for descriptor in (self._questions, self._answers):
            os.close(descriptor)
        self._output.close()
        shutil.rmtree(self._home, ignore_errors=True)


class _Output:
    """Read what a child prints as it comes, and keep the end of it: a child may print for ever."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._tail = b""
        self._thread = threading.Thread(target=self._read, daemon=True, name="crucible-conformance-output")
        self._thread.start()

    def _read(self) -> None:
        with contextlib.suppress(OSError, ValueError):
            while chunk := os.read(self._descriptor, _CHUNK):
                self._tail = (self._tail + chunk)[-_KEPT_OUTPUT:]

    def forget(self) -> None:
        self._tail = b""

    def last_words(self) -> str:
        last = self._tail.decode(errors="replace").strip().rpartition("\n")[2][-300:]
        return f"; it printed: {last}" if last else ""

    def close(self) -> None:
        self._thread.join(timeout=1.0)  # all writers are dead; a stray process of the stage's may hold the pipe
        os.close(self._descriptor)


def _started(target: Target, surroundings: Surroundings) -> _Child:
    home = tempfile.mkdtemp(prefix="crucible-conformance-")
    question_end, questions = os.pipe()
    answers, answer_end = os.pipe()
    output, output_end = os.pipe()
    _ENDS.update((questions, answers, output))
    job = {
        "name": target.name,
        "value": target.value,
        "distribution": target.distribution,
        "version": target.version,
        "file": target.file,
        "path": [os.path.abspath(each) for each in sys.path],  # noqa: PTH100 - "" is the working directory
        "home": home,
        "inherited": _variables_set_since_the_start() if target.module in sys.modules else [],
        "pipes": [question_end, answer_end],
    }
    start = _spawned if target.findable else _forked
    try:
        pid, wait = start(job, target, surroundings, output_end)
    finally:
        for descriptor in (question_end, answer_end, output_end):
            os.close(descriptor)
    return _Child(pid, wait, (questions, answers, output), home)


def _variables_set_since_the_start() -> list[str]:
    """Return the environment variables that this process did not begin with: importing the stage may have set them."""
    try:
        lines = Path("/proc/self/environ").read_bytes().split(b"\0")
    except OSError:
        return []
    began_with = dict(line.partition(b"=")[::2] for line in lines)
    return [name for name, value in os.environ.items() if began_with.get(os.fsencode(name)) != os.fsencode(value)]


def _spawned(
    job: dict[str, Any], target: Target, surroundings: Surroundings, output: int
) -> tuple[int, Callable[[bool], int | None]]:
    """Start a new interpreter, which imports the stage."""
    del target
    file = Path(job["home"], "job.json")
    file.write_text(json.dumps(job), encoding="utf-8")
    environ = {
        **_without_coverage(os.environ),
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONHASHSEED": str(surroundings.hash_seed),
        # pydantic looks for plugins of its own in every distribution and dies of the first corrupt entry_points.txt
        "PYDANTIC_DISABLE_PLUGINS": os.environ.get("PYDANTIC_DISABLE_PLUGINS", "__all__"),
        **dict(surroundings.environ),
    }
    child = subprocess.Popen(  # noqa: S603 - our own interpreter and program
        [sys.executable, "-P", *surroundings.flags, "-c", _START, str(file)],
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=output,
        pass_fds=job["pipes"],
        start_new_session=True,
        env=environ,
    )

    def wait(block: bool) -> int | None:
        return child.wait() if block else child.poll()

    return child.pid, wait


def _without_coverage(environ: Mapping[str, str]) -> dict[str, str]:
    """Leave out what makes coverage measure child processes: this one is killed in the end, and watched until then."""
    return {name: value for name, value in environ.items() if not name.startswith(("COVERAGE_PROCESS_", "COV_CORE_"))}


def _forked(
    job: dict[str, Any], target: Target, surroundings: Surroundings, output: int
) -> tuple[int, Callable[[bool], int | None]]:
    """Fork this process, for a class that no other process could find."""
    del surroundings
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # 3.12 warns of threads; the child uses none of theirs
        pid = os.fork()
    if pid == 0:
        _serve_forked(job, target, output)
    status: list[int] = []

    def wait(block: bool) -> int | None:
        if not status:
            with contextlib.suppress(ChildProcessError):
                found, code = os.waitpid(pid, 0 if block else os.WNOHANG)
                if found:
                    status.append(os.waitstatus_to_exitcode(code))
        return status[0] if status else None

    return pid, wait


def _serve_forked(job: dict[str, Any], target: Target, output: int) -> NoReturn:
    from crucible_core.testing.serving import serve

    status = 1
    try:
        os.setsid()
        for end in _ENDS:
            os.close(end)
        for descriptor in _OUTPUT_FDS:
            os.dup2(output, descriptor)
        sys.stdout, sys.stderr = sys.__stdout__, sys.__stderr__  # pytest's capture is its own process's affair
        serve(job, kind=target.kind, examples=target.examples)
        status = 0
    finally:
        os._exit(status)
