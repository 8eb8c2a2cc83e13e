"""Scores of models on data sets, without gaps."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from crucible_bench.errors import BenchError
from crucible_bench.samples import as_sample

if TYPE_CHECKING:
    from crucible_bench.samples import Array

_MOST_LISTED = 5
_FEWEST = 2


@dataclass(frozen=True)
class ScoreTable:
    """Checked scores; `columns[j][i]` is the score of `models[j]` on `datasets[i]`."""

    models: tuple[str, ...]
    datasets: tuple[str, ...]
    columns: tuple[tuple[float, ...], ...]

    def array(self) -> Array:
        """Return shape (data sets, models)."""
        import numpy as np

        return np.array(self.columns, dtype=np.float64).T


def score_table(
    scores: Any, *, models: Sequence[str] | None = None, datasets: Sequence[str] | None = None
) -> ScoreTable:
    """Check a table of scores.

    Args:
        scores: A mapping of model to its scores (in the order of the data sets) or to a mapping of data set to score;
            or an array-like of shape (data sets, models).
        models: Names of the columns of an array; `model 1`, ... by default. For a mapping they must not be given.
        datasets: Names of the rows; `data set 1`, ... by default.

    Raises:
        BenchError: `too_few_models`, `too_few_datasets`, `missing_cells`, `duplicate_names`, `invalid_table`,
            `not_numeric` or `not_finite`.
    """
    if isinstance(scores, ScoreTable):
        return scores
    if isinstance(scores, Mapping):
        return _from_mapping(scores, datasets)
    columns = _columns(scores)
    names = _names(models, len(columns), "model")
    return _checked(dict(zip(names, columns, strict=True)), datasets)


def binary_table(
    scores: Any, *, models: Sequence[str] | None = None, datasets: Sequence[str] | None = None, test: str
) -> ScoreTable:
    """Check a table of zeros and ones.

    Raises:
        BenchError: `not_binary`, naming the test, and what `score_table` raises.
    """
    table = score_table(scores, models=models, datasets=datasets)
    for model, column in zip(table.models, table.columns, strict=True):
        for dataset, score in zip(table.datasets, column, strict=True):
            if score not in (0, 1):
                raise BenchError("not_binary", f"{model} has {score:g} on {dataset}; {test} needs 0 and 1")
    return table


def score_table_from_rows(rows: Iterable[tuple[str, str, float]]) -> ScoreTable:
    """Check scores that come as (model, data set, score) triples, in order of first appearance.

    Raises:
        BenchError: As `score_table`; `duplicate_names` if a model has two scores on one data set.
    """
    table: dict[str, dict[str, float]] = {}
    for model, dataset, score in rows:
        cells = table.setdefault(str(model), {})
        if str(dataset) in cells:
            raise BenchError(
                "duplicate_names", f"{model} has two scores on {dataset}; average them or tell the data sets apart"
            )
        cells[str(dataset)] = score
    return _from_mapping(table, None)


def _from_mapping(scores: Mapping[Any, Any], datasets: Sequence[str] | None) -> ScoreTable:
    nested = [isinstance(each, Mapping) for each in scores.values()]
    if not any(nested):
        return _checked({str(name): list(each) for name, each in scores.items()}, datasets)
    if not all(nested):
        raise BenchError(
            "invalid_table", "some models map data sets to scores and others do not; give all the same way"
        )
    order = (
        list(datasets) if datasets is not None else list(dict.fromkeys(key for each in scores.values() for key in each))
    )
    columns = {str(name): [each.get(dataset) for dataset in order] for name, each in scores.items()}
    return _checked(columns, [str(each) for each in order])


def _columns(scores: Any) -> list[list[Any]]:
    rows = [list(row) if hasattr(row, "__iter__") and not isinstance(row, str) else None for row in scores]
    if not rows:
        raise BenchError("too_few_datasets", "the table has no rows; at least two data sets are needed")
    widths = {None if row is None else len(row) for row in rows}
    if len(widths) != 1 or None in widths:
        raise BenchError(
            "invalid_table", "the table is not rectangular; give one row for each data set, one score a model"
        )
    return [list(column) for column in zip(*(row for row in rows if row is not None), strict=True)]


def _names(given: Sequence[str] | None, count: int, kind: str) -> list[str]:
    names = [f"{kind} {position + 1}" for position in range(count)] if given is None else [str(each) for each in given]
    if len(names) != count:
        raise BenchError("invalid_table", f"{len(names)} names of {kind}s for {count} of them; give one name each")
    if len(set(names)) < len(names):
        repeated = next(name for name, times in Counter(names).items() if times > 1)
        raise BenchError("duplicate_names", f"two {kind}s are named {repeated!r}; give them different names")
    return names


def _checked(columns: Mapping[str, list[Any]], datasets: Sequence[str] | None) -> ScoreTable:
    if len(columns) < _FEWEST:
        raise BenchError("too_few_models", f"{len(columns)} model(s) in the table; at least two are needed")
    sizes = {name: len(column) for name, column in columns.items()}
    rows = max(sizes.values())
    if len(set(sizes.values())) > 1:
        shortest = min(sizes, key=lambda name: sizes[name])
        raise BenchError(
            "missing_cells",
            f"{shortest} has {sizes[shortest]} scores where others have {rows}; fill in or leave out data sets",
        )
    if rows < _FEWEST:
        raise BenchError("too_few_datasets", f"{rows} data set(s) in the table; at least two are needed")
    names = _names(datasets, rows, "data set")
    _refuse_missing(columns, names)
    checked = tuple(tuple(as_sample(column, model).tolist()) for model, column in columns.items())
    return ScoreTable(tuple(columns), tuple(names), checked)


def _refuse_missing(columns: Mapping[str, list[Any]], datasets: Sequence[str]) -> None:
    missing = [
        f"{model} on {dataset}"
        for model, column in columns.items()
        for dataset, score in zip(datasets, column, strict=True)
        if score is None or score != score  # noqa: PLR0124 - NaN is the one value that differs from itself
    ]
    if missing:
        more = f" and {len(missing) - _MOST_LISTED} more" if len(missing) > _MOST_LISTED else ""
        listed = ", ".join(missing[:_MOST_LISTED])
        raise BenchError("missing_cells", f"no score for {listed}{more}; add it, or leave out the model or data set")
