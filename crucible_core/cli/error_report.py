"""What an error that ends a command says: to people as text, to programs as JSON."""

from __future__ import annotations

import errno
from pathlib import Path
from typing import NamedTuple

import click

from crucible_core.ir.errors import CrucibleError

__all__ = ["ErrorReport", "lost_output", "report_of"]

USAGE = 2
FAILED = 1

_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


class ErrorReport(NamedTuple):
    """What is wrong, what to do about it, and the exit code that says so."""

    message: str
    hint: str | None
    exit_code: int


def report_of(error: Exception) -> ErrorReport:
    """Say what an exception means that nothing below the command knew what to do about."""
    if isinstance(error, click.ClickException):
        return ErrorReport(error.format_message(), None, error.exit_code)
    if isinstance(error, CrucibleError):
        return ErrorReport(str(error), error.hint, getattr(error, "exit_code", USAGE))
    if isinstance(error, FileNotFoundError) and _nowhere():
        return ErrorReport("the working directory was removed; cd to one that is there", None, USAGE)
    if lost_output(error):
        return ErrorReport(f"cannot write the output: {getattr(error, 'strerror', error)}", None, FAILED)
    said = f"internal error: {type(error).__name__}: {error}; report what --debug shows"
    return ErrorReport(said, None, FAILED)


def lost_output(error: BaseException) -> bool:
    """Tell whether a standard stream has no room for what is printed."""
    return isinstance(error, OSError) and error.errno in _NO_ROOM and error.filename is None


def _nowhere() -> bool:
    """Tell whether the working directory is gone."""
    try:
        Path.cwd()
    except FileNotFoundError:
        return True
    return False
