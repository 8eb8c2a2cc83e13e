"""Pydantic's search for plugins of its own, which the command leaves out."""

from __future__ import annotations

import contextlib
import os
import sys
from importlib import import_module
from types import ModuleType
from typing import Any

__all__ = ["leave_out_search", "spare_its_imports"]

_SEARCHED_WITH = "importlib.metadata"


def leave_out_search() -> None:
    """Keep pydantic from looking for plugins, unless the user says what it may look for.

    It looks in the metadata of every distribution when the first model is built: with two hundred installed that takes
    longer than all of the rest, and one corrupt file among them ends the program.
    """
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")


def spare_its_imports() -> None:
    """Import what would look for plugins, but not what it would look with.

    That is ``importlib.metadata``, and with it the e-mail package, sockets and archives: a tenth of the CPU time to the
    first stage, also where the search is left out. Pydantic gets a stand-in that imports it when it is used. Where a
    version of pydantic wants it at once, or has its search in another place, nothing is changed.
    """
    if _SEARCHED_WITH in sys.modules:
        return
    sys.modules[_SEARCHED_WITH] = _StandIn(_SEARCHED_WITH)
    try:
        with contextlib.suppress(ImportError):
            import_module("pydantic.plugin._loader")
    finally:
        _take_away_stand_in()


class _StandIn(ModuleType):
    """Is ``importlib.metadata`` to those that hold it; has ``entry_points`` without being it, so far."""

    @staticmethod
    def entry_points(**selected: Any) -> Any:
        """Return the entry points selected."""
        return _real().entry_points(**selected)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):  # what the import system asks for
            raise AttributeError(name)
        return getattr(_real(), name)


def _real() -> ModuleType:
    _take_away_stand_in()
    return import_module(_SEARCHED_WITH)


def _take_away_stand_in() -> None:
    if isinstance(sys.modules.get(_SEARCHED_WITH), _StandIn):
        del sys.modules[_SEARCHED_WITH]
