"""The types of pandas as JSON values, so that they come back with their categories, zones and units."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import numpy as np
import pandas as pd

from crucible_core.runs.codecs.inline import from_text, to_text

__all__ = ["described_labels", "described_type", "labels_described", "name_in_pytz", "type_described", "zone_of_pytz"]

_MASKED = frozenset(
    f"{prefix}{bits}"
    for prefix, sizes in (("Int", 8), ("UInt", 8), ("Float", 32))
    for bits in (8, 16, 32, 64)
    if bits >= sizes
) | {"boolean"}


def described_type(dtype: Any) -> dict[str, Any]:
    """Return what there is to say about the type of a column.

    Raises:
        TypeError: Nothing that pandas could make it of again.
    """
    if isinstance(dtype, np.dtype):
        return {"numpy": dtype.str}
    if isinstance(dtype, pd.CategoricalDtype):
        if dtype.categories is None:
            return {"ordered": dtype.ordered}
        return {"categories": described_labels(dtype.categories), "ordered": dtype.ordered}
    if isinstance(dtype, pd.DatetimeTZDtype):
        return {"unit": dtype.unit, "zone": _described_zone(dtype.tz)}
    if isinstance(dtype, pd.IntervalDtype):
        return {"subtype": described_type(dtype.subtype), "closed": dtype.closed}
    if isinstance(dtype, pd.PeriodDtype) and pd.api.types.pandas_dtype(dtype.name) == dtype:
        return {"period": dtype.name}
    if isinstance(dtype, pd.StringDtype):
        return {"storage": dtype.storage, "missing": "NA" if dtype.na_value is pd.NA else "nan"}
    if isinstance(dtype, pd.ArrowDtype):
        return {"arrow": True}
    if dtype.name in _MASKED and type(dtype) is type(pd.api.types.pandas_dtype(dtype.name)):
        return {"masked": dtype.name}
    raise TypeError(f"dtype {dtype} has no form in Parquet that comes back as it is; convert the column")


def type_described(said: dict[str, Any], arrow: Any = None) -> Any:
    """Return the type that `described_type` said something about.

    Args:
        said: That.
        arrow: The type of the column of Arrow, for the types that are Arrow's.
    """
    if "numpy" in said:
        return np.dtype(said["numpy"])
    if "ordered" in said:
        categories = labels_described(said["categories"]) if "categories" in said else None
        return pd.CategoricalDtype(categories, ordered=said["ordered"])
    if "unit" in said:
        return pd.DatetimeTZDtype(said["unit"], _zone_described(said["zone"]))
    if "subtype" in said:
        return pd.IntervalDtype(type_described(said["subtype"]), said["closed"])
    if "storage" in said:
        missing = {"na_value": np.nan} if said["missing"] == "nan" and said["storage"] in ("python", "pyarrow") else {}
        return pd.StringDtype(said["storage"], **missing)
    if "arrow" in said:
        return pd.ArrowDtype(arrow)
    return pd.api.types.pandas_dtype(said["period"] if "period" in said else said["masked"])


def described_labels(labels: pd.Index) -> dict[str, Any]:
    """Return everything about the labels of columns, or about categories, as JSON values."""
    if type(labels) is pd.Index and set(map(type, labels)) <= {str}:
        return {"texts": list(labels), "dtype": described_type(labels.dtype), "name": to_text(labels.name)}
    return {"index": to_text(labels)}


def labels_described(said: dict[str, Any]) -> pd.Index:
    """Return the labels that `described_labels` described."""
    if "index" in said:
        found: pd.Index = from_text(said["index"])
        return found
    return pd.Index(said["texts"], dtype=type_described(said["dtype"]), name=from_text(said["name"]))


def _described_zone(zone: Any) -> dict[str, str]:
    name = name_in_pytz(zone)
    return {"pytz": name} if name else {"zone": to_text(zone)}


def _zone_described(said: dict[str, str]) -> Any:
    return zone_of_pytz(said["pytz"]) if "pytz" in said else from_text(said["zone"])


def name_in_pytz(zone: Any) -> str | None:
    """Return the name of a zone of pytz, which pandas had before version 3; None of any other."""
    return getattr(zone, "zone", None) if type(zone).__module__.startswith("pytz") else None


def zone_of_pytz(name: str) -> Any:
    """Return a zone of pytz; pandas finds by itself which of its offsets holds."""
    return import_module("pytz").timezone(name)
