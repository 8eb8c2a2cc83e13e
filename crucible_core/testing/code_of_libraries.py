"""What stands in modules and classes of libraries, before and after: whether a stage put something else there."""

from __future__ import annotations

import sys
from collections.abc import Callable, Collection, Iterator
from types import FunctionType, ModuleType
from typing import Any

from crucible_core.testing.places_of_libraries import Place, contents, is_installed, library_places

_SCALARS = (bool, int, float, str, bytes)


class LibraryCode:
    """What is under the names of all places now; equal to what is the same in the same places.

    Looked at before and after every run, so that it has to be quick.
    """

    __slots__ = ("held", "places", "sizes")

    def __init__(self) -> None:
        self.places = library_places()
        self.held, self.sizes = contents(self.places)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, LibraryCode):
            return False
        try:
            return self.sizes == other.sizes and self.held == other.held
        except Exception:  # noqa: BLE001 - whatever an object of a library's raises that is compared
            return False

    __hash__ = None  # type: ignore[assignment] # as a mapping's

    def changed(self, now: LibraryCode, own: Collection[str]) -> dict[str, tuple[Any, Any]]:
        """Return, by full name, what was put in the place of what.

        Args:
            now: What is there after.
            own: The packages of those who may have done so; what is in them is theirs.
        """
        found = {}
        for place, name, before, after in _differing(self, now):
            if is_a_change(place, before, after, own):
                found[f"{place.called}.{name}"] = (before, after)
        return found


def library_code(own: Collection[str] = ()) -> tuple[LibraryCode, Callable[[], None]]:
    """Return what is in the modules and classes of libraries, and what puts it back.

    Args:
        own: Packages of the stage; what is in them is left as it is.
    """
    taken = LibraryCode()

    def put_back() -> None:
        now = LibraryCode()
        for place, name, before, after in list(_differing(taken, now)) if now != taken else ():
            if is_a_change(place, before, after, own) and not is_installed(_module_of(after)):
                _put(place.owner, name, before)

    return taken, put_back


def _put(owner: Any, name: str, before: Any) -> None:
    if before is _NOTHING:
        delattr(owner, name)
    else:
        setattr(owner, name, before)


class _Nothing:
    __slots__ = ()

    def __repr__(self) -> str:
        return "nothing"


_NOTHING = _Nothing()


def _differing(before: LibraryCode, after: LibraryCode) -> Iterator[tuple[Place, str, Any, Any]]:
    """Yield place, name, and what was and is there, for all that is not the same; names that are new included."""
    for place, held, now, size, size_now in zip(
        before.places, before.held, after.held, before.sizes, after.sizes, strict=False
    ):
        for name, one, other in zip(place.names, held, now, strict=False) if not _same(held, now) else ():
            if one is not other and not _same(one, other):
                yield place, name, one, other
        if size != size_now:
            added = set(place.holds) - set(place.names)
            yield from ((place, name, _NOTHING, place.holds[name]) for name in added)


def _same(one: Any, other: Any) -> bool:
    try:
        return bool(one == other)
    except Exception:  # noqa: BLE001 - likewise
        return False


def is_a_change(place: Place, before: Any, after: Any, own: Collection[str]) -> bool:
    """Tell whether another value in a place is what a stage did, and not what a library keeps for itself."""
    if place.called.partition(".")[0] in own:
        return False
    its_own = _package_of(after) in own
    if before is _NOTHING or before is None:
        return its_own and (before is None or isinstance(after, FunctionType))
    if callable(before):
        # libraries put things in their own places when they are first used
        return place.standard or _package_of(after) != place.called.partition(".")[0]
    return bool(before) or its_own if isinstance(before, _SCALARS) else True


def _module_of(value: Any) -> ModuleType | None:
    name = getattr(value, "__module__", None) or type(value).__module__
    return sys.modules.get(str(name))


def _package_of(value: Any) -> str:
    name = getattr(value, "__module__", None) or type(value).__module__
    return str(name).partition(".")[0]
