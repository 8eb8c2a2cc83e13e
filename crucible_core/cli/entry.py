"""Where the ``crucible`` command begins, and where every error becomes one line and an exit code."""

from __future__ import annotations

import os
import sys

import click

from crucible_core.cli.main import main as group
from crucible_core.ir.errors import CrucibleError

INTERRUPTED = 130
USAGE = 2


def main(arguments: list[str] | None = None) -> None:
    """Run the command and exit with its code."""
    arguments = sys.argv[1:] if arguments is None else arguments
    # Pydantic looks for plugins of its own in the metadata of every distribution when the first model is built: with
    # two hundred installed that takes longer than all of the rest, and one corrupt file among them ends the program.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    sys.exit(exit_code_of(arguments))


def exit_code_of(arguments: list[str]) -> int:
    """Run the command and return its exit code; errors go to stderr, in a line or, with ``--debug``, a traceback."""
    debug = "--debug" in arguments
    try:
        code = group.main(arguments, prog_name="crucible", standalone_mode=False)
    except click.exceptions.Abort:
        return _say("interrupted", INTERRUPTED)
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except CrucibleError as error:
        if debug:
            raise
        return _say(_with_hint(error), getattr(error, "exit_code", USAGE))
    except KeyboardInterrupt:
        return _say("interrupted", INTERRUPTED)
    except BrokenPipeError:
        # Whoever read the output has enough; python would complain once more when it flushes stdout at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:
        if debug:
            raise
        kind = type(error).__name__
        return _say(f"internal error: {kind}: {error}; run again with --debug and report what it shows", 1)
    return code if isinstance(code, int) else 0


def _with_hint(error: CrucibleError) -> str:
    text = str(error)
    problems = getattr(error, "problems", ())
    if len(problems) > 1:
        text = f"{len(problems)} problems\n{text}"
    return f"{text}\n  {error.hint}" if error.hint else text


def _say(message: str, code: int) -> int:
    click.echo(f"crucible: {message}", err=True)
    return code
