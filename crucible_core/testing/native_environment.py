"""The environment as the C library has it, which child processes get and of which ``os.environ`` is a copy."""

from __future__ import annotations

import ctypes
import os
from collections.abc import Callable, Mapping
from itertools import count, takewhile

OF_CHILDREN = "environment of child processes"
"""The aspect of variables that are set past ``os.environ``. Libraries of C do that when they are first used."""


def past_environ() -> tuple[dict[str, str], Callable[[], None]]:
    """Return the variables that ``os.environ`` does not know or has otherwise, empty where it alone has them.

    And what puts them back.
    """
    held = _differing(os.environ)

    def put_back() -> None:
        for name in {name for name, _ in _differing(os.environ).items() ^ held.items()}:
            value = held.get(name, os.environ.get(name))
            if value is None:
                os.unsetenv(name)
            else:
                os.putenv(name, value)

    return held, put_back


def _differing(known: Mapping[str, str]) -> dict[str, str]:
    given = native_environment()
    gone = {name: "" for name in known if given and name not in given and not name.startswith("__")}
    return {**gone, **{name: value for name, value in given.items() if known.get(name) != value}}


def native_environment() -> dict[str, str]:
    """Return the variables that the process really has; none where the C library does not show them."""
    try:
        entries = ctypes.POINTER(ctypes.c_char_p).in_dll(ctypes.pythonapi, "environ")
    except ValueError:
        return {}
    if not entries:
        return {}
    lines = takewhile(bool, (entries[index] for index in count()))
    # names that begin so are between a C library and itself, such as __KMP_REGISTERED_LIB_1234 of OpenMP
    pairs = (line.partition(b"=") for line in lines if not line.startswith(b"__"))
    return {os.fsdecode(name): os.fsdecode(value) for name, _, value in pairs}
