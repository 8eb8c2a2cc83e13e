"""Bring an index up to what the run directories say."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from crucible_core.garbage import collection_paused
from crucible_core.runs.index.scan import Changed, Scan, scan

if TYPE_CHECKING:
    from crucible_core.runs.index.connection import Connection
    from crucible_core.runs.index.home import Home
    from crucible_core.runs.index.rows import RunRows

_ROWS_AT_ONCE = 20_000
_RUNS_AT_ONCE = 500
"""As much goes into one transaction: other writers wait that long, and that much is held in memory."""

Found = tuple["RunRows | None", dict[str, Any]]
Progress = Callable[[int, int], None]


class CaughtUp(NamedTuple):
    """What there was to do.

    Attributes:
        read: How many run directories were read.
        gone: How many runs were taken away because nothing is left of them.
        notes: What could not be looked at, and why.
    """

    read: int
    gone: int
    notes: tuple[str, ...] = ()


@collection_paused()
def catch_up(connection: Connection, output_dir: Path, home: Home, progress: Progress | None = None) -> CaughtUp:
    """Read the run directories that look otherwise than when they were read, and forget those that are gone.

    Args:
        connection: The index.
        output_dir: Where the runs lie.
        home: How the index calls that.
        progress: Called with how many directories are read, and of how many.

    Raises:
        RunIndexError: The output directory cannot be read, or the index cannot be read or written.
    """
    found = scan(output_dir, known_looks(connection, home))
    if found.changed or found.gone:
        _write(connection, found, home, progress)
    return CaughtUp(len(found.changed), len(found.gone), tuple(found.notes))


def known_looks(connection: Connection, home: Home) -> dict[str, int]:
    """Return what each directory looked like when it was read, by place."""
    select = "SELECT place, fingerprint FROM looks WHERE host = :host AND directory = :directory"
    return dict(cast("list[tuple[str, int]]", connection.rows(select, home._asdict())))


def _write(connection: Connection, found: Scan, home: Home, progress: Progress | None) -> None:
    from crucible_core.runs.index.store import Store

    store = Store(connection)
    for batch in _batches(_read(found.changed, home, progress)):
        store.write([rows for rows, _ in batch if rows is not None], [look for _, look in batch])
    if found.gone:
        store.forget(home, found.gone)


def _read(changed: list[Changed], home: Home, progress: Progress | None) -> Iterator[Found]:
    """Yield the rows of each run directory, None for one that holds no run, and what it looked like before."""
    if changed:
        from crucible_core.runs.index.reading import read_run
        from crucible_core.runs.index.rows import rows_of
    for number, each in enumerate(changed, 1):
        record = read_run(each.path, each.place)
        rows = None if record is None else rows_of(record, home)
        look = {"host": home.host, "directory": home.directory, "place": each.place, "fingerprint": each.fingerprint}
        yield rows, {**look, "run": rows and rows.key}
        if progress is not None:
            progress(number, len(changed))


def _batches(found: Iterable[Found]) -> Iterator[list[Found]]:
    batch: list[Found] = []
    size = 0
    for rows, look in found:
        batch.append((rows, look))
        size += 1 if rows is None else 1 + sum(map(len, rows.parts.values()))
        if size >= _ROWS_AT_ONCE or len(batch) >= _RUNS_AT_ONCE:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch
