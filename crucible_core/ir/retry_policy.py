"""How often a step of a pipeline is tried again when it fails, as data."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, Strict, model_validator

from crucible_core.ir.errors import CrossFieldError
from crucible_core.ir.model import IRModel
from crucible_core.ir.scalars import Expected, NonNegative, PositiveInt, Rate

_Code = Annotated[
    str,
    Strict(),
    Field(pattern=r"^([a-z][a-z0-9_]*|\*)$"),
    Expected("a failure code in snake_case such as 'timeout', or '*' for any"),
]
_Factor = Annotated[float, Strict(), Field(ge=1, allow_inf_nan=False), Expected("a number greater than or equal to 1")]

RETRIED_CODES = ("stage_crashed", "timeout", "worker_died")
"""What another attempt may help against where nothing is said; what a stage foresaw it would foresee again."""


class RetryPolicy(IRModel):
    """How often a stage is tried, and how long to wait before it is tried again.

    The wait before attempt n + 1 is at most `backoff_s` * `factor` ** (n - 1) seconds, never above `max_backoff_s`.
    """

    attempts: PositiveInt = 3
    """How often the stage is tried in all, the first time included."""
    backoff_s: NonNegative = 1.0
    """Seconds to wait before the second attempt."""
    factor: _Factor = 2.0
    """How much longer each further wait is than the one before."""
    max_backoff_s: NonNegative = 60.0
    """Seconds that no wait exceeds."""
    jitter: Rate = 0.5
    """The share of each wait that is left to chance, drawn from the run's seed: 0 for none, 1 for all of it."""
    codes: tuple[_Code, ...] = RETRIED_CODES
    """The failure codes to try again after; '*' is any."""

    @model_validator(mode="after")
    def _can_wait(self) -> Self:
        if self.backoff_s > self.max_backoff_s:
            longest = f"backoff_s {self.backoff_s:g} is more than max_backoff_s {self.max_backoff_s:g}"
            raise CrossFieldError(f"{longest}; no wait would be that long", "backoff_s")
        return self
