"""The Kruskal-Wallis test."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crucible_bench.description import describe_sample
from crucible_bench.effects.variance_explained import METHOD, share_interval, undefined_share
from crucible_bench.question import checked_alpha
from crucible_bench.records import Estimate, Result
from crucible_bench.samples import as_groups
from crucible_bench.wording import estimate_words, omnibus_sentence

if TYPE_CHECKING:
    from crucible_bench.samples import Array

TITLE = "The Kruskal-Wallis test"


def kruskal(groups: Any, *, alpha: float = 0.05) -> Result:
    """Test whether scores of some independent group tend to be higher than those of others (Kruskal and Wallis 1952).

    Args:
        groups: Mapping of name to scores, or sequence of scores; at least two groups of at least two.
        alpha: Significance level; intervals have level 1 - alpha.

    Returns:
        The result; statistic: H corrected for ties; effect size: epsilon squared H / (N - 1), the share of the variance
        of the ranks, with the interval of the F test on the ranks (Conover and Iman 1981), approximate. Scores that are
        all equal give p = 1.

    Raises:
        BenchError: `invalid_alpha`, and what `as_groups` raises.
    """
    from scipy import stats

    samples, level = as_groups(groups), checked_alpha(alpha)
    h, ties = _h_statistic(list(samples.values()))
    df = float(len(samples) - 1)
    p_value = float(stats.chi2.sf(h, df))
    effect = _epsilon_squared(h, df, sum(each.size for each in samples.values()), level, all_tied=ties is None)
    return Result(
        test="kruskal",
        title=TITLE,
        statistic_name="H",
        statistic=h,
        df=(df,),
        p_value=p_value,
        alternative="two-sided",
        alpha=level,
        estimate=None,
        effect_size=effect,
        groups=tuple(describe_sample(each, name, level) for name, each in samples.items()),
        method="chi-square distribution, corrected for ties",
        assumptions=("scores are independent within and between groups", "at least about five scores in each group"),
        flags=("all scores are equal",) if ties is None else ties,
        interpretation=omnibus_sentence(TITLE, "groups", level, p_value, estimate_words(effect), None),
    )


def _h_statistic(samples: list[Array]) -> tuple[float, tuple[str, ...] | None]:
    """Return H and a flag on ties; 0 and None if all scores are equal."""
    import numpy as np
    from scipy import stats

    ranks = stats.rankdata(np.concatenate(samples))
    n, distinct = ranks.size, np.unique(ranks).size
    if distinct == 1:
        return 0.0, None
    ends = np.cumsum([each.size for each in samples])
    parts = np.split(ranks, ends[:-1])
    between = sum(part.size * (float(part.mean()) - (n + 1) / 2) ** 2 for part in parts)
    variance = float(((ranks - (n + 1) / 2) ** 2).sum()) / (n - 1)
    return between / variance, (f"ties: {n} scores take {distinct} values",) if distinct < n else ()


def _epsilon_squared(h: float, df: float, total: int, alpha: float, *, all_tied: bool) -> Estimate:
    if all_tied:
        return undefined_share("epsilon_squared", alpha, "all scores are equal: there is no variance to explain")
    value, error_df = h / (total - 1), total - df - 1
    if value >= 1.0 - 1e-12:
        return undefined_share("epsilon_squared", alpha, "ranks do not vary within groups: F on the ranks is infinite")
    f = (value / df) / ((1.0 - value) / error_df)
    interval = share_interval(f, (df, error_df), total, alpha, f"{METHOD} of F on the ranks, approximate")
    return Estimate("epsilon_squared", value, interval)
