"""The state of a process that a stage has to leave as it found it: take it, compare it, put it back."""

from __future__ import annotations

import contextlib
import decimal
import hashlib
import locale
import logging
import os
import signal
import sys
import threading
import time
import warnings
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_SETTLE_S = 1.0
"""How long threads and children of a stage that is done may take to end."""


@dataclass(frozen=True)
class State:
    """What was found, by aspect: ``environment``, ``working directory``, and so on.

    Args:
        values: Aspect to its value, comparable.
        restore: What puts back what can be put back.
    """

    values: Mapping[str, Any]
    restore: Callable[[], None]


def state() -> State:
    """Take the state of this process; a fraction of a millisecond."""
    values: dict[str, Any] = {
        "environment": dict(os.environ),
        "working directory": _cwd(),
        "sys.path": list(sys.path),
        "sys.argv": list(sys.argv),
        "standard streams": tuple(id(stream) for stream in (sys.stdin, sys.stdout, sys.stderr)),
        "exception hooks": (id(sys.excepthook), id(threading.excepthook), id(sys.unraisablehook)),
        "trace functions": (id(sys.gettrace()), id(sys.getprofile())),
        "recursion limit": sys.getrecursionlimit(),
        "umask": _umask(),
        "locale": locale.setlocale(locale.LC_ALL),
        "decimal context": repr(decimal.getcontext()),
        "signal handlers": {number.name: _handler(number) for number in signal.Signals},
        "warnings filters": list(warnings.filters),
        "random state of random": _random_state(),
        **_logging(),
        **_of_libraries(),
    }
    return State(values, _restorer())


def differences(before: State, after: State) -> dict[str, str]:
    """Return the aspects that changed, each with how."""
    found = {}
    for aspect, value in before.values.items():
        now = after.values.get(aspect, value)
        if now != value:
            found[aspect] = _difference(value, now)
    return found


def _difference(before: Any, after: Any) -> str:
    if isinstance(before, dict) and isinstance(after, dict):
        keys = sorted(key for key in before.keys() | after.keys() if before.get(key) != after.get(key))
        return "; ".join(f"{key}: {_shown(before.get(key))} -> {_shown(after.get(key))}" for key in keys[:5])
    if isinstance(before, list) and isinstance(after, list):
        added = [each for each in after if each not in before]
        removed = [each for each in before if each not in after]
        return f"added {_shown(added)}, removed {_shown(removed)}" if added or removed else "another order"
    return f"{_shown(before)} -> {_shown(after)}"


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 120 else f"{text[:117]}..."  # noqa: PLR2004 - a line


def _cwd() -> str:
    try:
        return os.getcwd()  # noqa: PTH109 - as a text
    except OSError:
        return "a directory that is gone"


def _umask() -> int:
    mask = os.umask(0o022)
    os.umask(mask)
    return mask


def _handler(number: signal.Signals) -> Any:
    try:
        handler = signal.getsignal(number)
    except ValueError:  # not on this platform
        return None
    return id(handler) if callable(handler) else handler


def _random_state() -> str:
    import random

    return _digest(random.getstate())


def _digest(value: Any) -> str:
    return hashlib.blake2b(repr(value).encode(), digest_size=8).hexdigest()


def _logging() -> dict[str, Any]:
    root = logging.getLogger()
    return {
        "root logger": (root.level, tuple(map(id, root.handlers)), tuple(map(id, root.filters)), root.disabled),
        "logging.disable": logging.root.manager.disable,
        "logging classes": (id(logging.getLoggerClass()), id(logging.getLogRecordFactory())),
    }


def _of_libraries() -> dict[str, Any]:
    """Return what is global in libraries; only of those that are loaded already."""
    found: dict[str, Any] = {}
    numpy, torch = sys.modules.get("numpy"), sys.modules.get("torch")
    with contextlib.suppress(Exception):  # half imported, or something else of that name
        if numpy is not None:
            found["random state of numpy"] = _numpy_state(numpy)
            found["numpy.errstate"] = dict(numpy.geterr())
    with contextlib.suppress(Exception):
        if torch is not None:
            found["random state of torch"] = hashlib.blake2b(torch.get_rng_state().numpy().tobytes()).hexdigest()
            found["torch settings"] = (
                str(torch.get_default_dtype()),
                torch.is_grad_enabled(),
                torch.are_deterministic_algorithms_enabled(),
                torch.get_num_threads(),
            )
    return found


