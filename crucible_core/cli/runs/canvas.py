"""What there is to draw on: how wide it is, and whether it shows more than ASCII."""

from __future__ import annotations

import shutil
import sys
import unicodedata
from dataclasses import dataclass

from crucible_core.trace.one_line import in_one_line

__all__ = ["Canvas", "canvas", "cells", "clipped", "clipped_inside", "padded"]

_NARROWEST = 40
_USUAL = (80, 24)


@dataclass(frozen=True)
class Canvas:
    """Where a command draws.

    Args:
        width: Columns of a line.
        drawn: Whether it is a terminal that shows block characters; plain text is ASCII.
    """

    width: int
    drawn: bool

    @property
    def ellipsis(self) -> str:
        """What stands for text that was left out."""
        return "…" if self.drawn else "..."


def canvas() -> Canvas:
    """Return what standard output is: a terminal of some width, or plain text of 80 columns, or of ``COLUMNS``."""
    encoding = (getattr(sys.stdout, "encoding", None) or "").lower().replace("-", "")
    drawn = sys.stdout.isatty() and encoding == "utf8"
    return Canvas(max(_NARROWEST, shutil.get_terminal_size(_USUAL).columns), drawn)


def cells(text: str) -> int:
    """Return how many columns of a terminal a text takes."""
    if text.isascii():
        return len(text)
    return sum(_cells(each) for each in text)


def _cells(character: str) -> int:
    if unicodedata.combining(character) or unicodedata.category(character) in ("Mn", "Me"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def clipped(text: str, width: int, surface: Canvas) -> str:
    """Return a text that others wrote, harmless and in at most ``width`` columns."""
    text = in_one_line(text)
    if cells(text) <= width:
        return text
    room = max(0, width - len(surface.ellipsis))
    kept = ""
    for each in text:
        if cells(kept) + _cells(each) > room:
            break
        kept += each
    return f"{kept.rstrip()}{surface.ellipsis}"[: max(width, 0)]


def clipped_inside(text: str, width: int, surface: Canvas) -> str:
    """Return a name as `clipped` does, but for what it leaves out: the end of a long path says more than its middle."""
    text = in_one_line(text)
    if cells(text) <= width or not text.isascii():
        return clipped(text, width, surface)
    room = max(0, width - len(surface.ellipsis))
    return f"{text[: room // 3]}{surface.ellipsis}{text[len(text) - (room - room // 3) :]}"


def padded(text: str, width: int) -> str:
    """Return a text with spaces behind it up to ``width`` columns."""
    return text + " " * max(0, width - cells(text))
