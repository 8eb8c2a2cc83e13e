"""Type specs and values as people say them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

PRIMITIVE_WORDS = {
    "string": "a string",
    "integer": "an integer",
    "float": "a number",
    "boolean": "true or false",
    "map": "a mapping with string keys",
    "list": "a list",
    "path": "a path",
    "secret": "a secret (a string)",
    "module": "the name of a Python object, as 'module:name'",
    "any": "any value",
}

_PLURALS = {
    "string": "strings",
    "integer": "integers",
    "float": "numbers",
    "boolean": "booleans",
    "map": "mappings",
    "list": "lists",
    "path": "paths",
    "secret": "secrets (strings)",
    "module": "names of Python objects",
    "any": "any values",
}

_KINDS: tuple[tuple[str, Any], ...] = (
    ("a boolean", bool),
    ("an integer", int),
    ("a number", float),
    ("a string", str),
    ("a mapping", Mapping),
    ("a list", (list, tuple)),
    ("a set", (set, frozenset)),
)

_MAX_SHOWN = 60


def in_words(spec: Any) -> str:
    """Return a type spec as people say it.

    Example:
        >>> in_words({"nullable": {"list": "float"}})
        'a list of numbers or null'
    """
    if isinstance(spec, str):
        return PRIMITIVE_WORDS[spec]
    ((kind, argument),) = spec.items()
    return _COMPOSITE_WORDS[kind](argument)


def shown(value: Any) -> str:
    """Return a value with its kind, cut where it is long.

    Example:
        >>> shown("ten")
        "'ten' (a string)"
    """
    if value is None:
        return "null"
    if isinstance(value, bool):
        return f"{_constant(value)} (a boolean)"
    text = repr(value)
    if len(text) > _MAX_SHOWN:
        text = f"{text[: _MAX_SHOWN - 3]}..."
    return f"{text} ({kind_of(value)})"


def kind_of(value: Any) -> str:
    """Return what kind of value something is: ``a string``, ``a list``."""
    return next((name for name, kinds in _KINDS if isinstance(value, kinds)), f"a {type(value).__name__}")


def _constant(member: Any) -> str:
    if member is None:
        return "null"
    return str(member).lower() if isinstance(member, bool) else str(member)


def _plural(spec: Any) -> str:
    return _PLURALS[spec] if isinstance(spec, str) else f"items, each {in_words(spec)}"


def _tuple(items: Sequence[Any]) -> str:
    return f"a list of {len(items)} value{'' if len(items) == 1 else 's'} ({'; '.join(map(in_words, items))})"


def _function(arity: int) -> str:
    return f"a function of {arity} argument{'' if arity == 1 else 's'}, or its name as 'module:name'"


_COMPOSITE_WORDS: dict[str, Callable[[Any], str]] = {
    "enum": lambda members: f"one of {', '.join(map(_constant, members))}",
    "list": lambda item: f"a list of {_plural(item)}",
    "map": lambda pair: f"a mapping from {_plural(pair[0])} to {_plural(pair[1])}",
    "tuple": _tuple,
    "union": lambda members: " or ".join(map(in_words, members)),
    "nullable": lambda inner: f"{in_words(inner)} or null",
    "struct": lambda name: f"a {name.rpartition(':')[2]} or a mapping of its fields",
    "function": _function,
}
