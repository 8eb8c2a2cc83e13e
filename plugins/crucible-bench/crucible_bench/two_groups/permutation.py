"""Permutation test of a mean difference."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from crucible_bench.description import describe_sample
from crucible_bench.effects.proportions import risk_difference
from crucible_bench.effects.standardized import hedges_g
from crucible_bench.question import DEFAULT_NAMES, Question, ask
from crucible_bench.randomness import as_generator, checked_resamples
from crucible_bench.records import Estimate, Result
from crucible_bench.resampling.permutation_law import permutation_estimate
from crucible_bench.resampling.rearrangement import exchange_groups
from crucible_bench.samples import as_sample, is_binary
from crucible_bench.two_groups.t_tests import constant_flags
from crucible_bench.wording import difference_sentence

if TYPE_CHECKING:
    import numpy as np

    from crucible_bench.samples import Array

TITLE = "The permutation test of the mean difference"


@dataclass(frozen=True)
class _Finding:
    p_value: float
    estimate: Estimate
    method: str
    resamples: int | None


def permutation(
    first: Any,
    second: Any,
    *,
    rng: np.random.Generator | int,
    resamples: int = 9_999,
    alternative: str = "two-sided",
    alpha: float = 0.05,
    names: tuple[str, str] = DEFAULT_NAMES,
) -> Result:
    """Test whether two independent groups come from one distribution, by the difference of their means.

    All rearrangements are visited where there are at most 65,536; binary scores are exact at any size (the
    hypergeometric law); otherwise `resamples` random ones are drawn and p = (count + 1) / (resamples + 1). Two-sided
    p-values are twice the smaller tail.

    Args:
        first: Array-like of shape (n1,), n1 >= 2.
        second: Array-like of shape (n2,), n2 >= 2.
        rng: Generator or seed of the random rearrangements.
        resamples: Number of random rearrangements.
        alternative: `two-sided`, `greater` (first is higher) or `less`.
        alpha: Significance level; intervals have level 1 - alpha.
        names: What to call the groups.

    Returns:
        The result; estimate: mean difference with the interval that inverts the test (Newcombe's for binary scores);
        effect size: Hedges g (for binary scores the risk difference).

    Raises:
        BenchError: `invalid_rng`, `invalid_resamples`, and what `as_sample` and `ask` raise.
    """
    question = ask(alternative, alpha, names)
    samples = as_sample(first, question.names[0]), as_sample(second, question.names[1])
    generator, seed = as_generator(rng)
    binary = is_binary(*samples)
    draws = checked_resamples(resamples)
    found = _binary(samples, question) if binary else _general(samples, question, draws, generator)
    return Result(
        test="permutation",
        title=TITLE,
        statistic_name="mean difference",
        statistic=found.estimate.value,
        df=(),
        p_value=found.p_value,
        alternative=question.alternative,
        alpha=question.alpha,
        estimate=found.estimate,
        effect_size=found.estimate if binary else hedges_g(*samples, question),
        groups=tuple(describe_sample(*each, question.alpha) for each in zip(samples, question.names, strict=True)),
        method=found.method,
        assumptions=(
            "under the null hypothesis the labels of the groups are exchangeable",
            "the interval takes the groups to differ by a shift alone",
        )[: 1 if binary else 2],
        flags=constant_flags(samples, question),
        interpretation=difference_sentence(TITLE, question, found.p_value, found.estimate),
        resamples=found.resamples,
        seed=None if found.resamples is None else seed,
    )


def _general(samples: tuple[Array, Array], question: Question, resamples: int, rng: np.random.Generator) -> _Finding:
    law = exchange_groups(*samples, resamples, rng)
    p_value = question.p_value(*law.one_sided())
    method = f"all {law.total} rearrangements" if law.exact else f"{resamples} random rearrangements"
    return _Finding(p_value, permutation_estimate(law, question), method, None if law.exact else resamples)


def _binary(samples: tuple[Array, Array], question: Question) -> _Finding:
    """Count exactly: the successes that fall to the first group are hypergeometric (Fisher 1935)."""
    from scipy import stats

    sizes = samples[0].size, samples[1].size
    successes = int(samples[0].sum()), int(samples[1].sum())
    law = stats.hypergeom(sum(sizes), sum(successes), sizes[0])
    p_value = question.p_value(float(law.cdf(successes[0])), float(law.sf(successes[0] - 1)))
    return _Finding(p_value, risk_difference(successes, sizes, question), "hypergeometric law, exact", None)
