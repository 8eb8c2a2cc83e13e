"""A report as one HTML file that needs nothing else: no script, no network, no other file."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import count as counter
from itertools import groupby
from typing import TYPE_CHECKING

from crucible_core.contract.report_parts import Figure, Text
from crucible_core.stages.report.cells import Cell, cell, grid_cells, numeric_columns
from crucible_core.stages.report.markdown_html import markdown_html
from crucible_core.stages.report.model import Block, Grid, ReportModel
from crucible_core.stages.report.number_line import number_line
from crucible_core.stages.report.quantities import count, format_duration
from crucible_core.stages.report.svg import follows_theme, safe_svg
from crucible_core.stages.report.svg_style import UnsafeFigureError
from crucible_core.stages.report.words import STATUS_WORDS, interval_words, target_word, verdict_word

if TYPE_CHECKING:
    from jinja2 import Environment
    from markupsafe import Markup

_TEMPLATES = ("report.html.jinja", "parts.html.jinja", "report.css", "print.css")
LONG_WORD = 30
_TEXT_HEADING = 5  # a stage's name is an h3, the title of one of its parts an h4
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"
_NAME = 12  # characters: in longer words a line may end after a joint
_JOINT = re.compile(r"(?<=[_./:])(?=[^\W\d_])")
_PHONE = 36  # characters across a narrow screen
_WRAPPED = 12  # characters that a column of text needs
_GAP = 3  # characters that the space between two columns takes
_CARDS = 12  # rows that still read well one below the other


@dataclass(frozen=True)
class Drawing:
    """A figure ready for the page: its markup, or why it is not shown."""

    title: str
    alt: str
    markup: str = ""
    refusal: str = ""
    on_paper: bool = True


def render_html(model: ReportModel) -> str:
    """Return a report as one HTML file: light and dark, from 360 pixels up, for the printer too.

    Text from stages and specs is escaped, Markdown rendered by a small safe subset, figures rebuilt from what a drawing
    needs; one that holds anything else is replaced by its words and the reason.
    """
    return _environment().get_template("report.html.jinja").render(model=model, policy=_POLICY, draw=_Drawer())


class _Drawer:
    """Turn figures into drawings whose ids do not clash on one page."""

    def __init__(self) -> None:
        self._numbers = counter(1)

    def __call__(self, figure: Figure) -> Drawing:
        from markupsafe import Markup

        title, alt = str(figure.title), str(figure.alt)
        try:
            svg = safe_svg(figure.svg, f"figure-{next(self._numbers)}", alt or title)
        except UnsafeFigureError as error:
            return Drawing(title, alt, refusal=str(error))
        return Drawing(title, alt, Markup(svg), on_paper=not follows_theme(svg))  # noqa: S704 - rebuilt by safe_svg


@cache
def _environment() -> Environment:
    from importlib.resources import files

    from jinja2 import DictLoader, Environment, StrictUndefined
    from markupsafe import Markup

    folder = files(__package__ or "") / "templates"
    sources = {name: (folder / name).read_text("utf-8") for name in _TEMPLATES}
    environment = Environment(
        loader=DictLoader(sources), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters.update(
        duration=format_duration,
        cells=grid_cells,
        numeric=lambda cells, grid: numeric_columns(cells, len(grid.columns)),
        breakable=_breakable,
        stacks=_stacks,
        markdown=lambda text, level=_TEXT_HEADING: Markup(markdown_html(text, level)),  # noqa: S704 - escaped there
        groups=_groups,
        unbroken=_unbroken,
        cell=cell,
        sure=_sure,
        line=number_line,
    )
    environment.globals.update(
        css=Markup(sources["report.css"] + sources["print.css"]),  # noqa: S704 - our own
        status_words=STATUS_WORDS,
        target_word=target_word,
        metric_words=lambda stage: count(stage.metric_count, "metric"),
        verdict_word=verdict_word,
    )
    return environment


def _sure(interval: tuple[float, float] | None) -> str:
    words = interval_words(interval)
    return words[0].upper() + words[1:]


def _breakable(text: str) -> Markup:
    """Return text in which a line may end after the joints of long names."""
    from markupsafe import Markup, escape

    words = re.split(r"(\s+)", text)
    return Markup().join(Markup("<wbr>").join(map(escape, _pieces(word))) for word in words)


def _pieces(word: str) -> list[str]:
    """Return a word, or the pieces of a long name, each with the joint that ends it."""
    return _JOINT.split(word) if len(word) > _NAME else [word]


def _stacks(grid: Grid, cells: Sequence[Sequence[Cell]]) -> bool:
    """Tell whether a table is to be one card a row on a narrow screen, being too wide for it."""
    if len(grid.columns) <= 2 or len(cells) > _CARDS:  # noqa: PLR2004 - a name and a value always fit
        return False
    numeric = numeric_columns(cells, len(grid.columns))
    needed = 0
    for index, column in enumerate(grid.columns):
        longest = max((len(row[index].text) for row in cells), default=0)
        heading = max((len(part) for word in column.split() for part in _pieces(word)), default=0)
        needed += _GAP + max(heading, longest if numeric[index] else min(longest, _WRAPPED))
    return needed > _PHONE


def _groups(blocks: Iterable[Block]) -> list[tuple[str, list[Block]]]:
    """Return blocks with their kind, neighbours of one kind together: small tables stand side by side."""
    kinds: dict[type, str] = {Grid: "grid", Figure: "figure", Text: "text"}
    return [(kind, list(group)) for kind, group in groupby(blocks, key=lambda block: kinds[type(block)])]


def _unbroken(text: str) -> bool:
    """Tell whether text holds a word, such as a hash, that must be broken to fit a column."""
    return any(len(word) > LONG_WORD for word in text.split())
