"""Values that grow without copying: a map and a sequence whose older versions stay as they were."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, Generic, TypeVar, overload

V = TypeVar("V")
_NONE: Any = object()
_LAYER = 64  # entries copied at most when one key is set; larger layers are shared, never copied


class FrozenMap(Mapping[str, V], Generic[V]):
    """A read-only mapping; ``set`` returns a new one that shares almost everything with it.

    The entries lie in layers, newest last, each an ordinary dict that nobody changes again. Setting a key copies the
    newest layer only (64 entries at most) and merges layers when the newest has grown to half its elder, as a binary
    counter carries, so setting n keys one after the other costs O(n log n) in all and looking one up O(log n).
    """

    __slots__ = ("_layers", "_origin")
    _layers: tuple[dict[str, V], ...]
    _origin: object

    def __init__(self, entries: Mapping[str, V] | None = None) -> None:
        if isinstance(entries, FrozenMap):
            self._layers, self._origin = entries._layers, entries._origin
        else:
            self._layers, self._origin = ({**(entries or {})},), object()

    def set(self, key: str, value: V) -> FrozenMap[V]:
        """Return a map that holds ``value`` under ``key`` as well."""
        return self.update({key: value})

    def update(self, entries: Mapping[str, V]) -> FrozenMap[V]:
        """Return a map that holds ``entries`` as well; they win over what was there."""
        layers = self._layers
        newest = layers[-1]
        if len(newest) < _LAYER:
            return self._of((*layers[:-1], {**newest, **entries}), self._origin)
        return self._of(_carried([*layers, {**entries}]), self._origin)

    @classmethod
    def _of(cls, layers: tuple[dict[str, V], ...], origin: object) -> FrozenMap[V]:
        made = cls.__new__(cls)
        made._layers = layers
        made._origin = origin
        return made

    def grew_from(self, elder: FrozenMap[V]) -> bool:
        """Tell whether both began as one map, so that no key of the longer line is missing from what came after it."""
        return self._origin is elder._origin

    def changes_since(self, elder: FrozenMap[V]) -> Iterator[tuple[str, V]]:
        """Yield each key whose value is another than in ``elder``, with the value; shared layers are not looked at."""
        known = {id(layer) for layer in elder._layers}
        before = elder._layers[-1].get  # what most entries of a copied layer are still equal to
        fresh = (layer for layer in self._layers if id(layer) not in known)
        for key in dict.fromkeys(
            key for layer in fresh for key, held in layer.items() if before(key, _NONE) is not held
        ):
            value = self[key]
            if key not in elder or elder[key] is not value:
                yield key, value

    def __getitem__(self, key: str) -> V:
        for layer in reversed(self._layers):
            if key in layer:
                return layer[key]
        raise KeyError(key)

    def __iter__(self) -> Iterator[str]:
        return iter(self._merged())

    def __len__(self) -> int:
        return len(self._merged())

    def __contains__(self, key: object) -> bool:
        return any(key in layer for layer in self._layers)

    def __bool__(self) -> bool:
        return any(self._layers)

    def __repr__(self) -> str:
        return f"FrozenMap({self._merged()!r})"

    def __reduce__(self) -> tuple[Any, ...]:
        return FrozenMap, ({**self._merged()},)

    def __deepcopy__(self, memo: dict[int, Any]) -> FrozenMap[V]:
        from copy import deepcopy

        return FrozenMap(deepcopy(self._merged(), memo))

    def _merged(self) -> dict[str, V]:
        if len(self._layers) == 1:
            return self._layers[0]
        merged: dict[str, V] = {}
        for layer in self._layers:
            merged.update(layer)
        return merged


def _carried(layers: list[dict[str, V]]) -> tuple[dict[str, V], ...]:
    """Merge from the newest end while an elder full layer is at most twice as long as the one after it."""
    while len(layers) > 2 and len(layers[-2]) * 2 >= len(layers[-3]):  # noqa: PLR2004 - the newest layer is still open
        elder, younger = layers[-3], layers[-2]
        layers[-3:-1] = [{**elder, **younger}]
    return tuple(layers)


class Rows(Sequence[V], Generic[V]):
    """A read-only sequence; ``extend`` returns a longer one that shares the rows already there.

    All versions that grew from each other share one list, each knowing its own length. Only the longest may append in
    place, and only once: the right to do so is an entry in ``_claim`` that ``pop`` takes atomically. A second branch
    from the same version copies.
    """

    __slots__ = ("_claim", "_length", "_rows")
    _rows: list[V]
    _length: int
    _claim: list[bool]

    def __init__(self, rows: Iterable[V] = ()) -> None:
        self._rows = list(rows)
        self._length = len(self._rows)
        self._claim = [True]

    def extend(self, rows: Iterable[V]) -> Rows[V]:
        """Return a sequence with ``rows`` after those already there."""
        added = list(rows)
        try:
            self._claim.pop()
            shared = self._rows
        except IndexError:
            shared = self._rows[: self._length]
        shared.extend(added)
        return self._of(shared, self._length + len(added))

    @classmethod
    def _of(cls, rows: list[V], length: int) -> Rows[V]:
        made = cls.__new__(cls)
        made._rows, made._length, made._claim = rows, length, [True]
        return made

    @overload
    def __getitem__(self, index: int) -> V: ...
    @overload
    def __getitem__(self, index: slice) -> list[V]: ...
    def __getitem__(self, index: int | slice) -> V | list[V]:
        if isinstance(index, slice):
            return [self._rows[i] for i in range(*index.indices(self._length))]
        if not -self._length <= index < self._length:
            raise IndexError(f"row {index} of {self._length}")
        return self._rows[index if index >= 0 else index + self._length]

    def __iter__(self) -> Iterator[V]:
        return islice(self._rows, self._length)

    def __len__(self) -> int:
        return self._length

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, (Rows, list, tuple)):
            return NotImplemented
        # the same object is equal to itself, as in a list: a row with NaN in it
        return len(self) == len(other) and all(
            mine is theirs or mine == theirs for mine, theirs in zip(self, other, strict=True)
        )

    def __hash__(self) -> int:
        return hash(tuple(self))

    def __repr__(self) -> str:
        return f"Rows({list(self)!r})"

    def __reduce__(self) -> tuple[Any, ...]:
        return Rows, (list(self),)

    def __deepcopy__(self, memo: dict[int, Any]) -> Rows[V]:
        from copy import deepcopy

        return Rows(deepcopy(list(self), memo))
