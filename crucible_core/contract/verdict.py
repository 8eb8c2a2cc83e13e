"""A judgement a stage passed on the experiment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Verdict:
    """Answer one yes-or-no question about the experiment; a run with a failed verdict ends as ``gate_failed``.

    Args:
        question: What was asked, e.g. ``"Is the new model at least as accurate as the baseline?"``.
        passed: Whether the answer is the one the experiment wants.
        finding: What was found, in one sentence with its numbers.
        interval: The bounds of the estimate the verdict rests on, in the estimate's unit; None where there is none.
    """

    question: str
    passed: bool
    finding: str
    interval: tuple[float, float] | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return the verdict as JSON values."""
        return {
            "question": self.question,
            "passed": bool(self.passed),
            "finding": self.finding,
            "interval": None if self.interval is None else [float(bound) for bound in self.interval],
        }
