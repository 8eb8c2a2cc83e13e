"""What the IR's types expect at a path, read from their annotations."""

from __future__ import annotations

import types
from enum import Enum
from typing import Any, Literal, Union, get_args, get_origin

from crucible_core.ir.model import IRModel
from crucible_core.ir.part import Part
from crucible_core.ir.scalars import Expected


def annotation_at(cls: type[IRModel], path: tuple[str | int, ...]) -> Any:
    """Return the annotation of what a path leads to from a type, or None where no field is."""
    annotation: Any = cls
    for step in path:
        items = item_annotation(annotation)
        if items is not None:
            annotation = items
            continue
        model = model_of(annotation)
        field = model.model_fields.get(str(step)) if model is not None else None
        if field is None:
            return None
        annotation = (*field.metadata, field.annotation)
    return annotation


def model_of(annotation: Any) -> type[IRModel] | None:
    """Return the first IR type among the members of an annotation."""
    members = (each.model if isinstance(each, Part) else each for each in _members(annotation))
    return next((each for each in members if isinstance(each, type) and issubclass(each, IRModel)), None)


def item_annotation(annotation: Any, index: int = -1) -> Any:
    """Return the annotation of the values (index -1) or keys (index 0) of a list or mapping, None for others."""
    for part in _members(annotation):
        origin = get_origin(part)
        if isinstance(origin, type) and issubclass(origin, (tuple, dict)):
            return [arg for arg in get_args(part) if arg is not Ellipsis][index]
    return None


def choices(annotation: Any) -> list[str]:
    """Return the words that an enum or a literal type allows."""
    words: list[str] = []
    for part in _members(annotation):
        if isinstance(part, type) and issubclass(part, Enum):
            words += [str(member.value) for member in part]
        elif get_origin(part) is Literal:
            words += [str(word) for word in get_args(part)]
    return words


def phrase(annotation: Any) -> str | None:
    """Return how an error message calls what is expected."""
    return next((str(part) for part in _members(annotation) if isinstance(part, Expected)), None)


def _members(annotation: Any) -> list[Any]:
    """Return the metadata of an annotation, the members of its unions, and itself; not what its containers hold."""
    if isinstance(annotation, tuple):
        return [part for item in annotation for part in _members(item)]
    if hasattr(annotation, "__metadata__"):
        return [*annotation.__metadata__, *_members(annotation.__origin__)]
    if get_origin(annotation) in (Union, types.UnionType):
        return [part for item in get_args(annotation) for part in _members(item)]
    return [annotation]
