"""What a user should know besides: a line each on stderr."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from crucible_core.trace.one_line import in_one_line

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["print_notes"]


def print_notes(notes: Iterable[str]) -> None:
    """Print notes where they are not taken for output."""
    for note in notes:
        click.echo(f"note: {in_one_line(note)}", err=True)
