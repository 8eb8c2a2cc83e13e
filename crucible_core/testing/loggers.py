"""How loggers are configured: those of others are not a stage's to change, its own it may once."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Collection
from typing import Any, NamedTuple

LOGGERS = "loggers"
"""The aspect of which only what changes each time is held against a stage: libraries set up theirs when first used."""


class Settings(NamedTuple):
    """What is set of one logger; handlers and filters as such."""

    level: int = logging.NOTSET
    propagate: bool = True
    handlers: tuple[Any, ...] = ()
    filters: tuple[Any, ...] = ()


class Loggers:
    """The settings of all loggers but the root; equal to the same ones.

    Args:
        held: Name to settings, of those that have any.
    """

    __slots__ = ("_held",)

    def __init__(self, held: dict[str, Settings]) -> None:
        self._held = held

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Loggers) and self._held == other._held

    __hash__ = None  # type: ignore[assignment] # as a mapping's

    def changed(self, now: Loggers, own: Collection[str]) -> dict[str, tuple[Any, Any]]:
        """Return, by logger and setting, what was and is there.

        Args:
            now: What is there after.
            own: The packages of those who may have done so; they may set the levels of loggers of that name.
        """
        found = {}
        for name in self._held.keys() | now._held.keys():
            one, other = self._held.get(name, Settings()), now._held.get(name, Settings())
            for setting in Settings._fields if _is_foreign(name, own) else ("handlers",):
                if getattr(one, setting) != getattr(other, setting):
                    found[f"{setting} of {name}"] = (getattr(one, setting), getattr(other, setting))
        return found


def loggers(own: Collection[str] = ()) -> tuple[Loggers, Callable[[], None]]:
    """Return how all loggers are configured, and what puts back how those of others were.

    Args:
        own: Packages whose loggers are left as they are.
    """
    held = _all_settings()

    def put_back() -> None:
        for name in _all_settings().items() ^ held.items():
            if _is_foreign(name[0], own):
                _configure(logging.getLogger(name[0]), held.get(name[0], Settings()))

    return Loggers(held), put_back


def _all_settings() -> dict[str, Settings]:
    known = [(name, each) for name, each in logging.root.manager.loggerDict.items() if isinstance(each, logging.Logger)]
    found = {name: Settings(each.level, each.propagate, _handlers(each), tuple(each.filters)) for name, each in known}
    return {name: each for name, each in found.items() if each != Settings()}


def _handlers(logger: logging.Logger) -> tuple[Any, ...]:
    """Return the handlers, without those that do nothing: a library is asked to give each of its loggers one."""
    return tuple(each for each in logger.handlers if not isinstance(each, logging.NullHandler))


def _configure(logger: logging.Logger, settings: Settings) -> None:
    logger.setLevel(settings.level)
    logger.propagate = settings.propagate
    silent = [each for each in logger.handlers if isinstance(each, logging.NullHandler)]
    logger.handlers[:], logger.filters[:] = [*silent, *settings.handlers], settings.filters


def _is_foreign(name: str, own: Collection[str]) -> bool:
    """Tell whether a logger is called as a module of somebody else's."""
    package = name.partition(".")[0]
    return package not in own and (package in sys.modules or package in _KNOWN)


_KNOWN = frozenset({*sys.stdlib_module_names, "urllib3", "requests", "matplotlib", "torch", "transformers", "httpx"})
"""Names of modules that are not loaded in every process, and whose loggers are known to be loud."""
