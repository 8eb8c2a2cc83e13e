"""Where results come from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from crucible_core.stages.report.datasets import dataset_grids, input_grid
from crucible_core.stages.report.grids import value_grid
from crucible_core.stages.report.model import Fact, Grid, Provenance
from crucible_core.stages.report.quantities import format_bytes, format_moment

if TYPE_CHECKING:
    from crucible_core.contract.context import Context

MAX_PACKAGES = 2000


def provenance_of(context: Context, record: Mapping[str, Any]) -> Provenance:
    """Return where the results come from: code, machine, data, files."""
    experiment = context.experiment
    params = record.get("params") or (dict(experiment.params) if experiment else {})
    datasets, column_names = dataset_grids(context, record)
    parameters = value_grid("Parameters", ("Parameter", "Value"), params)
    grids = (datasets, input_grid(record), parameters, _files(record))
    packages = value_grid("Packages", ("Package", "Version"), record.get("packages") or {}, MAX_PACKAGES)
    return Provenance(
        facts=tuple(_facts(record)),
        grids=tuple(grid for grid in grids if grid),
        details=(*column_names, *([packages] if packages else ())),
    )


def _facts(record: Mapping[str, Any]) -> Iterable[Fact]:
    git, python = record.get("git") or {}, record.get("python") or {}
    process = record.get("process") or {}
    given = (
        ("Started", format_moment(record["started_at"]) if record.get("started_at") else "", False),
        ("Spec", record.get("spec_file"), True),
        ("Run directory", record.get("output_dir"), True),
        ("Revision", git.get("revision"), True),
        ("Working tree", _tree(git.get("dirty")), False),
        ("Crucible", record.get("crucible_version"), False),
        (
            "Python",
            " ".join(str(each) for each in (python.get("implementation"), python.get("version")) if each),
            False,
        ),
        ("Host", process.get("host"), False),
        ("Process", process.get("pid"), False),
    )
    return (Fact(label, str(value), code) for label, value, code in given if value not in (None, ""))


def _tree(dirty: bool | None) -> str:
    return "" if dirty is None else "with uncommitted changes" if dirty else "clean"


def _files(record: Mapping[str, Any]) -> Grid | None:
    files = [("checkpoint", each) for each in record.get("checkpoints") or ()]
    files += [("artifact", each) for each in record.get("artifacts") or ()]
    rows = [(kind, each.get("stage"), each.get("path"), _size(each.get("bytes"))) for kind, each in files]
    if not rows:
        return None
    return Grid(("Kind", "Stage", "Path", "Size"), tuple(rows), "Files", len(rows), uniform=False, heading=False)


def _size(size: Any) -> str | None:
    return format_bytes(size) if isinstance(size, (int, float)) else None
