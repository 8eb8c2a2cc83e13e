"""What an audit hook is told of: files, processes, threads, signals and whom a stage talks to."""

from __future__ import annotations

import os
import sys
import threading
import weakref
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from crucible_core.testing.asked_variables import tell_of_variables
from crucible_core.testing.other_processes import Notes, is_another_s
from crucible_core.testing.recorded_calls import let_forks_note, note, records, writer

_WRITE_FLAGS = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_CHANGES: dict[str, tuple[tuple[int, int | None], ...]] = {
    "os.mkdir": ((0, 2),),
    "os.rmdir": ((0, 1),),
    "os.remove": ((0, 1),),
    "os.rename": ((0, 2), (1, 3)),
    "os.truncate": ((0, None),),
    "os.link": ((1, 3),),
    "os.symlink": ((1, 2),),
    "os.chmod": ((0, 2),),
    "os.chown": ((0, 3),),
    "os.utime": ((0, 3),),
    "os.setxattr": ((0, None),),
    "os.removexattr": ((0, None),),
    "shutil.rmtree": ((0, 1),),
}
"""Event to where among its arguments the paths are, each with the directory it is relative to."""
_OF_WHAT_IS_THERE = frozenset({"os.rmdir", "os.remove", "os.rename", "shutil.rmtree"})
_NETWORK = frozenset(
    {
        *("socket.connect", "socket.bind", "socket.sendto", "socket.sendmsg", "socket.getaddrinfo"),
        *("socket.gethostbyname", "socket.gethostbyaddr", "socket.getnameinfo"),
    }
)
_PROCESSES = frozenset(
    {"subprocess.Popen", "os.system", "os.fork", "os.forkpty", "os.posix_spawn", "os.exec", "os.spawn", "pty.spawn"}
)
_SETS_VARIABLES = frozenset({"os.putenv", "os.unsetenv"})
_NATIVELY = frozenset({"setenv", "unsetenv", "putenv", "clearenv"})
"""Functions of the C library's that set variables of the environment."""
_SIGNALS = frozenset({"os.kill", "os.killpg"})
_THREADS = frozenset({"_thread.start_new_thread", "_thread.start_joinable_thread"})
_LOCAL_FAMILIES = frozenset({1, 16, 38})  # AF_UNIX, AF_NETLINK, AF_ALG: no other machine is at the other end
_READERS = ("importlib", "_frozen_importlib", "linecache", "inspect", "tokenize", "zoneinfo", "pkgutil", "encodings")
"""Modules that read files of code, metadata and tables, which are as they are."""
_NO_PATHS = ("pipe:", "socket:", "anon_inode:", "/memfd:")

_SETTERS: set[str] = set()
"""Packages whose code set a variable of the environment, or got hold of a function that does, in this process."""
_installed: list[int] = []


def install(notes: Path | None = None) -> None:
    """Install the hook, once per process; it looks on only while `recording`.

    Args:
        notes: A file in which forks of this process may note what they do.
    """
    if notes is not None:
        let_forks_note(Notes(notes))
    if os.getpid() not in _installed:
        _installed.append(os.getpid())
        if len(_installed) == 1:  # a forked child has its parent's hook
            sys.addaudithook(_hook)
            tell_of_variables(type(os.environ))
            if sys.version_info < (3, 12):  # which is the first to tell of threads
                _tell_of_threads(threading)


def _tell_of_threads(module: Any) -> None:
    start = module._start_new_thread

    def start_new_thread(function: Any, *arguments: Any) -> Any:
        _hook("_thread.start_new_thread", (function,))
        return start(function, *arguments)

    module._start_new_thread = start_new_thread


def set_variables(packages: Iterable[str]) -> bool:
    """Tell whether code of one of these packages ever set a variable, or got hold of a function of C that does."""
    return not _SETTERS.isdisjoint(packages)


def file_facts(path: str) -> tuple[int, int] | None:
    """Return size and time of the last change of a file; None where there is none."""
    try:
        status = os.lstat(path)
    except OSError:
        return None
    return status.st_size, status.st_mtime_ns


def _hook(event: str, arguments: tuple[Any, ...]) -> None:
    if not records():
        return
    if event == "open":
        _opened(*arguments[:3])
    elif event in _CHANGES:
        _changed(event, arguments)
    elif event == "sqlite3.connect":
        _connected(arguments[0])
    elif event in _NETWORK:
        _talked(event, arguments)
    elif event in _SETS_VARIABLES:
        _SETTERS.add(writer())
        note("set", _text(arguments[0]))
    elif event == "ctypes.dlsym" and arguments[1] in _NATIVELY:
        _SETTERS.add(writer())
    else:
        _started(event, arguments)


