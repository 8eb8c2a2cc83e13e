"""A report in Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from crucible_core.contract.report_parts import Figure
from crucible_core.stages.report.cells import cell, grid_cells, numeric_columns
from crucible_core.stages.report.markdown_reading import as_part
from crucible_core.stages.report.model import Block, Fact, Grid, Provenance, ReportModel, StageSection
from crucible_core.stages.report.quantities import format_duration
from crucible_core.stages.report.words import STATUS_WORDS, interval_words, stage_words, target_word, verdict_word

if TYPE_CHECKING:
    from crucible_core.contract.verdict import Verdict

_SPECIAL = re.compile(r"([\\`*\[\]|<>])|(?<![^\W_])_|_(?![^\W_])")
_TEXT_HEADINGS = 3  # levels that stand above the texts of stages
_LINE_START = re.compile(r"^(\s*\d*)([#+.)-])(?=\s)")


def render_markdown(model: ReportModel) -> str:
    """Return a report in GitHub-flavoured Markdown; figures are given by their title and what they show."""
    return "\n\n".join(part for part in _document(model) if part) + "\n"


def escape_markdown(text: str) -> str:
    """Return text that reads in Markdown, also in a table cell, as it stands."""
    flat = " ".join(str(text).splitlines())
    return _LINE_START.sub(r"\1\\\2", _SPECIAL.sub(lambda found: f"\\{found[0]}", flat))


def _document(model: ReportModel) -> Iterator[str]:
    yield f"# {escape_markdown(model.title)}"
    yield model.description
    yield " · ".join(f"{fact.label}: {escape_markdown(fact.value)}" for fact in model.byline)
    yield f"## {escape_markdown(model.outcome.headline)}"
    yield " ".join(map(escape_markdown, model.outcome.sentences))
    yield from map(_verdict, model.verdicts)
    yield from _findings(model)
    yield _targets(model)
    if model.results:
        yield "## Results"
    for stage in model.results:
        yield from _stage(stage)
    if model.others:
        yield "## Other results"
        yield from _blocks(model.others)
    yield from _other_stages(model)
    if model.preview:
        yield "## Outputs"
        yield _grid(model.preview)
    yield from _provenance(model.provenance)
    yield from _reproduction(model)


def _verdict(verdict: Verdict) -> str:
    lines = [
        f"### {verdict_word(verdict)}: {escape_markdown(verdict.question)}",
        escape_markdown(verdict.finding),
        f"How sure: {interval_words(verdict.interval)}",
    ]
    return "\n\n".join(line for line in lines if line)


def _findings(model: ReportModel) -> Iterator[str]:
    if model.findings and model.judged:
        yield "## Findings"
    for stage in model.findings:
        yield f"### {escape_markdown(stage.id)}"
        yield from _blocks(stage.texts)


def _targets(model: ReportModel) -> str:
    rows = tuple((each.path, each.bound, each.value, target_word(each)) for each in model.targets)
    if not rows:
        return ""
    return f"## Quality targets\n\n{_grid(Grid(('Metric', 'Target', 'Value', 'Result'), rows, uniform=False))}"


def _other_stages(model: ReportModel) -> Iterator[str]:
    if model.other_stages:
        yield "## Other stages"
        yield "\n".join(f"- **{_named(stage)}**: {escape_markdown(_line(stage))}" for stage in model.other_stages)
    if model.stages:
        yield "## Timeline"
        yield _timings(model.stages)


def _line(stage: StageSection) -> str:
    reason = f"{STATUS_WORDS.get(stage.status, stage.status)}: {stage.reason}." if stage.reason else ""
    return " ".join(part for part in (reason, stage_words(stage)) if part)


def _named(stage: StageSection) -> str:
    origin = stage.name or stage.module
    return escape_markdown(f"{stage.id} ({origin})" if origin else stage.id)


def _timings(stages: Iterable[StageSection]) -> str:
    rows = tuple((each.id, _status(each), _time(each)) for each in stages)
    return _grid(Grid(("Stage", "Status", "Time"), rows)) if rows else ""


def _status(stage: StageSection) -> str:
    words = STATUS_WORDS.get(stage.status, stage.status)
    return f"{words} {stage.note}" if stage.attempts > 1 else ": ".join(each for each in (words, stage.note) if each)


def _time(stage: StageSection) -> str | None:
    return None if stage.duration is None else format_duration(stage.duration)


def _stage(stage: StageSection) -> Iterator[str]:
    yield f"### {_named(stage)}"
    yield escape_markdown(stage.description)
    yield escape_markdown(stage.reason)
    if stage.changed:
        yield _grid(stage.changed)
    yield from _blocks(stage.blocks if stage.reports else stage.metrics)
    if stage.reports and stage.metrics:
        yield f"All {stage.metric_count} metrics are in the HTML and JSON reports and in the run's manifest."


def _blocks(blocks: Iterable[Block]) -> Iterator[str]:
    for block in blocks:
        if isinstance(block, Grid):
            yield _grid(block)
        elif isinstance(block, Figure):
            yield f"**Figure: {escape_markdown(block.title)}.** {escape_markdown(block.alt)}"
        else:
            yield f"**{escape_markdown(block.title)}**" if block.title else ""
            yield as_part(block.markdown, _TEXT_HEADINGS).strip()


def _grid(grid: Grid) -> str:
    cells = grid_cells(grid)
    numeric = numeric_columns(cells, len(grid.columns))
    head = f"**{escape_markdown(grid.title)}**\n" if grid.title else ""
    lines = [_row(map(escape_markdown, grid.columns)), _row("---:" if each else "---" for each in numeric)]
    lines += [_row(escape_markdown(each.text) for each in row) for row in cells]
    note = f"\n{grid.note}" if grid.note else ""
    return "\n".join(part for part in (head, *lines, note) if part)


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _provenance(provenance: Provenance) -> Iterator[str]:
    if provenance.facts or provenance.grids:
        yield "## Provenance"
        yield "\n".join(f"- {fact.label}: {_fact(fact)}" for fact in provenance.facts)
    yield from map(_grid, provenance.grids)


def _fact(fact: Fact) -> str:
    plain = "`" in fact.value or not fact.code
    return escape_markdown(fact.value) if plain else f"`{cell(fact.value).text}`"


def _reproduction(model: ReportModel) -> Iterator[str]:
    if model.reproduction:
        yield "## How to reproduce"
    if model.reproduction.commands:
        commands = "\n".join(model.reproduction.commands)
        fence = "`" * max(3, 1 + max((len(ticks) for ticks in re.findall("`+", commands)), default=0))
        yield f"{fence}sh\n{commands}\n{fence}"
    yield " ".join(map(escape_markdown, model.reproduction.notes))
