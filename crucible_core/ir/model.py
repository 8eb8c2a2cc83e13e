"""The base of every IR type: a frozen, closed value that converts to and from JSON."""

from __future__ import annotations

from datetime import date, time
from enum import Enum
from typing import TYPE_CHECKING, Any, Self, cast

from pydantic import BaseModel, ConfigDict, ValidationError

from crucible_core.ir.errors import SpecError, path_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pydantic import GetJsonSchemaHandler
    from pydantic.json_schema import JsonSchemaValue
    from pydantic_core import CoreSchema


class IRModel(BaseModel):
    """A frozen value with a closed set of fields; mappings and sequences in it cannot be changed either.

    Building one directly raises `pydantic.ValidationError` (a `ValueError`) when a value is wrong; `from_dict` and
    `from_json` raise `SpecError`, in plain words.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True, protected_namespaces=())

    @property
    def fields_set(self) -> frozenset[str]:
        """The names of the fields that were given, not defaulted."""
        return frozenset(self.model_fields_set)

    def replace(self, **changes: Any) -> Self:
        """Return a checked copy in which some fields have other values; fields that were not set stay so."""
        kept = {name: value for name, value in self.__dict__.items() if name in self.model_fields_set}
        return self.from_dict({**kept, **changes})

    def to_dict(self, *, only_set: bool = False) -> dict[str, Any]:
        """Return plain dicts, lists and scalars; timestamps are ISO 8601 text, as in JSON.

        Args:
            only_set: Leave out, at every level, the fields that were not given.
        """
        return cast("dict[str, Any]", plain(self, only_set=only_set))

    def to_json(self, *, only_set: bool = False, indent: int | None = None) -> str:
        """Return the value as JSON.

        Args:
            only_set: Leave out, at every level, the fields that were not given.
            indent: Spaces of each level, or None for a single line.

        Raises:
            SpecError: It holds something that JSON cannot: an infinite number, an object of a plugin.
        """
        import json

        data = self.to_dict(only_set=only_set)
        try:
            return json.dumps(data, allow_nan=False, ensure_ascii=False, indent=indent)
        except (TypeError, ValueError):
            path, value = next(_not_json(data))
            raise SpecError.of(f"JSON cannot hold {value!r:.60}", path=path_text(path)) from None

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """Make the value from a mapping.

        Raises:
            SpecError: The mapping does not fit; every problem is listed.
        """
        try:
            return cls.model_validate(data)
        except ValidationError as error:
            from crucible_core.ir.validation_problems import spec_error

            raise spec_error(error, cls, data) from None

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Make the value from JSON text.

        Raises:
            SpecError: The text is not JSON, or does not fit; every problem is listed.
        """
        from crucible_core.ir.json_reading import read_json

        return cls.from_dict(read_json(text, "<json>"))

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """Describe the type, each field with the docstring that follows it in the source."""
        from crucible_core.ir.field_docs import field_docs

        json_schema = handler(schema)
        definition = handler.resolve_ref_schema(json_schema)
        for name, text in field_docs(cls).items():
            if name in definition.get("properties", {}):
                definition["properties"][name]["description"] = text
        return json_schema


def plain(value: Any, *, only_set: bool = False) -> Any:
    """Return a value as plain dicts, lists and scalars; an object of an unknown type is kept."""
    kind = type(value)
    if kind is str or kind is int or kind is float or kind is bool or value is None:
        return value
    if isinstance(value, IRModel):
        chosen = value.model_fields_set if only_set else value.__dict__
        return {k: plain(v, only_set=only_set) for k, v in value.__dict__.items() if k in chosen}
    if isinstance(value, dict):
        return {k: plain(v, only_set=only_set) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item, only_set=only_set) for item in value]
    if isinstance(value, Enum):
        return value.value
    return value.isoformat() if isinstance(value, (date, time)) else value


def _not_json(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], Any]]:
    """Yield the places and values that JSON cannot hold."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _not_json(item, (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _not_json(item, (*path, index))
    elif isinstance(value, float):
        if value - value != 0:
            yield path, value
    elif not isinstance(value, (str, int)) and value is not None:
        yield path, value
