"""Bootstrap of a paired mean difference."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crucible_bench.description import describe_sample
from crucible_bench.effects.mean_difference import NO_PAIR_SPREAD
from crucible_bench.effects.standardized import cohens_dz
from crucible_bench.paired.differences import paired_differences
from crucible_bench.paired.t_test import pair_flags
from crucible_bench.question import DEFAULT_NAMES, ask
from crucible_bench.randomness import as_generator, checked_resamples
from crucible_bench.records import Estimate, Result
from crucible_bench.resampling.bootstrap_law import bootstrap_mean, bootstrap_method, few_flags
from crucible_bench.samples import as_pair
from crucible_bench.wording import difference_sentence

if TYPE_CHECKING:
    import numpy as np

TITLE = "The paired bootstrap of the mean difference"


def paired_bootstrap(
    first: Any,
    second: Any,
    *,
    rng: np.random.Generator | int,
    method: str = "expanded",
    resamples: int = 9_999,
    alternative: str = "two-sided",
    alpha: float = 0.05,
    names: tuple[str, str] = DEFAULT_NAMES,
) -> Result:
    """Bootstrap the mean difference of paired scores, resampling pairs (Efron and Tibshirani 1993).

    The p-value inverts the interval: it is the smallest alpha at which the interval leaves out 0.

    Args:
        first: Array-like of shape (n,), n >= 2.
        second: Array-like of shape (n,), paired with first.
        rng: Generator or seed of the resamples.
        method: `expanded` (percentiles as far out as the size of the samples asks for, Hesterberg 2015), `percentile`
            or `bca` (bias-corrected and accelerated), both of which claim too much of small samples.
        resamples: Number of resamples.
        alternative: `two-sided`, `greater` (first is higher) or `less`.
        alpha: Significance level; intervals have level 1 - alpha.
        names: What to call the groups.

    Returns:
        The result; effect size: Cohen's d_z. Equal differences throughout give no p-value, with a reason;
        neither do too few pairs for the level, at 0.05 five.

    Raises:
        BenchError: `unknown_method`, `invalid_rng`, `invalid_resamples`, and what `as_pair` and `ask` raise.
    """
    question, kind = ask(alternative, alpha, names), bootstrap_method(method)
    samples = as_pair(first, second, question.names)
    generator, seed = as_generator(rng)
    differences = paired_differences(*samples)
    law = bootstrap_mean(differences, checked_resamples(resamples), generator)
    interval = law.interval(kind, question)
    estimate = Estimate("mean_difference", law.observed, interval)
    reason = NO_PAIR_SPREAD if law.degenerate else law.undefined(kind, question)
    p_value = None if reason else question.p_value(*law.one_sided(kind))
    return Result(
        test="paired_bootstrap",
        title=TITLE,
        statistic_name="mean difference",
        statistic=law.observed,
        df=(),
        p_value=p_value,
        alternative=question.alternative,
        alpha=question.alpha,
        estimate=estimate,
        effect_size=cohens_dz(differences, question),
        groups=tuple(describe_sample(*each, question.alpha) for each in zip(samples, question.names, strict=True)),
        method=f"inversion of the {interval.method} interval",
        assumptions=("pairs are independent of each other", "enough pairs to stand for what they sample"),
        flags=(*pair_flags(differences), *few_flags(differences.size, kind)),
        interpretation=difference_sentence(TITLE, question, p_value, estimate, reason),
        reason=reason,
        resamples=resamples,
        seed=seed,
    )
