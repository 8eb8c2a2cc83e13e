"""Objects as such, to be compared by what they are and not by what they say of themselves."""

from __future__ import annotations

import types
from collections.abc import Callable
from typing import Any

Taken = tuple[Any, Callable[[], None]]
"""What was found, comparable, and what puts it back."""

Take = Callable[[], Taken]


class Same:
    """An object as such: equal to itself alone, and shown without asking it anything."""

    __slots__ = ("held",)

    def __init__(self, held: Any) -> None:
        self.held = held

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Same) and self.held is other.held

    def __hash__(self) -> int:
        return id(self.held)

    def __repr__(self) -> str:
        if self.held is None or isinstance(self.held, (int, str)):
            return repr(self.held)
        if isinstance(self.held, (type, types.FunctionType, types.BuiltinFunctionType)):
            return self.held.__qualname__
        return f"a {type(self.held).__qualname__}"
