"""The JSON Schema of options: of an options class, or translated from and to type specs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from crucible_core.contract.type_spec import type_spec_problems

if TYPE_CHECKING:
    from pydantic import BaseModel

    from crucible_core.contract.options import OptionTable
    from crucible_core.contract.type_spec import TypeSpec

_TO_SCHEMA: dict[str, dict[str, Any]] = {
    "string": {"type": "string"},
    "integer": {"type": "integer"},
    "float": {"type": "number"},
    "boolean": {"type": "boolean"},
    "map": {"type": "object"},
    "list": {"type": "array"},
    "path": {"type": "string", "format": "path"},
    "secret": {"type": "string", "format": "password", "writeOnly": True},
    "module": {"type": "string", "format": "module"},
    "any": {},
}
_FROM_SCHEMA = {
    "string": "string",
    "integer": "integer",
    "number": "float",
    "boolean": "boolean",
    "object": "map",
    "array": "list",
}
_FROM_FORMAT = {"path": "path", "password": "secret", "module": "module"}


def options_schema(model: type[BaseModel]) -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of an options class, with descriptions and bounds."""
    from pydantic.json_schema import GenerateJsonSchema

    from crucible_core.contract.options import as_default

    class Generator(GenerateJsonSchema):
        """Say what a spec file can hold: a function by its name, a default as the description has it."""

        def callable_schema(self, schema: Any) -> dict[str, Any]:  # noqa: ARG002 - pydantic's signature
            return dict(_TO_SCHEMA["module"])

        def encode_default(self, dft: Any) -> Any:
            return as_default(dft)

    schema = model.model_json_schema(mode="validation", schema_generator=Generator)
    schema.pop("title", None)
    schema.pop("description", None)
    return schema


def schema_of_types(options: OptionTable) -> dict[str, Any]:
    """Return the JSON Schema of an option table."""
    properties = {name: schema_of(spec) for name, spec in options.types.items()}
    for name, value in options.defaults.items():
        properties[name]["default"] = value
    return {
        "type": "object",
        "properties": properties,
        "required": list(options.required),
        "additionalProperties": False,
    }


def schema_of(spec: TypeSpec) -> dict[str, Any]:
    """Return the JSON Schema of one type spec."""
    if isinstance(spec, str):
        return dict(_TO_SCHEMA[spec])
    ((kind, argument),) = spec.items()
    match kind:
        case "enum":
            return {"enum": list(argument)}
        case "list":
            return {"type": "array", "items": schema_of(argument)}
        case "map":
            return {"type": "object", "additionalProperties": schema_of(argument[1])}
        case "tuple":
            items = [schema_of(each) for each in argument]
            return {"type": "array", "prefixItems": items, "minItems": len(items), "maxItems": len(items)}
        case "union":
            return {"anyOf": [schema_of(each) for each in argument]}
        case "nullable":
            return {"anyOf": [schema_of(argument), {"type": "null"}]}
        case "struct":
            return {"type": "object"}
        case _:  # function: in a file it can only be named
            return {"type": "string", "format": "module"}


def types_of_schema(schema: Mapping[str, Any], names: Iterable[str]) -> dict[str, TypeSpec]:
    """Return a type spec for each option from the JSON Schema of the options."""
    properties: Mapping[str, Any] = schema.get("properties", {})
    return {name: type_of(properties.get(name, {})) for name in names}


def type_of(schema: Any) -> TypeSpec:
    """Return the type spec of one JSON Schema; what the grammar cannot say is ``any``."""
    if not isinstance(schema, Mapping):
        return "any"
    if "enum" in schema:
        made: TypeSpec = {"enum": list(schema["enum"])}
        return "any" if type_spec_problems(made) else made
    if "anyOf" in schema:
        return _of_union(schema["anyOf"])
    kind = schema.get("type")
    if isinstance(kind, list):
        return _of_union([{**schema, "type": each} for each in kind])
    if kind == "array" and "items" in schema:
        return {"list": type_of(schema["items"])}
    if kind == "object" and isinstance(schema.get("additionalProperties"), Mapping):
        return {"map": ["string", type_of(schema["additionalProperties"])]}
    if kind == "string":
        return _FROM_FORMAT.get(schema.get("format", ""), "string")
    return _FROM_SCHEMA.get(str(kind), "any")


def _of_union(members: Iterable[Any]) -> TypeSpec:
    given = list(members)
    specs = [type_of(member) for member in given if not (isinstance(member, Mapping) and member.get("type") == "null")]
    if not specs:
        return {"enum": [None]} if given else "any"
    inner: TypeSpec = specs[0] if len(specs) == 1 else {"union": specs}
    return {"nullable": inner} if len(specs) < len(given) else inner
