"""Values in a canonical form, so that two can be compared: in one process or in two, before and after."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from typing import Any

from crucible_core.testing.leaf_texts import text_of
from crucible_core.testing.value_parts import View, kind_of, parts_of

_MOST_LEAVES = 5_000
_DEEP = 40

Leaves = dict[str, str]
"""Place within a value to what is there; equal for equal values in whatever process."""


def leaves(value: Any, *, public: bool = False, exact: bool = False) -> Leaves:
    """Return what a value is made of.

    Mappings and sets have no order, NaN equals NaN, numbers of numpy equal Python's, and nothing depends on where in
    memory an object lies. A value of very many parts is summed up in one line. What raises when it is looked at is
    known by its type alone.

    Args:
        value: The value.
        public: Leave private attributes of objects out, and attributes that are computed once and kept; a stage may
            fill such a cache of an object that is not its own.
        exact: Let the order of keys count, and whether an array may be written to.
    """
    found: Leaves = {}
    for place, text in _leaves(value, "", (), View(public, exact)):
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


def _leaves(value: Any, place: str, within: tuple[int, ...], view: View) -> Iterator[tuple[str, str]]:
    if id(value) in within or len(within) > _DEEP:
        yield place, "seen above" if id(value) in within else "deeper than is looked"
        return
    try:
        simple = text_of(value, exact=view.exact)
        kind, parts = ("", []) if simple is not None else (kind_of(value, view), _ordered_parts(value, view))
    except Exception:  # noqa: BLE001 - whatever an object of somebody else's raises that is looked at
        simple = f"a {type(value).__qualname__}"
    if simple is not None:
        yield place, simple
        return
    yield f"{place}:", kind
    for name, part in parts:
        yield from _leaves(part, f"{place}{name}", (*within, id(value)), view)


def _ordered_parts(value: Any, view: View) -> list[tuple[str, Any]]:
    if isinstance(value, AbstractSet):
        ordered = sorted(value, key=lambda each: digest_of(leaves(each)))
        return [(f"{{{index}}}", each) for index, each in enumerate(ordered)]
    return [(_name(name), part) for name, part in parts_of(value, view)]


def _name(name: Any) -> str:
    """Return the name of a part; a key that is an object by what it is made of, since its text may be an address."""
    if isinstance(name, str):
        return name
    text = repr(name[0])
    return f"[{digest_of(leaves(name[0])) if ' at 0x' in text else text}]"
