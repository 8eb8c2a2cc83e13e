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

_PROBES = frozenset(
    {"keys", "items", "values", "get", "shape", "dtype", "to_dict", "isoformat", "get_secret_value", "tolist"}
)
"""What code asks any value for, to see what kind it is: ``dict(options)`` asks for ``keys``."""


_VIEWS = "collections.abc"
"""Where the keys, values and items of a mapping are made."""

_EXTRA: dict[str, Any] = {}
"""What `extended` puts into copies of options."""


@contextmanager
def extended(extra: Mapping[str, Any]) -> Iterator[None]:
    """Let each dict that a stage makes of a value of its ``Options`` class hold this as well meanwhile."""
    _EXTRA.update(extra)
    try:
        yield
    finally:
        _EXTRA.clear()


@dataclass
class OptionsRead:
    """Options that were asked for, and names that are no options.

    Attributes:
        names: Options that were asked for.
        used: Those of them whose value did not go nowhere at once, each time.
        together: Those that were handed on with all others; ``used`` has only those that were asked for by name.
        undeclared: Names that are no options.
        fallbacks: Options that were not given to what the code takes in their place, where that stands in the code.
    """

    names: set[str] = field(default_factory=set)
    used: set[str] = field(default_factory=set)
    together: set[str] = field(default_factory=set)
    undeclared: set[str] = field(default_factory=set)
    fallbacks: dict[str, Any] = field(default_factory=dict)

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
        self.together |= found

    def instead(self, name: str, value: Any, frame: FrameType) -> None:
        """Remember that a frame takes a value in the place of an option that was not given."""
        if value is not None and any(type(each) is type(value) and each == value for each in frame.f_code.co_consts):
            self.fallbacks[name] = value

    def add(self, other: OptionsRead) -> None:
        """Remember what another one remembers."""
        self.names |= other.names
        self.used |= other.used
        self.together |= other.together
        self.undeclared |= other.undeclared
        self.fallbacks |= other.fallbacks


_DICTS = frozenset({"model_dump", "dict", "__dict__"})


def _with_extra(name: str, found: Any) -> Any:
    """Return what makes a dict of options, or the dict itself, so that it holds more; pydantic gets what there is."""
    if str(sys._getframe(2).f_globals.get("__name__", "")).startswith("pydantic"):
        return found
    return {**found, **_EXTRA} if name == "__dict__" else lambda *args, **kwargs: {**found(*args, **kwargs), **_EXTRA}


class WatchedOptions(Mapping[str, Any]):
    """The options of a stage without an ``Options`` class."""

    def __init__(self, held: Mapping[str, Any], known: frozenset[str], read: OptionsRead) -> None:
        self._held = held
        self._known = known
        self._read = read
        self._copying: tuple[int, int] | None = None

    def __getitem__(self, key: str) -> Any:
        self._asked(key, sys._getframe(1))
        return self._held[key]

    def get(self, key: str, default: Any = None) -> Any:
        """Return an option or the default, and remember which was asked for."""
        frame = sys._getframe(1)
        self._asked(key, frame)
        if key in self._held:
            return self._held[key]
        if key in self._known:
            self._read.instead(key, default, frame)
        return default

    def _asked(self, key: str, frame: FrameType) -> None:
        """Remember that one is asked for, unless all of them are copied by the same step of the code."""
        if key not in self._known:
            self._read.undeclared.add(key)
        elif frame.f_globals.get("__name__") != _VIEWS and self._copying != (id(frame), frame.f_lasti):
            self._read.one(key, frame)

    def __contains__(self, key: object) -> bool:
        return key in self._held

    def __iter__(self) -> Iterator[str]:
        self._read.all_of(self._held)
        frame: FrameType | None = sys._getframe(1)
        while frame is not None and frame.f_globals.get("__name__") == _VIEWS:
            frame = frame.f_back
        self._copying = None if frame is None else (id(frame), frame.f_lasti)
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
        found = look_up(self, name)
        return _with_extra(name, found) if _EXTRA and name in _DICTS else found

    def __iter__(self: BaseModel) -> Any:  # noqa: N807 - it stands in for one
        read.all_of(fields if whole else ())
        yield from walk(self)
        yield from _EXTRA.items()

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
