"""Why a stage's result is not kept, or cannot be found again."""

from __future__ import annotations

__all__ = ["UncacheableError"]


class UncacheableError(Exception):
    """Something that a result depends on cannot be part of a key; the stage runs, and its result is not kept."""
