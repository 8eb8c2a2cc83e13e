"""The options a stage takes, as a class, and what can be said of them without running anything."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from pydantic import BaseModel, ConfigDict
from pydantic_core import to_jsonable_python

from crucible_core.contract.annotations import type_spec_of
from crucible_core.contract.json_values import as_record
from crucible_core.ir.frozen import EMPTY, freeze

if TYPE_CHECKING:
    from pydantic import GetJsonSchemaHandler
    from pydantic.json_schema import JsonSchemaValue
    from pydantic_core import CoreSchema

    from crucible_core.contract.type_spec import TypeSpec


class StageOptions(BaseModel):
    """The base of a stage's ``Options``: immutable, and refusing keys it does not know.

    Every field is an option; give it a description and bounds with ``Annotated[type, Field(...)]``, or a
    description by a docstring below it. A field without a default is required.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True)

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        """Refuse names that would mean two things.

        Raises:
            TypeError: An option has an alias, or the name that stands for the stage's own id in context paths.
        """
        super().__pydantic_init_subclass__(**kwargs)
        for name, each in cls.model_fields.items():
            if each.alias is not None or each.validation_alias is not None:
                raise TypeError(
                    f"{cls.__qualname__}.{name} has an alias; rename the field to what the option is called"
                )
            if name == "id":
                raise TypeError(
                    f"{cls.__qualname__}.id: {{id}} in context paths is the stage's id; choose another name"
                )

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """Describe each option that has no description with the docstring that follows it in the source.

        Pydantic would read the source of every options class when it is made, which costs more than making it.
        """
        from crucible_core.ir.field_docs import field_docs

        json_schema = handler(schema)
        properties = handler.resolve_ref_schema(json_schema).get("properties", {})
        for kind in cls.__mro__:
            for name, text in field_docs(kind).items() if issubclass(kind, StageOptions) else ():
                if name in properties:
                    properties[name].setdefault("description", text)
        return json_schema


def option_values(options: Any) -> dict[str, Any]:
    """Return the options of a stage, an ``Options`` value or a mapping, as a dict of its own.

    ``dict(model)`` would first ask a model for ``keys``, and pydantic takes longer to say that there are none than to
    give the values.
    """
    return dict(options) if isinstance(options, Mapping) else dict(iter(options))


class OptionTable(NamedTuple):
    """Names, types and defaults of a stage's options.

    Args:
        required: Options that must be given, in the order of declaration.
        optional: The others.
        types: Option to type spec, one for every option.
        defaults: Optional option to its default, as a JSON value; none where it depends on other options.
    """

    required: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    types: Mapping[str, TypeSpec] = EMPTY
    defaults: Mapping[str, Any] = EMPTY

    @property
    def names(self) -> tuple[str, ...]:
        """All option names."""
        return self.required + self.optional


@cache
def option_table(model: type[BaseModel]) -> OptionTable:
    """Derive the option table of an options class."""
    fields = model.model_fields
    required = tuple(name for name, each in fields.items() if each.is_required())
    return OptionTable(
        required=required,
        optional=tuple(name for name in fields if name not in required),
        types=freeze({name: type_spec_of(each.annotation, each.metadata) for name, each in fields.items()}),
        defaults=freeze(
            {
                name: as_default(each.get_default(call_default_factory=True))
                for name, each in fields.items()
                if not each.is_required() and not each.default_factory_takes_validated_data
            }
        ),
    )


def as_default(value: Any) -> Any:
    """Return a default as JSON values, the same in every process: what pydantic writes, sets in a fixed order."""
    return as_record(to_jsonable_python(_ordered(value), fallback=as_record))


def _ordered(value: Any) -> Any:
    if isinstance(value, (set, frozenset)):
        return sorted(value, key=lambda each: (str(type(each)), repr(each)))
    if isinstance(value, (list, tuple)):
        return [_ordered(each) for each in value]
    return {key: _ordered(each) for key, each in value.items()} if isinstance(value, Mapping) else value
