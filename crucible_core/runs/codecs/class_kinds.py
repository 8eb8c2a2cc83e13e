"""Instances of importable classes that say what they are made of: enums, named tuples, dataclasses, pydantic models."""

from __future__ import annotations

import sys
from dataclasses import fields, is_dataclass
from enum import EnumType
from functools import cached_property
from inspect import getattr_static
from typing import TYPE_CHECKING, Any

from crucible_core.runs.codecs.class_names import class_name, find_class
from crucible_core.runs.codecs.encoder import Kind
from crucible_core.runs.codecs.errors import UnreadableValueError
from crucible_core.runs.codecs.refusal import Refusal

if TYPE_CHECKING:
    from collections.abc import Iterable

    from crucible_core.runs.codecs.decoder import Decoder, Read
    from crucible_core.runs.codecs.encoder import Encoder

__all__ = ["TAGS", "structure_of"]

_BUILTIN = (BaseException, bytearray, bytes, complex, dict, float, frozenset, int, list, set, str, tuple)
"""A dataclass may be one of these too; what it holds as such is in none of its fields."""


def structure_of(kind: type) -> Kind | None:
    """Return how instances of a class are encoded that is made in one of these ways, else None."""
    if isinstance(kind, EnumType):
        return _ENUM
    if issubclass(kind, tuple) and hasattr(kind, "_fields"):
        return _NAMED_TUPLE
    if "__dataclass_fields__" in vars(kind):  # not one that only inherits from a dataclass
        return _DATACLASS
    pydantic = sys.modules.get("pydantic.main")
    if pydantic is not None and issubclass(kind, pydantic.BaseModel):
        return _MODEL
    return None


def _enum(encoder: Encoder, value: Any, depth: int) -> Any:
    kind = type(value)
    encoder.size += 64 + len(kind.__module__) + len(kind.__qualname__)
    made: dict[str, Any] = {"$": "enum", "class": class_name(kind)}
    if value.name in kind.__members__:
        return {**made, "name": encoder.encode(value.name, depth)}
    return {**made, "value": encoder.encode(value.value, depth)}  # flags that were joined have no name


def _read_enum(decoder: Decoder, encoded: dict[str, Any]) -> Any:
    kind = find_class(encoded["class"])
    if not isinstance(kind, EnumType):
        raise UnreadableValueError(f"the class {encoded['class']} is no enum any more")
    try:
        return kind[encoded["name"]] if "name" in encoded else kind(decoder.decode(encoded["value"]))
    except (KeyError, ValueError):
        said = encoded.get("name", encoded.get("value"))
        raise UnreadableValueError(f"the enum {encoded['class']} has no {said!r} any more") from None


def _named_tuple(encoder: Encoder, value: Any, depth: int) -> Any:
    if getattr(value, "__dict__", None):
        raise Refusal(value, "it has attributes beside its items")
    name = class_name(type(value))
    encoder.size += 64 + len(name)
    return {"$": "named_tuple", "class": name, "items": encoder.items(value, depth)}


def _read_named_tuple(decoder: Decoder, encoded: dict[str, Any]) -> Any:
    kind = find_class(encoded["class"])
    items = decoder.items(encoded["items"])
    if len(items) != len(getattr(kind, "_fields", ())):
        raise _changed(encoded["class"], getattr(kind, "_fields", ()))
    return tuple.__new__(kind, items)


def _dataclass(encoder: Encoder, value: Any, depth: int) -> Any:
    kind = type(value)
    name = class_name(kind)
    if isinstance(value, _BUILTIN):
        raise Refusal(value, "it is a dataclass, and holds what its fields do not say")
    state, names = _state(value), [one.name for one in fields(kind)]
    held = {name: state[name] for name in names if name in state}
    more = {name: each for name, each in state.items() if name not in held and not _is_cached(kind, name)}
    encoder.size += 64 + len(name)
    made = {"$": "dataclass", "class": name, "fields": encoder.entries(held, depth)}
    if len(held) < len(names):
        made["absent"] = encoder.items([one for one in names if one not in held], depth)
    return {**made, "more": encoder.encode(more, depth)} if more else made


def _is_cached(kind: type, name: str) -> bool:
    """Tell whether an attribute is one that the object computes when it is asked for, and then keeps."""
    return isinstance(getattr_static(kind, name, None), cached_property)


def _state(value: Any) -> dict[str, Any]:
    """Return the attributes of an object, those in slots included."""
    slots = (name for kind in type(value).__mro__ for name in _slots(kind) if hasattr(value, name))
    return {**{name: getattr(value, name) for name in slots}, **getattr(value, "__dict__", {})}


def _slots(kind: type) -> Iterable[str]:
    slots = vars(kind).get("__slots__", ())
    names = (slots,) if isinstance(slots, str) else tuple(slots)
    return [
        f"_{kind.__name__.lstrip('_')}{name}" if name.startswith("__") and not name.endswith("__") else name
        for name in names
        if name not in ("__dict__", "__weakref__")
    ]


def _read_dataclass(decoder: Decoder, encoded: dict[str, Any]) -> Any:
    kind = find_class(encoded["class"])
    state = decoder.entries(encoded["fields"])
    names = [one.name for one in fields(kind)] if is_dataclass(kind) else []
    if {*state, *encoded.get("absent", ())} != set(names):
        raise _changed(encoded["class"], names)
    value = object.__new__(kind)
    if "more" in encoded:
        state |= decoder.decode(encoded["more"])
    for name, each in state.items():
        object.__setattr__(value, name, each)
    return value


def _changed(name: str, fields: Iterable[str]) -> UnreadableValueError:
    message = f"the class {name} has other fields than when the value was kept; now: {', '.join(fields) or 'none'}"
    return UnreadableValueError(message, hint="run again without --resume, or with --from-changed")


def _model(encoder: Encoder, value: Any, depth: int) -> Any:
    name = class_name(type(value))
    encoder.size += 96 + len(name)
    state = value.__getstate__()  # what the class would make of its own dump may be something else
    made: dict[str, Any] = {
        "$": "model",
        "class": name,
        "fields": encoder.entries(state["__dict__"], depth),
    }
    made["set"] = encoder.items(sorted(state["__pydantic_fields_set__"]), depth)
    for key in ("extra", "private"):
        if state.get(f"__pydantic_{key}__") is not None:
            made[key] = encoder.encode(state[f"__pydantic_{key}__"], depth)
    return made


def _read_model(decoder: Decoder, encoded: dict[str, Any]) -> Any:
    kind = find_class(encoded["class"])
    state = decoder.entries(encoded["fields"])
    names = getattr(kind, "model_fields", {})
    if not names.keys() <= state.keys() or any(name not in names and not hasattr(kind, name) for name in state):
        raise _changed(encoded["class"], names)
    value = kind.__new__(kind)
    value.__setstate__(
        {
            "__dict__": state,
            "__pydantic_fields_set__": set(encoded["set"]),
            "__pydantic_extra__": decoder.decode(encoded.get("extra")),
            "__pydantic_private__": decoder.decode(encoded.get("private")),
        }
    )
    return value


_ENUM = Kind(_enum, atomic=True)
_NAMED_TUPLE, _DATACLASS, _MODEL = map(Kind, (_named_tuple, _dataclass, _model))

TAGS: dict[str, Read] = {
    "dataclass": _read_dataclass,
    "enum": _read_enum,
    "model": _read_model,
    "named_tuple": _read_named_tuple,
}
