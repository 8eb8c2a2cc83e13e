"""Aspects of this process's state, each with how to take it and how to put it back."""

from __future__ import annotations

import builtins
import contextlib
import decimal
import locale
import logging
import os
import signal
import sys
import threading
import warnings
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from crucible_core.testing.native_environment import OF_CHILDREN, past_environ
from crucible_core.testing.same import Same, Take, Taken


def _environment() -> Taken:
    environ, held = os.environ, dict(os.environ)

    def put_back() -> None:
        os.environ = environ  # noqa: B003 - the same object again, if the stage put another one there
        if dict(environ) != held:
            environ.clear()
            environ.update(held)

    return {**held, "os.environ itself": Same(environ)}, put_back


def _directory() -> Taken:
    try:
        cwd = os.getcwd()  # noqa: PTH109 - as a text
    except OSError:
        return "a directory that is gone", lambda: None
    return cwd, lambda: os.chdir(cwd)


def _list_of(name: str) -> Take:
    def take() -> Taken:
        given = getattr(sys, name)
        held = list(given)

        def put_back() -> None:
            given[:] = held
            setattr(sys, name, given)

        return held, put_back

    return take


def _called(owner: Any) -> str:
    return str(getattr(owner, "__name__", type(owner).__name__))


def _attributes(*places: tuple[Any, str]) -> Take:
    """Take what is held in attributes of modules or objects, as such."""

    def take() -> Taken:
        held = [(owner, name, getattr(owner, name)) for owner, name in places]

        def put_back() -> None:
            for owner, name, value in held:
                setattr(owner, name, value)

        return {f"{_called(owner)}.{name}": Same(value) for owner, name, value in held}, put_back

    return take


def _streams() -> Taken:
    names = ("stdin", "stdout", "stderr")
    held = {name: getattr(sys, name) for name in names}

    def put_back() -> None:
        for name, stream in held.items():
            setattr(sys, name, stream)

    closed = {f"{name} is closed": bool(getattr(stream, "closed", False)) for name, stream in held.items()}
    return {**{name: Same(stream) for name, stream in held.items()}, **closed}, put_back


def _trace() -> Taken:
    held: list[Any] = [sys.gettrace(), sys.getprofile(), threading.gettrace(), threading.getprofile()]
    puts: list[Any] = [sys.settrace, sys.setprofile, threading.settrace, threading.setprofile]

    def put_back() -> None:
        for put, function in zip(puts, held, strict=True):
            put(function)

    names = ("trace", "profile", "trace of threads", "profile of threads")
    return {name: Same(each) for name, each in zip(names, held, strict=True)}, put_back


def _limit() -> Taken:
    limit = sys.getrecursionlimit()
    return limit, lambda: sys.setrecursionlimit(limit)


def _umask() -> Taken:
    mask = os.umask(0o022)
    os.umask(mask)

    def put_back() -> None:
        os.umask(mask)

    return f"{mask:03o}", put_back


def _locale() -> Taken:
    held = locale.setlocale(locale.LC_ALL)

    def put_back() -> None:
        locale.setlocale(locale.LC_ALL, held)

    return held, put_back


def _decimal() -> Taken:
    context = decimal.getcontext()
    held = context.copy()
    traps = sorted(trap.__name__ for trap, is_set in context.traps.items() if is_set)
    facts = {name: getattr(context, name) for name in ("prec", "rounding", "Emin", "Emax", "capitals", "clamp")}

    def put_back() -> None:
        decimal.setcontext(held)

    return {**facts, "traps": traps}, put_back  # its flags are set by every inexact division


def _signals() -> Taken:
    held = {}
    for number in signal.Signals:
        with contextlib.suppress(ValueError, OSError):  # not on this platform
            held[number] = signal.getsignal(number)

    def put_back() -> None:
        for number, handler in held.items():
            if signal.getsignal(number) is not handler and handler is not None:
                signal.signal(number, handler)

    return {number.name: Same(handler) for number, handler in held.items()}, put_back


def _builtins() -> Taken:
    held = {name: value for name, value in vars(builtins).items() if name != "_"}

    def put_back() -> None:
        for name in [name for name in vars(builtins) if name not in held and name != "_"]:
            delattr(builtins, name)
        vars(builtins).update(held)

    return {name: Same(value) for name, value in held.items()}, put_back


def _root_logger() -> Taken:
    root = logging.getLogger()
    level, handlers, filters, off = root.level, list(root.handlers), list(root.filters), root.disabled

    def put_back() -> None:
        if root.level != level:
            root.setLevel(level)
        root.handlers[:], root.filters[:], root.disabled = handlers, filters, off

    facts = {"level": level, "handlers": list(map(Same, handlers)), "filters": list(map(Same, filters))}
    return {**facts, "disabled": off}, put_back


def _level_names() -> Taken:
    held = dict(logging._levelToName)

    def put_back() -> None:
        for level, name in held.items():
            if logging.getLevelName(level) != name:
                logging.addLevelName(level, name)

    return held, put_back


def _disable() -> Taken:
    level = logging.root.manager.disable
    return level, lambda: logging.disable(level)


def _loggers() -> Taken:
    """Take which loggers are disabled; a configuration does that to all it does not know."""
    known = {name: each for name, each in logging.root.manager.loggerDict.items() if isinstance(each, logging.Logger)}
    held = {name: each.disabled for name, each in known.items()}

    def put_back() -> None:
        for name, off in held.items():
            known[name].disabled = off

    return held, put_back


def _warnings_filters() -> Taken:
    given, held = warnings.filters, list(warnings.filters)

    def put_back() -> None:
        if warnings.filters is not given or list(warnings.filters) != held:
            warnings.filters = given
            warnings.filters[:] = held  # type: ignore[index]
            warnings._filters_mutated()  # type: ignore[attr-defined]

    return held, put_back


PROCESS: Mapping[str, Take] = {
    "environment": _environment,
    OF_CHILDREN: past_environ,
    "working directory": _directory,
    "sys.path": _list_of("path"),
    "sys.argv": _list_of("argv"),
    "standard streams": _streams,
    "exception hooks": _attributes(
        (sys, "excepthook"), (threading, "excepthook"), (sys, "unraisablehook"), (sys, "displayhook")
    ),
    "trace functions": _trace,
    "recursion limit": _limit,
    "umask": _umask,
    "locale": _locale,
    "decimal context": _decimal,
    "signal handlers": _signals,
    "builtins": _builtins,
}

LOGGING: Mapping[str, Take] = {
    "root logger": _root_logger,
    "logging.disable": _disable,
    "logging settings": _attributes(
        *((logging, name) for name in ("_loggerClass", "_logRecordFactory", "lastResort", "raiseExceptions"))
    ),
    "disabled loggers": _loggers,
    "names of levels": _level_names,
}

WARNINGS: Mapping[str, Take] = {
    "warnings filters": _warnings_filters,
    "warnings output": _attributes((warnings, "showwarning"), (warnings, "formatwarning")),
}


def taken(*tables: Mapping[str, Take]) -> tuple[dict[str, Any], list[Callable[[], None]]]:
    """Return the value of each aspect, and what puts them back; an aspect that cannot be taken is left out."""
    values: dict[str, Any] = {}
    back: list[Callable[[], None]] = []
    for table in tables:
        for name, take in table.items():
            with contextlib.suppress(Exception):  # half imported, or something else of that name
                values[name], put_back = take()
                back.append(put_back)
    return values, back


def put_all_back(back: Iterable[Callable[[], None]]) -> None:
    """Put back what can be put back."""
    for each in back:
        with contextlib.suppress(Exception):  # a stage may have broken what is needed for it
            each()
