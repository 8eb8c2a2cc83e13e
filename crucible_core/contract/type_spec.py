"""Type specs: the closed grammar in which a stage says what type each of its options has."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from crucible_core.contract.type_words import PRIMITIVE_WORDS, shown

TypeSpec = str | dict[str, Any]

MAX_DEPTH = 16
PRIMITIVES = tuple(PRIMITIVE_WORDS)
COMPOSITES = ("enum", "list", "map", "tuple", "union", "nullable", "struct", "function")


def type_spec_problems(spec: Any, depth: int = 0) -> list[str]:
    """List what keeps a value from being a type spec; empty where it is one.

    Example:
        >>> type_spec_problems({"list": "integer"})
        []
    """
    if depth > MAX_DEPTH:
        return [f"nested deeper than {MAX_DEPTH}"]
    if isinstance(spec, str):
        return [] if spec in PRIMITIVES else [f"{spec!r} is none of {', '.join(PRIMITIVES)}"]
    if not isinstance(spec, Mapping) or len(spec) != 1:
        return [f"{shown(spec)} is neither a type name nor a mapping with one key"]
    ((kind, argument),) = spec.items()
    if kind not in COMPOSITES:
        return [f"{kind!r} is none of {', '.join(COMPOSITES)}"]
    wrong = _argument_problem(kind, argument)
    if wrong is not None:
        return [f"{kind} takes {wrong}, got {shown(argument)}"]
    return [problem for inner in _inner_specs(kind, argument) for problem in type_spec_problems(inner, depth + 1)]


def is_secret(spec: Any) -> bool:
    """Tell whether values of this type, or a part of them, may not be shown or recorded."""
    if isinstance(spec, Mapping):
        return any(is_secret(inner) for kind, argument in spec.items() for inner in _inner_specs(kind, argument))
    return bool(spec == "secret")


def is_list(value: Any) -> bool:
    """Tell whether a value is a list, a tuple or another sequence that is no text."""
    return isinstance(value, Sequence) and not isinstance(value, (str, bytes, bytearray))


def is_integer(value: Any) -> bool:
    """Tell whether a value is an integer; a boolean is none."""
    return isinstance(value, int) and not isinstance(value, bool)


def _argument_problem(kind: str, argument: Any) -> str | None:
    """Say what a composite takes where it is not what it got."""
    if kind in ("tuple", "union"):
        return None if is_list(argument) and argument else "a non-empty list of types"
    if kind == "map":
        return None if is_list(argument) and len(argument) == 2 else "a key and a value type"  # noqa: PLR2004 - those two
    if kind == "enum":
        scalars = is_list(argument) and all(isinstance(each, (str, int, float, type(None))) for each in argument)
        return None if argument and scalars else "a non-empty list of values"
    if kind == "struct":
        named = isinstance(argument, str) and all(part and part.strip() == part for part in argument.split(":", 1))
        return None if named and ":" in argument else "'module:Class'"
    if kind == "function":
        return None if is_integer(argument) and argument >= 0 else "its arity"
    return None


def _inner_specs(kind: str, argument: Any) -> Iterator[Any]:
    """Yield the specs a composite consists of."""
    if kind in ("list", "nullable"):
        yield argument
    elif kind in ("tuple", "union", "map"):
        yield from argument
