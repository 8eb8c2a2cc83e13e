"""One step of a pipeline, as data."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, Strict, WithJsonSchema, model_validator

from crucible_core.ir.errors import CrossFieldError, describe_value
from crucible_core.ir.frozen import EMPTY, FrozenDict
from crucible_core.ir.model import IRModel, plain
from crucible_core.ir.part import part
from crucible_core.ir.policies import Isolation, OnFailure
from crucible_core.ir.scalars import Expected, Flag, Positive

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from pydantic import GetJsonSchemaHandler
    from pydantic.json_schema import JsonSchemaValue
    from pydantic_core import CoreSchema

    from crucible_core.ir.retry_policy import RetryPolicy
else:  # what pydantic reads in the annotations below
    RetryPolicy = part("crucible_core.ir.retry_policy", "RetryPolicy")

_NAME = r"^([A-Za-z0-9][A-Za-z0-9._-]*:)?[a-z][a-z0-9_]*$"
_MODULE = r"^[A-Za-z_]\w*(\.[A-Za-z_]\w*)*:[A-Za-z_]\w*$"


def _is_module(module: Any) -> bool:
    return isinstance(module, str) and re.fullmatch(_MODULE, module) is not None


def _checked_module(module: str) -> str:
    if not _is_module(module):
        raise ValueError(f"expected a class as 'package.module:Class', got {describe_value(module)}")
    return module


_StageName = Annotated[
    str,
    Strict(),
    Field(pattern=_NAME),
    Expected("a snake_case stage name such as 'compare', or 'distribution:compare'"),
]
_StageId = Annotated[
    str,
    Strict(),
    Field(pattern=r"^[a-z0-9][a-z0-9_-]*$"),
    Expected("an id of a-z, 0-9, '_' and '-' that begins with a letter or digit"),
]
_Module = Annotated[
    str,
    Strict(),
    AfterValidator(_checked_module),  # not a pattern: pydantic's engine takes 3 ms to compile one with \w in it
    WithJsonSchema({"type": "string", "pattern": _MODULE}),
    Expected("a class as 'package.module:Class'"),
]
_Options = Annotated[
    FrozenDict[str, Any],
    BeforeValidator(lambda value: EMPTY if value is None else value),
]
_Condition = Annotated[
    str,
    Strict(),
    Field(min_length=1, max_length=2000),
    Expected("a condition of 1 to 2000 characters such as 'metrics.eval.accuracy >= 0.9'"),
]

POLICIES = ("retry", "timeout_s", "isolation", "on_failure", "when")
"""The fields of a step that say how it is run, and whether."""
POLICY_FIELDS = frozenset(POLICIES)


def _id_of(fields: dict[str, Any]) -> str:
    """Return the id of a stage that was not given one: its name without the distribution."""
    return str(fields.get("name", "")).rpartition(":")[2]


class StageDef(IRModel):
    """One step of a pipeline: which stage, under which id, with which options.

    In a spec a bare string is a stage of that name. The id defaults to the name; whether it was given is in
    `fields_set`. With `module` the name may be left out: it is the class's name in snake_case.
    """

    name: _StageName
    """Name of a registered stage, 'distribution:name' where two distributions offer it; not needed with `module`."""
    id: _StageId = Field(default_factory=_id_of)
    """Unique name of this step; the stage's name when not given."""
    module: _Module | None = None
    """A class as 'package.module:Class', used instead of the registered stage."""
    options: _Options = EMPTY
    """Options of the stage, which the stage itself checks."""
    enabled: Flag = True
    """Whether the step runs."""
    retry: RetryPolicy | None = None
    """Try the stage again when it fails."""
    timeout_s: Positive | None = None
    """Seconds that an attempt may take; a stage that ignores them is stopped only in a process of its own."""
    isolation: Isolation | None = None
    """'process': run the stage in a process of its own, which can be stopped and may die without harm."""
    on_failure: OnFailure = OnFailure.STOP
    """What a failure ends: 'stop' the run; 'continue' this stage alone; 'skip_rest' the run, the rest as skipped."""
    when: _Condition | None = None
    """Condition on metrics under which the stage runs, such as 'metrics.eval.accuracy >= 0.9'; else it is skipped."""

    @property
    def policies(self) -> dict[str, Any]:
        """The policies that were given, as plain values; empty for most steps."""
        given = self.model_fields_set
        if given.isdisjoint(POLICY_FIELDS):
            return {}
        return {name: plain(getattr(self, name), only_set=True) for name in POLICIES if name in given}

    @model_validator(mode="before")
    @classmethod
    def _complete(cls, data: Any) -> Any:
        """Turn a bare name into a mapping, and name a step after its class."""
        if type(data) is str:
            return {"name": data}
        if type(data) is dict and "name" not in data:
            module = data.get("module")
            if module is None and not _misspelt(data, cls.model_fields):
                needed = "a stage needs 'name' (a registered stage) or 'module' (package.module:Class)"
                raise CrossFieldError(f"{needed}{_got(data, cls)}")
            # A module that is wrong, or a misspelt key, gets its own report; the name must then not get a second one.
            return {**data, "name": snake_case(str(module).rpartition(":")[2]) if _is_module(module) else "unnamed"}
        return data

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """Describe both forms: a bare name, and a mapping with name or module."""
        json_schema = super().__get_pydantic_json_schema__(schema, handler)
        definition = handler.resolve_ref_schema(json_schema)
        mapping = dict(definition)
        definition.clear()
        mapping.pop("required", None)
        mapping["anyOf"] = [{"required": ["name"]}, {"required": ["module"]}]
        mapping["properties"]["options"]["type"] = ["object", "null"]
        title, description = mapping.pop("title"), mapping.pop("description")
        definition.update(
            title=title,
            description=description,
            anyOf=[{"type": "string", "pattern": _NAME}, mapping],
        )
        return json_schema


def _misspelt(data: Mapping[Any, Any], known: Collection[str]) -> bool:
    """Tell whether a key was meant to be the name or the module."""
    from crucible_core.ir.validation_problems import near_match

    return any(near_match(key, known) in ("name", "module") for key in data if key not in known)


def _got(data: Mapping[Any, Any], cls: type[IRModel]) -> str:
    unknown = [repr(key) for key in data if key not in cls.model_fields]
    return f"; unknown here: {', '.join(unknown)}" if unknown else ""


def snake_case(name: str) -> str:
    """Return a class's name in snake_case.

    >>> snake_case("HTTPReport2")
    'http_report2'
    """
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower().lstrip("_")
