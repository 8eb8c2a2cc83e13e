"""Derive type specs from Python annotations."""

from __future__ import annotations

import os
import types
from collections import OrderedDict, abc, defaultdict, deque
from enum import Enum
from typing import TYPE_CHECKING, Annotated, Any, Literal, NamedTuple, Union, get_args, get_origin

if TYPE_CHECKING:
    from crucible_core.contract.type_spec import TypeSpec


class Spec(NamedTuple):
    """Mark an annotation with its type spec where Python's types say less: ``Annotated[str, Spec("module")]``."""

    spec: TypeSpec

    def __hash__(self) -> int:
        """Hash by the text of the spec; typing hashes the members of a union."""
        return hash(repr(self.spec))


ModuleName = Annotated[str, Spec("module")]
"""An option that names a Python object as ``module:name``."""

_SCALARS: dict[Any, str] = {str: "string", int: "integer", float: "float", bool: "boolean", Any: "any"}
_LISTS = (
    *(list, tuple, set, frozenset, deque),
    *(abc.Sequence, abc.MutableSequence, abc.Iterable, abc.Collection, abc.Set, abc.MutableSet),
)
_MAPS = (dict, OrderedDict, defaultdict, abc.Mapping, abc.MutableMapping)
_TEXTS = {
    *("datetime:date", "datetime:datetime", "datetime:time", "datetime:timedelta"),
    *("builtins:bytes", "decimal:Decimal", "uuid:UUID"),
}
"""Classes whose values are written as text, besides URLs; by name, since importing them is not ours to do."""


def type_spec_of(annotation: Any, metadata: abc.Iterable[Any] = (), within: tuple[Any, ...] = ()) -> TypeSpec:
    """Return the type spec of an annotation; ``any`` for what the grammar cannot say, recursive types among it.

    Args:
        annotation: A type as written in an options class.
        metadata: What ``Annotated`` says of it besides; a `Spec` in it wins.
        within: The aliases it lies in.

    Example:
        >>> type_spec_of(list[int] | None)
        {'nullable': {'list': 'integer'}}
    """
    for mark in metadata:
        if isinstance(mark, Spec):
            return mark.spec
    for named in ("__value__", "__supertype__"):  # a `type X = ...` alias of Python 3.12, a NewType
        if hasattr(annotation, named):
            alias = get_origin(annotation) or annotation
            return "any" if alias in within else type_spec_of(_meaning(annotation, named), (), (*within, alias))
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return type_spec_of(arguments[0], arguments[1:], within)
    if origin is Literal:
        return {"enum": [each.value if isinstance(each, Enum) else each for each in arguments]}
    if origin in (Union, types.UnionType):
        return _union(arguments, within)
    return _generic(origin or annotation, arguments, within)


def _meaning(alias: Any, named: str) -> Any:
    """Return what an alias stands for, its parameters replaced where it has some."""
    value, arguments = getattr(alias, named), get_args(alias)
    return value[arguments] if arguments and getattr(value, "__parameters__", ()) else value


def _union(members: tuple[Any, ...], within: tuple[Any, ...]) -> TypeSpec:
    given = [type_spec_of(member, (), within) for member in members if member is not type(None)]
    inner: TypeSpec = given[0] if len(given) == 1 else {"union": given}
    return {"nullable": inner} if type(None) in members else inner


def _generic(origin: Any, arguments: tuple[Any, ...], within: tuple[Any, ...]) -> TypeSpec:
    inner = [type_spec_of(each, (), within) for each in arguments if each is not Ellipsis and origin in _CONTAINERS]
    if origin in _MAPS:
        return {"map": inner} if len(inner) == 2 else "map"  # noqa: PLR2004 - key and value
    if origin is tuple and inner and arguments[-1] is not Ellipsis:
        return {"tuple": inner}
    if origin in _LISTS:
        return {"list": inner[0]} if inner else "list"
    if origin is abc.Callable:
        known = arguments and isinstance(arguments[0], list)
        return {"function": len(arguments[0])} if known else "module"
    return _class(origin)


_CONTAINERS = (*_MAPS, *_LISTS)


def _class(kind: Any) -> TypeSpec:
    if kind in _SCALARS:
        return _SCALARS[kind]
    if kind is None or kind is type(None):
        return {"enum": [None]}
    if not isinstance(kind, type):
        return "any"
    name = f"{kind.__module__}:{kind.__qualname__}"
    if issubclass(kind, Enum):
        return {"enum": [member.value for member in kind]}
    if issubclass(kind, os.PathLike):
        return "path"
    if hasattr(kind, "get_secret_value"):
        return "secret"
    return "string" if name in _TEXTS or kind.__module__ == "pydantic.networks" else {"struct": name}
