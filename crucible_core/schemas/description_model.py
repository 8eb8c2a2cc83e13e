"""The description of a stage, as published."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from crucible_core.trace.payloads import Record

TypeSpecModel = (
    Literal["string", "integer", "float", "boolean", "map", "list", "path", "secret", "module", "any"]
    | Annotated[dict[str, Any], Field(min_length=1, max_length=1)]
)


class TraitsRecord(Record):
    """How a stage runs."""

    determinism: Literal["bitwise", "seeded", "none"]
    network: list[str]
    subprocess: bool
    picklable: bool
    cacheable: bool
    resources: dict[str, Any]
    reasons: dict[str, str]


class ExampleRecord(Record):
    """An example; ``options`` is null where a function makes them."""

    summary: str
    options: dict[str, Any] | None
    raises: str | None


class StageDescriptionModel(Record):
    """What a stage says of itself."""

    schema_version: Literal["1.0"]
    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
    description: Annotated[str, Field(min_length=1)]
    version: Annotated[str, Field(pattern=r"^\d+\.\d+\.\d+([-+].*)?$")]
    required: list[str]
    optional: list[str]
    types: dict[str, TypeSpecModel]
    defaults: dict[str, Any]
    options_schema: dict[str, Any]
    reads: list[str]
    may_read: list[str]
    writes: list[str]
    may_write: list[str]
    ephemeral: list[str]
    pickled: list[str]
    errors: dict[str, str]
    traits: TraitsRecord
    examples: list[ExampleRecord]
    section: str | None
    extensions: dict[str, Any]
