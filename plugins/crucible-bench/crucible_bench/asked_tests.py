"""Run the tests that were asked for on the scores that were found."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from crucible_bench.catalogue import Design, Procedure, find_test
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

_TOLERANCE = 1e-9


def level(alpha: float, confidence_level: float | None, *, alpha_given: bool) -> float:
    """Return the significance level that both options agree on.

    Raises:
        BenchError: `inconsistent_levels`.
    """
    if confidence_level is None or abs(1 - confidence_level - alpha) < _TOLERANCE:
        return alpha
    if alpha_given:
        message = f"confidence_level {confidence_level:g} belongs to alpha {1 - confidence_level:g}, not {alpha:g}"
        raise BenchError("inconsistent_levels", f"{message}; give one of them")
    return round(1 - confidence_level, 12)


def procedures(scores: Scores, names: Sequence[str] | None) -> tuple[Procedure, ...]:
    """Return the tests asked for, each once.

    Raises:
        BenchError: `unknown_test` or `test_does_not_fit`.
    """
    asked = USUAL[scores.design] if names is None else names
    return tuple({each.name: each for each in (find_test(name, scores.design) for name in asked)}.values())


def run_test(
    procedure: Procedure, scores: Scores, *, alpha: float, options: Any, seed_for: Callable[[str], int]
) -> Any:
    """Run one test.

    Args:
        procedure: The test.
        scores: The scores.
        alpha: Significance level.
        options: The stage's options: alternative, resamples, direction.
        seed_for: Gives a seed for a name.

    Raises:
        BenchError: The scores are not what the test needs.
    """
    given: dict[str, Any] = {"alpha": alpha}
    if procedure.resamples:
        given["rng"] = seed_for(procedure.name)
        bootstrap = "bootstrap" in procedure.name
        given["resamples"] = options.bootstrap_iterations if bootstrap else options.permutations
    if procedure.directional:
        given["alternative"] = options.alternative
    elif options.alternative != "two-sided":
        message = f"{procedure.title} has no direction; leave out alternative {options.alternative!r}"
        raise BenchError("test_does_not_fit", message)
    test = procedure.load()
    if scores.design is Design.MANY_DATASETS:
        return test(scores.groups, datasets=scores.items, higher_is_better=options.higher_is_better, **given)
    if scores.design is Design.MANY_GROUPS or not procedure.directional:
        return test(scores.groups, **given)
    (first_name, first), (second_name, second) = scores.groups.items()
    return test(first, second, names=(first_name, second_name), **given)


def corrected(results: Mapping[str, Any], method: str | None, alpha: float) -> CorrectedFamily | None:
    """Correct the p-values of all tests together; pairs of Nemenyi's test are corrected already and left alone.

    Raises:
        BenchError: `unknown_method`.
    """
    if method is None:
        return None
    p_values = {name: result.p_value for name, result in results.items() if hasattr(result, "p_value")}
    return correct(p_values, method=method, alpha=alpha)
