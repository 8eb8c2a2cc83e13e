"""Variables of the environment that are asked for by name while a stage runs."""

from __future__ import annotations

import os
import sys
from typing import Any

from crucible_core.testing.probing import is_subscript
from crucible_core.testing.recorded_calls import note, records

_LIBRARY = os.path.dirname(os.__file__)  # noqa: PTH120 - a prefix of strings
_COPYING = frozenset({"copy", "items", "values", "keys", "__iter__", "update", "__repr__", "__or__", "__ror__"})
_LIBRARY = os.path.dirname(os.__file__)  # noqa: PTH120 - a prefix of strings
_MAPPING_FILES = (os.__file__, "<frozen os>", "<frozen _collections_abc>", f"{_LIBRARY}/_collections_abc.py")
"""Where the methods of the environment are."""


def tell_of_variables(kind: Any) -> None:
    """Let mappings of a class note what is looked up in them.

    Args:
        kind: The class of ``os.environ``.
    """
    look_up = kind.__getitem__

    def __getitem__(self: Any, key: Any) -> Any:  # noqa: N807 - it stands in for one
        if records():
            reader = _asking(sys._getframe(1))
            if reader:
                note("asked", (str(key), reader))
        return look_up(self, key)

    kind.__getitem__ = __getitem__


def _asking(frame: Any) -> str:
    """Return the package of the code that asks for one variable by name; empty where all are copied.

    A mapping is copied in C, called by a function that does not look up an item or call a method of its own.
    """
    found = frame
    while found is not None and found.f_code.co_filename.startswith(_MAPPING_FILES):
        if found.f_code.co_name in _COPYING:
            return ""
        found = found.f_back
    if found is frame and not is_subscript(frame):
        return ""
    return "" if found is None else str(found.f_globals.get("__name__", "")).partition(".")[0]
