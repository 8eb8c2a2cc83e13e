"""Whether two runs differ by more than noise on the items they share."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from crucible_bench.asked_tests import USUAL_LEVEL
from crucible_bench.correction import correct
from crucible_bench.errors import BenchError
from crucible_bench.paired.differences import paired_differences
from crucible_bench.paired.sign import mcnemar
from crucible_bench.paired.t_test import paired_ttest
from crucible_bench.paired.wilcoxon import wilcoxon
from crucible_bench.question import ask
from crucible_bench.samples import as_pair, is_binary, is_constant
from crucible_bench.wording import difference_sentence
from crucible_core import ItemFinding

if TYPE_CHECKING:
    from crucible_bench.records import Result
    from crucible_core import ItemPairs

FEW = 30
"""Below so many items the mean of their differences need not be near normal: the signed rank test, not the t test."""


def findings(pairs: Sequence[ItemPairs]) -> list[ItemFinding]:
    """Return what is found of each of the pairs.

    Scores that are all 0 or 1 get McNemar's exact test, others the paired t test, or the Wilcoxon signed rank test
    below 30 items and where all differences are equal; the second run is compared with the first. Several p-values are
    corrected together by Holm's method.
    """
    results = [_tested(pair) for pair in pairs]
    p_values = {str(at): each.p_value for at, each in enumerate(results) if not isinstance(each, BenchError)}
    family = correct(p_values, method="holm", alpha=USUAL_LEVEL) if len(p_values) > 1 else None
    found = []
    for at, result in enumerate(results):
        if isinstance(result, BenchError):
            found.append(_unanswered(str(result)))
        else:
            p_value = family[str(at)].adjusted if family else result.p_value
            found.append(_finding(result, p_value, len(p_values)))
    return found


def _tested(pair: ItemPairs) -> Result | BenchError:
    """Return the test of the second run against the first, or why there is none."""
    samples, names = (pair.second, pair.first), (pair.names[1], pair.names[0])
    try:
        second, first = as_pair(*samples, names)
        if is_binary(second, first):
            return mcnemar(second, first, names=names, alpha=USUAL_LEVEL)
        few = second.size < FEW or is_constant(paired_differences(second, first))  # without a spread there is no t
        return (wilcoxon if few else paired_ttest)(second, first, names=names, alpha=USUAL_LEVEL)
    except BenchError as error:
        return error


def _unanswered(reason: str) -> ItemFinding:
    return ItemFinding(None, f"It cannot be said: {reason}.", alpha=USUAL_LEVEL, reason=reason)


def _finding(result: Result, p_value: float | None, asked: int) -> ItemFinding:
    estimate, effect = result.estimate, result.effect_size
    assert estimate is not None  # tests of two groups have one
    names = (result.groups[0].name, result.groups[1].name)
    question = ask(result.alternative, result.alpha, names)
    corrected = (f"p-values are corrected (Holm) for {asked} comparisons; intervals are not",) if asked > 1 else ()
    return ItemFinding(
        more_than_noise=None if p_value is None else p_value <= result.alpha,
        finding=difference_sentence(result.title, question, p_value, estimate, result.reason),
        test=result.test,
        p_value=p_value,
        alpha=result.alpha,
        difference=estimate.value,
        interval=(estimate.interval.low, estimate.interval.high),
        effect_size=effect.value,
        effect_size_name=effect.name,
        reason=result.reason,
        notes=(*result.flags, *corrected),
    )
