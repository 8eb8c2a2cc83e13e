"""Welch's and Student's t tests."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crucible_bench.description import describe_sample
from crucible_bench.effects.mean_difference import NO_SPREAD, MeanDifference, student_difference, welch_difference
from crucible_bench.effects.standardized import hedges_g
from crucible_bench.question import DEFAULT_NAMES, Question, ask
from crucible_bench.records import Result
from crucible_bench.samples import as_sample, is_constant
from crucible_bench.wording import difference_sentence

if TYPE_CHECKING:
    from crucible_bench.samples import Array

_INDEPENDENT = "scores are independent within and between groups"
_NORMAL = "means are normally distributed (normal scores, or large groups)"
_EQUAL = "both groups have the same variance"


def welch(
    first: Any,
    second: Any,
    *,
    alternative: str = "two-sided",
    alpha: float = 0.05,
    names: tuple[str, str] = DEFAULT_NAMES,
) -> Result:
    """Test whether two independent groups have the same mean, whatever their variances (Welch 1947).

    Args:
        first: Array-like of shape (n1,), n1 >= 2.
        second: Array-like of shape (n2,), n2 >= 2.
        alternative: `two-sided`, `greater` (first is higher) or `less`.
        alpha: Significance level; intervals have level 1 - alpha.
        names: What to call the groups.

    Returns:
        The result; estimate: mean of first minus mean of second; effect size: Hedges g. Two constant groups give no
        p-value, with a reason.

    Raises:
        BenchError: What `as_sample` and `ask` raise.

    Example:
        >>> round(welch([4, 7, 8, 6, 3, 2], [6, 8, 7, 10, 11, 9]).p_value, 5)
        0.01837
    """
    question = ask(alternative, alpha, names)
    samples = as_sample(first, question.names[0]), as_sample(second, question.names[1])
    return _result("welch", "Welch's t test", welch_difference(*samples), samples, question)


def student(
    first: Any,
    second: Any,
    *,
    alternative: str = "two-sided",
    alpha: float = 0.05,
    names: tuple[str, str] = DEFAULT_NAMES,
) -> Result:
    """Test whether two independent groups of equal variance have the same mean (Student 1908).

    Arguments, result and errors are those of `welch`, which is the safer choice.
    """
    question = ask(alternative, alpha, names)
    samples = as_sample(first, question.names[0]), as_sample(second, question.names[1])
    return _result("student", "Student's t test", student_difference(*samples), samples, question)


def _result(
    test: str, title: str, difference: MeanDifference, samples: tuple[Array, Array], question: Question
) -> Result:
    p_value, estimate = difference.p_value(question), difference.estimate(question)
    reason = NO_SPREAD if p_value is None else None
    return Result(
        test=test,
        title=title,
        statistic_name="t",
        statistic=difference.statistic,
        df=(difference.df,),
        p_value=p_value,
        alternative=question.alternative,
        alpha=question.alpha,
        estimate=estimate,
        effect_size=hedges_g(*samples, question),
        groups=tuple(describe_sample(*each, question.alpha) for each in zip(samples, question.names, strict=True)),
        method="t distribution",
        assumptions=(_INDEPENDENT, _NORMAL, *((_EQUAL,) if test == "student" else ())),
        flags=constant_flags(samples, question),
        interpretation=difference_sentence(title, question, p_value, estimate, reason),
        reason=reason,
    )


def constant_flags(samples: tuple[Array, Array], question: Question) -> tuple[str, ...]:
    """Name the groups without spread."""
    pairs = zip(samples, question.names, strict=True)
    return tuple(f"all scores of {name} are equal" for sample, name in pairs if is_constant(sample))
