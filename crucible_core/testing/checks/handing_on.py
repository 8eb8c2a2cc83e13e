"""Group E: whether what a stage hands on can be used by others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from crucible_core.contract.dataset import Dataset
from crucible_core.contract.report_parts import Figure, Table, report_parts
from crucible_core.testing.check import Finding, NotApplicableError, check

if TYPE_CHECKING:
    from crucible_core.contract.report_parts import ReportPart
    from crucible_core.testing.case import Case

_CONTAINERS = (Mapping, list, tuple, set, frozenset)
_SHOWN = 3


@check("E17", "figures and tables can be shown", after=["E01"])
def report_parts_can_be_shown(case: Case, facts: Mapping[str, Any]) -> Iterator[Finding]:
    """Each figure in the artifacts is a drawing that a report takes, each cell of a table one value.

    A figure is one well-formed ``<svg>`` element without scripts, event handlers and references to other files. A cell
    is a string, a number, a boolean or None.

    Why: a report refuses a drawing that could act in the reader's browser, and shows its words instead.

    Fix: escape what comes from data, as ``html.escape(name)`` does, before it becomes part of an SVG; hand on the SVG
    itself and not its path; give a list in a cell as text: ``", ".join(names)``.
    """
    del facts
    found = False
    for trial in case.firsts(failing=False):
        for key, value in trial.changes_of("artifacts").items():
            for part in report_parts(value):
                found = True
                for wrong in _wrong_with(part):
                    yield Finding(f"artifacts.{key} of the example {trial.example.summary!r} to be shown", wrong)
    if not found:
        raise NotApplicableError("no example of it leaves a figure, a table or a text")


def _wrong_with(part: ReportPart) -> Iterator[str]:
    if isinstance(part, Figure):
        from crucible_core.stages.report.svg import safe_svg
        from crucible_core.stages.report.svg_style import UnsafeFigureError

        try:
            safe_svg(str(part.svg), "figure", str(part.alt) or str(part.title))
        except UnsafeFigureError as error:
            yield f"the figure {part.title!r} is refused because of {error}"
    elif isinstance(part, Table):
        cells = [cell for row in part.rows for cell in row if isinstance(cell, _CONTAINERS)]
        if cells:
            yield f"the table {part.title!r} has a {type(cells[0]).__name__} as a cell: {cells[0]!r:.100}"


@check("E18", "a dataset is what its manifest says", after=["E01"])
def datasets_are_as_described(case: Case, facts: Mapping[str, Any]) -> Iterator[Finding]:
    """A `Dataset` that is left in ``assigns`` has as many rows as its manifest says, and no other columns.

    The indices of its splits are those of rows.

    Why: the manifest goes into the record of every run that uses the dataset; what it says is what people believe.

    Fix: make manifest and splits anew where rows are filtered, added or given other columns:
    ``dataclasses.replace(dataset.manifest, rows=len(rows), columns=tuple(rows[0]))``.
    """
    del facts
    found = False
    for trial in case.firsts(failing=False):
        for key, value in trial.changes_of("assigns").items():
            if isinstance(value, Dataset):
                found = True
                for wrong in _untrue(value):
                    yield Finding(f"assigns.{key} of the example {trial.example.summary!r} to be as described", wrong)
    if not found:
        raise NotApplicableError("no example of it leaves a dataset")


def _untrue(dataset: Dataset) -> Iterator[str]:
    manifest, count = dataset.manifest, len(dataset.rows)
    if manifest.rows != count:
        yield f"the manifest says {manifest.rows} rows, and there are {count}"
    there = dict.fromkeys(name for row in dataset.rows for name in row)
    foreign = [name for name in there if name not in manifest.columns]
    if foreign:
        yield f"columns that the manifest does not name: {', '.join(map(repr, foreign[:_SHOWN]))}"
    for name, indices in dataset.splits.items():
        beyond = [index for index in indices if not 0 <= index < count]
        if beyond:
            yield f"the split {name!r} has the row {beyond[0]}, and there are {count}"
