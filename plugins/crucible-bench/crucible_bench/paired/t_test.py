"""The paired t test."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crucible_bench.description import describe_sample
from crucible_bench.effects.mean_difference import NO_PAIR_SPREAD, paired_difference
from crucible_bench.effects.standardized import cohens_dz
from crucible_bench.paired.differences import paired_differences
from crucible_bench.question import DEFAULT_NAMES, ask
from crucible_bench.records import Result
from crucible_bench.samples import as_pair, is_constant
from crucible_bench.wording import difference_sentence

if TYPE_CHECKING:
    from crucible_bench.samples import Array

TITLE = "The paired t test"


def paired_ttest(
    first: Any,
    second: Any,
    *,
    alternative: str = "two-sided",
    alpha: float = 0.05,
    names: tuple[str, str] = DEFAULT_NAMES,
) -> Result:
    """Test whether the mean difference of paired scores is zero.

    Args:
        first: Array-like of shape (n,), n >= 2.
        second: Array-like of shape (n,), the i-th score of the same item as the i-th of first.
        alternative: `two-sided`, `greater` (first is higher) or `less`.
        alpha: Significance level; intervals have level 1 - alpha.
        names: What to call the groups.

    Returns:
        The result; estimate: mean of first minus second; effect size: Cohen's d_z. Equal differences throughout give no
        p-value, with a reason.

    Raises:
        BenchError: What `as_pair` and `ask` raise.
    """
    question = ask(alternative, alpha, names)
    samples = as_pair(first, second, question.names)
    differences = paired_differences(*samples)
    difference = paired_difference(differences)
    p_value, estimate = difference.p_value(question), difference.estimate(question)
    reason = NO_PAIR_SPREAD if p_value is None else None
    return Result(
        test="paired_ttest",
        title=TITLE,
        statistic_name="t",
        statistic=difference.statistic,
        df=(difference.df,),
        p_value=p_value,
        alternative=question.alternative,
        alpha=question.alpha,
        estimate=estimate,
        effect_size=cohens_dz(differences, question),
        groups=tuple(describe_sample(*each, question.alpha) for each in zip(samples, question.names, strict=True)),
        method="t distribution",
        assumptions=(
            "pairs are independent of each other",
            "the mean difference is normally distributed (normal differences, or many pairs)",
        ),
        flags=pair_flags(differences),
        interpretation=difference_sentence(TITLE, question, p_value, estimate, reason),
        reason=reason,
    )


def pair_flags(differences: Array) -> tuple[str, ...]:
    """Say if the differences have no spread."""
    if not is_constant(differences):
        return ()
    return ("all paired differences are zero" if differences[0] == 0 else "all paired differences are equal",)
