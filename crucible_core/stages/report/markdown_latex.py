"""Markdown as LaTeX."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crucible_core.stages.report.latex_tables import column_types, longtable
from crucible_core.stages.report.latex_text import escape_latex, latex_code
from crucible_core.stages.report.markdown_reading import markdown_parser

if TYPE_CHECKING:
    from collections.abc import Iterator

    from markdown_it.tree import SyntaxTreeNode

_ENVIRONMENTS = {"bullet_list": "itemize", "ordered_list": "enumerate", "blockquote": "quote"}
_COMMANDS = {"em": r"\emph", "strong": r"\textbf"}
_DEEPEST = 4
"""How many lists and quotes LaTeX lets stand in each other; what is deeper is written without indentation."""


def markdown_latex(text: str) -> str:
    """Return Markdown as LaTeX."""
    from markdown_it.tree import SyntaxTreeNode

    return _blocks(SyntaxTreeNode(markdown_parser().parse(text)), 0)


def _blocks(node: SyntaxTreeNode, depth: int) -> str:
    return "\n\n".join(part for child in node.children if (part := _block(child, depth)))


def _block(node: SyntaxTreeNode, depth: int) -> str:
    if node.type in _ENVIRONMENTS:
        return _environment(node, depth)
    if node.type == "hr":
        return r"\medskip\hrule\medskip"
    if node.type in ("fence", "code_block"):
        return latex_code(node.content)
    if node.type == "table":
        return _table(node)
    if node.type == "heading":
        return rf"\paragraph*{{{_spans(node)}}}"
    return _spans(node)


def _environment(node: SyntaxTreeNode, depth: int) -> str:
    if node.type == "blockquote":
        inner = _blocks(node, depth + 1)
    else:
        items = (_blocks(item, depth + 1) for item in node.children)
        inner = "\n".join(rf"\item {item}" if depth < _DEEPEST else f"{item}\n" for item in items)
    name = _ENVIRONMENTS[node.type]
    return f"\\begin{{{name}}}\n{inner}\n\\end{{{name}}}" if inner and depth < _DEEPEST else inner


def _table(node: SyntaxTreeNode) -> str:
    rows = [row.children for part in node.children for row in part.children]
    lengths = [max(len(_plain(row[index])) for row in rows) for index in range(len(rows[0]))]
    right = ["right" in str(cell.attrs.get("style", "")) for cell in rows[0]]
    written = [[_spans(cell) for cell in row] for row in rows]
    return longtable(written[0], written[1:], column_types(lengths, right))


def _plain(node: SyntaxTreeNode) -> str:
    return "".join(each.content for each in node.walk() if each.type in ("text", "code_inline"))


def _spans(node: SyntaxTreeNode) -> str:
    return "".join(_pieces(node))


def _pieces(node: SyntaxTreeNode) -> Iterator[str]:
    for child in node.children:
        if child.type == "text":
            yield _text(child.content)
        elif child.type == "code_inline":
            yield rf"\texttt{{{escape_latex(child.content)}}}"
        elif child.type in ("softbreak", "hardbreak"):
            yield "\n" if child.type == "softbreak" else "\\\\\n"
        elif child.type == "link":
            yield f"{_spans(child)} (\\texttt{{{escape_latex(str(child.attrs['href']))}}})"
        else:
            command = _COMMANDS.get(child.type)
            yield f"{command}{{{_spans(child)}}}" if command else _spans(child)


def _text(text: str) -> str:
    """Return text as LaTeX, with the spaces at its ends that part it from what stands beside it."""
    ends = (" " if text[:1].isspace() else "", " " if text[-1:].isspace() else "")
    return f"{ends[0]}{escape_latex(text)}{ends[1]}" if text.strip() else " " * bool(text)
