"""Bootstrap of a mean difference."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crucible_bench.description import describe_sample
from crucible_bench.effects.mean_difference import NO_SPREAD
from crucible_bench.effects.standardized import hedges_g
from crucible_bench.question import DEFAULT_NAMES, ask
from crucible_bench.randomness import as_generator, checked_resamples
from crucible_bench.records import Estimate, Result
from crucible_bench.resampling.bootstrap_law import bootstrap_difference, bootstrap_method, few_flags
from crucible_bench.samples import as_sample
from crucible_bench.two_groups.t_tests import constant_flags
from crucible_bench.wording import difference_sentence

if TYPE_CHECKING:
    import numpy as np

TITLE = "The bootstrap of the mean difference"


def bootstrap(
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
    """Bootstrap the difference of the means of two independent groups (Efron and Tibshirani 1993).

    The p-value inverts the interval: it is the smallest alpha at which the interval leaves out 0.

    Args:
        first: Array-like of shape (n1,), n1 >= 2.
        second: Array-like of shape (n2,), n2 >= 2.
        rng: Generator or seed of the resamples.
        method: `expanded` (percentiles as far out as the size of the samples asks for, Hesterberg 2015), `percentile`
            or `bca` (bias-corrected and accelerated), both of which claim too much of small samples.
        resamples: Number of resamples.
        alternative: `two-sided`, `greater` (first is higher) or `less`.
        alpha: Significance level; intervals have level 1 - alpha.
        names: What to call the groups.

    Returns:
        The result; effect size: Hedges g. Two constant groups give no p-value, with a reason;
        neither do groups too small for the level, at 0.05 three scores each.

    Raises:
        BenchError: `unknown_method`, `invalid_rng`, `invalid_resamples`, and what `as_sample` and `ask` raise.
    """
    question, kind = ask(alternative, alpha, names), bootstrap_method(method)
    samples = as_sample(first, question.names[0]), as_sample(second, question.names[1])
    generator, seed = as_generator(rng)
    law = bootstrap_difference(*samples, checked_resamples(resamples), generator)
    interval = law.interval(kind, question)
    estimate = Estimate("mean_difference", law.observed, interval)
    reason = NO_SPREAD if law.degenerate else law.undefined(kind, question)
    p_value = None if reason else question.p_value(*law.one_sided(kind))
    return Result(
        test="bootstrap",
        title=TITLE,
        statistic_name="mean difference",
        statistic=law.observed,
        df=(),
        p_value=p_value,
        alternative=question.alternative,
        alpha=question.alpha,
        estimate=estimate,
        effect_size=hedges_g(*samples, question),
        groups=tuple(describe_sample(*each, question.alpha) for each in zip(samples, question.names, strict=True)),
        method=f"inversion of the {interval.method} interval",
        assumptions=(
            "scores are independent within and between groups",
            "groups large enough to stand for what they sample",
        ),
        flags=(*constant_flags(samples, question), *few_flags(min(each.size for each in samples), kind)),
        interpretation=difference_sentence(TITLE, question, p_value, estimate, reason),
        reason=reason,
        resamples=resamples,
        seed=seed,
    )
