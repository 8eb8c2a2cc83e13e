"""The Markdown that texts in a report may use: CommonMark with tables and strikethrough, without HTML and images."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

LOWEST_HEADING = 6
_DEEPEST = 50  # what is nested deeper, two levels a list, is left out: nobody writes it but to break a reader
_SAFE_URL = re.compile(r"(?:https?://|mailto:)[^\s<>\"]+", re.IGNORECASE)


@cache
def markdown_parser(*, html: bool = False) -> MarkdownIt:
    """Return the parser of texts; HTML is the text that it is, and only http, https and mailto are linked to.

    Args:
        html: Whether HTML is told apart instead.
    """
    from markdown_it import MarkdownIt

    parser = MarkdownIt("commonmark", {"html": html, "maxNesting": _DEEPEST})
    parser.enable(["table", "strikethrough"]).disable("image")
    parser.validateLink = lambda url: _SAFE_URL.fullmatch(url) is not None  # type: ignore[method-assign]
    return parser


def as_part(text: str, lower: int) -> str:
    """Return Markdown that can stand within other Markdown.

    Args:
        text: Markdown. Its HTML becomes text.
        lower: By how many levels its headings are moved down, to the sixth at most.
    """
    lines = text.splitlines()
    for token in markdown_parser(html=True).parse("\n".join(lines)):
        first, end = token.map or (0, 0)
        if token.type == "html_block":
            lines[first:end] = [_as_text(line) for line in lines[first:end]]
        elif token.type == "inline":
            for child in token.children or ():
                if child.type == "html_inline":
                    lines[first:end] = [
                        line.replace(child.content, _as_text(child.content)) for line in lines[first:end]
                    ]
        elif token.type == "heading_open" and not token.level:  # those within quotes and lists stay what they are
            _lower(lines, token, lower)
    return "\n".join(lines)


def _as_text(html: str) -> str:
    return html.replace("<", r"\<")


def _lower(lines: list[str], heading: Token, by: int) -> None:
    first, end = heading.map or (0, 0)
    level = min(LOWEST_HEADING, int(heading.tag[1:]) + by)
    underlined = heading.markup[0] != "#"
    words = " ".join(lines[first : end - 1]) if underlined else lines[first].strip().lstrip("#")
    lines[first:end] = [f"{'#' * level} {words.strip()}", *[""] * (end - first - 1)]
