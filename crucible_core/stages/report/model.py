"""What a report says, before it is written in any format."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from crucible_core.contract.report_parts import Figure, ReportPart, Text

if TYPE_CHECKING:
    from crucible_core.contract.verdict import Verdict


class Tone(StrEnum):
    """How it went, for colour and sign; words say the same."""

    PASSED = "passed"
    FAILED = "failed"
    OPEN = "open"


@dataclass(frozen=True)
class Grid:
    """Rows under columns, perhaps the first of more.

    Args:
        columns: Names of the columns.
        rows: JSON values, one a column.
        title: What they are.
        total: Rows there are in all; those of ``rows`` are the first.
        hidden_columns: Columns there are besides.
        uniform: Whether a column holds one quantity, so that its numbers are written with the same digits.
        heading: Whether the first column names its row.
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    title: str = ""
    total: int = 0
    hidden_columns: int = 0
    uniform: bool = True
    heading: bool = True

    @property
    def note(self) -> str:
        """What of it is not shown, or nothing."""
        notes = []
        if self.total > len(self.rows):
            notes.append(f"the first {len(self.rows):,} of {self.total:,} rows")
        if self.hidden_columns:
            notes.append(f"{len(self.columns)} of {len(self.columns) + self.hidden_columns:,} columns")
        return f"Shown: {', '.join(notes)}." if notes else ""


Block = Grid | Figure | Text


@dataclass(frozen=True)
class Fact:
    """Something a reader may look up; ``code`` where it is to be copied, not read."""

    label: str
    value: str
    code: bool = False


@dataclass(frozen=True)
class Outcome:
    """How it went, in one line and a few sentences."""

    tone: Tone
    headline: str
    sentences: tuple[str, ...] = ()


@dataclass(frozen=True)
class Target:
    """A bound that a metric is held to; ``reached`` is None where the metric is not there."""

    path: str
    bound: str
    value: Any
    reached: bool | None


@dataclass(frozen=True)
class StageSection:
    """One stage: what it was asked to do and what came of it.

    Args:
        id: Its id in the experiment.
        name: The stage's registered name.
        source: Distribution and version.
        description: What it says of itself.
        status: pending, running, succeeded, failed, skipped or cancelled; empty where no record was kept.
        reason: Why it failed or was skipped.
        duration: Seconds, or None.
        begin: Where its bar begins on the run's time line, 0..1, or None.
        extent: How long the bar is, 0..1.
        changed: The options that were given, with their values.
        options: All options in effect.
        blocks: Figures, tables and texts it left; its metrics where it left none of these.
        behind: Its metrics in full, where what it left already tells them.
    """

    id: str
    name: str = ""
    source: str = ""
    description: str = ""
    status: str = ""
    reason: str = ""
    duration: float | None = None
    begin: float | None = None
    extent: float = 0.0
    changed: Grid | None = None
    options: Grid | None = None
    blocks: tuple[Block, ...] = ()
    behind: tuple[Grid, ...] = ()

    @property
    def metrics_behind(self) -> int:
        """How many metrics there are in full."""
        return sum(grid.total or len(grid.rows) for grid in self.behind)

    @property
    def told(self) -> bool:
        """Whether there is more to say of it than its line among the others."""
        return bool(self.blocks) or self.status in ("succeeded", "failed", "cancelled")


@dataclass(frozen=True)
class Provenance:
    """Where the results come from."""

    facts: tuple[Fact, ...] = ()
    grids: tuple[Grid, ...] = ()
    details: tuple[Grid, ...] = ()


@dataclass(frozen=True)
class Reproduction:
    """The commands that make the run again, and what they do not bring back."""

    commands: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Source:
    """The unabridged results, for the formats that programs read."""

    record: Mapping[str, Any] = field(default_factory=dict)
    metrics: Mapping[str, Any] = field(default_factory=dict)
    verdicts: Sequence[Verdict] = ()
    outputs: Sequence[Mapping[str, Any]] = ()
    parts: Mapping[str, tuple[ReportPart, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class ReportModel:
    """Everything a report says, in the order in which it says it."""

    title: str
    experiment_id: str
    run_id: str
    outcome: Outcome
    description: str = ""
    byline: tuple[Fact, ...] = ()
    verdicts: tuple[Verdict, ...] = ()
    targets: tuple[Target, ...] = ()
    stages: tuple[StageSection, ...] = ()
    others: tuple[Block, ...] = ()
    preview: Grid | None = None
    provenance: Provenance = Provenance()
    reproduction: Reproduction = Reproduction()
    source: Source = field(default_factory=Source)
