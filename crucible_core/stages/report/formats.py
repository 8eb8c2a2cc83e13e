"""The formats a report can be written in."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from crucible_core.stages.report.model import ReportModel

_HOMES = {
    "markdown": ("md", "markdown", "render_markdown"),
    "json": ("json", "json_format", "render_json"),
    "html": ("html", "html", "render_html"),
    "latex": ("tex", "latex", "render_latex"),
    "csv": ("csv", "csv_format", "render_csv"),
}
FORMATS = tuple(_HOMES)


def suffix_of(name: str) -> str:
    """Return the ending of files in a format, without the dot."""
    return _HOMES[name][0]


def render(name: str, model: ReportModel, finish: Callable[[str], str] = str) -> bytes:
    """Return a report in a format, as UTF-8; halves of surrogate pairs, which UTF-8 cannot hold, are escaped.

    Args:
        name: The format.
        model: The report.
        finish: Has the last word on the text.
    """
    _, module, function = _HOMES[name]
    renderer = cast("Callable[[ReportModel], str]", getattr(import_module(f"{__package__}.{module}"), function))
    return finish(renderer(model)).encode("utf-8", "backslashreplace")
