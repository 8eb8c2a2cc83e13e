"""Whether an exception comes of the kit itself, and of no code of a stage's."""

from __future__ import annotations

import os

_CORE = os.path.dirname(os.path.dirname(__file__))  # noqa: PTH120 - a prefix of strings, as the next
_STANDARD = os.path.dirname(os.__file__)  # noqa: PTH120


def is_of_the_kit(error: BaseException) -> bool:
    """Tell whether an exception was raised without any code of a stage or of a library at work.

    Those that a process is ended with, and recursion without an end, are a stage's.
    """
    if not isinstance(error, Exception) or isinstance(error, (RecursionError, MemoryError, OSError)):
        return False
    trace = error.__traceback__
    while trace is not None:
        if not _is_ours(trace.tb_frame.f_code.co_filename):
            return False
        trace = trace.tb_next
    return True


def _is_ours(file: str) -> bool:
    installed = "-packages" in file and not file.startswith(_CORE)
    return not installed and file.startswith((_CORE, _STANDARD, "<frozen "))
