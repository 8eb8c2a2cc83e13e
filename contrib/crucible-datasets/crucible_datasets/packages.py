"""Data sets that come inside scikit-learn and statsmodels; nothing is downloaded."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

from crucible_datasets.errors import DatasetError, did_you_mean
from crucible_datasets.optional_package import places_of, require
from crucible_datasets.table import Table, check_columns

SKLEARN_NAMES = ("iris", "wine", "breast_cancer", "digits", "diabetes")


def load_sklearn(name: str) -> Table:
    """Load one of scikit-learn's own data sets: iris, wine, breast_cancer, digits or diabetes.

    Columns are the features under their names, then ``target``, and for a classification ``target_name``.

    Raises:
        DatasetError: ``unavailable_dataset``, or ``missing_package`` without scikit-learn.
    """
    check_sklearn(name)
    datasets = require("sklearn.datasets", "scikit-learn", f"sklearn:{name}")
    bunch = getattr(datasets, f"load_{name}")()
    targets = bunch.target.tolist()
    columns = [*map(str, bunch.feature_names), "target"]
    values = [[*features, target] for features, target in zip(bunch.data.tolist(), targets, strict=True)]
    if "target_names" in bunch:
        columns.append("target_name")
        values = [[*row, str(bunch.target_names[row[-1]])] for row in values]
    return Table(tuple(columns), [dict(zip(columns, row, strict=True)) for row in values])


def check_sklearn(name: str) -> None:
    """Make sure that scikit-learn is there and has a data set of this name; it is not imported.

    Raises:
        DatasetError: ``unavailable_dataset``, or ``missing_package`` without scikit-learn.
    """
    if name not in SKLEARN_NAMES:
        raise _unknown(name, "sklearn", SKLEARN_NAMES)
    places_of("sklearn", "scikit-learn", f"sklearn:{name}")


def check_statsmodels(name: str) -> None:
    """Make sure that statsmodels is there and has a data set of this name; it is not imported.

    Raises:
        DatasetError: ``unavailable_dataset``, or ``missing_package`` without statsmodels.
    """
    names = _statsmodels_names(places_of("statsmodels", "statsmodels", f"statsmodels:{name}"))
    if name not in names:
        raise _unknown(name, "statsmodels", names)


def load_statsmodels(name: str) -> Table:
    """Load one of the data sets inside statsmodels, e.g. ``fair``, ``anes96`` or ``star98``.

    Columns are those of its ``load_pandas().data``; an index that is not a plain count (the dates of a series) becomes
    a column as well, and what pandas marks as missing becomes None.

    Raises:
        DatasetError: ``unavailable_dataset``, or ``missing_package`` without statsmodels.
    """
    check_statsmodels(name)
    require("statsmodels.datasets", "statsmodels", f"statsmodels:{name}")
    frame = require(f"statsmodels.datasets.{name}", "statsmodels", f"statsmodels:{name}").load_pandas().data
    if type(frame.index).__name__ != "RangeIndex" and not _counts(frame.index):
        frame = frame.reset_index()
    columns = check_columns(map(str, frame.columns), f"statsmodels:{name}")
    by_column = [[_plain(value) for value in frame.iloc[:, index].tolist()] for index in range(len(columns))]
    return Table(columns, [dict(zip(columns, row, strict=True)) for row in zip(*by_column, strict=True)])


def _statsmodels_names(package: Iterable[str]) -> list[str]:
    import pkgutil

    return sorted(
        each.name
        for each in pkgutil.iter_modules([f"{place}/datasets" for place in package])
        if each.ispkg and not each.name.startswith("_") and each.name != "tests"
    )


def _counts(index: Any) -> bool:
    return bool(index.tolist() == list(range(len(index))))


def _plain(value: Any) -> Any:
    if isinstance(value, float) and math.isnan(value):
        return None
    if hasattr(value, "to_pydatetime"):
        return value.to_pydatetime().isoformat()
    return value


def _unknown(name: str, provider: str, names: Iterable[str]) -> DatasetError:
    known = list(names)
    return DatasetError(
        "unavailable_dataset",
        f"{provider} has no data set {name!r}.{did_you_mean(name, known)} It has: {', '.join(known)}",
        name=name,
        known=known,
    )
