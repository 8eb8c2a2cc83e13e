"""The environment as the C library has it, which child processes get and of which ``os.environ`` is a copy."""

from __future__ import annotations

import ctypes
import os
from itertools import count, takewhile


def native_environment() -> dict[str, str]:
    """Return the variables that the process really has; none where the C library does not show them."""
    try:
        entries = ctypes.POINTER(ctypes.c_char_p).in_dll(ctypes.pythonapi, "environ")
    except ValueError:
        return {}
    if not entries:
        return {}
    lines = takewhile(bool, (entries[index] for index in count()))
    pairs = (line.partition(b"=") for line in lines if line)
    return {os.fsdecode(name): os.fsdecode(value) for name, _, value in pairs}
