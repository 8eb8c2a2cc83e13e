"""Check the scores that were found before any test is computed, with the place of what is wrong."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from crucible_bench.catalogue import Design
from crucible_bench.errors import BenchError
from crucible_bench.extremes import refuse_extremes
from crucible_bench.samples import is_binary, is_missing, is_number, position_to_blame

if TYPE_CHECKING:
    from crucible_bench.samples import Array
    from crucible_bench.scores_in_rows import Scores

_FEWEST = 2
_MOST_LISTED = 5


def checked(scores: Scores) -> Scores:
    """Return the scores as arrays of numbers, and whether all of them are 0 or 1.

    Raises:
        BenchError: `not_numeric`, `not_finite`, `out_of_range`, `missing_cells`, `too_few_observations` or
            `too_few_datasets`.
    """
    _refuse_missing(scores)
    samples = {name: _numbers(name, values, scores.rows[name]) for name, values in scores.groups.items()}
    for name, sample in samples.items():
        _refuse_few(scores, name, sample.size)
    return replace(scores, groups=samples, binary=is_binary(*samples.values()))


def _refuse_missing(scores: Scores) -> None:
    """Name missing scores by their items where they have some, by their rows otherwise."""
    names = scores.items
    gaps = [
        f"{group} in row {scores.rows[group][index]}" if names is None else f"{group} on {names[index]}"
        for group, values in scores.groups.items()
        for index, value in enumerate(values)
        if is_missing(value)
    ]
    if not gaps:
        return
    more = f" and {len(gaps) - _MOST_LISTED} more" if len(gaps) > _MOST_LISTED else ""
    found = f"no score for {', '.join(gaps[:_MOST_LISTED])}{more}"
    if names is None:
        raise BenchError("not_finite", f"{found}; remove or impute it before testing")
    raise BenchError("missing_cells", f"{found}; add it, or leave out the item or the group")


def _numbers(name: str, values: Sequence[Any], rows: Sequence[int]) -> Array:
    import numpy as np

    if not all(map(is_number, values)):
        raise BenchError("not_numeric", _not_numeric(name, values, rows))
    sample = np.asarray([_float(value) for value in values], dtype=np.float64)
    infinite = np.flatnonzero(~np.isfinite(sample))
    if infinite.size:
        message = f"{name} has {sample[infinite[0]]} in row {rows[infinite[0]]}; remove or replace it before testing"
        raise BenchError("not_finite", message)
    refuse_extremes(sample, name)
    return sample


def _float(value: Any) -> float:
    """Return a number as a float; an integer that is too large for one as the largest float, which is refused later."""
    try:
        return float(value)
    except OverflowError:
        return sys.float_info.max if value > 0 else -sys.float_info.max


def _not_numeric(name: str, values: Sequence[Any], rows: Sequence[int]) -> str:
    blamed = position_to_blame(values)
    value = values[blamed]
    if isinstance(value, str):
        return f"{name} has the text {value!r} in row {rows[blamed]}; scores must be numbers"
    return f"{name} has {value!r} ({type(value).__name__}) in row {rows[blamed]}; scores must be numbers"


def _refuse_few(scores: Scores, name: str, size: int) -> None:
    if size >= _FEWEST:
        return
    if scores.design is Design.MANY_DATASETS:
        raise BenchError(
            "too_few_datasets", f"there are scores on {size} of the {scores.things}; at least two are needed"
        )
    raise BenchError("too_few_observations", f"{name} has {size} scores; at least two are needed")
