"""A record of what Python code asks of the operating system while a stage runs."""

from __future__ import annotations

import os
import sys
import threading
import weakref
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from crucible_core.testing.other_processes import Notes

_NOTED = frozenset({"written", "network"})
"""What forks of a process note of what they do."""
_IMPORTING = "_find_and_load"
_LIBRARY = os.path.dirname(os.__file__)  # noqa: PTH120 - a prefix of strings
_RECORDERS = (__name__, "crucible_core.testing.audited_calls", "crucible_core.testing.asked_variables")


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
        asked: Variables of the environment that were asked for by name, each with the package of the very code that did
            so; those of a copy of all variables do not count.
        set: Variables that were set or removed.
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
    asked: list[tuple[str, str]] = field(default_factory=list)
    set: list[str] = field(default_factory=list)
    imports: bool = False

    def variables(self, packages: Collection[str]) -> list[str]:
        """Return the variables that code of these packages asked for.

        Those that were set meanwhile are left out, since what sets one has to know what to put back.
        """
        asked = dict.fromkeys(name for name, reader in self.asked if reader in packages)
        return [name for name in asked if name not in self.set]


_current: list[Calls] = []
_NOTES: list[Notes] = []
"""Where forks of this process note what they write and whom they talk to."""


def records() -> list[Calls]:
    """Return the records that are being made."""
    return _current


def let_forks_note(notes: Notes) -> None:
    """Give forks of this process something in which they note what they do."""
    _NOTES[:] = [notes]


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


def note(kind: str, what: Any) -> bool:
    """Add something to one of the lists of every record; tell whether it counts also where imports do not."""
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


def writer() -> str:
    """Return the package of the innermost code that is neither the standard library's nor the kit's."""
    found: Any = sys._getframe(2)
    while found is not None:
        file, name = found.f_code.co_filename, str(found.f_globals.get("__name__", ""))
        standard = file.startswith("<frozen") or (file.startswith(_LIBRARY) and "-packages" not in file)
        if not standard and name not in _RECORDERS:
            return name.partition(".")[0]
        found = found.f_back
    return ""
