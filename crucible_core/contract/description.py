"""What a stage says of itself: the one value that planner, documentation and conformance kit read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from crucible_core.contract.options import OptionTable
from crucible_core.contract.paths import fill
from crucible_core.contract.traits import Traits
from crucible_core.contract.type_spec import type_spec_problems

if TYPE_CHECKING:
    from crucible_core.contract.example import StageExample

SCHEMA_VERSION = "1.0"

_KEYS = frozenset(
    """schema_version name description version required optional types defaults options_schema reads may_read writes
    may_write errors traits examples section extensions""".split()  # noqa: SIM905 - a list of twenty quotes hides the names
)


@dataclass(frozen=True)
class StageDescription:
    """A stage's description; `to_dict` gives it as in ``docs/schemas/stage_description.schema.json``.

    Args:
        name: snake_case name of the stage.
        description: One sentence.
        version: Semantic version of the stage.
        options: Names, types and defaults of its options.
        reads: Context paths it needs, placeholders filled in where the options are known.
        may_read: Context paths it reads where they are there.
        writes: Context paths it always writes.
        may_write: Context paths it writes in some cases.
        errors: Error code to what it means.
        traits: How it runs.
        examples: Executable examples.
        section: IR path whose set fields fill options not given, or None.
        extensions: Free facts, namespaced by distribution.
        make_schema: Makes the JSON Schema of the options when somebody asks; the planner never does.
    """

    name: str
    description: str
    version: str = "0.0.0"
    options: OptionTable = field(default_factory=OptionTable)
    reads: tuple[str, ...] = ()
    may_read: tuple[str, ...] = ()
    writes: tuple[str, ...] = ()
    may_write: tuple[str, ...] = ()
    errors: Mapping[str, str] = field(default_factory=dict)
    traits: Traits = field(default_factory=Traits)
    examples: tuple[StageExample | Mapping[str, Any], ...] = ()
    section: str | None = None
    extensions: Mapping[str, Any] = field(default_factory=dict)
    make_schema: Callable[[], Mapping[str, Any]] | None = field(default=None, repr=False, compare=False)

    @property
    def options_schema(self) -> Mapping[str, Any]:
        """The JSON Schema (2020-12) of the options; derived from the type specs where the stage gives none."""
        if self.make_schema is not None:
            return self.make_schema()
        from crucible_core.contract.options_schema import schema_of_types

        return schema_of_types(self.options)

    def filled(self, values: Mapping[str, Any]) -> StageDescription:
        """Return the description with placeholders in its paths replaced by these values."""
        return replace(
            self,
            reads=fill(self.reads, values),
            may_read=fill(self.may_read, values),
            writes=fill(self.writes, values),
            may_write=fill(self.may_write, values),
        )

    def to_dict(self) -> dict[str, Any]:
        """Return the description as JSON values, in a fixed order."""
        return {
            "schema_version": SCHEMA_VERSION,
            "name": self.name,
            "description": self.description,
            "version": self.version,
            "required": list(self.options.required),
            "optional": list(self.options.optional),
            "types": dict(self.options.types),
            "defaults": dict(self.options.defaults),
            "options_schema": dict(self.options_schema),
            "reads": list(self.reads),
            "may_read": list(self.may_read),
            "writes": list(self.writes),
            "may_write": list(self.may_write),
            "errors": dict(self.errors),
            "traits": self.traits.to_dict(),
            "examples": [each if isinstance(each, Mapping) else each.to_dict() for each in self.examples],
            "section": self.section,
            "extensions": dict(self.extensions),
        }


def description_from(given: Any) -> StageDescription:
    """Return a description as a value of our own, from one or from a plain mapping.

    Raises:
        ValueError: It is neither, lacks its name or description, or says something the grammar does not allow; the
            message lists every problem.
    """
    if isinstance(given, StageDescription):
        return given
    if not isinstance(given, Mapping):
        # not a TypeError: callers treat every wrong description alike
        raise ValueError(f"describe() returned {type(given).__name__}; return a StageDescription or a mapping")  # noqa: TRY004
    problems = list(_mapping_problems(given))
    if problems:
        raise ValueError("; ".join(problems))
    schema = given.get("options_schema")
    from crucible_core.contract.options_schema import types_of_schema

    required, optional = tuple(given.get("required", ())), tuple(given.get("optional", ()))
    types = dict(given["types"]) if "types" in given else types_of_schema(schema or {}, required + optional)
    return StageDescription(
        name=given["name"],
        description=given["description"],
        version=str(given.get("version", "0.0.0")),
        options=OptionTable(required, optional, types, dict(given.get("defaults", {}))),
        reads=tuple(given.get("reads", ())),
        may_read=tuple(given.get("may_read", ())),
        writes=tuple(given.get("writes", ())),
        may_write=tuple(given.get("may_write", ())),
        errors=dict(given.get("errors", {})),
        traits=_traits(given.get("traits", {})),
        examples=tuple(given.get("examples", ())),
        section=given.get("section"),
        extensions=dict(given.get("extensions", {})),
        make_schema=None if schema is None else lambda: schema,
    )


def _traits(given: Traits | Mapping[str, Any]) -> Traits:
    if isinstance(given, Traits):
        return given
    values = dict(given)
    if "network" in values:
        values["network"] = tuple(values["network"])
    return Traits(**values)


def _mapping_problems(given: Mapping[str, Any]) -> list[str]:
    problems = [f"description has no key {str(key)!r}" for key in given if key not in _KEYS]
    problems += [f"{key} must be a non-empty string" for key in ("name", "description") if not _is_text(given.get(key))]
    for key in ("required", "optional", "reads", "may_read", "writes", "may_write", "examples"):
        if not isinstance(given.get(key, ()), (list, tuple)):
            problems.append(f"{key} must be a list")
    for key in ("types", "defaults", "errors", "extensions"):
        if not isinstance(given.get(key, {}), Mapping):
            problems.append(f"{key} must be a mapping")
    return problems or _option_problems(given)


def _option_problems(given: Mapping[str, Any]) -> list[str]:
    required, optional = given.get("required", ()), given.get("optional", ())
    names = [*required, *optional]
    problems = [f"option {name!r} is both required and optional" for name in required if name in optional]
    problems += [
        f"default for {name!r}, which is not optional" for name in given.get("defaults", {}) if name not in optional
    ]
    if "types" in given:
        types: Mapping[str, Any] = given["types"]
        problems += [f"option {name!r} has no type" for name in names if name not in types]
        problems += [f"type for {name!r}, which is not an option" for name in types if name not in names]
        for name, spec in types.items():
            problems += [f"type of {name!r}: {problem}" for problem in type_spec_problems(spec)]
    return problems


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())
