"""Which module encodes a type, and which reads a tag, of those that JSON does not have; imported when one is met."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any

from crucible_core.runs.codecs.refusal import named_type

if TYPE_CHECKING:
    from crucible_core.runs.codecs.decoder import Read
    from crucible_core.runs.codecs.encoder import Kind

__all__ = ["kind_named", "reader_of", "structure_of"]

_ROOM = "crucible_core.runs.codecs"
_BY_MODULE = {
    "builtins": "scalars",
    "collections": "collection_kinds",
    "crucible_core.contract.dataset": "own_kinds",
    "crucible_core.contract.persistent": "own_kinds",
    "crucible_core.ir.frozen": "own_kinds",
    "datetime": "scalars",
    "decimal": "scalars",
    "fractions": "scalars",
    "pathlib": "scalars",
    "pathlib._local": "scalars",
    "types": "collection_kinds",
    "uuid": "scalars",
    "zoneinfo": "scalars",
}
"""The module in this package for types of a module."""
_ELSEWHERE = {"builtins:mappingproxy": "collection_kinds"}
_BY_LIBRARY = {"numpy": "numpy_kinds", "pandas": "pandas_kinds", "torch": "torch_kinds"}
"""The module for other classes of a library, and for tags that begin with its name."""
_HOLDING_TAGS = ("own_kinds", "scalars", "class_kinds", "collection_kinds")


def kind_named(name: str) -> Kind | None:
    """Return how a type of the standard library or of Crucible is encoded, by its ``module:QualName``."""
    home = _ELSEWHERE.get(name) or _BY_MODULE.get(name.partition(":")[0])
    found: Kind | None = _home(home).KINDS.get(name) if home else None
    return found


def structure_of(kind: type) -> Kind | None:
    """Return how instances of a class are encoded that says what they are made of, or that a library names its own."""
    library = named_type(kind).partition(":")[0].partition(".")[0]
    home = _BY_LIBRARY.get(library, "class_kinds")
    found: Kind | None = _home(home).structure_of(kind)
    return found


def reader_of(tag: str) -> Read | None:
    """Return what reads values with a tag; None where nothing does."""
    library = tag.partition("_")[0]
    homes = (_BY_LIBRARY[library],) if library in _BY_LIBRARY else _HOLDING_TAGS
    return next((found for home in homes if (found := _home(home).TAGS.get(tag))), None)


@cache  # and not a look into sys.modules: there is also what another thread has only begun to import
def _home(name: str) -> Any:
    return import_module(f"{_ROOM}.{name}")
