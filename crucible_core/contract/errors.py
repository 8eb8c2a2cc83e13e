"""The failures a stage, a plan or a run can end in."""

from __future__ import annotations

from typing import Any

from crucible_core.ir.errors import CrucibleError

__all__ = ["CrucibleError", "StageError", "named"]


def named(error: BaseException) -> str:
    """Return the type of an exception and what it says, also of one that cannot say it.

    Example:
        >>> named(ValueError("no rows"))
        'ValueError: no rows'
    """
    try:
        said = str(error)
    except Exception:  # noqa: BLE001 - a broken __str__ must not hide the failure it was to describe
        said = ""
    return f"{type(error).__name__}: {said}" if said else type(error).__name__


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