def _started(event: str, arguments: tuple[Any, ...]) -> None:
    thread = getattr(arguments[0], "__self__", None) if event in _THREADS else None
    if isinstance(thread, threading.Thread):
        note("threads", (weakref.ref(thread), writer()))
    elif event in _PROCESSES:
        note("processes", f"{event}{_program(arguments)}")
    elif event in _SIGNALS and arguments[1] and is_another_s(arguments[0]):
        note("signals", (str(arguments[0]), event))


def _opened(path: Any, mode: Any, flags: Any) -> None:
    writing = any(letter in mode for letter in "wax+") if isinstance(mode, str) else bool(flags & _WRITE_FLAGS)
    if writing and not isinstance(path, int) and path is not None:
        full = _path(path, None, follow=True)
        _wrote(full, "open")
        if mode is None and not _text(path).startswith("/"):  # os.open, and it does not tell relative to what
            for calls in records():
                calls.unsure.add(full)
    elif not writing and not isinstance(path, int) and path is not None and not _reads_by_itself():
        note("read", (_path(path, None, follow=True), writer()))


def _changed(event: str, arguments: tuple[Any, ...]) -> None:
    places = [(arguments[at], None if of is None else _argument(arguments, of)) for at, of in _CHANGES[event]]
    paths = [_path(path, directory) for path, directory in places]
    if event in _OF_WHAT_IS_THERE and not os.path.lexists(paths[0]):
        return  # it is about to fail
    if event == "os.mkdir" and os.path.isdir(paths[0]):  # noqa: PTH112 - a text
        return
    for path in paths:
        if not path.startswith(_NO_PATHS):
            _wrote(path, event)
    if event in _OF_WHAT_IS_THERE:
        for calls in records():
            calls.unsure.discard(paths[0])


def _connected(database: Any) -> None:
    name = _text(database)
    if name.startswith("file:"):
        name = unquote(urlsplit(name).path)
    if name in ("", ":memory:"):
        return
    path = _path(name, None, follow=True)
    for calls in records():
        calls.databases.setdefault(path, file_facts(path))


def _talked(event: str, arguments: tuple[Any, ...]) -> None:
    if event.startswith("socket.get"):
        note("network", (_host(arguments[0]), event))
        return
    socket, address = arguments[0], arguments[1]
    if getattr(socket, "family", None) not in _LOCAL_FAMILIES and address is not None:
        note("network", (_host(address), event))


def _host(address: Any) -> str:
    host = address[0] if isinstance(address, tuple) and address else address
    return "" if host is None else host.decode("ascii", "replace") if isinstance(host, bytes) else str(host)


def _argument(arguments: tuple[Any, ...], index: int) -> Any:
    return arguments[index] if index < len(arguments) else None


def _program(arguments: tuple[Any, ...]) -> str:
    return f" {arguments[0]!r:.200}" if arguments else ""


def _text(value: Any) -> str:
    try:
        return os.fsdecode(value)
    except TypeError:
        return repr(value)


def _path(value: Any, directory: Any, *, follow: bool = False) -> str:
    """Return a path without links, that of its last part excepted unless asked for."""
    try:
        if isinstance(value, int):
            return os.readlink(f"/proc/self/fd/{value}")  # noqa: PTH115 - as a text
        text = _text(value)
        if isinstance(directory, int) and directory >= 0:
            text = os.path.join(os.readlink(f"/proc/self/fd/{directory}"), text)  # noqa: PTH115, PTH118 - as a text
        if follow:
            return os.path.realpath(text)
        parent, name = os.path.split(text.rstrip("/") or "/")
        return os.path.join(os.path.realpath(parent), name)  # noqa: PTH118 - a text
    except (ValueError, OSError):
        return repr(value)


def _wrote(path: str, how: str) -> None:
    if note("written", (path, how)):
        package = writer()
        for calls in records():
            calls.writers[path] = package


def _reads_by_itself() -> bool:
    """Tell whether the standard library reads for purposes of its own, whatever it was called for."""
    found: Any = sys._getframe(1)
    while found is not None:
        if str(found.f_globals.get("__name__", "")).startswith(_READERS):
            return True
        found = found.f_back
    return False
