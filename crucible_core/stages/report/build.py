"""Make the report of a run out of its context and its record."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from crucible_core.contract.report_parts import ReportPart, Table, Text, report_parts
from crucible_core.stages.report.grids import part_grid, preview_grid
from crucible_core.stages.report.model import Block, Fact, ReportModel, Source
from crucible_core.stages.report.outcome import outcome_of, targets_of
from crucible_core.stages.report.provenance import provenance_of
from crucible_core.stages.report.quantities import count, format_moment
from crucible_core.stages.report.reproduction import reproduction_of
from crucible_core.stages.report.stage_sections import stage_sections
from crucible_core.stages.report.typesetting import typeset_markdown, with_minus

if TYPE_CHECKING:
    from crucible_core.contract.context import Context
    from crucible_core.contract.verdict import Verdict


def build_report(
    context: Context, record: Mapping[str, Any], *, title: str | None = None, max_rows: int = 20
) -> ReportModel:
    """Return the report of a run.

    Args:
        context: What the stages left.
        record: What the run's manifest would say now; empty outside a run, and then nothing is said of time and place.
        title: The title; the experiment's description, or its id, where not given.
        max_rows: Rows of ``outputs`` shown.
    """
    parts = parts_of(context)
    metrics = dict(context.metrics)
    experiment = context.experiment
    description = (experiment.description if experiment else record.get("description")) or ""
    targets = targets_of(context)
    verdicts = tuple(context.verdicts)
    heading, rest = title or _first_line(description) or context.experiment_id, description
    if not title:
        rest = description.strip().partition("\n")[2].strip()
    stages, others = stage_sections(context, record, metrics, _blocks(parts))
    return ReportModel(
        title=heading,
        experiment_id=context.experiment_id,
        run_id=context.run_id,
        outcome=outcome_of(verdicts, targets, _failure_in(record), found=bool(parts or metrics)),
        description=rest,
        byline=tuple(_byline(context, record)),
        verdicts=tuple(map(_typeset_verdict, verdicts)),
        targets=targets,
        stages=stages,
        others=others,
        preview=preview_grid(context.outputs, max_rows),
        provenance=provenance_of(context, record),
        reproduction=reproduction_of(record),
        source=Source(record, metrics, verdicts, context.outputs, parts),
    )


def parts_of(context: Context) -> dict[str, tuple[ReportPart, ...]]:
    """Return the report parts among the artifacts, under the keys they were put."""
    found = {key: report_parts(artifact) for key, artifact in context.artifacts.items()}
    return {key: parts for key, parts in found.items() if parts}


def _failure_in(record: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Return what ended the run, or what did not end it but lets it end as failed: a stage that failed before."""
    failed = (stage for stage in record.get("stages") or () if stage.get("status") == "failed")
    stage = next(failed, None)
    if record.get("failure") or stage is None:
        return record.get("failure")
    return {"stage": stage["id"], "message": stage.get("reason")}


def _blocks(parts: Mapping[str, tuple[ReportPart, ...]]) -> dict[str, tuple[Block, ...]]:
    return {key: tuple(map(_block, each)) for key, each in parts.items()}


def _block(part: ReportPart) -> Block:
    if isinstance(part, Table):
        return part_grid(part)
    if isinstance(part, Text):
        return replace(part, markdown=typeset_markdown(str(part.markdown)))
    return replace(part, alt=with_minus(str(part.alt)))


def _typeset_verdict(verdict: Verdict) -> Verdict:
    return replace(verdict, question=with_minus(verdict.question), finding=with_minus(verdict.finding))


def _first_line(text: str) -> str:
    return text.strip().partition("\n")[0].strip()


def _byline(context: Context, record: Mapping[str, Any]) -> Iterable[Fact]:
    yield Fact("Experiment", context.experiment_id)
    yield Fact("Run", context.run_id)
    if record.get("started_at"):
        yield Fact("Started", format_moment(record["started_at"]))
    if record.get("seed") is not None:
        yield Fact("Seed", str(record["seed"]))
    if len(context.outputs):
        yield Fact("Outputs", count(len(context.outputs), "row"))
