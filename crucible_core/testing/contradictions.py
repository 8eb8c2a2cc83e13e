"""Where a schema of options says something else than the types and defaults that are given beside it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from crucible_core.contract.json_values import as_record
from crucible_core.contract.options_schema import schema_of
from crucible_core.contract.schema_kinds import ALL_KINDS, kinds_of
from crucible_core.contract.type_spec import type_spec_problems

Problem = tuple[str, str]
"""What was expected, and what was seen."""


def contradictions(said: Mapping[str, Any], schema: Mapping[str, Any]) -> Iterator[Problem]:
    """Yield each option of which a schema says another type, or another default.

    Args:
        said: The description, in which types and defaults may be left out.
        schema: Its ``options_schema``.
    """
    properties = schema.get("properties", {})
    for name, spec in (said.get("types") or {}).items():
        if name in properties and not type_spec_problems(spec):
            yield from _other_kinds(name, spec, properties[name], schema.get("$defs", {}))
    if "defaults" in said:
        yield from _other_defaults(said["defaults"], properties)


def _other_defaults(defaults: Mapping[str, Any], properties: Mapping[str, Any]) -> Iterator[Problem]:
    for name, about in properties.items():
        if isinstance(about, Mapping) and "default" in about:
            given, own = as_record(about["default"]), as_record(defaults.get(name))
            if name not in defaults or given != own:
                seen = repr(own) if name in defaults else "none"
                yield f"the default of {name!r} to be {given!r}, as in options_schema", seen


def _other_kinds(name: str, spec: Any, about: Any, definitions: Mapping[str, Any]) -> Iterator[Problem]:
    mine, theirs = kinds_of(schema_of(spec), {}), kinds_of(about, definitions)
    if ALL_KINDS not in (mine, theirs) and mine != theirs:
        said = (" or ".join(sorted(kinds)) for kinds in (mine, theirs))
        yield f"the type of {name!r} to be the same in options_schema: {next(said)}", next(said)
