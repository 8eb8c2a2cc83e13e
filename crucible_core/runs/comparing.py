"""What differs between two or more runs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from crucible_core.runs.compared_facts import data_facts, environment_facts, option_facts, spec_facts
from crucible_core.runs.item_comparison import ItemComparison
from crucible_core.runs.leaves import Path, leaves, path_words
from crucible_core.runs.metric_values import difference, numeric

if TYPE_CHECKING:
    from crucible_core.runs.recorded import RecordedRun

__all__ = ["ABSENT", "Comparison", "Difference", "Metric", "compare_runs", "same"]

SCHEMA_VERSION = "1.0"


class _Absent:
    """Stands where a run has no such value; None is one."""

    def __repr__(self) -> str:
        return "ABSENT"


ABSENT: Any = _Absent()

Facts = Mapping[Path, Any]


@dataclass(frozen=True)
class Difference:
    """Something that is not the same in all runs.

    Args:
        path: What.
        values: Its value in each run, `ABSENT` where it has none.
    """

    path: Path
    values: tuple[Any, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return the difference as JSON values."""
        return {
            "path": path_words(self.path),
            "values": [None if value is ABSENT else value for value in self.values],
            "present": [value is not ABSENT for value in self.values],
        }


@dataclass(frozen=True)
class Metric(Difference):
    """A metric in each run; differences are to the first run, and None where there is no such number."""

    @property
    def equal(self) -> bool:
        """Whether all runs have it, with one value."""
        return ABSENT not in self.values and all(same(self.values[0], value) for value in self.values[1:])

    @property
    def absolute(self) -> tuple[float | None, ...]:
        """How much greater it is than in the first run."""
        return tuple(difference(self.values[0], value) for value in self.values)

    @property
    def relative(self) -> tuple[float | None, ...]:
        """The absolute difference as a share of what it is in the first run."""
        first = numeric(self.values[0])
        return tuple(_share(each, first) for each in self.absolute)

    def to_dict(self) -> dict[str, Any]:
        """Return the metric as JSON values."""
        numbers = {"absolute": list(self.absolute), "relative": list(self.relative)}
        return {**super().to_dict(), "equal": self.equal, **numbers}


@dataclass(frozen=True)
class Comparison:
    """Two or more runs, and what differs between them.

    Args:
        runs: The runs; differences of metrics are to the first.
        spec: What was asked for, but for the options of stages.
        options: What the stages ran with.
        data: What they ran on.
        environment: What they ran in: interpreter, packages, code.
        metrics: Every metric of any run.
        notes: What could not be compared, and why.
        items: What was measured on the same items.
    """

    runs: tuple[RecordedRun, ...]
    spec: tuple[Difference, ...]
    options: tuple[Difference, ...]
    data: tuple[Difference, ...]
    environment: tuple[Difference, ...]
    metrics: tuple[Metric, ...]
    notes: tuple[str, ...]
    items: ItemComparison = field(default_factory=ItemComparison)

    @property
    def sections(self) -> Mapping[str, Sequence[Difference]]:
        """What differs, by what it is; metrics are not among it."""
        return {"spec": self.spec, "options": self.options, "data": self.data, "environment": self.environment}

    def to_dict(self) -> dict[str, Any]:
        """Return the comparison as JSON values."""
        return {
            "schema_version": SCHEMA_VERSION,
            "runs": [_run(run) for run in self.runs],
            **{name: [each.to_dict() for each in found] for name, found in self.sections.items()},
            "metrics": [each.to_dict() for each in self.metrics],
            "items": [each.to_dict() for each in self.items.compared],
            "notes": [*self.notes, *self.items.notes],
        }


def compare_runs(runs: Sequence[RecordedRun]) -> Comparison:
    """Return what differs between runs, whatever experiments they are of: stages are matched by their ids."""
    notes = [f"{run.label}: {note}" for run in runs for note in run.notes]
    if len({run.manifest["experiment_id"] for run in runs}) > 1:
        notes.append("these are runs of different experiments; stages are matched by their ids")
    specs = [spec_facts(run, notes) for run in runs]
    return Comparison(
        runs=tuple(runs),
        spec=_differences([facts or {} for facts in specs], lambda run, _: specs[run] is not None),
        options=_differences([option_facts(run) for run in runs], _has_stage(runs)),
        data=_differences([data_facts(run) for run in runs]),
        environment=_differences([environment_facts(run) for run in runs], _has_stage(runs, "stages")),
        metrics=tuple(Metric(*each) for each in _aligned([dict(leaves(run.manifest["metrics"])) for run in runs])),
        notes=tuple(notes),
    )


def same(first: Any, second: Any) -> bool:
    """Tell whether two JSON values are one; true is not 1, and a value that is missing is none."""
    if isinstance(first, bool) or isinstance(second, bool):
        return first is second
    return bool(first == second)


def _differences(facts: Sequence[Facts], can_tell: Callable[[int, Path], bool] = lambda *_: True) -> Any:
    """Return the paths whose values are not one in all runs that can tell."""
    found = []
    for path, values in _aligned(facts):
        told = [value for run, value in enumerate(values) if can_tell(run, path)]
        if not all(same(told[0], value) for value in told[1:]):
            found.append(Difference(path, values))
    return tuple(found)


def _aligned(facts: Sequence[Facts]) -> list[tuple[Path, tuple[Any, ...]]]:
    """Return each path of any run with its values in all; in the order of the first run that has it."""
    paths = dict.fromkeys(path for each in facts for path in each if path)
    return [(path, tuple(each.get(path, ABSENT) for each in facts)) for path in paths]


def _has_stage(runs: Sequence[RecordedRun], *before: str) -> Callable[[int, Path], bool]:
    """Return what tells whether a run has the stage a path is about: without it, it has no options to differ."""
    ids = [{stage["id"] for stage in run.stages} for run in runs]
    depth = len(before)

    def can_tell(run: int, path: Path) -> bool:
        return path[:depth] != before or path[depth] in ids[run]

    return can_tell


def _share(absolute: float | None, first: float | None) -> float | None:
    return numeric(absolute / abs(first), finite=True) if absolute is not None and first else None


def _run(run: RecordedRun) -> dict[str, Any]:
    keys = ("experiment_id", "run_id", "started_at", "duration_s")
    about = {key: run.manifest[key] for key in keys}
    return {"run": run.label, "directory": str(run.directory.path), "status": run.status, **about}
