"""What Python code asks of the operating system while a stage runs, seen through an audit hook."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

_WRITE_FLAGS = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_CHANGES = frozenset(
    {
        *("os.mkdir", "os.rmdir", "os.remove", "os.rename", "os.truncate", "os.link", "os.symlink", "os.chmod"),
        *("os.chown", "os.utime", "os.setxattr", "shutil.rmtree", "shutil.move", "sqlite3.connect"),
    }
)
_NETWORK = frozenset(
    {
        *("socket.connect", "socket.bind", "socket.sendto", "socket.sendmsg", "socket.getaddrinfo"),
        *("socket.gethostbyname", "socket.gethostbyaddr", "socket.getnameinfo"),
    }
)
_PROCESSES = frozenset(
    {"subprocess.Popen", "os.system", "os.fork", "os.forkpty", "os.posix_spawn", "os.exec", "os.spawn", "pty.spawn"}
)
_IMPORTING = "_find_and_load"
_AF_UNIX = 1


@dataclass
class Calls:
    """What was seen, in order.

    Attributes:
        written: Paths that were opened for writing, made, renamed or removed, each with what was done.
        network: Addresses that were talked to, looked up or listened at, each with what was done.
        processes: Processes that were started, each with how.
        imports: Whether what is called while a module is imported counts as well.
    """

    written: list[tuple[str, str]] = field(default_factory=list)
    network: list[tuple[str, str]] = field(default_factory=list)
    processes: list[str] = field(default_factory=list)
    imports: bool = False


_current: list[Calls] = []
_installed: list[int] = []


def install() -> None:
    """Install the hook, once per process; it looks on only while `recording`."""
    if os.getpid() not in _installed:
        _installed.append(os.getpid())
        if len(_installed) == 1:  # a forked child has its parent's hook
            sys.addaudithook(_hook)


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


def _hook(event: str, arguments: tuple[Any, ...]) -> None:
    if not _current:
        return
    if event == "open":
        _opened(*arguments[:3])
    elif event in _CHANGES:
        _note("written", (_path(arguments[0]), event))
        if event in ("os.rename", "os.link", "os.symlink", "shutil.move"):
            _note("written", (_path(arguments[1]), event))
    elif event in _NETWORK:
        _talked(event, arguments)
    elif event in _PROCESSES:
        _note("processes", f"{event}{_program(arguments)}")


def _opened(path: Any, mode: Any, flags: Any) -> None:
    writing = any(letter in mode for letter in "wax+") if isinstance(mode, str) else bool(flags & _WRITE_FLAGS)
    if writing and not isinstance(path, int) and path is not None:
        _note("written", (_path(path), "open"))


def _talked(event: str, arguments: tuple[Any, ...]) -> None:
    if event.startswith("socket.get"):
        _note("network", (str(arguments[0]), event))
        return
    socket, address = arguments[0], arguments[1]
    if getattr(socket, "family", None) != _AF_UNIX:
        host = address[0] if isinstance(address, tuple) and address else address
        _note("network", (str(host), event))


def _program(arguments: tuple[Any, ...]) -> str:
    return f" {arguments[0]!r:.200}" if arguments else ""


def _path(value: Any) -> str:
    if isinstance(value, int):
        return f"file descriptor {value}"
    try:
        return os.path.abspath(os.fsdecode(value))  # noqa: PTH100 - links are not to be followed
    except (TypeError, ValueError, OSError):
        return repr(value)


def _note(kind: str, what: Any) -> None:
    importing = _during_import()
    for calls in _current:
        if calls.imports or not importing:
            getattr(calls, kind).append(what)


def _during_import() -> bool:
    frame = sys._getframe(2)
    found: Any = frame
    while found is not None:
        if found.f_code.co_name == _IMPORTING:
            return True
        found = found.f_back
    return False
