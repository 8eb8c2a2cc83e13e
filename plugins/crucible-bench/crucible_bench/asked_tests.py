"""Choose the tests for the scores that were found, and run them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from crucible_bench.catalogue import TESTS, Design, Procedure, find_test, fitting_tests
from crucible_bench.correction import CorrectedFamily, correct
from crucible_bench.errors import BenchError

if TYPE_CHECKING:
    from crucible_bench.scores_in_rows import Scores

USUAL: Mapping[Design, tuple[str, ...]] = {
    Design.TWO_GROUPS: ("welch", "bootstrap"),
    Design.PAIRED: ("paired_ttest", "paired_bootstrap"),
    Design.MANY_GROUPS: ("welch_anova", "kruskal"),
    Design.MANY_DATASETS: ("friedman", "nemenyi"),
}
"""What is run where no test is named."""

USUAL_FOR_BINARY: Mapping[Design, tuple[str, ...]] = {
    **USUAL,
    Design.PAIRED: ("mcnemar", "paired_bootstrap"),
    Design.MANY_DATASETS: ("cochran", "pairwise_mcnemar"),
}
"""What is run where no test is named and every score is 0 or 1."""

_TOLERANCE = 1e-9
USUAL_LEVEL = 0.05
"""The significance level where none is asked for."""


def level(alpha: float | None, confidence_level: float | None) -> float:
    """Return the significance level that both options agree on; 0.05 where neither is given.

    Raises:
        BenchError: `inconsistent_levels`.
    """
    if confidence_level is None:
        return USUAL_LEVEL if alpha is None else alpha
    if alpha is None:
        return round(1 - confidence_level, 12)
    if abs(1 - confidence_level - alpha) < _TOLERANCE:
        return alpha
    message = f"confidence_level {confidence_level:g} belongs to alpha {1 - confidence_level:g}, not {alpha:g}"
    raise BenchError("inconsistent_levels", f"{message}; give one of them")


def procedures(scores: Scores, options: Any) -> tuple[Procedure, ...]:
    """Return the tests asked for, each once, when every one of them fits the scores and the other options.

    Raises:
        BenchError: `unknown_test`, `test_does_not_fit` or `not_binary`.
    """
    usual = USUAL_FOR_BINARY if scores.binary else USUAL
    asked = usual[scores.design] if options.tests is None else options.tests
    found = {each.name: each for each in (find_test(name, scores.design) for name in asked)}
    for procedure in found.values():
        _refuse_misfit(procedure, scores, options.alternative)
    return tuple(found.values())


def _refuse_misfit(procedure: Procedure, scores: Scores, alternative: str) -> None:
    if alternative != "two-sided" and not procedure.directional:
        directed = [name for name in fitting_tests(scores.design) if TESTS[name].directional]
        instead = f", or use {', '.join(directed)}" if directed else ""
        message = f"{procedure.name} has no direction; leave out alternative {alternative!r}{instead}"
        raise BenchError("test_does_not_fit", message)
    if procedure.binary and not scores.binary:
        group, row, value = scores.first_not_binary()
        others = ", ".join(name for name in fitting_tests(scores.design) if not TESTS[name].binary)
        message = f"{procedure.name} takes scores of 0 and 1, and {group} has {value:g} in row {row}"
        raise BenchError("not_binary", f"{message}; tests that take any score: {others}")


def run_test(
    procedure: Procedure, scores: Scores, *, alpha: float, options: Any, seed_for: Callable[[str], int]
) -> Any:
    """Run one test that fits.

    Args:
        procedure: The test.
        scores: The scores.
        alpha: Significance level.
        options: The stage's options: alternative, resamples, direction, correction.
        seed_for: Gives a seed for a name.

    Raises:
        BenchError: The scores are not what the test needs.
    """
    given: dict[str, Any] = {"alpha": alpha}
    if procedure.resamples:
        given |= {"rng": seed_for(procedure.name), "resamples": getattr(options, procedure.resamples)}
    if procedure.directional:
        given["alternative"] = options.alternative
    if procedure.ranks:
        given["higher_is_better"] = options.higher_is_better
    if procedure.pairwise:
        given["correction"] = options.multiple_testing_correction or "holm"
    test = procedure.load()
    if scores.design is Design.MANY_DATASETS:
        return test(scores.groups, datasets=scores.items, items=scores.things, **given)
    if not procedure.directional:
        return test(scores.groups, **given)
    (first_name, first), (second_name, second) = scores.groups.items()
    return test(first, second, names=(first_name, second_name), **given)


def corrected(results: Mapping[str, Any], method: str | None, alpha: float) -> CorrectedFamily | None:
    """Correct the p-values of all tests together; tests of pairs correct their own and are left alone.

    Raises:
        BenchError: `unknown_method`.
    """
    if method is None:
        return None
    p_values = {name: result.p_value for name, result in results.items() if hasattr(result, "p_value")}
    return correct(p_values, method=method, alpha=alpha)
