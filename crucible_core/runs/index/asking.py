"""Ask about many runs: the public face of their index."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from crucible_core.runs.directory import DEFAULT_OUTPUT_DIR
from crucible_core.runs.index.errors import RunIndexError
from crucible_core.runs.index.home import Home
from crucible_core.runs.index.local import delete_index, with_local_index
from crucible_core.runs.index.location import index_location
from crucible_core.runs.index.url import is_url

if TYPE_CHECKING:
    from crucible_core.runs.index.catch_up import CaughtUp, Progress
    from crucible_core.runs.index.connection import Connection
    from crucible_core.runs.index.listing import RunList, RunSummary
    from crucible_core.runs.index.query import RunQuery

Texts = str | Iterable[str]


def list_runs(
    where: str | os.PathLike[str] | None = None,
    *,
    experiment: Texts = (),
    status: Texts = (),
    tag: Texts = (),
    metric: Texts = (),
    since: str | datetime | None = None,
    until: str | datetime | None = None,
    order: str = "created",
    reverse: bool = False,
    limit: int | None = None,
) -> list[RunSummary]:
    """Return what is known of many runs, as they are now.

    Args:
        where: The directory in which run directories lie, ``artifacts/crucible`` when not given; its index is brought
            up to date first. Or the URL of a shared index, ``postgresql://...``, which is taken as it is.
        experiment: Only runs of this experiment, or of any of these.
        status: Only runs of this status, or of any of these; see `RunSummary`.
        tag: Only runs with this tag, or with all of these.
        metric: Only runs for which this condition holds, or all of these: ``"eval.accuracy>0.9"``; a path alone asks
            for runs that have the metric.
        since: Only runs created then or later: a date, a time, or an age such as ``"7d"``.
        until: Only runs created before then; a date includes that day.
        order: ``created``, ``duration``, ``experiment``, ``status`` or the path of a metric; the latest or largest
            first, runs without a value last.
        reverse: The earliest or smallest first.
        limit: At most so many.

    Raises:
        QueryError: An argument is none of the values its description allows.
        RunIndexError: The directory or the index cannot be read.
    """
    from crucible_core.runs.index.query import run_query

    query = run_query(
        experiments=_texts(experiment),
        statuses=_texts(status),
        tags=_texts(tag),
        metrics=_texts(metric),
        since=since,
        until=until,
        order=order,
        reverse=reverse,
        limit=limit,
    )
    return ask(where, query).runs


def _texts(given: Texts) -> tuple[str, ...]:
    return (given,) if isinstance(given, str) else tuple(given)


def ask(
    where: str | os.PathLike[str] | None,
    query: RunQuery,
    tell: Callable[[str], None] = lambda _: None,
    progress: Progress | None = None,
) -> RunList:
    """Answer a query from the index of an output directory, which catches up first, or from a shared one.

    Args:
        where: As for `list_runs`.
        query: What is asked.
        tell: Called with what a person should know about the index.
        progress: Called with how many run directories were read, and of how many.

    Raises:
        RunIndexError: As for `list_runs`.
    """
    from crucible_core.runs.index.listing import RunList, find_runs

    if isinstance(where, str) and is_url(where):
        from crucible_core.runs.index.shared import open_shared

        with open_shared(where) as connection:
            return find_runs(connection, query)
    output_dir = Path(where or DEFAULT_OUTPUT_DIR)
    if where is None and not output_dir.exists():
        return RunList([], 0, 0)

    def work(connection: Connection) -> RunList:
        _caught_up(connection, output_dir, Home(), tell, progress)
        return find_runs(connection, query, output_dir=output_dir)

    return with_local_index(output_dir, work, tell)


def reindex(
    output_dir: str | os.PathLike[str] | None = None,
    *,
    index: str | None = None,
    tell: Callable[[str], None] = lambda _: None,
    progress: Progress | None = None,
) -> CaughtUp:
    """Make an index again from nothing but the run directories.

    Args:
        output_dir: Where the runs lie; ``artifacts/crucible`` when not given.
        index: The URL of a shared index, in which the rows of these runs are made again; the index beside the runs when
            not given.
        tell: Called with what a person should know about the index.
        progress: Called with how many run directories were read, and of how many.

    Returns:
        How many run directories were read, and how many runs of the old index are gone.

    Raises:
        RunIndexError: The directory cannot be read, or the index cannot be written.
    """
    root = Path(output_dir or DEFAULT_OUTPUT_DIR)
    if not root.is_dir():
        raise RunIndexError(f"there is no directory {root}", hint="--output-dir says where the runs lie")
    if index is not None:
        from crucible_core.runs.index.shared import open_shared, shared_home
        from crucible_core.runs.index.store import Store

        with open_shared(index) as connection:
            home = shared_home(root)
            Store(connection).doubt(home)
            return _caught_up(connection, root, home, tell, progress)
    file = index_location(root).file
    if file is not None:
        delete_index(file)
    return with_local_index(root, lambda connection: _caught_up(connection, root, Home(), tell, progress), tell)


def _caught_up(
    connection: Connection, output_dir: Path, home: Home, tell: Callable[[str], None], progress: Progress | None
) -> CaughtUp:
    from crucible_core.runs.index.catch_up import catch_up

    caught = catch_up(connection, output_dir, home, progress=progress)
    for note in caught.notes:
        tell(note)
    return caught
