"""The JSON Schema of spec files, with the options of stages in it where they are known."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from crucible_core.ir import Experiment

if TYPE_CHECKING:
    from crucible_core.contract.description import StageDescription


def spec_schema(stages: Iterable[tuple[str, StageDescription]] = ()) -> dict[str, Any]:
    """Return the schema of a spec file.

    Args:
        stages: Names under which stages can be used, with their descriptions; an editor completes and checks their
            options. Options of stages that are not among them are left open.
    """
    schema = Experiment.model_json_schema(mode="validation")
    definitions = schema["$defs"]
    clauses, names = [], []
    for name, about in stages:
        key = f"Options_{name.replace(':', '_').replace('-', '_')}"
        definitions[key] = _embedded(_given(about), f"#/$defs/{key}")
        names.append({"const": name, "description": about.description})
        clauses.append(_clause(name, key))
    if clauses:
        bare, mapping = definitions["StageDef"]["anyOf"]
        bare["examples"] = [each["const"] for each in names]
        mapping["allOf"] = clauses
        mapping["properties"]["name"] = {"anyOf": [*names, mapping["properties"]["name"]]}
    return schema


def _clause(name: str, key: str) -> dict[str, Any]:
    """Return what holds a step of this name to these options; ``module`` would put another class in its place."""
    named = {"properties": {"name": {"const": name}, "module": {"type": "null"}}, "required": ["name"]}
    return {"if": named, "then": {"properties": {"options": {"anyOf": [{"$ref": f"#/$defs/{key}"}, {"type": "null"}]}}}}


def _given(about: StageDescription) -> dict[str, Any]:
    """Return the schema of the options a spec gives: where a section may fill them in, none is required here."""
    options = dict(about.options_schema)
    return options if about.section is None else {**options, "required": []}


def _embedded(schema: Any, place: str) -> Any:
    """Return a schema whose references into itself hold from ``place`` in another."""
    if isinstance(schema, list):
        return [_embedded(each, place) for each in schema]
    if not isinstance(schema, dict):
        return schema
    moved = {key: _embedded(each, place) for key, each in schema.items() if key not in ("$schema", "$id")}
    if isinstance(schema.get("$ref"), str):
        moved["$ref"] = _moved(schema["$ref"], place)
    discriminator = schema.get("discriminator")
    if isinstance(discriminator, dict) and isinstance(discriminator.get("mapping"), dict):
        mapping = {name: _moved(ref, place) for name, ref in discriminator["mapping"].items()}
        moved["discriminator"] = {**discriminator, "mapping": mapping}
    return moved


def _moved(reference: str, place: str) -> str:
    return f"{place}{reference[1:]}" if reference.startswith("#") else reference
