"""The bootstrap distribution of a mean or a mean difference, and what follows from it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from crucible_bench.errors import BenchError
from crucible_bench.records import Interval
from crucible_bench.resampling.rearrangement import chunk_sizes
from crucible_bench.resampling.small_samples import SmallSamples, of_groups, of_sample

if TYPE_CHECKING:
    import numpy as np

    from crucible_bench.question import Question
    from crucible_bench.samples import Array

_MOST_LEVELS = 64
_FEW = 20


class BootstrapMethod(StrEnum):
    """How limits are read off the bootstrap distribution."""

    EXPANDED = "expanded"
    PERCENTILE = "percentile"
    BCA = "bca"


def bootstrap_method(name: str) -> BootstrapMethod:
    """Look up a method by name.

    Raises:
        BenchError: `unknown_method`.
    """
    try:
        return BootstrapMethod(str(name).lower())
    except ValueError:
        known = ", ".join(BootstrapMethod)
        raise BenchError("unknown_method", f"bootstrap method {name!r} is not one of {known}") from None


_NAMES = {
    BootstrapMethod.EXPANDED: "percentile, expanded",
    BootstrapMethod.PERCENTILE: "percentile",
    BootstrapMethod.BCA: "BCa",
}


def few_flags(n: int, method: BootstrapMethod) -> tuple[str, ...]:
    """Warn of small samples, which the bootstrap takes for the whole population."""
    if n >= _FEW:
        return ()
    if method is BootstrapMethod.EXPANDED:
        return (f"only {n} scores: if they are very skewed, bootstrap intervals are too narrow",)
    return (f"only {n} scores: bootstrap intervals are too narrow and p-values too small",)


@dataclass(frozen=True)
class BootstrapLaw:
    """The bootstrap distribution of an estimate.

    Attributes:
        observed: The estimate.
        resampled: Shape (b,), the estimate on each resample, sorted.
        acceleration: Efron's a, from the jackknife.
        scale: Largest absolute score, for comparing within rounding error.
        small: What the size of the samples makes of the levels.
    """

    observed: float
    resampled: Array
    acceleration: float
    scale: float
    small: SmallSamples

    @property
    def degenerate(self) -> bool:
        """Tell whether resampling changes nothing (constant scores)."""
        return bool(self.resampled[-1] - self.resampled[0] <= 1e-12 * self.scale)

    @property
    def bias_correction(self) -> float:
        """Return Efron's z0; infinite if the estimate lies outside its bootstrap distribution."""
        from scipy import special

        slack = 1e-12 * self.scale  # resamples that equal the estimate but for rounding count half, as ties do
        below = (self.resampled < self.observed - slack).mean() + (self.resampled <= self.observed + slack).mean()
        return float(special.ndtri(below / 2))

    def undefined(self, method: BootstrapMethod, question: Question) -> str | None:
        """Say why there is no interval, None if there is one."""
        if self.degenerate:
            return "every resample gives the same estimate"
        if reason := self.small.unsupported(question, expanded=method is BootstrapMethod.EXPANDED):
            return reason
        if method is BootstrapMethod.BCA and not math.isfinite(self.bias_correction):
            return "the estimate lies outside its bootstrap distribution"
        return None

    def interval(self, method: BootstrapMethod, question: Question) -> Interval:
        """Return percentile limits, expanded or not, or BCa limits (Efron and Tibshirani 1993, sections 13.3, 14.3)."""
        import numpy as np

        name = f"bootstrap, {_NAMES[method]}"
        if reason := self.undefined(method, question):
            return Interval(None, None, question.level, name, reason)
        levels = question.lower_tail, None if question.upper_tail is None else 1.0 - question.upper_tail
        low, high = (
            None if level is None else float(np.quantile(self.resampled, self._adjusted(level, method)))
            for level in levels
        )
        return Interval(low, high, question.level, name, question.unbounded)

    def _adjusted(self, level: float, method: BootstrapMethod) -> float:
        if method is BootstrapMethod.PERCENTILE:
            return level
        if method is BootstrapMethod.EXPANDED:
            return self.small.expanded(level)
        from scipy import special

        z0 = self.bias_correction
        shifted = z0 + float(special.ndtri(level))
        return float(special.ndtr(z0 + shifted / (1.0 - self.acceleration * shifted)))

    def one_sided(self, method: BootstrapMethod) -> tuple[float, float]:
        """Return the p-values against `less` and `greater` by inverting the interval at 0; at least 1 / (b + 1)."""
        slack = 1e-12 * self.scale
        total = self.resampled.size + 1
        below = (int((self.resampled <= slack).sum()) + 1) / total
        above = (int((self.resampled >= -slack).sum()) + 1) / total
        if method is BootstrapMethod.PERCENTILE:
            return above, below
        if method is BootstrapMethod.EXPANDED:
            return self.small.contracted(above), self.small.contracted(below)
        return 1.0 - self._level_at(1.0 - above, total), self._level_at(below, total)

    def _level_at(self, share: float, total: int) -> float:
        """Return the nominal level whose BCa limit lies at a share of the bootstrap distribution."""
        from scipy import special

        z0 = self.bias_correction
        offset = float(special.ndtri(min(1.0 - 1.0 / total, max(1.0 / total, share)))) - z0
        denominator = 1.0 + self.acceleration * offset
        level = float(special.ndtr(offset / denominator - z0)) if denominator > 0.0 else float(offset > 0.0)
        return min(1.0 - 1.0 / total, max(1.0 / total, level))


def bootstrap_difference(first: Array, second: Array, resamples: int, rng: np.random.Generator) -> BootstrapLaw:
    """Resample two independent groups, each by itself, and take the difference of the means."""
    import numpy as np

    resampled = _resampled_means(first, resamples, rng) - _resampled_means(second, resamples, rng)
    scale = float(max(np.abs(first).max(), np.abs(second).max()))
    observed = float(first.mean() - second.mean())
    return BootstrapLaw(observed, np.sort(resampled), _acceleration(first, -second), scale, of_groups(first, second))


def bootstrap_mean(sample: Array, resamples: int, rng: np.random.Generator) -> BootstrapLaw:
    """Resample one group (for pairs: their differences) and take the mean."""
    import numpy as np

    resampled = np.sort(_resampled_means(sample, resamples, rng))
    scale = float(np.abs(sample).max())
    return BootstrapLaw(float(sample.mean()), resampled, _acceleration(sample), scale, of_sample(sample))


def _resampled_means(sample: Array, resamples: int, rng: np.random.Generator) -> Array:
    """Draw means of resamples; scores with few levels by a multinomial draw of counts, which has the same law."""
    import numpy as np

    levels, counts = np.unique(sample, return_counts=True)
    if levels.size <= min(_MOST_LEVELS, sample.size // 2):
        drawn = rng.multinomial(sample.size, counts / sample.size, size=resamples)
        return np.asarray(drawn @ levels / sample.size, dtype=np.float64)
    chunks = [
        sample[rng.integers(0, sample.size, size=(count, sample.size))].mean(axis=1)
        for count in chunk_sizes(resamples, sample.size)
    ]
    return np.concatenate(chunks)


def _acceleration(*samples: Array) -> float:
    """Return Efron's a of a sum of means: for a mean the jackknife values are known in closed form."""
    deviations = [(sample - sample.mean(), sample.size) for sample in samples]
    third = sum(float((each**3).sum()) / n**3 for each, n in deviations)
    second = sum(float((each**2).sum()) / n**2 for each, n in deviations)
    return 0.0 if second <= 0.0 else third / (6.0 * second**1.5)
