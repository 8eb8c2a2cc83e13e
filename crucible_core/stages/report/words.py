"""The words that every format uses for the same thing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crucible_core.stages.report.quantities import common_decimals, format_number, is_scientific

if TYPE_CHECKING:
    from crucible_core.contract.verdict import Verdict

STATUS_WORDS = {
    "pending": "Not yet run",
    "running": "Making this report",  # stages run one after the other, and this is the one that runs now
    "succeeded": "Succeeded",
    "failed": "Failed",
    "skipped": "Skipped",
    "cancelled": "Cancelled",
}
TARGET_WORDS = {True: "Reached", False: "Missed", None: "Not measured"}


def verdict_word(verdict: Verdict) -> str:
    """Return the verdict in one word."""
    return "Passed" if verdict.passed else "Failed"


def interval_words(interval: tuple[float, float] | None) -> str:
    """Say how sure an estimate is, as far as its interval tells."""
    if interval is None:
        return "no interval was given."
    decimals = None if any(map(is_scientific, interval)) else common_decimals(interval)
    low, high = (format_number(float(bound), decimals) for bound in interval)
    return f"the interval of the estimate runs from {low} to {high}."
