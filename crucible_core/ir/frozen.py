"""Mappings and sequences that cannot be changed, all the way down."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar, get_args

from crucible_core.ir.errors import NotFiniteError, describe_value

if TYPE_CHECKING:
    from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
    from pydantic.json_schema import JsonSchemaValue
    from pydantic_core import CoreSchema

K = TypeVar("K")
V = TypeVar("V")

MAX_DEPTH = 100  # of containers within containers; far below where Python's recursion ends

_SCALARS = frozenset({str, int, float, bool, type(None)})


class FrozenDict(dict[K, V]):
    """A dict that refuses to be changed; it pickles, copies, and hashes when its values do.

    As the type of a pydantic field, `FrozenDict[str, Any]` freezes what it is given all the way down and refuses
    numbers that are not finite, and `FrozenDict[str, T]` with another `T` checks every value against `T`.
    """

    __slots__ = ()

    def _refuse(self, *_args: object, **_kwargs: object) -> NoReturn:
        raise TypeError("this mapping is frozen; make a changed copy with {**mapping, key: value}")

    __setitem__ = __delitem__ = __ior__ = _refuse
    clear = pop = popitem = setdefault = update = _refuse

    def __hash__(self) -> int:  # type: ignore[override]  # dict says None: it can change, this cannot
        return hash(frozenset(self.items()))

    def __reduce__(self) -> tuple[object, ...]:
        return type(self), (dict(self),)

    def __copy__(self) -> FrozenDict[K, V]:
        return self

    def copy(self) -> FrozenDict[K, V]:
        """Return the mapping itself: nobody can change it."""
        return self

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        from pydantic_core import core_schema as cs

        key_type, value_type = get_args(source) or (str, Any)
        if value_type is not Any:
            return cs.no_info_after_validator_function(
                cls,
                cs.dict_schema(handler.generate_schema(key_type), handler.generate_schema(value_type)),
            )
        return cs.no_info_plain_validator_function(freeze_options)

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        if schema["type"] == "function-plain":
            return {"type": "object", "additionalProperties": True}
        found = handler(schema)
        return {**found, "additionalProperties": False} if "patternProperties" in found else found


EMPTY: FrozenDict[Any, Any] = FrozenDict()


def freeze(value: Any, depth: int = 0) -> Any:
    """Return a value whose mappings, lists and sets, however deep, cannot be changed.

    Values of other types (numbers, strings, objects of a plugin) are kept as they are.

    Raises:
        ValueError: A key of a mapping is not a string, or the value is nested deeper than `MAX_DEPTH`.
    """
    kind = type(value)
    if kind in _SCALARS or kind is FrozenDict:
        return value
    if depth > MAX_DEPTH:
        raise ValueError(f"a value is nested deeper than {MAX_DEPTH} levels")
    if isinstance(value, (list, tuple)):
        return value if _is_named_tuple(value) else tuple([freeze(item, depth + 1) for item in value])
    if isinstance(value, Mapping):
        return freeze_mapping(value, depth)
    if isinstance(value, (set, frozenset)):
        return frozenset(value)
    return value


def _is_named_tuple(value: object) -> bool:
    return isinstance(value, tuple) and hasattr(value, "_fields")


def freeze_mapping(value: Any, depth: int = 0) -> FrozenDict[str, Any]:
    """Freeze a mapping with string keys.

    Raises:
        ValueError: It is not a mapping, a key is not a string, or it is nested deeper than `MAX_DEPTH`.
    """
    if type(value) is FrozenDict:
        return value
    if not isinstance(value, Mapping):
        raise ValueError(f"expected a mapping, got {describe_value(value)}")  # noqa: TRY004  # pydantic turns ValueError, not TypeError, into a report
    if not value:
        return EMPTY
    for key in value:
        if not isinstance(key, str):
            raise ValueError(f"the keys of a mapping are strings, got {key!r}; put it in quotes")  # noqa: TRY004 - likewise
    return FrozenDict({str.__str__(key): freeze(item, depth + 1) for key, item in value.items()})


def freeze_finite(value: Any) -> Any:
    """Freeze a value in which every number is finite.

    Raises:
        NotFiniteError: One is not.
        ValueError: As for `freeze`.
    """
    frozen = freeze(value)
    _refuse_non_finite(frozen, ())
    return frozen


def freeze_options(value: Any) -> FrozenDict[str, Any]:
    """Freeze a mapping in which every number is finite; raises as `freeze_finite` and `freeze_mapping`."""
    frozen = freeze_mapping(value)
    _refuse_non_finite(frozen, ())
    return frozen


def _refuse_non_finite(value: Any, path: tuple[str | int, ...]) -> None:
    if isinstance(value, float):
        if value - value != 0:
            raise NotFiniteError(float(value), *path)
    elif isinstance(value, dict):
        for key, item in value.items():
            _refuse_non_finite(item, (*path, key))
    elif isinstance(value, (tuple, frozenset)):
        for index, item in enumerate(value):
            _refuse_non_finite(item, (*path, index))
