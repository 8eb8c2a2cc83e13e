"""What a stage said, in the published form, and where it departs from that."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from crucible_core.contract.description import SCHEMA_VERSION
from crucible_core.contract.example import StageExample, example_record
from crucible_core.contract.json_values import MAX_DEPTH, as_record
from crucible_core.contract.traits import Traits
from crucible_core.testing.stated import fields

_ABSENT: dict[str, Any] = {
    "schema_version": SCHEMA_VERSION,
    "version": "0.0.0",
    "section": None,
    **dict.fromkeys(
        ("required", "optional", "reads", "may_read", "writes", "may_write", "ephemeral", "pickled", "examples"), ()
    ),
    **{key: {} for key in ("types", "defaults", "options_schema", "errors", "traits", "extensions")},
}
"""What a mapping may leave out."""
_OTHERS = {("description",), ("version",)}
"""Places that checks of their own are about, as are what lies within types and defaults."""


def published_form(said: Any, *, whole: bool = True) -> dict[str, Any]:
    """Return what ``describe`` returned with traits and examples written out and tuples as lists, nothing judged.

    Args:
        said: A mapping or a description.
        whole: Fill in what a mapping left out.

    Raises:
        Exception: Whatever values of other kinds than they are to have lead to.
    """
    given = fields(said)
    made = {**_ABSENT, **given} if whole else dict(given)
    if "traits" in made:
        made["traits"] = _traits(made["traits"])
    if "examples" in made and isinstance(made["examples"], (list, tuple)):
        made["examples"] = [_example(each) for each in made["examples"]]
    return {str(name): _plain(value) for name, value in made.items()}


def shape_errors(said: Any) -> Iterator[tuple[str, str]]:
    """Yield place and problem for each departure from the published model."""
    from pydantic import ValidationError

    from crucible_core.schemas.description_model import StageDescriptionModel

    for index, problem in enumerate(_example_problems(fields(said).get("examples", ()))):
        if problem is not None:
            yield f"examples[{index}]", problem
    try:
        StageDescriptionModel.model_validate(published_form(said), strict=True)
    except ValidationError as error:
        for each in error.errors():
            if each["loc"] not in _OTHERS and not _within_types(each["loc"]):
                yield _place(each["loc"]), f"{each['msg']}, got {each['input']!r:.80}"


def _within_types(location: tuple[int | str, ...]) -> bool:
    return len(location) > 1 and location[0] == "types"


def _place(location: tuple[int | str, ...]) -> str:
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in location).lstrip(".")


def _traits(given: Any) -> Any:
    if isinstance(given, Traits):
        return given.to_dict()
    return {**Traits().to_dict(), **given} if isinstance(given, Mapping) else given


def _example(given: Any) -> Any:
    if not isinstance(given, (StageExample, Mapping)):
        return given
    try:
        record = example_record(given)
    except (TypeError, ValueError):
        return given
    return {**record, "options": as_record(record["options"])}


def _example_problems(examples: Any) -> Iterator[str | None]:
    """Yield for each example why its fields are not those of an example, or None."""
    for each in examples if isinstance(examples, (list, tuple)) else ():
        problem = None
        try:
            if isinstance(each, Mapping):
                StageExample(**each)
        except TypeError as error:
            problem = str(error).removeprefix("StageExample.__init__() ")
        yield problem


def _plain(value: Any, depth: int = 0) -> Any:
    """Return mappings as dicts and tuples as lists, all the way down."""
    if depth > MAX_DEPTH:
        return value
    if isinstance(value, Mapping):
        return {key: _plain(each, depth + 1) for key, each in value.items()}
    return [_plain(each, depth + 1) for each in value] if isinstance(value, (list, tuple)) else value
