"""Say in plain words what pydantic found wrong, with the place and a near match."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

from crucible_core.ir.errors import (
    CrossFieldError,
    Location,
    NotFiniteError,
    SpecError,
    SpecProblem,
    describe_value,
    path_text,
)
from crucible_core.ir.expectations import annotation_at, choices, item_annotation, model_of, phrase
from crucible_core.ir.model import IRModel

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from pydantic import ValidationError

    Locate = Callable[[tuple[str | int, ...], bool], Location | None]

_KEY = "[key]"  # how pydantic ends the path of a key, as opposed to that of its value


def spec_error(error: ValidationError, cls: type[IRModel], data: Any, locate: Locate | None = None) -> SpecError:
    """Return the error that lists every problem of a validation, in the order of the file.

    Args:
        error: What pydantic raised.
        cls: The type that was validated.
        data: What was validated.
        locate: Finds the place of a path, or of its key when its second argument is true.
    """
    found = [item for item in map(dict, error.errors(include_url=False)) if not _is_echo(item)]
    problems = dict.fromkeys(_problem(item, cls, data, locate) for item in found)
    return SpecError(sorted(problems, key=_position))


def _position(problem: SpecProblem) -> tuple[int, int]:
    place = problem.location
    return (place.line, place.column or 0) if place else (0, 0)


def _is_echo(item: dict[str, Any]) -> bool:
    """Say whether pydantic reports only what follows from another problem: a default or a length that depends on it."""
    return item["type"] == "default_factory_not_called" or (item["type"] == "too_short" and bool(item["input"]))


def _problem(item: dict[str, Any], cls: type[IRModel], data: Any, locate: Locate | None) -> SpecProblem:
    kind, loc, cause = item["type"], item["loc"], item.get("ctx", {}).get("error")
    is_key = kind == "extra_forbidden" or loc[-1:] == (_KEY,)
    path = _real_path(loc, data, keep_last=kind in {"missing", "extra_forbidden"})
    annotation = _annotation(cls, path, loc)
    message, suggestion = _message(item, annotation), None
    if kind == "extra_forbidden":
        message, suggestion = _unknown_key(cls, path)
    elif kind in {"enum", "literal_error"}:
        suggestion = near_match(item["input"], choices(annotation))
    if isinstance(cause, CrossFieldError) and cause.path:
        path, is_key = (*path, *cause.path), not isinstance(cause, NotFiniteError)
    return SpecProblem(message, path_text(path), locate(path, is_key) if locate else None, suggestion)


def _annotation(cls: type[IRModel], path: tuple[str | int, ...], loc: tuple[str | int, ...]) -> Any:
    """Return the annotation of the value at fault: a key's, or that of the field that a bare text stands for."""
    if loc[-1:] == (_KEY,):
        return item_annotation(annotation_at(cls, path[:-1]), 0)
    annotation = annotation_at(cls, path)
    model = model_of(annotation)
    if model is not None and loc[-1:] != path[-1:] and loc[-1] in model.model_fields:
        return annotation_at(model, loc[-1:])
    return annotation


def _real_path(loc: tuple[str | int, ...], data: Any, *, keep_last: bool) -> tuple[str | int, ...]:
    """Return the part of pydantic's path that leads through the data; the rest names members of unions."""
    path: list[str | int] = []
    for index, step in enumerate(loc):
        inside = data.__dict__ if isinstance(data, IRModel) else data
        known = (isinstance(inside, Mapping) and step in inside) or (
            isinstance(inside, (list, tuple)) and isinstance(step, int) and step < len(inside)
        )
        if known:
            data = cast("Any", inside)[step]
        if known or (keep_last and index == len(loc) - 1 and isinstance(inside, Mapping)):
            path.append(step)
    return tuple(path)


def _unknown_key(cls: type[IRModel], path: tuple[str | int, ...]) -> tuple[str, str | None]:
    """Return message and near match for a key that its type does not have."""
    model = model_of(annotation_at(cls, path[:-1]))
    known = list(model.model_fields) if model is not None else []
    suggestion = near_match(path[-1], known)
    return ("unknown key" if suggestion else f"unknown key; known here: {', '.join(known)}"), suggestion


def near_match(word: object, words: Iterable[str]) -> str | None:
    """Return the word most like a misspelt one, or None."""
    from difflib import get_close_matches

    found = get_close_matches(str(word).lower(), list(words), n=1, cutoff=0.6)
    return found[0] if found else None


def _message(item: dict[str, Any], annotation: Any) -> str:
    kind, value, cause = item["type"], item["input"], item.get("ctx", {}).get("error")
    if kind == "missing":
        return "is required"
    if kind == "recursion_loop":
        return "refers to itself, or is nested too deeply"
    if cause is not None:
        return str(cause)
    expected = _expected(kind, annotation, item.get("ctx", {}))
    advice = "; put it in quotes" if kind == "string_type" and isinstance(value, (bool, int, float)) else ""
    return f"expected {expected}, got {describe_value(value)}{advice}"


def _expected(kind: str, annotation: Any, context: dict[str, Any]) -> str:
    if kind in {"enum", "literal_error"}:
        return f"one of {', '.join(choices(annotation))}"
    if kind == "union_tag_invalid":
        return f"a mapping whose type is one of {context['expected_tags']}"
    if kind == "invalid_key":
        return "a key that is a string"
    containers = {"tuple_type": "a list", "dict_type": "a mapping", "model_type": "a mapping"}
    return phrase(annotation) or containers.get(kind, "another value")
