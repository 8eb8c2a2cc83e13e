"""What can be wrong with a training, by codes that stages declare."""

from __future__ import annotations

from typing import Any


class TrainingError(Exception):
    """A foreseen reason for which a training cannot begin or go on.

    Args:
        code: What happened, as the stages declare it in ``errors``.
        message: What, where, and what to do.
        details: JSON values for programs.
    """

    def __init__(self, code: str, message: str, **details: Any) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.details = details
