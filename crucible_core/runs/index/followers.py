"""Have runs pushed to a shared index while they progress, by a process of its own."""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import select
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

__all__ = ["following"]

PATIENCE_S = 15.0
"""How long the end of a run waits for its last push; a server that is there takes a fraction of a second."""

_START = (
    "import json, sys; job = json.loads(open(0, 'rb', buffering=0, closefd=False).readline()); "
    "sys.path[:] = job['path']; from crucible_core.runs.index.follower import follow_runs; follow_runs(job['url'])"
)
_LATER = "the run is recorded, and `crucible runs reindex --index URL`, or the next run, brings it into the index"

_idle: dict[tuple[int, str], list[_Follower]] = {}
"""Processes that wait for another run, by the process they belong to and the index they push to."""

_lock = threading.Lock()


@contextmanager
def following(url: str, run_dir: Path, tell: Callable[[str], None], patience_s: float = PATIENCE_S) -> Iterator[None]:
    """Keep a run's rows in a shared index up to date until it has ended, and then push what was missed before.

    It never slows or changes a run: a process of its own reads the journal, which is written anyway. That process is
    kept for the next run to the same index; it ends with this one, however that ends, and pushes what is left then.

    Args:
        url: Where the index is.
        run_dir: The run's directory.
        tell: Called in the end with what a person should know.
        patience_s: How many seconds to wait for the last push; what is not pushed then is left to the next run.
    """
    follower: _Follower | None = None
    try:
        follower = _taken(url)
    except OSError as error:
        tell(f"no process can be started to push the run ({error.strerror or error}); {_LATER}")
    else:
        follower.follow(run_dir)
    try:
        yield
    finally:
        if follower is not None:
            _finish(follower, tell, patience_s)


def _taken(url: str) -> _Follower:
    with _lock:
        waiting = _idle.get((os.getpid(), url), [])
        while waiting:
            follower = waiting.pop()
            if follower.is_there():
                return follower
            follower.end(0.0)
    return _Follower(url)


def _finish(follower: _Follower, tell: Callable[[str], None], patience_s: float) -> None:
    try:
        notes = follower.finish(patience_s)
    except KeyboardInterrupt:  # the run has ended and is recorded; only the waiting ends here
        notes = None
    if notes is None:
        follower.end(0.0)
        tell(f"the shared index does not answer in time; {_LATER}")
        return
    for note in notes:
        tell(note)
    if not follower.is_there():
        follower.end(0.0)
        return
    with _lock:
        _idle.setdefault((os.getpid(), follower.url), []).append(follower)


class _Follower:
    """A process that pushes one run at a time.

    Args:
        url: Where to; told through a pipe, since everybody may read command lines.

    Raises:
        OSError: It cannot be started.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and program
            [sys.executable, "-P", "-c", _START],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            bufsize=0,
            start_new_session=True,  # Ctrl-C is for the run
        )
        self._said = b""
        with contextlib.suppress(OSError):  # that it is gone already is found out in the end, too
            self._send({"url": url, "path": sys.path})

    def is_there(self) -> bool:
        """Tell whether the process still runs."""
        return self._process.poll() is None

    def follow(self, run_dir: Path) -> None:
        """Have a run pushed from now on; that the process is gone is found out in the end."""
        with contextlib.suppress(OSError):
            self._send({"run_dir": str(run_dir.absolute())})

    def finish(self, patience_s: float) -> list[str] | None:
        """Have what is left of the run pushed, and return what a person should know; None where that takes too long."""
        try:
            self._send({})
        except OSError:
            return [f"the process that pushes the run ended ({self._process.wait()}); {_LATER}"]
        until = time.monotonic() + patience_s
        stream = self._process.stdout
        assert stream is not None
        waiting = select.poll()  # not select(), which knows no descriptor above 1,023
        waiting.register(stream, select.POLLIN)
        while b"\n" not in self._said:
            if not waiting.poll(max(0.0, until - time.monotonic()) * 1e3):
                return None
            read = stream.read(1 << 16)
            if not read:
                return [f"the process that pushes the run ended ({self._process.wait()}); {_LATER}"]
            self._said += read
        line, _, self._said = self._said.partition(b"\n")
        notes: list[str] = json.loads(line)
        return notes

    def end(self, patience_s: float) -> None:
        """Let the process end, and end it where it does not in time."""
        with contextlib.suppress(OSError):
            for stream in (self._process.stdin, self._process.stdout):
                if stream is not None:
                    stream.close()
        try:
            self._process.wait(patience_s)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _send(self, order: object) -> None:
        stream = self._process.stdin
        assert stream is not None
        stream.write(json.dumps(order).encode() + b"\n")


@atexit.register
def _end_all() -> None:
    """End the processes that wait; each has nothing left to do."""
    for (pid, _), followers in _idle.items():
        for follower in followers if pid == os.getpid() else ():
            follower.end(1.0)
