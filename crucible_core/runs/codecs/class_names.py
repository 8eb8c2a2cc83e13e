"""Classes by the name under which another process finds them."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import Any

from crucible_core.runs.codecs.errors import UnreadableValueError
from crucible_core.runs.codecs.refusal import Refusal, named_type

__all__ = ["class_name", "find_class", "is_importable"]


def is_importable(kind: type) -> bool:
    """Tell whether a class is what its own name leads to."""
    found: Any = sys.modules.get(kind.__module__)
    for part in kind.__qualname__.split("."):
        found = getattr(found, part, None)
    return found is kind


def class_name(kind: Any) -> str:
    """Return ``module:QualName`` of a class.

    Raises:
        Refusal: No other process would find it there.
    """
    if not isinstance(kind, type):
        raise Refusal(kind, "it is no class")
    if not is_importable(kind):
        name = named_type(kind)
        raise Refusal(kind, f"{name} cannot be imported by its name", "define the class at the top level of a module")
    return named_type(kind)


def find_class(name: str) -> Any:
    """Return the class of a name that `class_name` gave.

    Raises:
        UnreadableValueError: It is not there any more.
    """
    module, _, path = name.partition(":")
    try:
        found: Any = import_module(module)
        for part in path.split("."):
            found = getattr(found, part)
    except Exception as error:
        reason = f"{type(error).__name__}: {error}"
        message = f"the class {name} of a value that was kept cannot be imported: {reason}"
        raise UnreadableValueError(message, hint="install what it is from, or run again without --resume") from error
    if not isinstance(found, type):
        raise UnreadableValueError(f"{name} of a value that was kept is no class any more but {found!r:.60}")
    return found
