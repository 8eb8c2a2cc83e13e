"""Where the ``crucible`` command begins, and where every error becomes one line and an exit code."""

from __future__ import annotations

import errno
import os
import sys
from pathlib import Path

import click

from crucible_core.cli.interrupts import INTERRUPTED, TERMINATED, Terminated
from crucible_core.cli.main import main as group
from crucible_core.cli.main import with_flags_first
from crucible_core.cli.streams import say, settle_streams, silence
from crucible_core.ir.errors import CrucibleError

USAGE = 2
FAILED = 1

_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def main(arguments: list[str] | None = None) -> None:
    """Run the command and exit with its code."""
    settle_streams()
    # Pydantic looks for plugins of its own in the metadata of every distribution when the first model is built: with
    # two hundred installed that takes longer than all of the rest, and one corrupt file among them ends the program.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    sys.exit(exit_code_of(sys.argv[1:] if arguments is None else arguments))


def exit_code_of(arguments: list[str]) -> int:
    """Run the command and return its exit code; errors go to stderr in a line, and with ``--debug`` a traceback."""
    arguments = with_flags_first(arguments)
    try:
        code = group.main(arguments, prog_name="crucible", standalone_mode=False)
    except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001 - whatever it is, this is where it is told
        if "--debug" in arguments:
            _print_traceback(error)
        return _reported(error)
    return code if isinstance(code, int) else 0


def _reported(error: BaseException) -> int:
    """Say what went wrong and return the exit code for it."""
    if isinstance(error, click.ClickException):
        error.show()
        return error.exit_code
    if isinstance(error, (click.exceptions.Abort, KeyboardInterrupt)):
        told = isinstance(error.__cause__ or error, Terminated)
        say("crucible: terminated" if told else "crucible: interrupted", err=True)
        return TERMINATED if told else INTERRUPTED
    if isinstance(error, CrucibleError):
        say(f"crucible: {_in_full(error)}", err=True)
        return getattr(error, "exit_code", USAGE)
    if isinstance(error, FileNotFoundError) and _nowhere():
        say("crucible: the working directory was removed; cd to one that is there", err=True)
        return USAGE
    if isinstance(error, OSError) and error.errno in _NO_ROOM and error.filename is None:
        silence(sys.stdout)  # or Python tries once more at its end, and makes an exit code of its own of that
        say(f"crucible: cannot write the output: {error.strerror}", err=True)
        return FAILED
    kind = type(error).__name__
    say(f"crucible: internal error: {kind}: {error}; report what --debug shows", err=True)
    return FAILED


def _nowhere() -> bool:
    """Tell whether the working directory is gone."""
    try:
        Path.cwd()
    except FileNotFoundError:
        return True
    return False


def _in_full(error: CrucibleError) -> str:
    text = str(error)
    problems = getattr(error, "problems", ())
    if len(problems) > 1:
        text = f"{len(problems)} problems\n{text}"
    return f"{text}\n  {error.hint}" if error.hint else text


def _print_traceback(error: BaseException) -> None:
    import traceback

    say("".join(traceback.format_exception(error)).rstrip(), err=True)
