"""Derive type specs from Python annotations."""

from __future__ import annotations

import types
from collections import abc
from dataclasses import dataclass
from enum import Enum
from pathlib import PurePath
from typing import TYPE_CHECKING, Annotated, Any, Literal, Union, get_args, get_origin

if TYPE_CHECKING:
    from crucible_core.contract.type_spec import TypeSpec


@dataclass(frozen=True)
class Spec:
    """Mark an annotation with its type spec where Python's types say less: ``Annotated[str, Spec("module")]``."""

    spec: TypeSpec


ModuleName = Annotated[str, Spec("module")]
"""An option that names a Python object as ``module:name``."""

_SCALARS: dict[Any, str] = {str: "string", int: "integer", float: "float", bool: "boolean", Any: "any"}
_LISTS = (list, tuple, set, frozenset, abc.Sequence, abc.Iterable, abc.Collection)
_MAPS = (dict, abc.Mapping, abc.MutableMapping)


def type_spec_of(annotation: Any, metadata: abc.Iterable[Any] = ()) -> TypeSpec:
    """Return the type spec of an annotation.

    Args:
        annotation: A type as written in an options class.
        metadata: What ``Annotated`` says of it besides; a `Spec` in it wins.

    Example:
        >>> type_spec_of(list[int] | None)
        {'nullable': {'list': 'integer'}}
    """
    for mark in metadata:
        if isinstance(mark, Spec):
            return mark.spec
    if annotation in _SCALARS:
        return _SCALARS[annotation]
    if hasattr(annotation, "__value__"):  # a `type X = ...` alias of Python 3.12
        return type_spec_of(annotation.__value__)
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return type_spec_of(arguments[0], arguments[1:])
    if origin is Literal:
        return {"enum": list(arguments)}
    if origin in (Union, types.UnionType):
        return _union(arguments)
    return _generic(origin or annotation, arguments)


def _union(members: tuple[Any, ...]) -> TypeSpec:
    given = [type_spec_of(member) for member in members if member is not type(None)]
    inner: TypeSpec = given[0] if len(given) == 1 else {"union": given}
    return {"nullable": inner} if type(None) in members else inner


def _generic(origin: Any, arguments: tuple[Any, ...]) -> TypeSpec:
    if origin in _MAPS:
        return {"map": [type_spec_of(each) for each in arguments]} if arguments else "map"
    if origin is tuple and arguments and arguments[-1] is not Ellipsis:
        return {"tuple": [type_spec_of(each) for each in arguments]}
    if origin in _LISTS:
        return {"list": type_spec_of(arguments[0])} if arguments else "list"
    if origin is abc.Callable:
        arity = len(arguments[0]) if arguments and isinstance(arguments[0], list) else 0
        return {"function": arity}
    return _class(origin)


def _class(kind: Any) -> TypeSpec:
    if not isinstance(kind, type):
        return "any"
    if issubclass(kind, Enum):
        return {"enum": [member.value for member in kind]}
    if issubclass(kind, PurePath):
        return "path"
    if kind.__name__ == "SecretStr":
        return "secret"
    return {"struct": f"{kind.__module__}:{kind.__qualname__}"}
