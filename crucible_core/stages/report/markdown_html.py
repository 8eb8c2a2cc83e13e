"""Blocks of Markdown as HTML."""

from __future__ import annotations

from html import escape

from crucible_core.stages.report.markdown_subset import Kind, MarkdownBlock, Span, read_markdown

_TAGS = {Kind.EMPHASIS: "em", Kind.STRONG: "strong", Kind.PARAGRAPH: "p", Kind.QUOTE: "blockquote"}
_LISTS = {Kind.BULLETS: "ul", Kind.NUMBERS: "ol"}
LOWEST = 6


def markdown_html(text: str, heading: int) -> str:
    """Return Markdown as HTML in which nothing of the text is markup that the subset does not know.

    Args:
        text: Markdown.
        heading: Level of the HTML heading that a first-level heading of the text becomes.
    """
    return "\n".join(_block(block, heading) for block in read_markdown(text))


def _block(block: MarkdownBlock, heading: int) -> str:
    if block.kind is Kind.RULE:
        return "<hr>"
    if block.kind is Kind.CODE_BLOCK:
        return f'<pre tabindex="0"><code>{escape(block.text)}</code></pre>'
    if block.kind in _LISTS:
        tag = _LISTS[block.kind]
        return f"<{tag}>{''.join(f'<li>{spans_html(item)}</li>' for item in block.lines)}</{tag}>"
    if block.kind is Kind.HEADING:
        level = min(LOWEST, heading + block.level - 1)
        return f"<h{level}>{spans_html(block.lines[0])}</h{level}>"
    tag = _TAGS[block.kind]
    return f"<{tag}>{spans_html(block.lines[0])}</{tag}>"


def spans_html(spans: tuple[Span, ...]) -> str:
    """Return spans as HTML."""
    return "".join(map(_span, spans))


def _span(span: Span) -> str:
    if span.kind is Kind.PLAIN:
        return escape(span.text)
    if span.kind is Kind.CODE:
        return f"<code>{escape(span.text)}</code>"
    if span.kind is Kind.LINK:
        return f'<a href="{escape(span.url)}" rel="noopener noreferrer">{spans_html(span.inner)}</a>'
    tag = _TAGS[span.kind]
    return f"<{tag}>{spans_html(span.inner)}</{tag}>"
