"""The Markdown that texts in a report may use: CommonMark with tables and strikethrough, without HTML and images."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from markdown_it import MarkdownIt

LOWEST_HEADING = 6
_DEEPEST = 50  # what is nested deeper, two levels a list, is left out: nobody writes it but to break a reader
_SAFE_URL = re.compile(r"(?:https?://|mailto:)[^\s<>\"]+", re.IGNORECASE)


@cache
def markdown_parser() -> MarkdownIt:
    """Return the parser of texts; HTML is the text that it is, and only http, https and mailto are linked to."""
    from markdown_it import MarkdownIt

    parser = MarkdownIt("commonmark", {"html": False, "maxNesting": _DEEPEST})
    parser.enable(["table", "strikethrough"]).disable("image")
    parser.validateLink = lambda url: _SAFE_URL.fullmatch(url) is not None  # type: ignore[method-assign]
    return parser


def lower_headings(text: str, by: int) -> str:
    """Return Markdown with its headings moved down by so many levels, to the sixth at most."""
    lines = text.splitlines()
    for token in markdown_parser().parse(text):
        if token.type != "heading_open" or token.level or token.map is None:
            continue  # headings within quotes and lists stay what they are
        first, end = token.map
        level = min(LOWEST_HEADING, int(token.tag[1:]) + by)
        underlined = token.markup[0] != "#"
        words = " ".join(lines[first : end - 1]) if underlined else lines[first].strip().lstrip("#")
        lines[first:end] = [f"{'#' * level} {words.strip()}", *[""] * (end - first - 1)]
    return "\n".join(lines)
