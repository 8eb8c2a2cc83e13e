"""A report in LaTeX."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from crucible_core.contract.report_parts import Figure
from crucible_core.stages.report.cells import grid_cells, numeric_columns
from crucible_core.stages.report.latex_tables import column_types, longtable
from crucible_core.stages.report.latex_text import breakable_latex, escape_latex, latex_code
from crucible_core.stages.report.markdown_latex import markdown_latex
from crucible_core.stages.report.model import Block, Fact, Grid, ReportModel, StageSection
from crucible_core.stages.report.words import interval_words, stage_state, stage_words, target_word, verdict_word

if TYPE_CHECKING:
    from crucible_core.contract.verdict import Verdict

_PREAMBLE = r"""\documentclass[11pt]{article}
\usepackage{iftex}
\ifPDFTeX
  \usepackage[utf8]{inputenc}
  \usepackage[T1]{fontenc}
  \usepackage{textcomp}
  \IfFileExists{lmodern.sty}{\usepackage{lmodern}}{}
\else
  \usepackage{fontspec}
\fi
\usepackage[margin=2.5cm]{geometry}
\usepackage{array}
\usepackage{booktabs}
\usepackage{longtable}
\setlength{\parindent}{0pt}
\setlength{\parskip}{6pt}
\setlength{\LTleft}{0pt}
\sloppy"""


def render_latex(model: ReportModel) -> str:
    """Return a report as a LaTeX document with booktabs tables; its tables can be copied into a paper as they are.

    Figures are vector graphics in SVG, which LaTeX cannot include: their titles and what they show stand in their
    place. Characters beyond Latin need LuaLaTeX or XeLaTeX.
    """
    body = "\n\n".join(part for part in _document(model) if part)
    return f"{_PREAMBLE}\n\n\\begin{{document}}\n\n{body}\n\n\\end{{document}}\n"


def _document(model: ReportModel) -> Iterator[str]:
    yield rf"\section*{{{escape_latex(model.title)}}}"
    yield markdown_latex(model.description)
    yield _facts(model.byline)
    yield rf"\subsection*{{{escape_latex(model.outcome.headline)}}}"
    yield escape_latex(" ".join(model.outcome.sentences))
    yield from map(_verdict, model.verdicts)
    yield from _findings(model)
    if model.targets:
        rows = tuple((each.path, each.bound, each.value, target_word(each)) for each in model.targets)
        yield r"\subsection*{Quality targets}"
        yield _grid(Grid(("Metric", "Target", "Value", "Result"), rows, uniform=False))
    for stage in model.results:
        yield from _stage(stage)
    if model.others:
        yield r"\subsection*{Other results}"
        yield from map(_part, model.others)
    yield from _other_stages(model)
    if model.preview:
        yield r"\subsection*{Outputs}"
        yield _grid(model.preview)
    if model.provenance.facts or model.provenance.grids:
        yield r"\subsection*{Provenance}"
        yield _facts(model.provenance.facts)
    yield from map(_grid, model.provenance.grids)
    if model.reproduction:
        yield r"\subsection*{How to reproduce}"
        yield latex_code("\n".join(model.reproduction.commands))
        yield escape_latex(" ".join(model.reproduction.notes))


def _facts(facts: Iterable[Fact]) -> str:
    items = "\n".join(rf"\item[{{{escape_latex(each.label)}}}] {breakable_latex(each.value)}" for each in facts)
    return f"\\begin{{description}}\n{items}\n\\end{{description}}" if items else ""


def _verdict(verdict: Verdict) -> str:
    return (
        rf"\textbf{{{verdict_word(verdict)}: {escape_latex(verdict.question)}}} "
        f"{escape_latex(verdict.finding)} How sure: {escape_latex(interval_words(verdict.interval))}"
    )


def _findings(model: ReportModel) -> Iterator[str]:
    if model.findings and model.judged:
        yield r"\subsection*{Findings}"
    for stage in model.findings:
        yield rf"\subsubsection*{{{escape_latex(stage.id)}}}"
        yield from map(_part, stage.texts)


def _other_stages(model: ReportModel) -> Iterator[str]:
    if model.other_stages:
        yield r"\subsection*{Other stages}"
        items = "\n".join(
            rf"\item[{{{escape_latex(stage.id)}}}] {breakable_latex(f'{stage_state(stage)}. {stage_words(stage)}')}"
            for stage in model.other_stages
        )
        yield f"\\begin{{description}}\n{items}\n\\end{{description}}"


def _stage(stage: StageSection) -> Iterator[str]:
    yield rf"\subsection*{{Stage {escape_latex(stage.id)}}}"
    yield escape_latex(stage.description)
    state = stage_state(stage)
    yield escape_latex(f"{state}.") if state else ""
    if stage.changed:
        yield _grid(stage.changed)
    yield from map(_part, stage.blocks if stage.reports else stage.metrics)
    if stage.reports and stage.metrics:
        yield f"All {stage.metric_count} metrics are in the HTML and JSON reports and in the run's manifest."


def _part(block: Block) -> str:
    if isinstance(block, Grid):
        return _grid(block)
    if isinstance(block, Figure):
        return rf"\textbf{{Figure (not included): {escape_latex(block.title)}.}} {escape_latex(block.alt)}"
    title = rf"\textbf{{{escape_latex(block.title)}}}" if block.title else ""
    return "\n\n".join(part for part in (title, markdown_latex(block.markdown)) if part)


def _grid(grid: Grid) -> str:
    cells = grid_cells(grid)
    title = f"\\textbf{{{escape_latex(grid.title)}}}\n\n" if grid.title else ""
    if not grid.columns:
        return title
    lengths = [max(len(name), *(len(row[index].text) for row in cells), 0) for index, name in enumerate(grid.columns)]
    table = longtable(
        [escape_latex(name) for name in grid.columns],
        ([breakable_latex(each.text) for each in row] for row in cells),
        column_types(lengths, numeric_columns(cells, len(grid.columns))),
    )
    note = f"\n\n{escape_latex(grid.note)}" if grid.note else ""
    return f"{title}{table}{note}"
