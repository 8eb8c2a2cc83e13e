"""Text in a Mermaid diagram."""

from __future__ import annotations

from crucible_core.trace.one_line import in_one_line

__all__ = ["mermaid_label"]

_LONGEST = 60
_ENTITIES = {"#": "#35;", '"': "#quot;", "<": "#lt;", ">": "#gt;", "`": "#96;", "&": "#amp;"}
"""What structures a quoted Mermaid label or the page it stands in, and how Mermaid writes it."""


def mermaid_label(text: str) -> str:
    """Shorten a text and replace what ends or structures a quoted Mermaid label."""
    text = in_one_line(text)
    short = text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
    return "".join(_ENTITIES.get(each, each) for each in short)
