"""A context that remembers what of it was read and written."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from crucible_core.contract.persistent import FrozenMap, Rows

if TYPE_CHECKING:
    from crucible_core.contract.context import Context

_KEYED = ("assigns", "metrics", "artifacts")


@dataclass
class Accesses:
    """Context paths that were read and written; ``room.*`` for a look at everything in a room.

    Attributes:
        read: What was read.
        written: What was written.
        interrupt: Whether the first look at anything is interrupted, as by Ctrl-C at that moment.
        watched: Whether it is the stage that looks.
    """

    read: set[str] = field(default_factory=set)
    written: set[str] = field(default_factory=set)
    interrupt: bool = False
    watched: bool = False

    def note(self, path: str) -> None:
        """Remember that a path was read."""
        if not self.watched:
            return
        self.read.add(path)
        if self.interrupt:
            raise KeyboardInterrupt


def record_accesses(context: Context) -> Accesses:
    """Make a context, in place, and every one made from it, remember; return where."""
    accesses = Accesses()
    state = vars(context)
    for room in _KEYED:
        state[room] = _watched_map(state[room], room, accesses)
    state["outputs"] = _watched_rows(list(state["outputs"]), accesses)
    return accesses


def _watched_map(held: FrozenMap[Any], room: str, accesses: Accesses) -> WatchedMap:
    made = WatchedMap._of(held._layers, held._origin)
    assert isinstance(made, WatchedMap)
    made._room, made._accesses = room, accesses
    return made


def _watched_rows(rows: list[Mapping[str, Any]], accesses: Accesses) -> WatchedRows:
    made = WatchedRows(rows)
    made._accesses = accesses
    return made


class WatchedMap(FrozenMap[Any]):
    """One room of a context."""

    __slots__ = ("_accesses", "_room")
    _room: str
    _accesses: Accesses

    def _read(self, key: object) -> None:
        self._accesses.note(f"{self._room}.{key}")

    def update(self, entries: Mapping[str, Any]) -> FrozenMap[Any]:
        """Return the grown map, and remember what was written."""
        self._accesses.written.update(f"{self._room}.{key}" for key in entries)
        return _watched_map(FrozenMap._of(self._layers, self._origin).update(entries), self._room, self._accesses)

    def __getitem__(self, key: str) -> Any:
        self._read(key)
        return super().__getitem__(key)

    def get(self, key: str, default: Any = None) -> Any:
        """Return a value or the default, and remember which was asked for."""
        self._read(key)
        return FrozenMap._of(self._layers, self._origin).get(key, default)

    def __contains__(self, key: object) -> bool:
        self._read(key)
        return super().__contains__(key)

    def __iter__(self) -> Iterator[str]:
        self._read("*")
        return super().__iter__()

    def __len__(self) -> int:
        self._read("*")
        return super().__len__()

    def __bool__(self) -> bool:
        self._read("*")
        return super().__bool__()

    def __eq__(self, other: object) -> bool:
        self._read("*")
        return FrozenMap._of(self._layers, self._origin) == other

    __hash__ = None  # type: ignore[assignment] # as a mapping's

    def __reduce__(self) -> tuple[Any, ...]:
        self._read("*")
        return super().__reduce__()

    def __deepcopy__(self, memo: dict[int, Any]) -> FrozenMap[Any]:
        return _watched_map(super().__deepcopy__(memo), self._room, self._accesses)

    def __repr__(self) -> str:
        self._read("*")
        return FrozenMap.__repr__(FrozenMap._of(self._layers, self._origin))


class WatchedRows(Rows[Mapping[str, Any]]):
    """The outputs of a context."""

    __slots__ = ("_accesses",)
    _accesses: Accesses

    def _look(self) -> None:
        self._accesses.note("outputs")

    def extend(self, rows: Iterable[Mapping[str, Any]]) -> Rows[Mapping[str, Any]]:
        """Return the longer sequence, and remember that it was written."""
        self._accesses.written.add("outputs")
        return _watched_rows([*super().__iter__(), *rows], self._accesses)

    def __getitem__(self, index: Any) -> Any:
        self._look()
        return super().__getitem__(index)

    def __iter__(self) -> Iterator[Mapping[str, Any]]:
        self._look()
        return super().__iter__()

    def __len__(self) -> int:
        self._look()
        return super().__len__()

    def __eq__(self, other: object) -> bool:
        self._look()
        return Rows.__eq__(Rows(Rows.__iter__(self)), other)

    __hash__ = Rows.__hash__

    def __reduce__(self) -> tuple[Any, ...]:
        self._look()
        return Rows, (list(Rows.__iter__(self)),)

    def __deepcopy__(self, memo: dict[int, Any]) -> Rows[Mapping[str, Any]]:
        from copy import deepcopy

        return _watched_rows(deepcopy(list(Rows.__iter__(self)), memo), self._accesses)
