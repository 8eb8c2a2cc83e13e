"""The numbers among a run's metrics, by dotted path."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from crucible_core.runs.index.fitting import LONGEST, number, storable

METRICS_PER_RUN = 10_000
"""As many of a run's numbers are in the index; the record has all of them."""

LONGEST_LIST = 100
"""A list with more items, such as a curve, is left out of the index whole."""


class Leaves(NamedTuple):
    """Numbers by path, None for what is not a number (NaN), and how many were left out."""

    values: dict[str, float | None]
    left_out: int


def metric_leaves(metrics: Any) -> Leaves:
    """Return the numeric leaves of metrics; items of a list have their position as a step of the path.

    Booleans and texts are no numbers. Left out and counted are numbers beyond `METRICS_PER_RUN`, in lists longer than
    `LONGEST_LIST`, under a path that is taken or longer than a database can index, and integers that no float holds.

    >>> metric_leaves({"eval": {"accuracy": 0.9, "f1": [0.8, 0.7]}, "note": "good"}).values
    {'eval.accuracy': 0.9, 'eval.f1.0': 0.8, 'eval.f1.1': 0.7}
    """
    values: dict[str, float | None] = {}
    left_out = 0
    for path, leaf in _leaves(metrics):
        fit = None if path is None else number(leaf)
        if path is None or fit is None or path in values or len(values) >= METRICS_PER_RUN or len(path) > LONGEST:
            left_out += 1
        else:
            values[path] = None if math.isnan(fit) else fit
    return Leaves(values, left_out)


def _leaves(metrics: Any) -> Iterator[tuple[str | None, Any]]:
    """Yield path and value of each number, depth first and in order; no path for one in a list that is left out."""
    open_parts: list[Iterator[tuple[str | None, Any, bool]]] = [iter([("", metrics, True)])]
    while open_parts:
        path, value, kept = next(open_parts[-1], (None, None, False))
        if path is None:
            open_parts.pop()
        elif isinstance(value, Mapping):
            open_parts.append(iter([(_step(path, key), each, kept) for key, each in value.items()]))
        elif isinstance(value, list):
            kept = kept and len(value) <= LONGEST_LIST
            open_parts.append(iter([(_step(path, index), each, kept) for index, each in enumerate(value)]))
        elif number(value) is not None or (isinstance(value, int) and not isinstance(value, bool)):
            yield (path if kept else None), value


def _step(path: str, key: Any) -> str:
    return f"{path}.{storable(str(key))}" if path else storable(str(key))
