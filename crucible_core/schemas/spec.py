"""The JSON Schema of spec files, with the options of stages in it where they are known."""

from __future__ import annotations

import json
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
        definitions[key] = _own_definitions(dict(about.options_schema), key, definitions)
        names.append({"const": name, "description": about.description})
        clauses.append(
            {
                "if": {"properties": {"name": {"const": name}}, "required": ["name"]},
                "then": {"properties": {"options": {"anyOf": [{"$ref": f"#/$defs/{key}"}, {"type": "null"}]}}},
            }
        )
    if clauses:
        bare, mapping = definitions["StageDef"]["anyOf"]
        bare["examples"] = [each["const"] for each in names]
        mapping["allOf"] = clauses
        mapping["properties"]["name"] = {"anyOf": [*names, mapping["properties"]["name"]]}
    return schema


def _own_definitions(options: dict[str, Any], key: str, definitions: dict[str, Any]) -> dict[str, Any]:
    """Move the definitions of an options schema beside ours, under names that cannot clash."""
    inner = options.pop("$defs", {})
    text = json.dumps([options, inner])
    for name in inner:
        text = text.replace(f'"#/$defs/{name}"', f'"#/$defs/{key}_{name}"')
    options, moved = json.loads(text)
    definitions.update({f"{key}_{name}": value for name, value in moved.items()})
    return dict(options)
