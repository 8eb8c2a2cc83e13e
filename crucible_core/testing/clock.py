"""Let it be another time for Python code: what a stage makes of the date and the hour shows in what comes of it."""

from __future__ import annotations

import contextlib
import datetime as dt
import sys
import time
import types
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

_LATER = dt.timedelta(days=400, hours=5, minutes=17, seconds=13)
"""Another year, month, day, day of the week, hour and minute."""

_NANOSECONDS = 10**9
_DATE, _DATETIME = dt.date, dt.datetime
_REAL = {name: getattr(time, name) for name in ("time", "time_ns", "localtime", "gmtime", "ctime", "strftime")}


@dataclass
class Clock:
    """Whether anybody asked for the time.

    Attributes:
        asked: Whether somebody did.
    """

    asked: bool = False

    def now(self) -> float:
        """Return the other time, in seconds of the epoch."""
        self.asked = True
        return float(_REAL["time"]()) + _LATER.total_seconds()


@contextlib.contextmanager
def another_time(packages: Collection[str]) -> Iterator[Clock]:
    """Let it be later meanwhile, in ``time``, ``datetime`` and what the modules of these packages took from there."""
    clock = Clock()
    functions = _functions(clock)
    kinds = {"date": _kind(_DATE, clock), "datetime": _kind(_DATETIME, clock)}
    others = {id(getattr(time, name)): made for name, made in functions.items()}
    others |= {id(getattr(dt, name)): made for name, made in kinds.items()}
    with contextlib.ExitStack() as stack:
        for module in [time, dt, *_modules_of(packages)]:
            for name, value in list(vars(module).items()):
                if id(value) in others:
                    stack.callback(setattr, module, name, value)
                    setattr(module, name, others[id(value)])
        yield clock


def _modules_of(packages: Collection[str]) -> list[types.ModuleType]:
    loaded = list(sys.modules.items())
    return [each for name, each in loaded if name.partition(".")[0] in packages and type(each) is types.ModuleType]


def _functions(clock: Clock) -> dict[str, Any]:
    """Return the functions of ``time`` as they would be at the other time."""

    def localtime(seconds: float | None = None) -> time.struct_time:
        return time.struct_time(_real("localtime", clock.now() if seconds is None else seconds))

    def gmtime(seconds: float | None = None) -> time.struct_time:
        return time.struct_time(_real("gmtime", clock.now() if seconds is None else seconds))

    def ctime(seconds: float | None = None) -> str:
        return str(_real("ctime", clock.now() if seconds is None else seconds))

    def strftime(form: str, when: Any = None) -> str:
        return str(_real("strftime", form, localtime() if when is None else when))

    def time_ns() -> int:
        return int(clock.now() * _NANOSECONDS)

    made: dict[str, Any] = {"localtime": localtime, "gmtime": gmtime, "ctime": ctime, "strftime": strftime}
    return {**made, "time": clock.now, "time_ns": time_ns}


def _real(name: str, *arguments: Any) -> Any:
    return _REAL[name](*arguments)


def _kind(real: Any, clock: Clock) -> Any:
    """Return a class that stands for ``date`` or ``datetime``, and makes values of these."""

    class Kind(type):
        def __instancecheck__(cls, value: Any) -> bool:
            return isinstance(value, real)

        def __subclasscheck__(cls, kind: Any) -> bool:
            return kind is cls or issubclass(kind, real)

        def __call__(cls, *arguments: Any, **named: Any) -> Any:
            return real(*arguments, **named)

    def today() -> Any:
        return real.fromtimestamp(clock.now())

    def now(tz: Any = None) -> Any:
        return real.fromtimestamp(clock.now(), tz)

    def utcnow() -> Any:
        return real.fromtimestamp(clock.now(), dt.UTC).replace(tzinfo=None)

    made = {"today": staticmethod(today)}
    if real is _DATETIME:
        made |= {"now": staticmethod(now), "utcnow": staticmethod(utcnow)}
    names = {"__module__": real.__module__, "__qualname__": real.__qualname__}
    return Kind(real.__name__, (real,), {**made, **names})
