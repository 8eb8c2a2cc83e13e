"""The Mann-Whitney test, exact under ties, with the Hodges-Lehmann shift."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from crucible_bench.description import describe_sample
from crucible_bench.effects.order_statistics import PairwiseOrder
from crucible_bench.effects.ranks import rank_biserial
from crucible_bench.question import DEFAULT_NAMES, Question, ask
from crucible_bench.rank_method import RankMethod, rank_method, use_exact
from crucible_bench.records import Estimate, Interval, Result
from crucible_bench.resampling.rank_law import lowest_limit, rank_sum_law, tails
from crucible_bench.samples import as_sample
from crucible_bench.wording import difference_sentence

if TYPE_CHECKING:
    from crucible_bench.samples import Array

MOST_EXACT = 100
"""Up to this many scores in both groups together, the exact distribution is counted."""

TITLE = "The Mann-Whitney test"


def mannwhitney(
    first: Any,
    second: Any,
    *,
    method: str = "auto",
    alternative: str = "two-sided",
    alpha: float = 0.05,
    names: tuple[str, str] = DEFAULT_NAMES,
) -> Result:
    """Test whether scores of one group tend to be higher than those of the other (Mann and Whitney 1947).

    Args:
        first: Array-like of shape (n1,), n1 >= 2.
        second: Array-like of shape (n2,), n2 >= 2.
        method: `exact` (the permutation distribution of the mid-ranks, ties included), `asymptotic` (normal, corrected
            for ties and continuity), or `auto`: exact up to 100 scores in all.
        alternative: `two-sided`, `greater` (first is higher) or `less`.
        alpha: Significance level; intervals have level 1 - alpha.
        names: What to call the groups.

    Returns:
        The result; statistic: U of first (pairs that first wins, ties one half); estimate: Hodges-Lehmann shift;
        effect size: rank-biserial correlation.

    Raises:
        BenchError: `unknown_method`, `infeasible`, and what `as_sample` and `ask` raise.
    """
    question = ask(alternative, alpha, names)
    samples = as_sample(first, question.names[0]), as_sample(second, question.names[1])
    return _result(samples, question, rank_method(method))


def _result(samples: tuple[Array, Array], question: Question, method: RankMethod) -> Result:
    n1, n2 = samples[0].size, samples[1].size
    ranks = _pooled_ranks(*samples)
    exact = use_exact(method, n1 + n2, MOST_EXACT)
    u = float(ranks[:n1].sum()) - n1 * (n1 + 1) / 2
    p_value = question.p_value(*(_exact_tails(ranks, n1) if exact else _normal_tails(ranks, n1)))
    estimate = _shift(samples, question, exact=exact)
    return Result(
        test="mannwhitney",
        title=TITLE,
        statistic_name="U",
        statistic=u,
        df=(),
        p_value=p_value,
        alternative=question.alternative,
        alpha=question.alpha,
        estimate=estimate,
        effect_size=rank_biserial(u, (n1, n2), question),
        groups=tuple(describe_sample(*each, question.alpha) for each in zip(samples, question.names, strict=True)),
        method="exact distribution of the mid-ranks" if exact else "normal, corrected for ties and continuity",
        assumptions=(
            "scores are independent within and between groups",
            "the shift and its interval take both groups to have the same shape",
        ),
        flags=_tie_flags(ranks),
        details={"u_second": n1 * n2 - u},
        interpretation=difference_sentence(TITLE, question, p_value, estimate),
    )


def _pooled_ranks(first: Array, second: Array) -> Array:
    """Return mid-ranks of all scores, first's first."""
    import numpy as np
    from scipy import stats

    ranks: Array = stats.rankdata(np.concatenate([first, second]))
    return ranks


def _exact_tails(ranks: Array, n1: int) -> tuple[float, float]:
    return tails(rank_sum_law(ranks, n1), 2 * float(ranks[:n1].sum()))


def _normal_tails(ranks: Array, n1: int) -> tuple[float, float]:
    """Return P(U <= u) and P(U >= u) from the normal distribution with the variance of the mid-ranks."""
    from scipy import stats

    n = ranks.size
    variance = n1 * (n - n1) / (n * (n - 1)) * float(((ranks - (n + 1) / 2) ** 2).sum())
    if variance == 0.0:  # every score is equal: every rearrangement gives this U
        return 1.0, 1.0
    deviation, sd = float(ranks[:n1].sum()) - n1 * (n + 1) / 2, math.sqrt(variance)
    return float(stats.norm.cdf((deviation + 0.5) / sd)), float(stats.norm.sf((deviation - 0.5) / sd))


def _tie_flags(ranks: Array) -> tuple[str, ...]:
    import numpy as np

    distinct = np.unique(ranks).size
    if distinct == 1:
        return ("all scores are equal",)
    return (
        (f"ties: {ranks.size} scores take {distinct} values; intervals are conservative",)
        if distinct < ranks.size
        else ()
    )


def _shift(samples: tuple[Array, Array], question: Question, *, exact: bool) -> Estimate:
    """Estimate the median of all differences first minus second, with the interval that inverts the test.

    Source: Hodges and Lehmann 1963; Hollander, Wolfe and Chicken 2014, sections 4.2 and 4.3.
    """
    first, second = samples
    order = PairwiseOrder(first, -second)
    sizes = first.size, second.size
    low = high = None
    reason = question.unbounded
    if question.lower_tail is not None:
        rank = _limit_rank(sizes, question.lower_tail, exact=exact)
        low = order.at(rank) if rank else None
        reason = reason if rank else unattainable(question.level, sum(sizes))
    if question.upper_tail is not None:
        rank = _limit_rank(sizes, question.upper_tail, exact=exact)
        high = order.at(order.size + 1 - rank) if rank else None
        reason = reason if rank else unattainable(question.level, sum(sizes))
    method = "Hodges-Lehmann interval, " + ("exact" if exact else "normal approximation")
    return Estimate("location_shift", order.median, Interval(low, high, question.level, method, reason))


def _limit_rank(sizes: tuple[int, int], tail: float, *, exact: bool) -> int:
    """Return which of the ordered differences is the limit, 0 if none reaches the level."""
    import numpy as np
    from scipy import stats

    n1, n2 = sizes
    if exact:
        law = rank_sum_law(np.arange(1.0, n1 + n2 + 1), n1)
        return lowest_limit(law, tail, n1 * (n1 + 1) / 2)
    sd = math.sqrt(n1 * n2 * (n1 + n2 + 1) / 12)
    return max(0, math.floor(n1 * n2 / 2 + 0.5 - float(stats.norm.isf(tail)) * sd))


def unattainable(level: float, n: int) -> str:
    """Say that so few scores cannot support the level."""
    return f"{n} scores cannot support a level of {level:g}"
