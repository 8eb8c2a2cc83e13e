"""Options that remember which of them a stage asked for."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from crucible_core.testing.discarded import is_discarded
from crucible_core.testing.probing import is_probing

if TYPE_CHECKING:
    from types import FrameType

    from pydantic import BaseModel

_WHOLE = frozenset(
    {
        *("model_dump", "model_dump_json", "model_copy", "dict", "json", "copy", "__dict__"),
        *("__reduce_ex__", "__reduce__", "__getstate__", "__copy__", "__deepcopy__"),
    }
)
"""Ways to ask for all options at once: to hand them on, copy or send them somewhere."""

_PROBES = frozenset({"keys", "items", "shape", "dtype", "to_dict", "isoformat", "get_secret_value", "tolist"})
"""What code asks any value for, to see what kind it is: ``dict(options)`` asks for ``keys``."""


@dataclass
class OptionsRead:
    """Options that were asked for, and names that are no options.

    Attributes:
        names: Options that were asked for.
        used: Those of them whose value did not go nowhere at once, each time.
        undeclared: Names that are no options.
    """

    names: set[str] = field(default_factory=set)
    used: set[str] = field(default_factory=set)
    undeclared: set[str] = field(default_factory=set)

    def one(self, name: str, frame: FrameType) -> None:
        """Remember that a frame asks for one."""
        self.names.add(name)
        if not is_discarded(frame):
            self.used.add(name)

    def other(self, name: str, frame: FrameType) -> None:
        """Remember that a frame asks for what is no option, unless it only looks what kind of object it has."""
        if not is_probing(frame):
            self.undeclared.add(name)

    def all_of(self, names: Iterable[str]) -> None:
        """Remember that all are handed on at once."""
        found = set(names)
        self.names |= found
        self.used |= found

    def add(self, other: OptionsRead) -> None:
        """Remember what another one remembers."""
        self.names |= other.names
        self.used |= other.used
        self.undeclared |= other.undeclared


class WatchedOptions(Mapping[str, Any]):
    """The options of a stage without an ``Options`` class."""

    def __init__(self, held: Mapping[str, Any], known: frozenset[str], read: OptionsRead) -> None:
        self._held = held
        self._known = known
        self._read = read

    def __getitem__(self, key: str) -> Any:
        if key in self._known:
            self._read.one(key, sys._getframe(1))
        else:
            self._read.undeclared.add(key)
        return self._held[key]

    def __contains__(self, key: object) -> bool:
        return key in self._held

    def __iter__(self) -> Iterator[str]:
        self._read.all_of(self._held)
        return iter(self._held)

    def __len__(self) -> int:
        return len(self._held)

    def __repr__(self) -> str:
        return repr(self._held)

    def __deepcopy__(self, memo: dict[int, Any]) -> WatchedOptions:
        from copy import deepcopy

        return WatchedOptions(deepcopy(dict(self._held), memo), self._known, self._read)

    def __reduce__(self) -> tuple[Any, ...]:
        self._read.all_of(self._held)
        return dict, (dict(self._held),)


@contextmanager
def watch_model(model: type[BaseModel], read: OptionsRead, *, whole: bool = True) -> Iterator[None]:
    """Remember which options are asked of values of an ``Options`` class meanwhile.

    Args:
        model: The class; its way to look attributes up is replaced and put back.
        read: Where to remember.
        whole: Whether asking for all of them at once counts.
    """
    fields = frozenset(model.model_fields)
    look_up, walk = model.__getattribute__, model.__iter__

    def __getattribute__(self: BaseModel, name: str) -> Any:  # noqa: N807 - it stands in for one
        if name in fields:
            read.one(name, sys._getframe(1))
        elif name in _WHOLE:
            read.all_of(fields if whole else ())
        elif not name.startswith("__") and name not in _PROBES and not hasattr(type(self), name):
            read.other(name, sys._getframe(1))
        return look_up(self, name)

    def __iter__(self: BaseModel) -> Any:  # noqa: N807 - it stands in for one
        read.all_of(fields if whole else ())
        return walk(self)

    own = {name: vars(model)[name] for name in ("__getattribute__", "__iter__") if name in vars(model)}
    type.__setattr__(model, "__getattribute__", __getattribute__)
    type.__setattr__(model, "__iter__", __iter__)
    try:
        yield
    finally:
        for name in ("__getattribute__", "__iter__"):
            if name in own:
                type.__setattr__(model, name, own[name])
            else:
                type.__delattr__(model, name)
