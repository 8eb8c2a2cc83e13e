"""Where the ``crucible`` command begins, and where every error becomes one line and an exit code."""

from __future__ import annotations

import sys

import click

from crucible_core.cli.error_report import lost_output, report_of
from crucible_core.cli.interrupts import INTERRUPTED, TERMINATED, Terminated, interrupt_on_sigterm
from crucible_core.cli.main import main as group
from crucible_core.cli.main import with_flags_first
from crucible_core.cli.pydantic_plugins import leave_out_search
from crucible_core.cli.silent_ends import tell_silent_ends
from crucible_core.cli.streams import say, settle_streams, silence
from crucible_core.trace.one_line import harmless


def main(arguments: list[str] | None = None) -> None:
    """Run the command and exit with its code."""
    settle_streams()
    tell_silent_ends()
    interrupt_on_sigterm()
    leave_out_search()
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


def _reported(error: Exception | KeyboardInterrupt) -> int:
    """Say what went wrong and return the exit code for it."""
    if isinstance(error, (click.exceptions.Abort, KeyboardInterrupt)):
        signal = error.__cause__ or error
        told = isinstance(signal, Terminated)
        notes = "".join(f" {note}" for note in getattr(signal, "__notes__", ()))
        say(f"crucible: {'terminated' if told else 'interrupted'}{notes}", err=True)
        return TERMINATED if told else INTERRUPTED
    report = report_of(error)
    if isinstance(error, click.ClickException):
        error.show()
        return report.exit_code
    if lost_output(error):
        silence(sys.stdout)  # or Python tries once more at its end, and makes an exit code of its own of that
    problems = getattr(error, "problems", ())
    count = f"{len(problems)} problems\n" if len(problems) > 1 else ""
    shown = f"crucible: {count}{report.message}" + (f"\n  {report.hint}" if report.hint else "")
    say(harmless(shown), err=True)
    return report.exit_code


def _print_traceback(error: BaseException) -> None:
    import traceback

    say("".join(traceback.format_exception(error)).rstrip(), err=True)
