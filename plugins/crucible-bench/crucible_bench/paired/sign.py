"""The sign test, and McNemar's test, which is the sign test of binary scores."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Any

from crucible_bench.description import describe_sample
from crucible_bench.effects.proportions import cohens_g, paired_risk_difference
from crucible_bench.errors import BenchError
from crucible_bench.paired.differences import paired_differences
from crucible_bench.question import DEFAULT_NAMES, Question, ask
from crucible_bench.records import Estimate, Interval, Result
from crucible_bench.samples import as_binary_pair, as_pair
from crucible_bench.wording import difference_sentence

if TYPE_CHECKING:
    from crucible_bench.samples import Array

SIGN_TITLE = "The sign test"
MCNEMAR_TITLE = "McNemar's test"


class McNemarMethod(StrEnum):
    """The exact binomial test, its mid-p version, or the chi-square approximation with continuity correction."""

    EXACT = "exact"
    MID_P = "mid-p"
    CHI2 = "chi2"


def sign(
    first: Any,
    second: Any,
    *,
    alternative: str = "two-sided",
    alpha: float = 0.05,
    names: tuple[str, str] = DEFAULT_NAMES,
) -> Result:
    """Test whether first wins as many pairs as second (exact binomial; pairs without a difference are left out).

    Args:
        first: Array-like of shape (n,), n >= 2.
        second: Array-like of shape (n,), paired with first.
        alternative: `two-sided`, `greater` (first is higher) or `less`.
        alpha: Significance level; intervals have level 1 - alpha.
        names: What to call the groups.

    Returns:
        The result; statistic: pairs that first wins; estimate: median difference with its order-statistic interval;
        effect size: Cohen's g, the share of wins minus one half. Without a decided pair p = 1.

    Raises:
        BenchError: What `as_pair` and `ask` raise.
    """
    question = ask(alternative, alpha, names)
    samples = as_pair(first, second, question.names)
    differences = paired_differences(*samples)
    wins, losses = int((differences > 0).sum()), int((differences < 0).sum())
    p_value = question.p_value(*_binomial_tails(wins, losses))
    estimate = _median(differences, question)
    return Result(
        test="sign",
        title=SIGN_TITLE,
        statistic_name="wins",
        statistic=float(wins),
        df=(),
        p_value=p_value,
        alternative=question.alternative,
        alpha=question.alpha,
        estimate=estimate,
        effect_size=cohens_g(wins, losses, question),
        groups=tuple(describe_sample(*each, question.alpha) for each in zip(samples, question.names, strict=True)),
        method="binomial law, exact",
        assumptions=("pairs are independent of each other",),
        flags=_tied(wins, losses, differences.size),
        details={"wins": wins, "losses": losses, "equal": differences.size - wins - losses},
        interpretation=difference_sentence(SIGN_TITLE, question, p_value, estimate),
    )


def mcnemar(
    first: Any,
    second: Any,
    *,
    method: str = "exact",
    alternative: str = "two-sided",
    alpha: float = 0.05,
    names: tuple[str, str] = DEFAULT_NAMES,
) -> Result:
    """Test whether two paired binary scores have the same success rate (McNemar 1947).

    Args:
        first: Array-like of shape (n,) of 0 and 1, n >= 2.
        second: Array-like of shape (n,) of 0 and 1, paired with first.
        method: `exact` (binomial), `mid-p` (less conservative; Fagerland, Lydersen and Laake 2013), or `chi2` (with
            continuity correction; two-sided only).
        alternative: `two-sided`, `greater` (first is higher) or `less`.
        alpha: Significance level; intervals have level 1 - alpha.
        names: What to call the groups.

    Returns:
        The result; estimate: risk difference with Newcombe's paired interval; effect size: Cohen's g.

    Raises:
        BenchError: `not_binary`, `unknown_method`, and what `as_pair` and `ask` raise.
    """
    question = ask(alternative, alpha, names)
    kind = _mcnemar_method(method, question)
    samples = as_binary_pair(first, second, question.names)
    table = cross_table(*samples)
    wins, losses = table[0][1], table[1][0]
    estimate = paired_risk_difference(table, question)
    p_value = _mcnemar_p(wins, losses, kind, question)
    chi2 = kind is McNemarMethod.CHI2
    return Result(
        test="mcnemar",
        title=MCNEMAR_TITLE,
        statistic_name="chi2" if chi2 else "wins",
        statistic=_chi2(wins, losses) if chi2 else float(wins),
        df=(1.0,) if chi2 else (),
        p_value=p_value,
        alternative=question.alternative,
        alpha=question.alpha,
        estimate=estimate,
        effect_size=cohens_g(wins, losses, question),
        groups=tuple(
            describe_sample(*each, question.alpha, binary=True) for each in zip(samples, question.names, strict=True)
        ),
        method={"exact": "binomial law, exact", "mid-p": "binomial law, mid-p"}.get(
            kind, "chi-square with continuity correction"
        ),
        assumptions=("pairs are independent of each other",),
        flags=_tied(wins, losses, samples[0].size),
        details={"both": table[0][0], "only_first": wins, "only_second": losses, "neither": table[1][1]},
        interpretation=difference_sentence(MCNEMAR_TITLE, question, p_value, estimate),
    )


def cross_table(first: Array, second: Array) -> tuple[tuple[int, int], tuple[int, int]]:
    """Count ((both 1, only first 1), (only second 1, both 0)) of paired binary scores."""
    both = int((first * second).sum())
    ones = int(first.sum()), int(second.sum())
    return (both, ones[0] - both), (ones[1] - both, first.size - ones[0] - ones[1] + both)


def _mcnemar_method(name: str, question: Question) -> McNemarMethod:
    try:
        method = McNemarMethod(str(name).lower())
    except ValueError:
        raise BenchError("unknown_method", f"method {name!r} is not one of {', '.join(McNemarMethod)}") from None
    if method is McNemarMethod.CHI2 and question.alternative != "two-sided":
        raise BenchError("unknown_method", "the chi2 method has no one-sided alternative; use exact or mid-p")
    return method


def _binomial_tails(wins: int, losses: int) -> tuple[float, float]:
    from scipy import stats

    law = stats.binom(wins + losses, 0.5)
    return float(law.cdf(wins)), float(law.sf(wins - 1))


def _chi2(wins: int, losses: int) -> float:
    """Return (|b - c| - 1)^2 / (b + c), Edwards 1948; 0 without discordant pairs."""
    return max(0, abs(wins - losses) - 1) ** 2 / (wins + losses) if wins + losses else 0.0


def _mcnemar_p(wins: int, losses: int, method: McNemarMethod, question: Question) -> float:
    from scipy import stats

    if method is McNemarMethod.CHI2:
        return float(stats.chi2.sf(_chi2(wins, losses), 1))
    less, greater = _binomial_tails(wins, losses)
    if method is McNemarMethod.MID_P:
        half = float(stats.binom.pmf(wins, wins + losses, 0.5)) / 2
        less, greater = less - half, greater - half
    return question.p_value(less, greater)


def _tied(wins: int, losses: int, n: int) -> tuple[str, ...]:
    equal = n - wins - losses
    if equal == n:
        return ("every pair is tied: all paired scores are equal",)
    return (f"{equal} of {n} pairs are tied",) if equal else ()


def _median(differences: Array, question: Question) -> Estimate:
    """Estimate the median difference with the interval of its order statistics (Hollander et al. 2014, section 3.6)."""
    import numpy as np
    from scipy import stats

    ordered, n = np.sort(differences), differences.size
    limits: list[float | None] = [None, None]
    reason = question.unbounded
    for side, tail in enumerate((question.lower_tail, question.upper_tail)):
        if tail is None:
            continue
        rank = int(np.searchsorted(stats.binom.cdf(np.arange(n), n, 0.5), tail * (1 + 1e-12), side="right"))
        limits[side] = float(ordered[rank - 1] if side == 0 else ordered[n - rank]) if rank else None
        reason = reason if rank else f"{n} pairs cannot support a level of {question.level:g}"
    interval = Interval(limits[0], limits[1], question.level, "order statistics of the differences", reason)
    return Estimate("median_difference", float(np.median(differences)), interval)
