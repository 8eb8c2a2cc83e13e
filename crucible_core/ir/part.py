"""Parts of an experiment, whose types are imported and made when a spec has them."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Annotated, Any

if TYPE_CHECKING:
    from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
    from pydantic.json_schema import JsonSchemaValue
    from pydantic_core import CoreSchema

    from crucible_core.ir.model import IRModel


class Part:
    """Stands for an IR type of another module in an annotation; pydantic sees that type when there is a value for it.

    A spec has few of the parts that it could have. Making the types of all others, and what validates them, would take
    longer than everything else that is done to read it.
    """

    def __init__(self, home: str, name: str) -> None:
        self.home = home
        self.name = name

    @property
    def model(self) -> type[IRModel]:
        """The type that it stands for."""
        found: type[IRModel] = getattr(import_module(self.home), self.name)
        return found

    def __get_pydantic_core_schema__(self, _source: Any, _handler: GetCoreSchemaHandler) -> CoreSchema:
        """Validate with the type's own validator; pydantic gives its errors their place in the whole."""
        from pydantic_core import core_schema as cs

        return cs.no_info_plain_validator_function(self._validated)

    def __get_pydantic_json_schema__(self, _schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """Refer to what describes the type itself."""
        from pydantic_core import core_schema as cs

        self.model.model_rebuild()
        # a handler describes the schema it is given in place; only those within it get a definition of their own
        return handler(cs.chain_schema([self.model.__pydantic_core_schema__]))

    def _validated(self, value: Any) -> IRModel:
        return self.model.model_validate(value)


def part(home: str, name: str) -> Any:
    """Return what stands in an annotation for the type ``name`` of the module ``home``."""
    return Annotated[Any, Part(home, name)]
