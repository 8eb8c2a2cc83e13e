"""Results as frozen values that turn into JSON."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from enum import Enum
from typing import Any, ClassVar


def json_value(value: Any) -> Any:
    """Turn dataclasses, enums, mappings and sequences into JSON values.

    Raises:
        ValueError: If a float is NaN or infinite: a result must say None and give a reason instead.
    """
    if is_dataclass(value) and not isinstance(value, type):
        names = [each.name for each in fields(value)] + list(getattr(value, "derived", ()))
        return {name: json_value(getattr(value, name)) for name in names}
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Mapping):
        return {str(key): json_value(each) for key, each in value.items()}
    if isinstance(value, tuple | list):
        return [json_value(each) for each in value]
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError(f"{value} is not a JSON value")
    return value


class Record:
    """What every result has: `to_dict`, with derived properties included."""

    derived: ClassVar[tuple[str, ...]] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return the result as plain JSON values (dict, list, str, float, int, bool, None)."""
        document: dict[str, Any] = json_value(self)
        return document


@dataclass(frozen=True)
class Interval(Record):
    """A confidence interval; a limit is None where there is none, and `reason` says why."""

    low: float | None
    high: float | None
    level: float
    method: str
    reason: str | None = None


@dataclass(frozen=True)
class Estimate(Record):
    """A number with its interval; the value is None where it is undefined, and `reason` says why."""

    name: str
    value: float | None
    interval: Interval
    reason: str | None = None


@dataclass(frozen=True)
class Description(Record):
    """One group: size, mean, standard deviation (n - 1), standard error and an interval for the mean."""

    name: str
    n: int
    mean: float
    sd: float | None
    standard_error: float | None
    minimum: float
    median: float
    maximum: float
    interval: Interval
    reason: str | None = None


@dataclass(frozen=True)
class Result(Record):
    """A hypothesis test with everything needed to report it.

    Attributes:
        test: Canonical name, a key of `TESTS`.
        title: The name in words.
        statistic_name: Symbol of the statistic.
        statistic: Its value; None where undefined.
        df: Degrees of freedom, empty where the test has none.
        p_value: None where undefined; `reason` says why.
        alternative: `two-sided`, `greater` or `less`, about first minus second.
        alpha: Significance level; every interval has level 1 - alpha.
        estimate: The difference in the units of the scores; None for more than two groups.
        effect_size: The standardised difference.
        groups: Each group described.
        method: How the p-value was computed.
        assumptions: What must hold for the p-value and the intervals.
        flags: What is unusual about these data.
        details: Further numbers that belong to the test.
        interpretation: One sentence that respects alpha.
        reason: Why there is no p-value.
        resamples: Number of random resamples drawn, None if none were.
        seed: The seed they came from, None if a generator was passed.
    """

    derived: ClassVar[tuple[str, ...]] = ("n", "significant")

    test: str
    title: str
    statistic_name: str
    statistic: float | None
    df: tuple[float, ...]
    p_value: float | None
    alternative: str
    alpha: float
    estimate: Estimate | None
    effect_size: Estimate
    groups: tuple[Description, ...]
    method: str
    assumptions: tuple[str, ...]
    interpretation: str
    flags: tuple[str, ...] = ()
    details: Mapping[str, float | None] = field(default_factory=dict)
    reason: str | None = None
    resamples: int | None = None
    seed: int | None = None

    @property
    def n(self) -> dict[str, int]:
        """Observations in each group."""
        return {group.name: group.n for group in self.groups}

    @property
    def significant(self) -> bool | None:
        """Whether the p-value is at most alpha; None without a p-value."""
        return None if self.p_value is None else self.p_value <= self.alpha
