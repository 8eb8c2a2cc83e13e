"""The results of a run as one table in CSV, for programs and spreadsheets."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from crucible_core.contract.json_values import as_record
from crucible_core.stages.report.grids import flattened

if TYPE_CHECKING:
    from crucible_core.stages.report.model import ReportModel


def render_csv(model: ReportModel) -> str:
    """Return the rows of ``outputs``, all of them, or the metrics where there are no rows.

    Rows have the union of their fields as columns, in the order in which they first appear; nested values are JSON.
    Metrics have the columns ``path`` (``bench.groups[0].mean``) and ``value``. None is an empty cell, a boolean
    ``true`` or ``false``, a float its shortest exact form. Cells are quoted where CSV (RFC 4180) needs it and otherwise
    exactly what a stage gave: a spreadsheet takes text that begins with ``=`` for a formula, so import it as text.
    """
    outputs = model.source.outputs
    rows = _output_rows(outputs) if len(outputs) else _metric_rows(model.source.metrics)
    stream = io.StringIO()
    csv.writer(stream, lineterminator="\r\n").writerows(rows)
    return stream.getvalue()


def _output_rows(outputs: Sequence[Mapping[str, Any]]) -> Iterable[list[str]]:
    columns = list(dict.fromkeys(key for row in outputs for key in row))
    yield [str(column) for column in columns]
    for row in outputs:
        yield [_text(row.get(column)) for column in columns]


def _metric_rows(metrics: Mapping[str, Any]) -> Iterable[list[str]]:
    yield ["path", "value"]
    for path, value in flattened(metrics):
        yield [path, _text(value)]


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    value = as_record(value)
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
