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
        left: How many were left to the next time.
    """

    read: int
    gone: int
    notes: tuple[str, ...] = ()
    left: int = 0


@collection_paused()
def catch_up(
    connection: Connection,
    output_dir: Path,
    home: Home,
    *,
    progress: Progress | None = None,
    first: str | None = None,
    stop: Callable[[], bool] = lambda: False,
) -> CaughtUp:
    """Read the run directories that look otherwise than when they were read, and forget those that are gone.

    Args:
        connection: The index.
        output_dir: Where the runs lie.
        home: How the index calls that.
        progress: Called with how many directories are read, and of how many.
        first: The place that is read first.
        stop: Asked after each directory whether to leave the others to the next time.

    Raises:
        RunIndexError: The output directory cannot be read, or the index cannot be read or written.
    """
    found = scan(output_dir, known_looks(connection, home))
    found.changed.sort(key=lambda each: (each.place != first, each.place))
    read = 0
    if found.changed or found.gone:
        read = _write(connection, found, home, progress or _silent, stop)
    if home.id:
        settle_interrupted(connection, home)
    return CaughtUp(read, len(found.gone), tuple(found.notes), len(found.changed) - read)


def known_looks(connection: Connection, home: Home) -> dict[str, int]:
    """Return what each directory looked like when it was read, by place."""
    looks = connection.rows("SELECT place, fingerprint FROM looks WHERE home = :home", {"home": home.id})
    return dict(cast("list[tuple[str, int]]", looks))


def _write(connection: Connection, found: Scan, home: Home, progress: Progress, stop: Callable[[], bool]) -> int:
    """Write what was found into the index, and return how many directories were read.

    Directories are read while no other writer is at those of the same home. Who reads later then writes later, and
    what the index says of a run is never older than what it said before.
    """
    from crucible_core.runs.index.store import Store

    store, read = Store(connection), 0

    def write_some() -> int:
        connection.keep_others_from(home.id)
        batch = _batch(_read(found.changed[read:], home, stop))
        store.write_within([rows for rows, _ in batch if rows is not None], [look for _, look in batch])
        return len(batch)

    while read < len(found.changed) and not (read and stop()):
        read += connection.writing(write_some)
        progress(read, len(found.changed))
    if found.gone:
        store.forget(home, found.gone)
    return read


def _silent(_: int, __: int) -> None:
    """Tell nobody how far it is."""


def _read(changed: list[Changed], home: Home, stop: Callable[[], bool]) -> Iterator[Found]:
    """Yield the rows of each run directory, None for one that holds no run, and what it looked like before."""
    if changed:
        from crucible_core.runs.index.reading import read_run
        from crucible_core.runs.index.rows import rows_of
    for each in changed:
        record = read_run(each.path, each.place)
        rows = None if record is None else rows_of(record, home)
        look = {"home": home.id, "place": each.place, "fingerprint": each.fingerprint}
        yield rows, {**look, "run": rows and rows.key}
        if stop():
            return


def _batch(found: Iterable[Found]) -> list[Found]:
    """Return as much as goes into one transaction."""
    batch: list[Found] = []
    size = 0
    for rows, look in found:
        batch.append((rows, look))
        size += 1 if rows is None else 1 + sum(map(len, rows.parts.values()))
        if size >= _ROWS_AT_ONCE or len(batch) >= _RUNS_AT_ONCE:
            break
    return batch


def settle_interrupted(connection: Connection, home: Home) -> None:
    """Say in a shared index which runs of this host are interrupted, which other hosts cannot see for themselves.

    It holds until a run is resumed, which makes its directory another and its rows new.
    """
    from crucible_core.runs.index.gone import keys_of_gone

    gone = keys_of_gone(connection, home)
    if gone:
        settle = "UPDATE runs SET status = 'interrupted' WHERE key = :key AND status = 'running'"
        connection.writing(lambda: connection.do(settle, [{"key": key} for key in gone]))
