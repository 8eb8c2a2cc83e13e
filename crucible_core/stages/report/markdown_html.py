"""Markdown as HTML."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from crucible_core.stages.report.markdown_reading import LOWEST_HEADING, markdown_parser

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from markdown_it.token import Token
    from markdown_it.utils import OptionsDict

_ALIGNED_RIGHT = "text-align:right"


def markdown_html(text: str, heading: int) -> str:
    """Return Markdown as HTML in which nothing of the text is markup of its own.

    Args:
        text: Markdown.
        heading: Level of the HTML heading that a first-level heading of the text becomes.
    """
    parser = markdown_parser()
    tokens = parser.parse(text)
    for token in tokens:
        _fit(token, heading)
    return str(_renderer().render(tokens, parser.options, {})).strip()


def _fit(token: Token, heading: int) -> None:
    """Give a token the place and the class that it has in a report."""
    if token.type in ("heading_open", "heading_close"):
        token.tag = f"h{min(LOWEST_HEADING, int(token.tag[1:]) + heading - 1)}"
    elif token.type in ("th_open", "td_open"):
        style = token.attrs.pop("style", "")
        if style == _ALIGNED_RIGHT:
            token.attrSet("class", "n")
    for child in token.children or ():
        if child.type == "link_open":
            child.attrSet("rel", "noopener noreferrer")


@cache
def _renderer() -> Any:
    from markdown_it.renderer import RendererHTML

    renderer: Any = RendererHTML()
    rules: dict[str, Callable[[Sequence[Token], int, OptionsDict, Any], str]] = {
        "table_open": lambda *_: '<div class="table"><table>\n',
        "table_close": lambda *_: "</table></div>\n",
        "fence": _code_block,
        "code_block": _code_block,
    }
    renderer.rules = {**renderer.rules, **rules}
    return renderer


def _code_block(tokens: Sequence[Token], index: int, _options: OptionsDict, _env: Any) -> str:
    from markdown_it.common.utils import escapeHtml

    return f'<pre tabindex="0"><code>{escapeHtml(tokens[index].content)}</code></pre>\n'
