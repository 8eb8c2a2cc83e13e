"""The few elements that the drawings are made of."""

from __future__ import annotations

from typing import Final

from crucible_bench.figures.text_width import clipped

FONT: Final = 14.0
SMALL: Final = 11.5


def document(body: list[str], width: float, height: float, *, title: str, description: str, prefix: str) -> str:
    """Return a standalone SVG document without XML declaration, so that it can be set into HTML as it is.

    It has one colour, the current text colour, and no background: set into a page it follows the page; on its own it is
    black, or light where the reader prefers a dark scheme. Title and description are part of it, and are what a screen
    reader says.

    Args:
        body: Elements.
        width: In pixels.
        height: In pixels.
        title: Accessible title; escaped.
        description: What the drawing shows; escaped.
        prefix: Start of the ids, which also depend on title and description: two drawings in a page differ.
    """
    from hashlib import sha256

    key = sha256(f"{title}\n{description}".encode()).hexdigest()[:10]
    title_id, description_id = f"{prefix}-title-{key}", f"{prefix}-desc-{key}"
    lines = "\n".join(body)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" '
        f'width="{width:g}" height="{height:g}" role="img" aria-labelledby="{title_id} {description_id}" '
        f'fill="currentColor" stroke="none" font-family="Helvetica, Arial, sans-serif" font-size="{FONT:g}">\n'
        f'<title id="{title_id}">{escaped(title)}</title>\n<desc id="{description_id}">{escaped(description)}</desc>\n'
        # As a document of its own the drawing has no text colour to inherit; `:root` matches nothing inside a page.
        "<style>@media (prefers-color-scheme: dark) { svg:root { color: #e8e8e8 } }</style>\n"
        f"{lines}\n</svg>"
    )


def line(x1: float, y1: float, x2: float, y2: float, width: float, *, dashes: str = "") -> str:
    """Return a line; `dashes` is a pattern such as `3 4`."""
    ends = f'x1="{x1:.1f}" y1="{y1:g}" x2="{x2:.1f}" y2="{y2:g}"'
    dashed = f' stroke-dasharray="{dashes}"' if dashes else ""
    return f'<line {ends} stroke="currentColor" stroke-width="{width:g}"{dashed}/>'


def text(x: float, y: float, words: str, anchor: str, size: float) -> str:
    """Return a text, escaped."""
    return f'<text x="{x:.1f}" y="{y:g}" text-anchor="{anchor}" font-size="{size:g}">{escaped(words)}</text>'


def name_text(x: float, y: float, name: str, anchor: str, most: float) -> str:
    """Return a name of at most so many pixels; one that had to be clipped keeps the whole as its tooltip."""
    shown = clipped(name, most, FONT)
    tooltip = f"<title>{escaped(name)}</title>" if shown != name else ""
    return f'<text x="{x:.1f}" y="{y:g}" text-anchor="{anchor}">{tooltip}{escaped(shown)}</text>'


def escaped(words: str) -> str:
    """Escape a text for XML; characters that XML cannot hold become U+FFFD."""
    from html import escape

    return escape("".join(each if each.isprintable() or each == "\n" else "\ufffd" for each in words))
