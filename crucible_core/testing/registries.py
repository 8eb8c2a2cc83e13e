"""What is global in the interpreter and its standard library and is kept elsewhere than in modules, as aspects."""

from __future__ import annotations

import atexit
import codecs
import csv
import faulthandler
import signal
import sys
import tempfile
from collections.abc import Mapping
from typing import Any

from crucible_core.testing.places_of_libraries import is_installed
from crucible_core.testing.same import Same, Take, Taken

AT_EXIT = "functions called at exit"
"""The aspect of which only that it grows each time is held against a stage: libraries add one when first used."""

_HANDLERS = (
    *("strict", "ignore", "replace", "backslashreplace", "xmlcharrefreplace", "namereplace"),
    *("surrogateescape", "surrogatepass"),
)
_TIMERS = ("ITIMER_REAL", "ITIMER_VIRTUAL", "ITIMER_PROF")
_ABSENT = "nothing"


def _timers() -> Taken:
    """Take which timers are set; how much time they have left is another thing each time."""
    held = {name: signal.getitimer(getattr(signal, name)) for name in _TIMERS}

    def put_back() -> None:
        for name, (seconds, _) in held.items():
            if not seconds:
                signal.setitimer(getattr(signal, name), 0)

    return {name: bool(seconds) for name, (seconds, _) in held.items()}, put_back


def _error_handlers() -> Taken:
    held = {name: codecs.lookup_error(name) for name in _HANDLERS}

    def put_back() -> None:
        for name, handler in held.items():
            if codecs.lookup_error(name) is not handler:
                codecs.register_error(name, handler)

    return {name: Same(handler) for name, handler in held.items()}, put_back


def _interpreter() -> Taken:
    names = ("tracebacklimit", "dont_write_bytecode", "pycache_prefix")
    held = {name: getattr(sys, name, _ABSENT) for name in names}
    digits, native = sys.get_int_max_str_digits(), faulthandler.is_enabled()

    def put_back() -> None:
        for name, value in held.items():
            if value != _ABSENT:
                setattr(sys, name, value)
            elif hasattr(sys, name):
                delattr(sys, name)
        sys.set_int_max_str_digits(digits)

    return {**held, "digits of integers": digits, "faulthandler": native}, put_back


def _finders() -> Taken:
    lists: dict[str, list[Any]] = {"meta_path": sys.meta_path, "path_hooks": sys.path_hooks}
    held = {name: list(each) for name, each in lists.items()}

    def put_back() -> None:
        for name, each in lists.items():
            # a library that took the place of another finder does not find that its own is gone
            each[:] = [*held[name], *(finder for finder in each if finder not in held[name] and _of_a_library(finder))]
            setattr(sys, name, each)

    return {name: [Same(each) for each in finders] for name, finders in held.items()}, put_back


def _of_a_library(finder: Any) -> bool:
    name = getattr(finder, "__module__", None) or type(finder).__module__
    return is_installed(sys.modules.get(str(name)))


def _temporary() -> Taken:
    """Take where temporary files go: that is found out when somebody first asks."""
    held = tempfile.gettempdir()

    def put_back() -> None:
        tempfile.tempdir = held

    return held, put_back


def _field_limit() -> Taken:
    held = csv.field_size_limit()

    def put_back() -> None:
        csv.field_size_limit(held)

    return held, put_back


def _at_exit() -> Taken:
    return atexit._ncallbacks(), lambda: None


REGISTRIES: Mapping[str, Take] = {
    "signal timers": _timers,
    "error handlers of codecs": _error_handlers,
    "interpreter": _interpreter,
    "finders of modules": _finders,
    "directory for temporary files": _temporary,
    "limit of csv fields": _field_limit,
    AT_EXIT: _at_exit,
}
"""Aspect to how to take it."""
