"""Values of a run on the disk: as JSON where JSON will do, as objects named by their content where it will not."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from crucible_core.runs.codecs.errors import (
        DamagedObjectError,
        NoCodecError,
        SecretValueError,
        StoreError,
        UnreadableValueError,
    )
    from crucible_core.runs.codecs.object_ref import ObjectRef, objects_in
    from crucible_core.runs.codecs.store import ObjectStore
    from crucible_core.runs.codecs.values import Values

_HOMES = {
    "DamagedObjectError": "errors",
    "NoCodecError": "errors",
    "ObjectRef": "object_ref",
    "ObjectStore": "store",
    "SecretValueError": "errors",
    "StoreError": "errors",
    "UnreadableValueError": "errors",
    "Values": "values",
    "objects_in": "object_ref",
}

__all__ = [
    "DamagedObjectError",
    "NoCodecError",
    "ObjectRef",
    "ObjectStore",
    "SecretValueError",
    "StoreError",
    "UnreadableValueError",
    "Values",
    "objects_in",
]


def __getattr__(name: str) -> Any:
    """Import a public name from where it lives, once."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """List the public names."""
    return __all__
