"""Sign-flip permutation test of a paired mean difference."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from crucible_bench.description import describe_sample
from crucible_bench.effects.proportions import paired_risk_difference
from crucible_bench.effects.standardized import cohens_dz
from crucible_bench.paired.differences import paired_differences
from crucible_bench.paired.sign import cross_table
from crucible_bench.paired.t_test import pair_flags
from crucible_bench.question import DEFAULT_NAMES, Question, ask
from crucible_bench.randomness import as_generator, checked_resamples
from crucible_bench.records import Estimate, Result
from crucible_bench.resampling.permutation_law import permutation_estimate
from crucible_bench.resampling.rearrangement import flip_signs
from crucible_bench.samples import as_pair, is_binary
from crucible_bench.wording import difference_sentence

if TYPE_CHECKING:
    import numpy as np

    from crucible_bench.samples import Array

TITLE = "The paired permutation test of the mean difference"


@dataclass(frozen=True)
class _Finding:
    p_value: float
    estimate: Estimate
    method: str
    resamples: int | None


def paired_permutation(
    first: Any,
    second: Any,
    *,
    rng: np.random.Generator | int,
    resamples: int = 9_999,
    alternative: str = "two-sided",
    alpha: float = 0.05,
    names: tuple[str, str] = DEFAULT_NAMES,
) -> Result:
    """Test whether paired differences are symmetric about zero, by their mean under flipped signs (Fisher 1935).

    All sign patterns are visited up to 16 pairs; binary scores are exact at any size (the binomial law); otherwise
    `resamples` random patterns are drawn and p = (count + 1) / (resamples + 1).

    Args:
        first: Array-like of shape (n,), n >= 2.
        second: Array-like of shape (n,), paired with first.
        rng: Generator or seed of the random patterns.
        resamples: Number of random patterns.
        alternative: `two-sided`, `greater` (first is higher) or `less`.
        alpha: Significance level; intervals have level 1 - alpha.
        names: What to call the groups.

    Returns:
        The result; estimate: mean difference with the interval that inverts the test (Newcombe's paired interval for
        binary scores); effect size: Cohen's d_z (for binary scores the risk difference).

    Raises:
        BenchError: `invalid_rng`, `invalid_resamples`, and what `as_pair` and `ask` raise.
    """
    question = ask(alternative, alpha, names)
    samples = as_pair(first, second, question.names)
    generator, seed = as_generator(rng)
    differences = paired_differences(*samples)
    binary = is_binary(*samples)
    draws = checked_resamples(resamples)
    found = _binary(samples, question) if binary else _general(differences, question, draws, generator)
    return Result(
        test="paired_permutation",
        title=TITLE,
        statistic_name="mean difference",
        statistic=found.estimate.value,
        df=(),
        p_value=found.p_value,
        alternative=question.alternative,
        alpha=question.alpha,
        estimate=found.estimate,
        effect_size=found.estimate if binary else cohens_dz(differences, question),
        groups=tuple(describe_sample(*each, question.alpha) for each in zip(samples, question.names, strict=True)),
        method=found.method,
        assumptions=(
            "pairs are independent of each other",
            "under the null hypothesis differences are symmetric about zero",
        ),
        flags=pair_flags(differences),
        interpretation=difference_sentence(TITLE, question, found.p_value, found.estimate),
        resamples=found.resamples,
        seed=None if found.resamples is None else seed,
    )


def _general(differences: Array, question: Question, resamples: int, rng: np.random.Generator) -> _Finding:
    law = flip_signs(differences, resamples, rng)
    method = f"all {law.total} sign patterns" if law.exact else f"{resamples} random sign patterns"
    p_value = question.p_value(*law.one_sided())
    return _Finding(p_value, permutation_estimate(law, question), method, None if law.exact else resamples)


def _binary(samples: tuple[Array, Array], question: Question) -> _Finding:
    """Count exactly: the flipped signs of the discordant pairs are binomial, as in McNemar's exact test."""
    from scipy import stats

    table = cross_table(*samples)
    law = stats.binom(table[0][1] + table[1][0], 0.5)
    p_value = question.p_value(float(law.cdf(table[0][1])), float(law.sf(table[0][1] - 1)))
    return _Finding(p_value, paired_risk_difference(table, question), "binomial law, exact", None)