def _numpy_state(numpy: Any) -> str:
    name, keys, *rest = numpy.random.get_state(legacy=True)
    return _digest((name, keys.tobytes(), rest))


def _restorer() -> Callable[[], None]:
    """Return what puts back, as far as that goes, what `state` compares, and modules that were thrown out."""
    import random

    environ, path, argv, cwd = dict(os.environ), list(sys.path), list(sys.argv), _cwd()
    streams, filters, modules = (sys.stdin, sys.stdout, sys.stderr), list(warnings.filters), dict(sys.modules)
    limit, drawn, root = sys.getrecursionlimit(), random.getstate(), logging.getLogger()
    hooks = (sys.excepthook, threading.excepthook, sys.unraisablehook)
    level, handlers, disabled = root.level, list(root.handlers), logging.root.manager.disable
    signals = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGALRM)}
    umask, context, local = _umask(), decimal.getcontext().copy(), locale.setlocale(locale.LC_ALL)

    def restore() -> None:
        os.environ.clear()
        os.environ.update(environ)
        sys.path[:], sys.argv[:] = path, argv
        sys.stdin, sys.stdout, sys.stderr = streams
        sys.excepthook, threading.excepthook, sys.unraisablehook = hooks
        sys.settrace(None)
        sys.setrecursionlimit(limit)
        warnings.filters[:] = filters  # type: ignore[index]
        warnings._filters_mutated()  # type: ignore[attr-defined]
        random.setstate(drawn)
        root.setLevel(level)
        root.handlers[:] = handlers
        logging.disable(disabled)
        os.umask(umask)
        decimal.setcontext(context)
        for name, module in modules.items():
            sys.modules.setdefault(name, module)
        with contextlib.suppress(Exception):
            os.chdir(cwd)
            locale.setlocale(locale.LC_ALL, local)
            for number, handler in signals.items():
                signal.signal(number, handler)

    return restore


@dataclass(frozen=True)
class Held:
    """What this process holds on to: threads, child processes, file descriptors, files in its temporary directory."""

    threads: frozenset[Any]
    children: frozenset[int]
    descriptors: frozenset[tuple[int, str]]
    temporary: frozenset[str]
    waited_for: int


def held(temporary: Path) -> Held:
    """Take what this process holds now."""
    return Held(
        frozenset(threading.enumerate()), _children(), _descriptors(), frozenset(_below(temporary)), _waited_for()
    )


def leaks(before: Held, temporary: Path) -> list[str]:
    """Return what is held in addition, once what was about to end had its time."""
    deadline = time.monotonic() + _SETTLE_S
    found = list(_leaked(before, held(temporary)))
    while found and time.monotonic() < deadline:
        time.sleep(0.02)
        found = list(_leaked(before, held(temporary)))
    return found


def _leaked(before: Held, now: Held) -> Iterator[str]:
    for thread in now.threads - before.threads:
        yield f"the thread {thread.name!r} still runs"
    for child in sorted(now.children - before.children):
        yield f"the child process {child} still runs"
    for number, what in sorted(now.descriptors - before.descriptors):
        yield f"file descriptor {number} is still open: {what}"
    for path in sorted(now.temporary - before.temporary):
        yield f"a temporary file is left: {path}"


def processes_started(before: Held) -> bool:
    """Tell whether a child process ran and was waited for since, however it was started."""
    return _waited_for() > before.waited_for


def _waited_for() -> int:
    """Return the page faults of all children that were waited for; none runs without any."""
    import resource

    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_minflt


def _children() -> frozenset[int]:
    found: set[int] = set()
    for task in _listed(Path(f"/proc/{os.getpid()}/task")):
        with contextlib.suppress(OSError):
            found.update(map(int, (task / "children").read_text(encoding="ascii").split()))
    return frozenset(found)


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


def _below(directory: Path) -> Iterator[str]:
    for root, directories, files in os.walk(directory):
        yield from (os.path.join(root, name) for name in (*directories, *files))  # noqa: PTH118 - many of them
