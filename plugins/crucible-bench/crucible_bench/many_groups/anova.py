"""One-way analysis of variance, Fisher's and Welch's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from crucible_bench.description import describe_sample
from crucible_bench.effects.variance_explained import (
    METHOD,
    epsilon_squared,
    eta_squared,
    omega_squared,
    share_interval,
    undefined_share,
)
from crucible_bench.question import checked_alpha
from crucible_bench.records import Estimate, Result
from crucible_bench.samples import as_groups, is_constant
from crucible_bench.wording import estimate_words, omnibus_sentence

if TYPE_CHECKING:
    from crucible_bench.samples import Array

_INDEPENDENT = "scores are independent within and between groups"
_NORMAL = "group means are normally distributed (normal scores, or large groups)"


@dataclass(frozen=True)
class _FTest:
    statistic: float | None
    df: tuple[float, float]
    reason: str | None = None


def anova(groups: Any, *, alpha: float = 0.05) -> Result:
    """Test whether independent groups of equal variance have the same mean (Fisher 1925).

    Args:
        groups: Mapping of name to scores, or sequence of scores; at least two groups of at least two.
        alpha: Significance level; intervals have level 1 - alpha.

    Returns:
        The result; effect size: omega squared with Steiger's interval; details: eta and epsilon squared. Constant
        groups give no p-value, with a reason.

    Raises:
        BenchError: `invalid_alpha`, and what `as_groups` raises.
    """
    samples, level = as_groups(groups), checked_alpha(alpha)
    assumptions = (_INDEPENDENT, _NORMAL, "all groups have the same variance")
    return _result("anova", "The one-way analysis of variance", _fisher(samples), samples, level, assumptions)


def welch_anova(groups: Any, *, alpha: float = 0.05) -> Result:
    """Test whether independent groups have the same mean, whatever their variances (Welch 1951).

    Arguments, result and errors are those of `anova`. The effect size follows from Welch's F, and its interval is
    approximate. One constant group is enough to leave no p-value, since it would weigh infinitely.
    """
    samples, level = as_groups(groups), checked_alpha(alpha)
    return _result(
        "welch_anova", "Welch's analysis of variance", _welch(samples), samples, level, (_INDEPENDENT, _NORMAL)
    )


def _fisher(samples: dict[str, Array]) -> _FTest:
    total = sum(each.size for each in samples.values())
    df = float(len(samples) - 1), float(total - len(samples))
    if all(is_constant(each) for each in samples.values()):
        return _FTest(None, df, "all scores within each group are equal, so there is no spread to judge by")
    # Means are taken from a common origin: it loses fewer digits than the raw scores do.
    origin = float(next(iter(samples.values()))[0])
    shifted = [each - origin for each in samples.values()]
    grand = sum(float(each.sum()) for each in shifted) / total
    between = sum(each.size * (float(each.mean()) - grand) ** 2 for each in shifted)
    within = sum(float(((each - each.mean()) ** 2).sum()) for each in shifted)
    return _FTest((between / df[0]) / (within / df[1]), df)


def _welch(samples: dict[str, Array]) -> _FTest:
    k = len(samples)
    constant = [name for name, each in samples.items() if is_constant(each)]
    if constant:
        return _FTest(
            None, (float(k - 1), 0.0), f"all scores of {constant[0]} are equal, so it has no variance to weigh it by"
        )
    weights = [each.size / float(each.var(ddof=1)) for each in samples.values()]
    total = sum(weights)
    centre = sum(weight * float(each.mean()) for weight, each in zip(weights, samples.values(), strict=True)) / total
    between = sum(
        weight * (float(each.mean()) - centre) ** 2 for weight, each in zip(weights, samples.values(), strict=True)
    )
    spread = sum(
        (1 - weight / total) ** 2 / (each.size - 1) for weight, each in zip(weights, samples.values(), strict=True)
    )
    f = (between / (k - 1)) / (1 + 2 * (k - 2) / (k**2 - 1) * spread)
    return _FTest(f, (float(k - 1), (k**2 - 1) / (3 * spread)))


def _result(
    test: str, title: str, found: _FTest, samples: dict[str, Array], alpha: float, assumptions: tuple[str, ...]
) -> Result:
    from scipy import stats

    p_value = None if found.statistic is None else float(stats.f.sf(found.statistic, *found.df))
    effect = _effect(found, sum(each.size for each in samples.values()), alpha, exact=test == "anova")
    return Result(
        test=test,
        title=title,
        statistic_name="F",
        statistic=found.statistic,
        df=found.df,
        p_value=p_value,
        alternative="two-sided",
        alpha=alpha,
        estimate=None,
        effect_size=effect,
        groups=tuple(describe_sample(each, name, alpha) for name, each in samples.items()),
        method="F distribution",
        assumptions=assumptions,
        flags=tuple(f"all scores of {name} are equal" for name, each in samples.items() if is_constant(each)),
        details=_details(found),
        interpretation=omnibus_sentence(title, "group means", alpha, p_value, estimate_words(effect), found.reason),
        reason=found.reason,
    )


def _effect(found: _FTest, total: int, alpha: float, *, exact: bool) -> Estimate:
    if found.statistic is None:
        return undefined_share("omega_squared", alpha, found.reason or "")
    method = METHOD if exact else f"{METHOD} of Welch's F, approximate"
    interval = share_interval(found.statistic, found.df, total, alpha, method)
    return Estimate("omega_squared", omega_squared(found.statistic, found.df, total), interval)


def _details(found: _FTest) -> dict[str, float | None]:
    if found.statistic is None:
        return {"eta_squared": None, "epsilon_squared": None}
    return {
        "eta_squared": eta_squared(found.statistic, found.df),
        "epsilon_squared": epsilon_squared(found.statistic, found.df),
    }
