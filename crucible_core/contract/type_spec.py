"""Type specs: the closed grammar in which a stage says what type each of its options has."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

TypeSpec = str | dict[str, Any]

MAX_DEPTH = 16
_MAX_SHOWN = 60


def type_spec_problems(spec: Any, depth: int = 0) -> list[str]:
    """List what keeps a value from being a type spec; empty where it is one."""
    if depth > MAX_DEPTH:
        return [f"nested deeper than {MAX_DEPTH}"]
    if isinstance(spec, str):
        return [] if spec in _PRIMITIVES else [f"{spec!r} is none of {', '.join(_PRIMITIVES)}"]
    if not isinstance(spec, Mapping) or len(spec) != 1:
        return [f"{_shown(spec)} is neither a type name nor a mapping with one key"]
    ((kind, argument),) = spec.items()
    inner = _inner_specs(kind, argument)
    if isinstance(inner, str):
        return [inner]
    return [problem for each in inner for problem in type_spec_problems(each, depth + 1)]


def type_errors(value: Any, spec: TypeSpec) -> list[str]:
    """List how a value departs from a type spec, each as ``path: expected ..., got ...``; empty where it fits.

    An integer is a float; a boolean is neither; nothing is converted.

    Example:
        >>> type_errors([1, "2"], {"list": "integer"})
        ["[1]: expected an integer, got '2' (a string)"]
    """
    return [f"{path}: {message}" if path else message for path, message in _errors(value, spec, "")]


def in_words(spec: TypeSpec) -> str:
    """Return a type spec as people say it.

    Example:
        >>> in_words({"nullable": {"list": "float"}})
        'a list of numbers or null'
    """
    if isinstance(spec, str):
        return _PRIMITIVES[spec][0]
    ((kind, argument),) = spec.items()
    return _WORDS[kind](argument)


def _errors(value: Any, spec: TypeSpec, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(spec, str):
        if not _PRIMITIVES[spec][1](value):
            yield path, _mismatch(spec, value)
        return
    ((kind, argument),) = spec.items()
    yield from _COMPOSITES[kind](value, argument, path)


def _enum(value: Any, members: Sequence[Any], path: str) -> Iterator[tuple[str, str]]:
    if not any(type(value) is type(member) and value == member for member in members):
        yield path, f"expected {in_words({'enum': members})}, got {_shown(value)}"


def _list(value: Any, item: TypeSpec, path: str) -> Iterator[tuple[str, str]]:
    if not _is_list(value):
        yield path, _mismatch({"list": item}, value)
        return
    for index, each in enumerate(value):
        yield from _errors(each, item, f"{path}[{index}]")


def _map(value: Any, pair: Sequence[TypeSpec], path: str) -> Iterator[tuple[str, str]]:
    if not isinstance(value, Mapping):
        yield path, _mismatch({"map": pair}, value)
        return
    for key, each in value.items():
        yield from _errors(key, pair[0], f"{path} key {key!r}".strip())
        yield from _errors(each, pair[1], f"{path}[{key!r}]")


def _tuple(value: Any, items: Sequence[TypeSpec], path: str) -> Iterator[tuple[str, str]]:
    if not _is_list(value) or len(value) != len(items):
        yield path, _mismatch({"tuple": items}, value)
        return
    for index, (each, item) in enumerate(zip(value, items, strict=True)):
        yield from _errors(each, item, f"{path}[{index}]")


def _union(value: Any, members: Sequence[TypeSpec], path: str) -> Iterator[tuple[str, str]]:
    if not any(not type_errors(value, member) for member in members):
        yield path, _mismatch({"union": members}, value)


def _nullable(value: Any, inner: TypeSpec, path: str) -> Iterator[tuple[str, str]]:
    if value is None:
        return
    errors = list(_errors(value, inner, path))
    if len(errors) == 1 and errors[0][0] == path:
        yield path, _mismatch({"nullable": inner}, value)
    else:
        yield from errors


def _struct(value: Any, name: str, path: str) -> Iterator[tuple[str, str]]:
    bases = {f"{base.__module__}:{base.__qualname__}" for base in type(value).__mro__}
    if name not in bases and not isinstance(value, Mapping):
        yield path, _mismatch({"struct": name}, value)


def _function(value: Any, arity: int, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, str) and _is_module_path(value):
        return
    if not callable(value) or not _takes(value, arity):
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


def _inner_specs(kind: Any, argument: Any) -> Sequence[Any] | str:
    """Return the specs a composite consists of, or what is wrong with its argument."""
    if kind in ("list", "nullable"):
        return [argument]
    if kind in ("tuple", "union", "map"):
        pair = kind == "map"
        if _is_list(argument) and argument and (not pair or len(argument) == 2):  # noqa: PLR2004 - key and value
            return list(argument)
        return (
            f"{kind} takes {'a key and a value type' if pair else 'a non-empty list of types'}, got {_shown(argument)}"
        )
    if kind == "enum":
        scalars = _is_list(argument) and all(isinstance(each, (str, int, float, type(None))) for each in argument)
        return [] if argument and scalars else f"enum takes a non-empty list of values, got {_shown(argument)}"
    if kind == "struct":
        return (
            []
            if isinstance(argument, str) and ":" in argument
            else f"struct takes 'module:Class', got {_shown(argument)}"
        )
    if kind == "function":
        return [] if _is_integer(argument) and argument >= 0 else f"function takes its arity, got {_shown(argument)}"
    return f"{kind!r} is none of {', '.join(_COMPOSITES)}"


def _mismatch(spec: TypeSpec, value: Any) -> str:
    return f"expected {in_words(spec)}, got {_shown(value)}"


def _shown(value: Any) -> str:
    if value is None:
        return "null"
    text = repr(value)
    if len(text) > _MAX_SHOWN:
        text = f"{text[: _MAX_SHOWN - 3]}..."
    return f"{text} ({_kind_of(value)})"


def _kind_of(value: Any) -> str:
    for name, kinds in _KINDS:
        if isinstance(value, kinds):
            return name
    return f"a {type(value).__name__}"


def _is_integer(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _is_list(value: Any) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, (str, bytes, bytearray))


def _is_map(value: Any) -> bool:
    return isinstance(value, Mapping) and all(isinstance(key, str) for key in value)


def _is_path(value: Any) -> bool:
    return isinstance(value, os.PathLike) or (isinstance(value, str) and value != "")


def _is_secret(value: Any) -> bool:
    return isinstance(value, str) or type(value).__name__ == "SecretStr"


def _is_module(value: Any) -> bool:
    return callable(value) or (isinstance(value, str) and _is_module_path(value))


def _is_module_path(text: str) -> bool:
    module, colon, attribute = text.partition(":")
    names = [*module.split("."), *(attribute.split(".") if colon else ())]
    return all(name.isidentifier() for name in names)


_KINDS: tuple[tuple[str, Any], ...] = (
    ("a boolean", bool),
    ("an integer", int),
    ("a number", float),
    ("a string", str),
    ("a mapping", Mapping),
    ("a list", (list, tuple)),
)

_PRIMITIVES: dict[str, tuple[str, Callable[[Any], bool]]] = {
    "string": ("a string", lambda value: isinstance(value, str)),
    "integer": ("an integer", _is_integer),
    "float": ("a number", _is_number),
    "boolean": ("true or false", lambda value: isinstance(value, bool)),
    "map": ("a mapping with string keys", _is_map),
    "list": ("a list", _is_list),
    "path": ("a path", _is_path),
    "secret": ("a secret (a string)", _is_secret),
    "module": ("the name of a Python object, as 'module:name'", _is_module),
    "any": ("any value", lambda _: True),
}

_COMPOSITES: dict[str, Callable[[Any, Any, str], Iterator[tuple[str, str]]]] = {
    "enum": _enum,
    "list": _list,
    "map": _map,
    "tuple": _tuple,
    "union": _union,
    "nullable": _nullable,
    "struct": _struct,
    "function": _function,
}


def _plural(spec: TypeSpec) -> str:
    named = {"string": "strings", "integer": "integers", "float": "numbers", "boolean": "booleans", "path": "paths"}
    return named.get(spec, f"{spec}s") if isinstance(spec, str) else f"items, each {in_words(spec)}"


_WORDS: dict[str, Callable[[Any], str]] = {
    "enum": lambda members: f"one of {', '.join(str(member) for member in members)}",
    "list": lambda item: f"a list of {_plural(item)}",
    "map": lambda pair: f"a mapping from {_plural(pair[0])} to {_plural(pair[1])}",
    "tuple": lambda items: f"a list of {len(items)} values ({'; '.join(in_words(item) for item in items)})",
    "union": lambda members: " or ".join(in_words(member) for member in members),
    "nullable": lambda inner: f"{in_words(inner)} or null",
    "struct": lambda name: f"a {name.rpartition(':')[2]} or a mapping of its fields",
    "function": lambda arity: (
        f"a function of {arity} argument{'' if arity == 1 else 's'}, or its name as 'module:name'"
    ),
}
