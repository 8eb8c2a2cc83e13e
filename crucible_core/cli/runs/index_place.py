"""Which index a command is about, and how it shows that it is catching up."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click

_MANY = 500


def index_place(output_dir: Path | None, url: str | None, *, shared: bool) -> str | Path | None:
    """Return the URL of the shared index that is asked for, or the directory whose runs are.

    Raises:
        click.UsageError: Two of them are named, or the settings name no shared index.
    """
    url = shared_url(url, shared=shared)
    if url is None:
        return output_dir
    if output_dir is not None:
        raise click.UsageError("a shared index has no --output-dir: it tells of runs wherever they lie")
    return url


def shared_url(url: str | None, *, shared: bool) -> str | None:
    """Return the URL of the shared index that is asked for; None where none is.

    Raises:
        click.UsageError: The settings are to name it and do not.
    """
    if not shared or url is not None:
        return url
    from crucible_core.runs.index.settings import VARIABLE, configured_index

    found = configured_index()
    if found is None:
        raise click.UsageError(f'no shared index is configured: set {VARIABLE}, or [runs] index = "postgresql://..."')
    return found


@contextmanager
def reading_progress() -> Iterator[Callable[[int, int], None]]:
    """Show on a terminal how many run directories were read, where they are many."""
    shown = False

    def progress(done: int, total: int) -> None:
        nonlocal shown
        if total >= _MANY and done % 100 == 0 and sys.stderr.isatty():
            click.echo(f"\rreading {done} of {total} runs into the index", nl=False, err=True)
            shown = True

    yield progress
    if shown:
        click.echo("\r\033[K", nl=False, err=True)
