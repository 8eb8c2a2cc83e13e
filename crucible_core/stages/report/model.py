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
    """A bound that a metric is held to.

    Args:
        path: The metric's path.
        bound: What it was to be, in words.
        value: The number it is, or None.
        reached: Whether it keeps to the bound; None where it is no number.
        reason: Why it is none, a sentence without its full stop.
        there: Whether there is such a metric.
    """

    path: str
    bound: str
    value: Any
    reached: bool | None
    reason: str = ""
    there: bool = True


@dataclass(frozen=True)
class StageSection:
    """One stage: what it was asked to do and what came of it.

    Args:
        id: Its id in the experiment.
        number: Its place among the stages, from 1.
        name: The stage's registered name, where it is not the id.
        module: Where its class is, for a stage that is named by that.
        source: Distribution and version, and the run whose result was taken.
        description: What it says of itself.
        status: pending, running, succeeded, failed, skipped, cancelled, or cached where the result of another run was
            taken; empty where no record was kept.
        reason: Why it failed or was skipped.
        attempts: How often it was tried.
        policies: How it was to be run, in words.
        duration: Seconds, or None.
        begin: Where its bar begins on the run's time line, 0..1, or None.
        extent: How long the bar is, 0..1.
        changed: The options that were given, with their values.
        options: All options in effect.
        texts: What it found, in words.
        blocks: Figures and tables it left.
        metrics: Its metrics in full.
    """

    id: str
    number: int = 0
    name: str = ""
    module: str = ""
    source: str = ""
    description: str = ""
    status: str = ""
    reason: str = ""
    attempts: int = 0
    policies: str = ""
    duration: float | None = None
    begin: float | None = None
    extent: float = 0.0
    changed: Grid | None = None
    options: Grid | None = None
    texts: tuple[Text, ...] = ()
    blocks: tuple[Figure | Grid, ...] = ()
    metrics: tuple[Grid, ...] = ()

    @property
    def metric_count(self) -> int:
        """How many metrics there are in full."""
        return sum(grid.total or len(grid.rows) for grid in self.metrics)

    @property
    def origin(self) -> tuple[Fact, ...]:
        """What it is and where it comes from."""
        given = (("stage", self.name), ("module", self.module), ("", self.source), ("", self.policies))
        tried = Fact("", f"attempt {self.attempts}") if self.attempts > 1 else None
        facts = [Fact(label, value, bool(label)) for label, value in given if value]
        return (*facts, tried) if tried else tuple(facts)

    @property
    def note(self) -> str:
        """What stands beside its status in the timeline: at which attempt it ended, and why if that stands nowhere."""
        attempt = f"at attempt {self.attempts}" if self.attempts > 1 else ""
        return ": ".join(part for part in (attempt, "" if self.told else self.reason) if part)

    @property
    def reports(self) -> bool:
        """Whether it left something made for readers."""
        return bool(self.texts or self.blocks)

    @property
    def told(self) -> bool:
        """Whether there is more to say of it than its line in the timeline."""
        return self.reports or bool(self.metrics) or self.status in ("succeeded", "failed", "cached", "cancelled")


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

    def __bool__(self) -> bool:
        """Tell whether anything is known."""
        return bool(self.commands or self.notes)


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

    @property
    def judged(self) -> bool:
        """Whether the run has an answer of yes or no, or failed before it had one."""
        return self.outcome.tone is not Tone.OPEN

    @property
    def findings(self) -> tuple[StageSection, ...]:
        """The stages that say in words what they found."""
        return tuple(stage for stage in self.stages if stage.texts)

    @property
    def results(self) -> tuple[StageSection, ...]:
        """The stages that a reader came for: those that left report parts, or else those that measured something."""
        reporting = tuple(stage for stage in self.stages if stage.reports)
        return reporting or tuple(stage for stage in self.stages if stage.metrics)

    @property
    def other_stages(self) -> tuple[StageSection, ...]:
        """The stages that did what those needed."""
        results = self.results
        return tuple(stage for stage in self.stages if stage.told and stage not in results)
