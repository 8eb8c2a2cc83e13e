"""The failures a stage, a plan or a run can end in."""

from __future__ import annotations

from typing import Any

from crucible_core.ir.errors import CrucibleError

__all__ = ["CrucibleError", "StageError"]


class StageError(CrucibleError):
    """Say, from inside a stage, that it failed in a way it foresaw.

    Args:
        code: One of the codes the stage declares in ``errors`` (snake_case).
        message: What went wrong, where, and what to do about it.
        details: JSON values that help a program to react.

    Example:
        >>> error = StageError("too_few_groups", "compare needs two groups, got 1", groups=["a"])
        >>> error.code, error.details
        ('too_few_groups', {'groups': ['a']})
    """

    def __init__(self, code: str, message: str, **details: Any) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.details = details

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle by value, keyword details included (an exception pickles its positional arguments only)."""
        return _restore, (type(self), self.code, self.message, self.details)


def _restore(kind: type[StageError], code: str, message: str, details: dict[str, Any]) -> StageError:
    return kind(code, message, **details)
