"""What a result came of, as a tree of text or a Mermaid flowchart."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from crucible_core.cli.runs.quantities import size
from crucible_core.trace.mermaid import mermaid_label
from crucible_core.trace.one_line import in_one_line

if TYPE_CHECKING:
    from crucible_core.runs.lineage import Lineage
    from crucible_core.runs.lineage_graph import Node

__all__ = ["mermaid", "tree"]

_HASH = 12
_INDENT = 3


def tree(lineage: Lineage, tops: Sequence[Node], depth: int | None) -> Iterator[str]:
    """Yield the lines of a tree for each of these; what was shown before is not shown below again.

    Args:
        lineage: The graph.
        tops: The results to begin with.
        depth: How many levels to show; None for all.
    """
    shown: set[str] = set()
    for top in tops:
        yield in_one_line(_words(top))
        shown.add(top.id)
        waiting = _branches(top, "")
        while waiting:  # no recursion: a run may have ten thousand stages, each reading what the one before wrote
            prefix, last, key = waiting.pop()
            node = lineage.nodes[key]
            below = f"{prefix}{'   ' if last else '│  '}"
            again = key in shown and bool(node.comes_of)
            cut = bool(node.comes_of) and not again and depth is not None and len(below) // _INDENT >= depth
            more = " (as above)" if again else " ... (--depth 0 shows all)" if cut else ""
            yield f"{prefix}{'└─ ' if last else '├─ '}{in_one_line(_words(node))}{more}"
            if not again and not cut:
                shown.add(key)
                waiting += _branches(node, below)


def _branches(node: Node, prefix: str) -> list[tuple[str, bool, str]]:
    """Return what a node came of, the last first."""
    keys = [key for _, key in node.comes_of]
    return [(prefix, at == len(keys) - 1, key) for at, key in reversed(list(enumerate(keys)))]


def mermaid(lineage: Lineage) -> Iterator[str]:
    """Yield a Mermaid flowchart from the data to the results."""
    yield "flowchart LR"
    numbers = {key: f"n{index}" for index, key in enumerate(lineage.nodes)}
    for key, node in lineage.nodes.items():
        opening, closing = _SHAPES[node.kind]
        yield f'    {numbers[key]}{opening}"{mermaid_label(_words(node))}"{closing}'
    for key, node in lineage.nodes.items():
        for _, other in node.comes_of:
            yield f"    {numbers[other]} --> {numbers[key]}"


_SHAPES = {
    "file": ("[/", "/]"),
    "stage": ("[", "]"),
    "value": ("(", ")"),
    "given": ("([", "])"),
    "source": ("[(", ")]"),
    "unknown": ("{{", "}}"),
}


def _words(node: Node) -> str:
    return _IN_WORDS[node.kind](node, node.facts)


def _file(node: Node, facts: Mapping[str, Any]) -> str:
    return f"{node.name}  {size(facts.get('bytes'))}{_hash(facts)}"


def _stage(node: Node, facts: Mapping[str, Any]) -> str:
    made_by = facts.get("name") or facts.get("module")
    what = f" {made_by}" if made_by and made_by != node.name else ""
    version = f" {facts['version']}" if facts.get("version") else ""
    source = f" ({facts['distribution']} {facts.get('distribution_version')})" if facts.get("distribution") else ""
    cached = f", computed by run {facts['computed_by']}" if facts.get("computed_by") else ""
    return f"stage {node.name}{':' if what else ''}{what}{version}{source}{cached}"


def _value(node: Node, facts: Mapping[str, Any]) -> str:
    return f"{node.name}: {facts.get('rows')} rows of {facts['source']}" if facts.get("source") else node.name


def _given(node: Node, facts: Mapping[str, Any]) -> str:
    if facts.get("source"):
        return f"{node.name}, given: {facts['source']}{_hash(facts)}"
    rows = f": {facts['rows']} rows" if "rows" in facts else ""
    return f"{node.name}, given{rows}"


def _hash(facts: Mapping[str, Any]) -> str:
    return f"  sha256 {str(facts['sha256'])[:_HASH]}" if facts.get("sha256") else ""


_IN_WORDS: dict[str, Callable[[Node, Mapping[str, Any]], str]] = {
    "file": _file,
    "stage": _stage,
    "value": _value,
    "given": _given,
    "source": lambda node, facts: f"data {node.name}{_hash(facts)}",
    "unknown": lambda node, _: f"{node.name}, which nothing is known to have written",
}
