"""What a process holds on to: threads, child processes, file descriptors, temporary files."""

from __future__ import annotations

import _thread
import contextlib
import os
import resource
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SETTLE_S = 0.6
"""How long threads and children of a stage that is done may take to end."""
_AGAIN_S = 0.02
_MAIN = type(threading.main_thread())


@dataclass(frozen=True)
class Held:
    """What this process holds on to.

    Args:
        threads: Threads that run.
        children: Process ids of living children, those included that a child of theirs left behind.
        ended: Children that ended and were not waited for.
        descriptors: File descriptors and what each leads to.
        temporary: Temporary files with the time of their last change, and directories.
        waited_for: A number that grows with each child that was waited for.
        raw_threads: Number of threads that ``threading`` does not know.
    """

    threads: frozenset[Any]
    children: frozenset[int]
    ended: frozenset[int]
    descriptors: frozenset[tuple[int, str]]
    temporary: frozenset[tuple[str, int]]
    waited_for: int
    raw_threads: int


def held(temporary: Path) -> Held:
    """Take what this process holds now."""
    living, ended = children()
    return Held(
        threads=frozenset(threading.enumerate()),
        children=living,
        ended=ended,
        descriptors=_descriptors(),
        temporary=frozenset(_below(temporary)),
        waited_for=_waited_for(),
        raw_threads=_raw_threads(),
    )


def leaks(before: Held, temporary: Path, settle_s: float = SETTLE_S) -> list[str]:
    """Return what is held in addition, once what was about to end had its time."""
    deadline = time.monotonic() + settle_s
    found = list(_leaked(before, held(temporary)))
    if not found and processes_started(before):  # the kernel may leave a child out while another one ends
        time.sleep(_AGAIN_S)
        found = list(_leaked(before, held(temporary)))
    while found and time.monotonic() < deadline:
        time.sleep(_AGAIN_S)
        found = list(_leaked(before, held(temporary)))
    return found


def _leaked(before: Held, now: Held) -> Iterator[str]:
    for thread in now.threads - before.threads:
        yield f"the thread {thread.name!r} still runs"
    if now.raw_threads > before.raw_threads:
        yield "a thread still runs that was started by _thread"
    for child in sorted(now.children - before.children):
        yield f"the child process {child} still runs"
    for number, what in sorted(now.descriptors - before.descriptors):
        yield f"file descriptor {number} is still open: {what}"
    for path, _ in sorted(now.temporary - before.temporary):
        yield f"a temporary file is left: {path}"


def processes_started(before: Held) -> bool:
    """Tell whether a child process was started since, however that was done."""
    living, ended = children()
    return _waited_for() > before.waited_for or bool((living - before.children) | (ended - before.ended))


def _raw_threads() -> int:
    known = [each for each in threading.enumerate() if not isinstance(each, (threading._DummyThread, _MAIN))]
    return _thread._count() - len(known)


def _waited_for() -> int:
    """Return the page faults of all children that were waited for; none runs without any."""
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_minflt


def children() -> tuple[frozenset[int], frozenset[int]]:
    """Return the living children, and those that ended; without the one that Python itself keeps for shared memory."""
    found: set[int] = set()
    for task in _listed(Path(f"/proc/{os.getpid()}/task")):
        with contextlib.suppress(OSError):
            found.update(map(int, (task / "children").read_text(encoding="ascii").split()))
    found.discard(_tracker())
    ended = frozenset(filter(_has_ended, found))
    return frozenset(found - ended), ended


def _tracker() -> int:
    module = sys.modules.get("multiprocessing.resource_tracker")
    return getattr(getattr(module, "_resource_tracker", None), "_pid", None) or -1


def _has_ended(pid: int) -> bool:
    try:
        status = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return True
    return status.rpartition(")")[2].split()[:1] in (["Z"], ["X"])


def _descriptors() -> frozenset[tuple[int, str]]:
    found = set()
    for each in _listed(Path("/proc/self/fd")):
        with contextlib.suppress(OSError):
            found.add((int(each.name), os.readlink(each)))  # noqa: PTH115 - as a text
    return frozenset(found)


def _listed(directory: Path) -> list[Path]:
    try:
        return list(directory.iterdir())
    except OSError:
        return []


def _below(directory: Path) -> Iterator[tuple[str, int]]:
    for root, directories, files in os.walk(directory):
        yield from ((os.path.join(root, name), 0) for name in directories)  # noqa: PTH118 - many of them
        for name in files:
            path = os.path.join(root, name)  # noqa: PTH118 - many of them
            with contextlib.suppress(OSError):
                yield path, os.lstat(path).st_mtime_ns
