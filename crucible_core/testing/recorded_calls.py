"""What Python code asks of the operating system while a stage runs, seen through an audit hook."""

from __future__ import annotations

import os
import sys
import threading
import weakref
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from crucible_core.testing.other_processes import Notes, is_another_s
from crucible_core.testing.probing import is_subscript

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
_NOTED = frozenset({"written", "network"})
"""What forks of a process note of what they do."""
_THREADS = frozenset({"_thread.start_new_thread", "_thread.start_joinable_thread"})
_IMPORTING = "_find_and_load"
_LOCAL_FAMILIES = frozenset({1, 16, 38})  # AF_UNIX, AF_NETLINK, AF_ALG: no other machine is at the other end
_COPYING = frozenset({"copy", "items", "values", "keys", "__iter__", "update", "__repr__", "__or__", "__ror__"})
_LIBRARY = os.path.dirname(os.__file__)  # noqa: PTH120 - a prefix of strings
_MAPPING_FILES = (os.__file__, "<frozen os>", "<frozen _collections_abc>", f"{_LIBRARY}/_collections_abc.py")
"""Where the methods of the environment are."""
_READERS = ("importlib", "_frozen_importlib", "linecache", "inspect", "tokenize", "zoneinfo", "pkgutil", "encodings")
"""Modules that read files of code, metadata and tables, which are as they are."""
_NO_PATHS = ("pipe:", "socket:", "anon_inode:", "/memfd:")


@dataclass
class Calls:
    """What was seen, in order.

    Attributes:
        written: Paths that were opened for writing, made, renamed or removed, each with what was done.
        writers: Path to the package of the code that last did so, the standard library apart.
        unsure: Paths among those that are only right if they were relative to the working directory.
        read: Paths of files that were opened to be read, each with the package of the code that did so, the standard
            library apart; what that reads to import, or to look at source code or metadata, does not count.
        databases: Paths of SQLite databases to their size and time of the last change before they were opened.
        network: Addresses that were talked to, looked up or listened at, each with what was done.
        threads: Threads that were started, each with the package of the code that did so, the standard library apart;
            held weakly, since a thread that has ended may hold what its pool is to close.
        processes: Processes that were started, each with how.
        signals: Processes, neither itself nor started by it, that a signal was sent to, each with how.
        variables: Variables of the environment that were asked for by name, each with the package of the very code that
            did so; those of a copy of all variables do not count.
        imports: Whether what is called while a module is imported counts as well.
    """

    written: list[tuple[str, str]] = field(default_factory=list)
    writers: dict[str, str] = field(default_factory=dict)
    unsure: set[str] = field(default_factory=set)
    read: list[tuple[str, str]] = field(default_factory=list)
    databases: dict[str, tuple[int, int] | None] = field(default_factory=dict)
    network: list[tuple[str, str]] = field(default_factory=list)
    threads: list[tuple[weakref.ref[threading.Thread], str]] = field(default_factory=list)
    processes: list[str] = field(default_factory=list)
    signals: list[tuple[str, str]] = field(default_factory=list)
    variables: list[tuple[str, str]] = field(default_factory=list)
    imports: bool = False


_SETTERS: set[str] = set()
"""Packages whose code set a variable of the environment, or got hold of a function that does, in this process."""

_current: list[Calls] = []
_NOTES: list[Notes] = []
"""Where forks of this process note what they write and whom they talk to."""
_installed: list[int] = []


def install(notes: Path | None = None) -> None:
    """Install the hook, once per process; it looks on only while `recording`.

    Args:
        notes: A file in which forks of this process may note what they do.
    """
    if notes is not None:
        _NOTES[:] = [Notes(notes)]
    if os.getpid() not in _installed:
        _installed.append(os.getpid())
        if len(_installed) == 1:  # a forked child has its parent's hook
            sys.addaudithook(_hook)
            _tell_of_variables(type(os.environ))
            if sys.version_info < (3, 12):  # which is the first to tell of threads
                _tell_of_threads(threading)


def _tell_of_threads(module: Any) -> None:
    start = module._start_new_thread

    def start_new_thread(function: Any, *arguments: Any) -> Any:
        _hook("_thread.start_new_thread", (function,))
        return start(function, *arguments)

    module._start_new_thread = start_new_thread


def _tell_of_variables(kind: Any) -> None:
    look_up = kind.__getitem__

    def __getitem__(self: Any, key: Any) -> Any:  # noqa: N807 - it stands in for one
        if _current:
            reader = _asking(sys._getframe(1))
            if reader:
                _note("variables", (str(key), reader))
        return look_up(self, key)

    kind.__getitem__ = __getitem__


