"""What a stage says of itself, before the core has judged it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from typing import Any

from crucible_core.contract.description import StageDescription
from crucible_core.contract.stage import Stage, stated_description

_CACHE = "_crucible_description"


@contextlib.contextmanager
def unjudged(kind: type) -> Iterator[None]:
    """Let a class that inherits from `Stage` describe itself meanwhile without the core refusing what it says."""
    if not issubclass(kind, Stage):
        yield
        return
    kept = {_CACHE: vars(kind)[_CACHE]} if _CACHE in vars(kind) else {}
    with contextlib.suppress(Exception):  # then describe() raises it as well
        setattr(kind, _CACHE, stated_description(kind))
    try:
        yield
    finally:
        if _CACHE in vars(kind):
            delattr(kind, _CACHE)
        for name, value in kept.items():
            setattr(kind, name, value)


def field(said: Any, name: str, default: Any = None) -> Any:
    """Return one field of what ``describe`` returned, a mapping or a description, as it was said."""
    return said.get(name, default) if isinstance(said, Mapping) else getattr(said, name, default)


def fields(said: Any) -> dict[str, Any]:
    """Return all fields that were said, as they were said, under the names they have in the published form.

    Raises:
        Exception: Whatever a description with values of other kinds than it is to have leads to.
    """
    return said._fields() if isinstance(said, StageDescription) else dict(said)
