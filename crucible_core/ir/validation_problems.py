"""Say in plain words what pydantic found wrong, with the place and a near match."""

from __future__ import annotations

import types
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast, get_args, get_origin

from crucible_core.ir.errors import Location, SpecError, SpecProblem, path_text
from crucible_core.ir.model import CrossFieldError, IRModel
from crucible_core.ir.scalars import Expected

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from pydantic import ValidationError

    Locate = Callable[[tuple[str | int, ...], bool], Location | None]

_SHOWN = 60


def spec_error(error: ValidationError, cls: type[IRModel], data: Any, locate: Locate | None = None) -> SpecError:
    """Return the error that lists every problem of a validation.

    Args:
        error: What pydantic raised.
        cls: The type that was validated.
        data: What was validated.
        locate: Finds the place of a path, or of its key when its second argument is true.
    """
    found = [item for item in map(dict, error.errors(include_url=False)) if not _is_echo(item)]
    return SpecError(dict.fromkeys(_problem(item, cls, data, locate) for item in found))


def _is_echo(item: dict[str, Any]) -> bool:
    """Say whether pydantic reports only what follows from another problem: a default or a length that depends on it."""
    return item["type"] == "default_factory_not_called" or (item["type"] == "too_short" and bool(item["input"]))


def _problem(item: dict[str, Any], cls: type[IRModel], data: Any, locate: Locate | None) -> SpecProblem:
    kind, cause = item["type"], item.get("ctx", {}).get("error")
    path = _real_path(item["loc"], data, keep_last=kind in {"missing", "extra_forbidden"})
    if isinstance(cause, CrossFieldError):
        path = (*path, *cause.path)
    location = locate(path, kind == "extra_forbidden") if locate else None
    owner, annotation = _typed(cls, path[:-1] if kind == "extra_forbidden" else path)
    suggestion = None
    if kind == "extra_forbidden" and owner is not None:
        suggestion = near_match(str(path[-1]), owner.model_fields)
    elif kind in {"enum", "literal_error"} and isinstance(item["input"], str):
        suggestion = near_match(item["input"], _choices(annotation))
    message = _message(item, annotation)
    if kind == "extra_forbidden" and owner is not None and suggestion is None:
        message += f"; known here: {', '.join(owner.model_fields)}"
    return SpecProblem(message, path_text(path), location, suggestion)


def near_match(word: str, words: Iterable[str]) -> str | None:
    """Return the word most like a misspelt one, or None."""
    from difflib import get_close_matches

    found = get_close_matches(word.lower(), list(words), n=1, cutoff=0.6)
    return found[0] if found else None


def describe_value(value: Any) -> str:
    """Name a value as an error message shows it: with its type, and not at all when it is long.

    >>> describe_value("ten")
    "'ten' (a string)"
    """
    if value is None:
        return "null"
    if isinstance(value, bool):
        return f"{str(value).lower()} (a boolean)"
    if isinstance(value, Mapping):
        return "a mapping"
    if isinstance(value, (list, tuple)):
        return "a list"
    name = {str: "a string", int: "an integer", float: "a number"}.get(type(value), f"a {type(value).__name__}")
    if isinstance(value, str) and len(value) > _SHOWN:
        return f"a string of {len(value)} characters"
    return f"{value!r:.60} ({name})"


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


def _typed(cls: type[IRModel], path: tuple[str | int, ...]) -> tuple[type[IRModel] | None, Any]:
    """Return the model that a path leads to, or else the annotation there."""
    owner: type[IRModel] | None = cls
    annotation: Any = cls
    for step in path:
        if owner is not None:
            field = owner.model_fields.get(str(step))
            if field is None:
                return None, None
            annotation = (field.annotation, *field.metadata)
        else:
            annotation = _items(annotation)
        owner = _model_in(annotation)
        if owner is not None and isinstance(step, str) and _is_container(annotation):
            owner = None
    return owner, annotation


def _is_container(annotation: Any) -> bool:
    """Say whether the model of an annotation is that of the items of a list or mapping."""
    return any(_origin_is_container(part) for part in _flat(annotation))


def _origin_is_container(part: Any) -> bool:
    origin = get_origin(part)
    return isinstance(origin, type) and issubclass(origin, (tuple, dict))


def _flat(annotation: Any) -> list[Any]:
    """Return an annotation and the members of its unions and metadata, not of its containers."""
    if isinstance(annotation, tuple):
        return [part for item in annotation for part in _flat(item)]
    is_open = isinstance(annotation, types.UnionType) or hasattr(annotation, "__metadata__")
    return [annotation, *(part for item in get_args(annotation) for part in _flat(item))] if is_open else [annotation]


def _items(annotation: Any) -> Any:
    """Return the annotation of the items of a list or the values of a mapping."""
    for part in _flat(annotation):
        if _origin_is_container(part):
            args = [arg for arg in get_args(part) if arg is not Ellipsis]
            return args[-1]
    return None


def _model_in(annotation: Any) -> type[IRModel] | None:
    parts = _flat(annotation)
    parts += [item for part in parts if _origin_is_container(part) for item in get_args(part)]
    models = [part for part in parts if isinstance(part, type) and issubclass(part, IRModel)]
    return models[0] if models else None


def _choices(annotation: Any) -> list[str]:
    words: list[str] = []
    for part in _flat(annotation):
        if isinstance(part, type) and hasattr(part, "__members__"):
            words += [str(member.value) for member in part.__members__.values()]
        else:
            words += [arg for arg in get_args(part) if isinstance(arg, str)]
    return words


def _message(item: dict[str, Any], annotation: Any) -> str:
    kind, value, ctx = item["type"], item["input"], item.get("ctx", {})
    if kind == "missing":
        return "is required"
    if kind == "extra_forbidden":
        return "unknown key"
    if isinstance(ctx.get("error"), Exception):
        message = str(ctx["error"])
        return (
            message
            if "got " in message or isinstance(ctx["error"], CrossFieldError)
            else f"{message}, got {describe_value(value)}"
        )
    if kind == "recursion_loop":
        return "refers to itself, or is nested too deeply"
    return f"expected {_expected(kind, annotation, ctx)}, got {describe_value(value)}{_advice(kind, value)}"


def _advice(kind: str, value: Any) -> str:
    if kind == "string_type" and isinstance(value, (bool, int, float)):
        return "; put it in quotes"
    return ""


def _expected(kind: str, annotation: Any, ctx: dict[str, Any]) -> str:
    if kind in {"enum", "literal_error"}:
        return f"one of {', '.join(_choices(annotation))}" if _choices(annotation) else str(ctx["expected"])
    if kind == "union_tag_not_found":
        return f"a mapping with 'type': one of {ctx.get('expected_tags', 'text, image, audio, tool_result')}"
    if kind == "union_tag_invalid":
        return f"'type' to be one of {ctx['expected_tags']}"
    if kind in {"tuple_type", "too_short"}:
        return _phrase(annotation) if kind == "too_short" else "a list"
    if kind in {"dict_type", "model_type", "mapping_type"}:
        return "a mapping"
    return _phrase(annotation)


def _phrase(annotation: Any) -> str:
    for part in _flat(annotation):
        if isinstance(part, Expected):
            return part.phrase
        for note in getattr(part, "__metadata__", ()):
            if isinstance(note, Expected):
                return note.phrase
    return "another value"
