"""A value that does nothing but tell when it is used."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from typing import Any, NoReturn

_NOT_A_STAGES = re.compile(r"pydantic|crucible_core\.(?!stages)")
"""Modules that look at values for purposes of their own."""
_OPERATIONS = (
    *("add", "sub", "mul", "truediv", "floordiv", "mod", "divmod", "pow", "matmul", "lshift", "rshift", "and", "or"),
    *("xor", "neg", "pos", "abs", "invert", "round", "floor", "ceil", "trunc", "lt", "le", "gt", "ge", "eq", "ne"),
    *("int", "float", "complex", "index", "len", "iter", "next", "reversed", "contains", "getitem", "setitem", "hash"),
    *("delitem", "call", "enter", "exit", "fspath", "bytes", "bool", "array", "array_ufunc", "aiter", "await"),
)
_SHOWN = ("repr", "str", "format")


class Tracer:
    """Stand in the place of an option's value; whatever is done with it beyond handing it on is told.

    Args:
        used: Called at each use by code that is neither the kit's nor pydantic's.
    """

    __slots__ = ("_used",)
    __hash__: Any

    def __init__(self, used: Callable[[], None]) -> None:
        object.__setattr__(self, "_used", used)

    def __getattr__(self, name: str) -> NoReturn:
        if not name.startswith("__"):
            _tell(self)
        raise AttributeError(name)

    def __copy__(self) -> Tracer:
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> Tracer:
        return self


def _tell(tracer: Tracer) -> None:
    if not _NOT_A_STAGES.match(str(sys._getframe(2).f_globals.get("__name__", ""))):
        tracer._used()


def _refusing(name: str) -> Callable[..., Any]:
    def operation(self: Tracer, *_: Any, **__: Any) -> Any:
        _tell(self)
        if name == "hash":
            return id(self)
        if name in ("eq", "ne", "bool"):
            return name != "eq"
        raise TypeError(f"no {name} of a value that only tells when it is used")

    return operation


def _showing(self: Tracer, *_: Any) -> str:
    _tell(self)
    return "traced"


for _name in _OPERATIONS:
    setattr(Tracer, f"__{_name}__", _refusing(_name))
    setattr(Tracer, f"__r{_name}__", _refusing(_name))
for _name in _SHOWN:
    setattr(Tracer, f"__{_name}__", _showing)
