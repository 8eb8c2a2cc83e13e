"""What a stage says of itself: the one value that planner, documentation and conformance kit read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from crucible_core.contract.json_values import as_record
from crucible_core.contract.options import OptionTable
from crucible_core.contract.paths import fill
from crucible_core.contract.traits import Traits

if TYPE_CHECKING:
    from crucible_core.contract.example import StageExample

SCHEMA_VERSION = "1.0"

DESCRIPTION_KEYS = frozenset(
    """schema_version name description version required optional types defaults options_schema reads may_read writes
    may_write ephemeral pickled errors traits examples section extensions""".split()  # noqa: SIM905 - a list of twenty quotes hides the names
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
        ephemeral: Context paths of values that are not kept; the stage makes them again when a run is resumed.
        pickled: Context paths of values that may be kept by pickle, and are unpickled when a run is resumed.
        errors: Error code to what it means.
        traits: How it runs.
        examples: Executable examples.
        section: IR path whose set fields fill options not given, or None.
        extensions: Free facts, namespaced by distribution.
        make_schema: Makes the JSON Schema of the options when somebody asks; the planner does for stages without an
            ``Options`` class that give one.
    """

    name: str
    description: str
    version: str = "0.0.0"
    options: OptionTable = field(default_factory=OptionTable)
    reads: tuple[str, ...] = ()
    may_read: tuple[str, ...] = ()
    writes: tuple[str, ...] = ()
    may_write: tuple[str, ...] = ()
    ephemeral: tuple[str, ...] = ()
    pickled: tuple[str, ...] = ()
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
            ephemeral=fill(self.ephemeral, values),
            pickled=fill(self.pickled, values),
        )

    def to_dict(self) -> dict[str, Any]:
        """Return the description as JSON values of the caller's own, in a fixed order."""
        said: dict[str, Any] = as_record(self._fields())
        return said

    def _fields(self) -> dict[str, Any]:
        from crucible_core.contract.example import example_record

        return {
            "schema_version": SCHEMA_VERSION,
            "name": self.name,
            "description": self.description,
            "version": self.version,
            "required": self.options.required,
            "optional": self.options.optional,
            "types": self.options.types,
            "defaults": self.options.defaults,
            "options_schema": self.options_schema,
            "reads": self.reads,
            "may_read": self.may_read,
            "writes": self.writes,
            "may_write": self.may_write,
            "ephemeral": self.ephemeral,
            "pickled": self.pickled,
            "errors": self.errors,
            "traits": self.traits.to_dict(),
            "examples": [example_record(each) for each in self.examples],
            "section": self.section,
            "extensions": self.extensions,
        }