def _asking(frame: Any) -> str:
    """Return the package of the code that asks for one variable by name; empty where all are copied.

    A mapping is copied in C, called by a function that does not look up an item or call a method of its own.
    """
    found = frame
    while found is not None and found.f_code.co_filename.startswith(_MAPPING_FILES):
        if found.f_code.co_name in _COPYING:
            return ""
        found = found.f_back
    if found is frame and not is_subscript(frame):
        return ""
    return "" if found is None else str(found.f_globals.get("__name__", "")).partition(".")[0]


@contextmanager
def recording(*, imports: bool = False) -> Iterator[Calls]:
    """Collect what is called meanwhile, in any thread.

    Args:
        imports: Whether what is called while a module is imported counts as well.
    """
    calls = Calls(imports=imports)
    _current.append(calls)
    try:
        yield calls
    finally:
        _current.remove(calls)
        for kind, what in _NOTES[0].taken() if _NOTES and _NOTES[0].pid == os.getpid() else ():
            getattr(calls, kind).append(what)


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
    if not _current:
        return
    if event == "open":
        _opened(*arguments[:3])
    elif event in _CHANGES:
        _changed(event, arguments)
    elif event == "sqlite3.connect":
        _connected(arguments[0])
    elif event in _NETWORK:
        _talked(event, arguments)
    elif event in _SETS_VARIABLES or (event == "ctypes.dlsym" and arguments[1] in _NATIVELY):
        _SETTERS.add(_writer())
    else:
        _started(event, arguments)


def _started(event: str, arguments: tuple[Any, ...]) -> None:
    thread = getattr(arguments[0], "__self__", None) if event in _THREADS else None
    if isinstance(thread, threading.Thread):
        _note("threads", (weakref.ref(thread), _writer()))
    elif event in _PROCESSES:
        _note("processes", f"{event}{_program(arguments)}")
    elif event in _SIGNALS and arguments[1] and is_another_s(arguments[0]):
        _note("signals", (str(arguments[0]), event))


def _opened(path: Any, mode: Any, flags: Any) -> None:
    writing = any(letter in mode for letter in "wax+") if isinstance(mode, str) else bool(flags & _WRITE_FLAGS)
    if writing and not isinstance(path, int) and path is not None:
        full = _path(path, None, follow=True)
        _wrote(full, "open")
        if mode is None and not _text(path).startswith("/"):  # os.open, and it does not tell relative to what
            for calls in _current:
                calls.unsure.add(full)
    elif not writing and not isinstance(path, int) and path is not None and not _reads_by_itself():
        _note("read", (_path(path, None, follow=True), _writer()))


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
        for calls in _current:
            calls.unsure.discard(paths[0])


def _connected(database: Any) -> None:
    name = _text(database)
    if name.startswith("file:"):
        name = unquote(urlsplit(name).path)
    if name in ("", ":memory:"):
        return
    path = _path(name, None, follow=True)
    for calls in _current:
        calls.databases.setdefault(path, file_facts(path))


def _talked(event: str, arguments: tuple[Any, ...]) -> None:
    if event.startswith("socket.get"):
        _note("network", (_host(arguments[0]), event))
        return
    socket, address = arguments[0], arguments[1]
    if getattr(socket, "family", None) not in _LOCAL_FAMILIES and address is not None:
        _note("network", (_host(address), event))


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
    if _note("written", (path, how)):
        writer = _writer()
        for calls in _current:
            calls.writers[path] = writer


def _note(kind: str, what: Any) -> bool:
    if _NOTES and _NOTES[0].pid != os.getpid():
        if kind in _NOTED:
            notes = _NOTES.pop()  # it is about to write itself
            notes.note(kind, what)
            _NOTES.append(notes)
        return False
    importing = during_import()
    for calls in _current:
        if calls.imports or not importing:
            getattr(calls, kind).append(what)
    return not importing


def during_import() -> bool:
    """Tell whether this is called, however indirectly, by a module that is being imported."""
    found: Any = sys._getframe(1)
    while found is not None:
        if found.f_code.co_name == _IMPORTING:
            return True
        found = found.f_back
    return False


def _reads_by_itself() -> bool:
    """Tell whether the standard library reads for purposes of its own, whatever it was called for."""
    found: Any = sys._getframe(1)
    while found is not None:
        if str(found.f_globals.get("__name__", "")).startswith(_READERS):
            return True
        found = found.f_back
    return False


def _writer() -> str:
    """Return the package of the innermost code that is neither the standard library's nor the kit's."""
    found: Any = sys._getframe(2)
    while found is not None:
        file, name = found.f_code.co_filename, str(found.f_globals.get("__name__", ""))
        standard = file.startswith("<frozen") or (file.startswith(_LIBRARY) and "-packages" not in file)
        if not standard and name != __name__:
            return name.partition(".")[0]
        found = found.f_back
    return ""
