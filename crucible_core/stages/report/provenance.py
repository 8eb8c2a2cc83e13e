"""Where results come from, and how to make them again."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from crucible_core.contract.dataset import Dataset
from crucible_core.stages.report.grids import value_grid
from crucible_core.stages.report.model import Fact, Grid, Provenance, Reproduction
from crucible_core.stages.report.quantities import format_bytes, format_moment

if TYPE_CHECKING:
    from crucible_core.contract.context import Context

MAX_PACKAGES = 2000


def provenance_of(context: Context, record: Mapping[str, Any]) -> Provenance:
    """Return where the results come from: code, machine, data, files."""
    experiment = context.experiment
    params = record.get("params") or (dict(experiment.params) if experiment else {})
    grids = (_datasets(context, record), value_grid("Parameters", ("Parameter", "Value"), params), _files(record))
    packages = value_grid("Packages", ("Package", "Version"), record.get("packages") or {}, MAX_PACKAGES)
    return Provenance(
        facts=tuple(_facts(record)),
        grids=tuple(grid for grid in grids if grid),
        details=(packages,) if packages else (),
    )


def reproduction_of(record: Mapping[str, Any]) -> Reproduction:
    """Return the commands that make the run again, as exactly as the record allows; none outside a run."""
    seed, revision = record.get("seed"), (record.get("git") or {}).get("revision")
    spec = record.get("spec_file") or _spec_of_run(record)
    if spec is None or seed is None:
        return Reproduction()
    commands = [f"git checkout {shlex.quote(str(revision))}"] if revision else []
    commands.append(f"crucible run {shlex.quote(str(spec))} --seed {seed}")
    return Reproduction(tuple(commands), tuple(_notes(record)))


def _notes(record: Mapping[str, Any]) -> Iterable[str]:
    if (record.get("git") or {}).get("dirty"):
        yield "The working tree held changes that were not committed; the revision alone does not bring them back."
    if record.get("git") is None:
        yield "No git revision was recorded; the code is known by the package versions alone."
    run_spec = _spec_of_run(record)
    if record.get("spec_file") and run_spec:
        yield (
            f"The experiment as it was run, with whatever the command line changed, is in {run_spec}; "
            "it can be run in place of the file above."
        )


def _spec_of_run(record: Mapping[str, Any]) -> str | None:
    directory = record.get("output_dir")
    return f"{str(directory).rstrip('/')}/spec.json" if directory else None


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


def _datasets(context: Context, record: Mapping[str, Any]) -> Grid | None:
    held = {key: value.manifest.to_dict() for key, value in context.assigns.items() if isinstance(value, Dataset)}
    known: dict[str, Any] = {**held, **(record.get("datasets") or {})}
    if not known:
        return None
    rows = tuple(
        (key, each.get("source"), each.get("rows"), each.get("columns"), each.get("split") or None, each.get("sha256"))
        for key, each in known.items()
    )
    columns = ("Dataset", "Source", "Rows", "Columns", "Split", "SHA-256")
    return Grid(columns, rows, "Data", len(rows), uniform=False)


def _files(record: Mapping[str, Any]) -> Grid | None:
    files = [("checkpoint", each) for each in record.get("checkpoints") or ()]
    files += [("artifact", each) for each in record.get("artifacts") or ()]
    rows = [(kind, each.get("stage"), each.get("path"), _size(each.get("bytes"))) for kind, each in files]
    if not rows:
        return None
    return Grid(("Kind", "Stage", "Path", "Size"), tuple(rows), "Files", len(rows), uniform=False, heading=False)


def _size(size: Any) -> str | None:
    return format_bytes(size) if isinstance(size, (int, float)) else None
