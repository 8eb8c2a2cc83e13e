"""What an object of an unknown kind holds: its attributes, and what it would be pickled as."""

from __future__ import annotations

import dataclasses
import warnings
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any

_ITEMS, _ITEMS_END = 3, 5
"""Where in what it is pickled as there are iterators of what a list or a mapping holds."""
_SAYING_NOTHING = (object.__reduce__, object.__reduce_ex__)


def state_of(value: Any, *, public: bool) -> Iterator[tuple[str, Any]]:
    """Yield name and value of what an object holds.

    Args:
        value: The object.
        public: Leave out private attributes, and such as are computed once and kept.
    """
    attributes = dict(_attributes(value))
    reduced = _reduced(value)
    if isinstance(reduced, str):  # the name under which it is found
        yield ".", reduced
        return
    for index, part in enumerate(reduced):
        if isinstance(part, Mapping):
            attributes.update({str(name): each for name, each in part.items()})
        else:
            yield f".reduced[{index}]", _shown(value, part, public=public)
    yield from ((f".{name}", each) for name, each in attributes.items() if not _left_out(value, name, public=public))


def _shown(value: Any, part: Any, *, public: bool) -> Any:
    """Return a part of what an object is pickled as, without what is left out; state and slots may be two mappings."""
    if isinstance(part, tuple) and len(part) == len(("state", "slots")):
        return tuple(_filtered(value, each, public=public) for each in part)
    return part


def _filtered(value: Any, part: Any, *, public: bool) -> Any:
    if not isinstance(part, Mapping):
        return part
    return {name: each for name, each in part.items() if not _left_out(value, str(name), public=public)}


def _left_out(value: Any, name: str, *, public: bool) -> bool:
    kept = isinstance(getattr(type(value), name, None), cached_property)
    own_affair = name.startswith("__") or "cache" in name.lower()
    return own_affair or (public and (name.startswith("_") or kept))


def _attributes(value: Any) -> Iterator[tuple[str, Any]]:
    names = dict.fromkeys(getattr(value, "__dict__", {}))
    for kind in type(value).__mro__:
        slots = vars(kind).get("__slots__", ())
        names.update(dict.fromkeys([slots] if isinstance(slots, str) else slots))
    if dataclasses.is_dataclass(value):
        names.update(dict.fromkeys(field.name for field in dataclasses.fields(value)))
    for name in names:
        try:
            yield name, object.__getattribute__(value, name)
        except AttributeError:
            continue


def _reduced(value: Any) -> Any:
    """Return what an object says itself of how it is pickled; nothing where it says nothing, or does not pickle.

    An iterator says so how far it is, a generator of numbers its state.
    """
    kind = type(value)
    if not _says_so(kind):
        return ()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # some are not to be pickled for much longer
            said = value.__reduce_ex__(4)
    except Exception:  # noqa: BLE001 - whatever an object raises that does not pickle
        return ()
    if isinstance(said, str):
        return said
    return (*said[:_ITEMS], *(None if part is None else list(part) for part in said[_ITEMS:_ITEMS_END]))


def _says_so(kind: type) -> bool:
    own = any(getattr(kind, name) not in _SAYING_NOTHING for name in ("__reduce__", "__reduce_ex__"))
    return own or getattr(kind, "__getstate__", None) is not getattr(object, "__getstate__", None)
