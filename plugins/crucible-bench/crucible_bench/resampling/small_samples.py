"""How far the bootstrap of a mean is too sure of itself in small samples, and where it can say nothing."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from crucible_bench.question import Question
    from crucible_bench.samples import Array


@dataclass(frozen=True)
class SmallSamples:
    """What turns the level of a t interval into the level to read off the bootstrap distribution, and back.

    A resample spreads less than a sample: its variance divides by n, not n - 1. And the normal quantiles that
    percentiles imitate are smaller than those of t. Hesterberg (2015, The American Statistician 69:371) expands the
    percentiles by both.

    Attributes:
        ratio: Standard error over the standard deviation of the bootstrap distribution, above 1.
        df: Degrees of freedom of t (Satterthwaite's for two groups).
        rarest: Probability of the rarest resample: nothing rarer can be read off.
        arrangements: In how many ways a permutation test can arrange the same scores.
    """

    ratio: float
    df: float
    rarest: float
    arrangements: int

    def expanded(self, level: float) -> float:
        """Return the percentile that stands for a level.

        Example:
            >>> round(SmallSamples(math.sqrt(10 / 9), 9.0, 1e-10, 1024).expanded(0.025), 4)
            0.0085
        """
        from scipy import special, stats

        return float(special.ndtr(self.ratio * float(stats.t.ppf(level, self.df))))

    def contracted(self, share: float) -> float:
        """Return the level that a percentile stands for; the inverse of `expanded`."""
        from scipy import special, stats

        return float(stats.t.cdf(float(special.ndtri(max(share, self.rarest))) / self.ratio, self.df))

    def unsupported(self, question: Question, *, expanded: bool) -> str | None:
        """Say why there are too few scores for the level asked for, None if there are enough.

        Where all scores of one group are above all of the other, no resample contradicts them. That happens by chance
        in one of so many arrangements, so a rarer claim is not the bootstrap's to make.
        """
        tail = question.lower_tail or question.upper_tail or question.alpha
        if tail * self.arrangements < 1:
            return (
                f"so few scores can be arranged in {self.arrangements} ways only, "
                f"which cannot support a level of {question.level:g}"
            )
        if expanded and self.expanded(tail) < self.rarest:
            return f"so few scores have no resample rare enough for a level of {question.level:g}"
        return None


def of_groups(first: Array, second: Array) -> SmallSamples:
    """Return what holds for the difference of the means of two groups."""
    return _of((first, second), math.comb(first.size + second.size, first.size))


def of_sample(sample: Array) -> SmallSamples:
    """Return what holds for a mean; for pairs, whose differences it is given, the signs are what is rearranged."""
    return _of((sample,), 2**sample.size)


def _of(samples: tuple[Array, ...], arrangements: int) -> SmallSamples:
    parts = [float(((sample - sample.mean()) ** 2).sum()) / (sample.size - 1) / sample.size for sample in samples]
    if not sum(parts):
        parts = [1.0 / sample.size for sample in samples]  # constant scores: any value will do, nothing is read off
    shares = [part / sum(parts) for part in parts]
    ratio = sum(share * (sample.size - 1) / sample.size for share, sample in zip(shares, samples, strict=True)) ** -0.5
    df = 1.0 / sum(share**2 / (sample.size - 1) for share, sample in zip(shares, samples, strict=True))
    rarest = math.exp(-sum(sample.size * math.log(sample.size) for sample in samples))
    return SmallSamples(ratio, df, rarest, arrangements)
