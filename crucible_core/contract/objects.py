"""Find the Python object that an option names as ``module:name``."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from crucible_core.contract.errors import StageError


def import_object(name: str | Any, option: str) -> Any:
    """Return the object named ``module:name``, or what was given if it is one already.

    Args:
        name: The name; ``module`` alone stands for the module.
        option: The option it was given for, for the message.

    Raises:
        StageError: ``not_importable``: there is no such module or attribute, or importing it fails.
    """
    if not isinstance(name, str):
        return name
    module, _, attribute = name.partition(":")
    try:
        found: Any = import_module(module)
        for part in attribute.split(".") if attribute else ():
            found = getattr(found, part)
    except Exception as error:
        reason = f"{type(error).__name__}: {error}"
        raise StageError("not_importable", f"{option}: {name!r} cannot be imported: {reason}", option=option) from error
    return found
