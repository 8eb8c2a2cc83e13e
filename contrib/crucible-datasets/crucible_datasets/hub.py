"""Data sets of the Hugging Face hub, with the ``datasets`` library; the only source that needs a network."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crucible_datasets.errors import DatasetError
from crucible_datasets.hub_commit import find_commit, unavailable
from crucible_datasets.hub_media import refuse_media
from crucible_datasets.hub_name import HubName, parse_hub_name
from crucible_datasets.optional_package import require
from crucible_datasets.table import Table, check_columns

if TYPE_CHECKING:
    from collections.abc import Mapping

HUB_SPLIT = "hub_split"
"""The column that says to which of the hub's own splits a row belongs."""


def load_hub(text: str, *, limit: int | None = None) -> Table:
    """Load all splits of a data set of the hub, one after the other, with their names in the column ``hub_split``.

    With a limit the rows are streamed and nothing after them is fetched; without one the files go through the
    library's own cache.

    Raises:
        DatasetError: ``unavailable_dataset``, ``bad_value`` for images and other media, ``duplicate_columns``, or
            ``missing_package`` without ``datasets``.
    """
    name = parse_hub_name(text)
    if Path(name.repository).exists():
        raise unavailable(
            name,
            f"the directory {name.repository!r} here would be read in place of the hub's data set; give the path of "
            "its file as the source, or run in another directory",
        )
    library = require("datasets", "datasets", str(name))
    commit = find_commit(name, library.config)
    try:
        with _quiet(library), _readers_let_go(streamed=limit is not None):
            rows = _rows(_splits(_builder(library, name, commit), stream=limit is not None), name, limit)
    except DatasetError:
        raise
    except Exception as error:  # the hub's client lets through errors of four libraries, which have no base
        cause = _cause(error)
        raise unavailable(
            name,
            f"{type(cause).__name__}: {' '.join(str(cause).split())}; {library.config.HF_ENDPOINT}/datasets/"
            f"{name.repository} shows its configurations (organisation/name:configuration) and files",
        ) from error
    columns = check_columns([*dict.fromkeys(key for _, row in rows for key in row), HUB_SPLIT], str(name))
    return Table(columns, [{**dict.fromkeys(columns), **row, HUB_SPLIT: split} for split, row in rows])


def _builder(library: Any, name: HubName, commit: str | None) -> Any:
    wanted = commit or name.revision
    builder = library.load_dataset_builder(name.repository, name.configuration, revision=wanted)
    _check_version(name, wanted, builder.hash)
    return builder


def _splits(builder: Any, *, stream: bool) -> dict[str, Any]:
    """Return the splits that have rows (whole, the library has none without)."""
    if stream:
        return dict(builder.as_streaming_dataset())
    builder.download_and_prepare()
    return {split: builder.as_dataset(split) for split, facts in builder.info.splits.items() if facts.num_examples}


def _check_version(name: HubName, wanted: str | None, found: str) -> None:
    """Refuse the version that the library cached last in place of the one asked for, which it takes for as good."""
    if wanted not in (None, found):
        raise unavailable(
            name,
            f"its files cannot be fetched, and the version in the cache is {found}, not {wanted}; check the network "
            "(and that HF_HUB_OFFLINE is not set), or name the cached version as the revision",
        )


@contextmanager
def _quiet(library: Any) -> Iterator[None]:
    """Switch progress bars off where nobody watches them: in a log each is a heap of half lines."""
    if sys.stderr.isatty() or library.are_progress_bars_disabled():
        yield
        return
    library.disable_progress_bars()
    try:
        yield
    finally:
        library.enable_progress_bars()


@contextmanager
def _readers_let_go(*, streamed: bool) -> Iterator[None]:
    """Destroy what reads Parquet in a stream before the interpreter ends, which would otherwise abort the process.

    See issues 45214 of apache/arrow and 7566 of huggingface/datasets.
    """
    try:
        yield
    finally:
        if streamed:
            gc.collect()


def _cause(error: BaseException) -> BaseException:
    """Return what is behind "An error occurred while generating the dataset"."""
    while type(error).__name__ == "DatasetGenerationError" and error.__cause__ is not None:
        error = error.__cause__
    return error


def _rows(splits: Mapping[str, Any], name: HubName, limit: int | None) -> list[tuple[str, dict[str, Any]]]:
    rows: list[tuple[str, dict[str, Any]]] = []
    for split, dataset in splits.items():
        refuse_media(name, dataset.features or {})
        left = None if limit is None else limit - len(rows)
        with closing(iter(dataset)) as found:  # see _readers_let_go
            rows.extend((str(split), row) for row in islice(found, left))
    return rows
