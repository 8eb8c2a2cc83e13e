"""Values in a canonical form, so that two can be compared: in one process or in two, before and after."""

from __future__ import annotations

import dataclasses
import hashlib
import math
import types
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from enum import Enum
from functools import cached_property
from pathlib import PurePath
from typing import Any

_MOST_LEAVES = 5_000
_DEEP = 40

Leaves = dict[str, str]
"""Place within a value to what is there; equal for equal values in whatever process."""


def leaves(value: Any, *, public: bool = False) -> Leaves:
    """Return what a value is made of.

    Mappings and sets have no order, NaN equals NaN, numbers of numpy equal Python's, and nothing depends on where in
    memory an object lies. A value of very many parts is summed up in one line.

    Args:
        value: The value.
        public: Leave private attributes of objects out, and attributes that are computed once and kept; a stage may
            fill such a cache of an object that is not its own.
    """
    found: Leaves = {}
    for place, text in _leaves(value, "", (), public):
        found[place] = text
    if len(found) <= _MOST_LEAVES:
        return found
    return {"": f"{len(found)} parts with the hash {digest_of(found)}"}


def digest_of(found: Leaves) -> str:
    """Return a hash of leaves."""
    text = "\n".join(f"{place}\x1f{found[place]}" for place in sorted(found))
    return hashlib.blake2b(text.encode("utf-8", "backslashreplace"), digest_size=16).hexdigest()


def first_differences(one: Leaves, other: Leaves, most: int = 3) -> str:
    """Say where two values differ."""
    places = [place for place in sorted(one.keys() | other.keys()) if one.get(place) != other.get(place)]
    said = [f"{place or 'value'}: {one.get(place, 'nothing')} and {other.get(place, 'nothing')}" for place in places]
    return "; ".join(said[:most]) + (f"; and {len(said) - most} more" if len(said) > most else "")


def _leaves(value: Any, place: str, within: tuple[int, ...], public: bool) -> Iterator[tuple[str, str]]:
    simple = _simple(value)
    if simple is not None:
        yield place, simple
        return
    if id(value) in within or len(within) > _DEEP:
        yield place, "seen above" if id(value) in within else "deeper than is looked"
        return
    inside = (*within, id(value))
    parts = list(_parts(value, public))
    yield f"{place}:", _kind(value)
    for name, part in parts:
        yield from _leaves(part, f"{place}{name}", inside, public)


def _simple(value: Any) -> str | None:
    """Return the text of a value without parts; None for others."""
    if value is None or isinstance(value, (bool, str)) or type(value) is int:
        return repr(value.value if isinstance(value, Enum) else value)
    if isinstance(value, Enum):
        return f"{type(value).__qualname__}.{value.name}"
    if isinstance(value, (int, float)):
        return _number(value)
    if isinstance(value, (bytes, bytearray, memoryview)):
        return f"bytes {hashlib.blake2b(bytes(value), digest_size=8).hexdigest()}"
    if isinstance(value, PurePath):
        return f"path {value}"
    if isinstance(value, (type, types.FunctionType, types.BuiltinFunctionType, types.ModuleType)):
        return f"{getattr(value, '__module__', '')}:{getattr(value, '__qualname__', getattr(value, '__name__', ''))}"
    return _array(value)


def _number(value: float) -> str:
    if isinstance(value, int):
        return repr(int(value))
    number = float(value)
    return "nan" if math.isnan(number) else repr(number)


def _array(value: Any) -> str | None:
    """Return an array's kind, shape and hash; None for what is no array of plain numbers."""
    if getattr(value, "shape", None) == () and hasattr(value, "item"):
        item = value.item()
        return _simple(item) if type(item) is not type(value) else None
    if hasattr(value, "detach") and hasattr(value, "cpu"):
        value = value.detach().cpu().numpy()
    if hasattr(value, "dtype") and hasattr(value, "tobytes") and getattr(value.dtype, "kind", "O") in "biufcSUmMV":
        content = hashlib.blake2b(value.tobytes(), digest_size=16).hexdigest()
        return f"{value.dtype} array {tuple(value.shape)} {content}"
    return None


def _parts(value: Any, public: bool) -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping):
        yield from ((f"[{key!r}]", each) for key, each in value.items())
    elif isinstance(value, AbstractSet):
        ordered = sorted(value, key=lambda each: digest_of(leaves(each)))
        yield from ((f"{{{index}}}", each) for index, each in enumerate(ordered))
    elif isinstance(value, Sequence):
        yield from ((f"[{index}]", each) for index, each in enumerate(value))
    elif hasattr(value, "to_dict") and hasattr(value, "columns") and hasattr(value, "index"):  # a data frame
        yield from ((f"[{name!r}]", list(value[name])) for name in value.columns)
        yield ".index", list(value.index)
    elif hasattr(value, "tolist") and hasattr(value, "dtype"):  # an array of objects, a series
        yield from ((f"[{index}]", each) for index, each in enumerate(value.tolist()))
    else:
        yield from ((f".{name}", each) for name, each in _attributes(value, public))


def _attributes(value: Any, public: bool) -> Iterator[tuple[str, Any]]:
    names = dict.fromkeys(getattr(value, "__dict__", {}))
    for kind in type(value).__mro__:
        slots = vars(kind).get("__slots__", ())
        names.update(dict.fromkeys([slots] if isinstance(slots, str) else slots))
    if dataclasses.is_dataclass(value):
        names.update(dict.fromkeys(field.name for field in dataclasses.fields(value)))
    for name in names:
        kept = isinstance(getattr(type(value), name, None), cached_property)
        if name.startswith("__") or (public and (name.startswith("_") or kept)):
            continue
        try:
            yield name, object.__getattribute__(value, name)
        except AttributeError:
            continue


def _kind(value: Any) -> str:
    """Return what kind of container something is; all mappings are alike, and all sequences."""
    if isinstance(value, Mapping):
        return f"mapping of {len(value)}"
    if isinstance(value, AbstractSet):
        return f"set of {len(value)}"
    return f"list of {len(value)}" if isinstance(value, Sequence) else type(value).__qualname__
