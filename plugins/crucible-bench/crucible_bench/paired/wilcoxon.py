"""The Wilcoxon signed rank test, exact under ties, with the Hodges-Lehmann pseudomedian."""

from __future__ import annotations

import math
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from crucible_bench.description import describe_sample
from crucible_bench.effects.order_statistics import PairwiseOrder
from crucible_bench.effects.ranks import matched_rank_biserial
from crucible_bench.errors import BenchError
from crucible_bench.paired.differences import paired_differences
from crucible_bench.question import DEFAULT_NAMES, Question, ask
from crucible_bench.rank_method import rank_method, use_exact
from crucible_bench.records import Estimate, Interval, Result
from crucible_bench.resampling.rank_law import lowest_limit, signed_rank_law, tails
from crucible_bench.samples import as_pair
from crucible_bench.two_groups.mann_whitney import unattainable
from crucible_bench.wording import difference_sentence

if TYPE_CHECKING:
    from crucible_bench.samples import Array

MOST_EXACT = 200
"""Up to this many pairs the exact distribution is counted."""

TITLE = "The Wilcoxon signed rank test"


class ZeroMethod(StrEnum):
    """What becomes of pairs without a difference: dropped before ranking, after (Pratt 1959), or split evenly."""

    WILCOX = "wilcox"
    PRATT = "pratt"
    SPLIT = "split"


def wilcoxon(
    first: Any,
    second: Any,
    *,
    method: str = "auto",
    zeros: str = "wilcox",
    alternative: str = "two-sided",
    alpha: float = 0.05,
    names: tuple[str, str] = DEFAULT_NAMES,
) -> Result:
    """Test whether paired differences are symmetric about zero (Wilcoxon 1945).

    Args:
        first: Array-like of shape (n,), n >= 2.
        second: Array-like of shape (n,), paired with first.
        method: `exact` (the sign-flip distribution of the mid-ranks, ties included), `asymptotic` (normal, corrected
            for ties and continuity), or `auto`: exact up to 200 pairs.
        zeros: `wilcox` drops zero differences before ranking, `pratt` after; `split` ranks them and gives half of their
            ranks to either side (Demsar 2006, p. 7), with the p-value of `pratt`.
        alternative: `two-sided`, `greater` (first is higher) or `less`.
        alpha: Significance level; intervals have level 1 - alpha.
        names: What to call the groups.

    Returns:
        The result; statistic: R+, the ranks of pairs that first wins; estimate: Hodges-Lehmann pseudomedian of all
        differences; effect size: matched-pairs rank-biserial correlation. Zero differences throughout give p = 1.

    Raises:
        BenchError: `unknown_method`, `infeasible`, and what `as_pair` and `ask` raise.
    """
    question = ask(alternative, alpha, names)
    samples = as_pair(first, second, question.names)
    differences = paired_differences(*samples)
    signed, shared = _signed_ranks(differences, _zero_method(zeros))
    exact = use_exact(rank_method(method), differences.size, MOST_EXACT)
    r_plus, r_minus = float(signed[signed > 0].sum()), float(-signed[signed < 0].sum())
    p_value = question.p_value(*_tails(signed, r_plus, exact=exact))
    estimate = _pseudomedian(differences, question, exact=exact)
    return Result(
        test="wilcoxon",
        title=TITLE,
        statistic_name="R+",
        statistic=r_plus + shared,
        df=(),
        p_value=p_value,
        alternative=question.alternative,
        alpha=question.alpha,
        estimate=estimate,
        effect_size=matched_rank_biserial(signed, question),
        groups=tuple(describe_sample(*each, question.alpha) for each in zip(samples, question.names, strict=True)),
        method="exact distribution of the mid-ranks" if exact else "normal, corrected for ties and continuity",
        assumptions=("pairs are independent of each other", "differences are symmetric about their median"),
        flags=_flags(differences, signed),
        details={"r_plus": r_plus + shared, "r_minus": r_minus + shared},
        interpretation=difference_sentence(TITLE, question, p_value, estimate),
    )


def _zero_method(name: str) -> ZeroMethod:
    try:
        return ZeroMethod(str(name).lower())
    except ValueError:
        raise BenchError("unknown_method", f"zeros is {name!r}; choose one of {', '.join(ZeroMethod)}") from None


def _signed_ranks(differences: Array, zeros: ZeroMethod) -> tuple[Array, float]:
    """Return mid-ranks of the non-zero differences with their signs, and the rank sum that zeros give each side."""
    import numpy as np
    from scipy import stats

    kept = differences[differences != 0] if zeros is ZeroMethod.WILCOX else differences
    ranks = stats.rankdata(np.abs(kept))
    shared = float(ranks[kept == 0].sum()) / 2 if zeros is ZeroMethod.SPLIT else 0.0
    signed: Array = np.copysign(ranks, kept)[kept != 0]
    return signed, shared


def _tails(signed: Array, r_plus: float, *, exact: bool) -> tuple[float, float]:
    """Return P(R+ <= r) and P(R+ >= r) when signs are fair coins."""
    import numpy as np
    from scipy import stats

    if signed.size == 0:
        return 1.0, 1.0
    ranks = np.abs(signed)
    if exact:
        return tails(signed_rank_law(ranks), 2 * r_plus)
    deviation, sd = r_plus - float(ranks.sum()) / 2, math.sqrt(float((ranks**2).sum()) / 4)
    return float(stats.norm.cdf((deviation + 0.5) / sd)), float(stats.norm.sf((deviation - 0.5) / sd))


def _flags(differences: Array, signed: Array) -> tuple[str, ...]:
    import numpy as np

    if signed.size == 0:
        return ("all paired differences are zero",)
    zeros, distinct = int((differences == 0).sum()), np.unique(np.abs(signed)).size
    return (
        *((f"{zeros} of {differences.size} paired differences are zero",) if zeros else ()),
        *((f"ties: {signed.size} non-zero differences take {distinct} sizes",) if distinct < signed.size else ()),
    )


def _pseudomedian(differences: Array, question: Question, *, exact: bool) -> Estimate:
    """Estimate the median of all averages of two differences, with the interval that inverts the test.

    Source: Hodges and Lehmann 1963; Hollander, Wolfe and Chicken 2014, sections 3.2 and 3.3.
    """
    order = PairwiseOrder(differences / 2, differences / 2, within=True)
    n = differences.size
    low = high = None
    reason = question.unbounded
    if question.lower_tail is not None:
        rank = _limit_rank(n, question.lower_tail, exact=exact)
        low = order.at(rank) if rank else None
        reason = reason if rank else unattainable(question.level, n)
    if question.upper_tail is not None:
        rank = _limit_rank(n, question.upper_tail, exact=exact)
        high = order.at(order.size + 1 - rank) if rank else None
        reason = reason if rank else unattainable(question.level, n)
    method = "Hodges-Lehmann interval, " + ("exact" if exact else "normal approximation")
    return Estimate("pseudomedian", order.median, Interval(low, high, question.level, method, reason))


def _limit_rank(n: int, tail: float, *, exact: bool) -> int:
    """Return which of the ordered averages is the limit, 0 if none reaches the level."""
    import numpy as np
    from scipy import stats

    if exact:
        return lowest_limit(signed_rank_law(np.arange(1.0, n + 1)), tail, 0.0)
    sd = math.sqrt(n * (n + 1) * (2 * n + 1) / 24)
    return max(0, math.floor(n * (n + 1) / 4 + 0.5 - float(stats.norm.isf(tail)) * sd))
