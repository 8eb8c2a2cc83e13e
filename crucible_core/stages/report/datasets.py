"""What a report says of the data that a run used."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from crucible_core.contract.dataset import Dataset
from crucible_core.stages.report.cells import cell
from crucible_core.stages.report.model import Grid
from crucible_core.stages.report.quantities import count

if TYPE_CHECKING:
    from crucible_core.contract.context import Context

_NAMED = 6  # columns whose names still read well in one cell
_PARTS = 4  # splits that are told one by one


def dataset_grids(context: Context, record: Mapping[str, Any]) -> tuple[Grid | None, tuple[Grid, ...]]:
    """Return a table of the data sets, and for each with many columns a table of their names."""
    held = {key: value.manifest.to_dict() for key, value in context.assigns.items() if isinstance(value, Dataset)}
    known: dict[str, Any] = {**held, **(record.get("datasets") or {})}
    if not known:
        return None, ()
    rows = tuple(
        (
            key,
            each.get("source"),
            each.get("rows"),
            columns_words(each.get("columns") or ()),
            split_words(each.get("split") or {}),
            each.get("sha256"),
        )
        for key, each in known.items()
    )
    columns = ("Dataset", "Source", "Rows", "Columns", "Split", "SHA-256")
    return Grid(columns, rows, "Data", len(rows), uniform=False), tuple(_names(known))


def input_grid(record: Mapping[str, Any]) -> Grid | None:
    """Return a table of what the run was given besides its experiment."""
    inputs = record.get("inputs") or {}
    rows: list[tuple[Any, ...]] = [
        (f"assigns.{name}", each.get("type"), each.get("source"), each.get("sha256"))
        for name, each in (inputs.get("assigns") or {}).items()
    ]
    if inputs.get("outputs"):
        rows.append(("outputs", count(inputs["outputs"], "row"), None, None))
    columns = ("Name", "What", "File", "SHA-256")
    return Grid(columns, tuple(rows), "Given to the run", len(rows), uniform=False) if rows else None


def columns_words(names: Sequence[Any]) -> str:
    """Return how many columns there are, with their names, or the first of them.

    Example:
        >>> columns_words(["x", "y"]), columns_words([f"x{index}" for index in range(30)])
        ('2: x, y', '30: x0, x1, x2, …')
    """
    if not names:
        return ""
    shown = [str(name) for name in (names if len(names) <= _NAMED else names[: _NAMED // 2])]
    return f"{len(names)}: {', '.join(shown)}{', …' if len(shown) < len(names) else ''}"


def split_words(split: Mapping[str, Any]) -> str:
    """Say how rows are split.

    Example:
        >>> split_words({"method": "kfold", "sizes": {"fold-0": 57, "fold-1": 56}, "unassigned": 0, "seed": 3})
        'k-fold: 2 folds of 56 to 57 rows; seed 3'
        >>> split_words({"method": "random", "sizes": {"train": 80, "test": 20}, "unassigned": 5})
        'random: train 80, test 20; 5 rows in none'
    """
    rest = dict(split)
    method, sizes, unassigned = rest.pop("method", None), rest.pop("sizes", None), rest.pop("unassigned", None)
    clauses = [": ".join(each for each in (_method(method), _sizes(sizes)) if each)]
    if unassigned:
        clauses.append(f"{count(unassigned, 'row')} in none")
    for name, value in rest.items():
        if value is True:
            clauses.append(name)
        elif value not in (None, False, "", [], {}):
            clauses.append(f"{name} {value if isinstance(value, int) else cell(value).text}")
    return "; ".join(clause for clause in clauses if clause)


def _method(method: Any) -> str:
    return "k-fold" if method == "kfold" else str(method or "")


def _sizes(sizes: Any) -> str:
    if not isinstance(sizes, Mapping) or not sizes:
        return ""
    if not all(isinstance(size, int) for size in sizes.values()):
        return cell(sizes).text
    folds = all(str(name).startswith("fold") for name in sizes)
    if len(sizes) <= _PARTS and not folds:
        return ", ".join(f"{name} {size:,}" for name, size in sizes.items())
    low, high = min(sizes.values()), max(sizes.values())
    rows = f"{low:,} rows" if low == high else f"{low:,} to {high:,} rows"
    return f"{count(len(sizes), 'fold' if folds else 'part')} of {rows}"


def _names(known: Mapping[str, Mapping[str, Any]]) -> list[Grid]:
    grids = []
    for key, each in known.items():
        names = each.get("columns") or ()
        if len(names) > _NAMED:
            rows = tuple((str(name),) for name in names)
            grids.append(Grid(("Column",), rows, f"Columns of {key}", len(rows)))
    return grids
