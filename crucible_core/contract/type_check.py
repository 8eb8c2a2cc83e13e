"""Hold values against type specs."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from enum import Enum
from typing import TYPE_CHECKING, Any

from crucible_core.contract.type_spec import is_integer, is_list, is_secret
from crucible_core.contract.type_words import in_words, kind_of, shown

if TYPE_CHECKING:
    from crucible_core.contract.type_spec import TypeSpec

Errors = Iterator[tuple[str, str]]
"""Where within a value, and what is wrong there."""


def type_errors(value: Any, spec: TypeSpec) -> list[str]:
    """List how a value departs from a type spec, each as ``path: expected ..., got ...``; empty where it fits.

    An integer is a float; a boolean is neither; nothing is converted. The key of a mapping may be the text of a number,
    since in files all keys are texts. What was got is not shown where the spec says that it is a secret.

    Example:
        >>> type_errors([1, "2"], {"list": "integer"})
        ["[1]: expected an integer, got '2' (a string)"]
    """
    return [f"{path}: {message}" if path else message for path, message in _errors(value, spec, "")]


def _errors(value: Any, spec: TypeSpec, path: str) -> Errors:
    if isinstance(spec, str):
        if not _PRIMITIVES[spec](value):
            yield path, _mismatch(spec, value)
        return
    ((kind, argument),) = spec.items()
    yield from _COMPOSITES[kind](value, argument, path)


def _mismatch(spec: TypeSpec, value: Any) -> str:
    got = f"{kind_of(value)}, which is not shown" if is_secret(spec) and value is not None else shown(value)
    return f"expected {in_words(spec)}, got {got}"


def _enum(value: Any, members: Sequence[Any], path: str) -> Errors:
    given = value.value if isinstance(value, Enum) else value
    if not any(_same_kind(given, member) and given == member for member in members):
        yield path, _mismatch({"enum": members}, value)


def _same_kind(value: Any, member: Any) -> bool:
    return type(value) is type(member) or (is_integer(value) and isinstance(member, float))


def _list(value: Any, item: TypeSpec, path: str) -> Errors:
    if not _is_list_or_set(value):
        yield path, _mismatch({"list": item}, value)
        return
    for index, each in enumerate(value):
        yield from _errors(each, item, f"{path}[{index}]")


def _map(value: Any, pair: Sequence[TypeSpec], path: str) -> Errors:
    if not isinstance(value, Mapping):
        yield path, _mismatch({"map": pair}, value)
        return
    for key, each in value.items():
        if not _spells(key, pair[0]):
            yield from _errors(key, pair[0], f"{path} key {key!r}".strip())
        yield from _errors(each, pair[1], f"{path}[{key!r}]")


def _spells(key: Any, spec: TypeSpec) -> bool:
    """Tell whether a key is the text of a number where one is asked for."""
    if spec not in ("integer", "float") or not isinstance(key, str):
        return False
    try:
        int(key) if spec == "integer" else float(key)
    except ValueError:
        return False
    return True


def _tuple(value: Any, items: Sequence[TypeSpec], path: str) -> Errors:
    if not is_list(value) or len(value) != len(items):
        yield path, _mismatch({"tuple": items}, value)
        return
    for index, (each, item) in enumerate(zip(value, items, strict=True)):
        yield from _errors(each, item, f"{path}[{index}]")


def _union(value: Any, members: Sequence[TypeSpec], path: str) -> Errors:
    if all(type_errors(value, member) for member in members):
        yield path, _mismatch({"union": members}, value)


def _nullable(value: Any, inner: TypeSpec, path: str) -> Errors:
    if value is None:
        return
    errors = list(_errors(value, inner, path))
    if len(errors) == 1 and errors[0][0] == path:
        yield path, _mismatch({"nullable": inner}, value)
    else:
        yield from errors


def _struct(value: Any, name: str, path: str) -> Errors:
    bases = {f"{base.__module__}:{base.__qualname__}" for base in type(value).__mro__}
    if name not in bases and not isinstance(value, Mapping):
        yield path, _mismatch({"struct": name}, value)


def _function(value: Any, arity: int, path: str) -> Errors:
    named = isinstance(value, str) and _is_module_path(value)
    if not named and not (callable(value) and _takes(value, arity)):
        yield path, _mismatch({"function": arity}, value)


def _takes(function: Callable[..., Any], arity: int) -> bool:
    from inspect import signature

    try:
        signature(function).bind(*range(arity))
    except TypeError:
        return False
    except ValueError:  # a builtin without a signature: nothing to hold against it
        return True
    return True


def _is_list_or_set(value: Any) -> bool:
    return is_list(value) or isinstance(value, (set, frozenset))


def _is_module_path(text: str) -> bool:
    module, colon, attribute = text.partition(":")
    names = [*module.split("."), *(attribute.split(".") if colon else ())]
    return all(name.isidentifier() for name in names)


_PRIMITIVES: dict[str, Callable[[Any], bool]] = {
    "string": lambda value: isinstance(value, str),
    "integer": is_integer,
    "float": lambda value: isinstance(value, (int, float)) and not isinstance(value, bool),
    "boolean": lambda value: isinstance(value, bool),
    "map": lambda value: isinstance(value, Mapping) and all(isinstance(key, str) for key in value),
    "list": _is_list_or_set,
    "path": lambda value: isinstance(value, os.PathLike) or (isinstance(value, str) and value != ""),
    "secret": lambda value: isinstance(value, str) or hasattr(value, "get_secret_value"),
    "module": lambda value: callable(value) or (isinstance(value, str) and _is_module_path(value)),
    "any": lambda _: True,
}

_COMPOSITES: dict[str, Callable[[Any, Any, str], Errors]] = {
    "enum": _enum,
    "list": _list,
    "map": _map,
    "tuple": _tuple,
    "union": _union,
    "nullable": _nullable,
    "struct": _struct,
    "function": _function,
}
