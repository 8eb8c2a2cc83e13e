"""Standard output and error as they may be: closed, a pipe nobody reads any more, or of a narrow encoding."""

from __future__ import annotations

import io
import os
import sys
from typing import TextIO

import click


def settle_streams() -> None:
    """Give a closed stream a place to write to, and escape what a stream's encoding lacks instead of failing.

    A closed stream would leave its number to the next file opened, which then gets whatever is printed.
    """
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: PTH123, SIM115 - open as long as we run
        stream = getattr(sys, name)
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def say(text: str, *, err: bool = False, file: TextIO | None = None) -> None:
    """Print a line; when its reader has gone, it and all that follow go nowhere."""
    try:
        click.echo(text, err=err, file=file)
    except BrokenPipeError:
        silence(file or (sys.stderr if err else sys.stdout))


def silence(stream: TextIO) -> None:
    """Send what is written to a stream from now on, and what is still in its buffer, nowhere."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)
