"""The stage this distribution contributes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crucible_bench.errors import CODES, BenchError
from crucible_bench.options import BenchOptions
from crucible_bench.stage_examples import EXAMPLES
from crucible_core import Stage, StageError, Traits, read_items

if TYPE_CHECKING:
    from collections.abc import Mapping

    from crucible_bench.correction import CorrectedFamily
    from crucible_bench.scores_in_rows import Scores
    from crucible_core import Context

_REACHABLE = (
    "not_numeric",
    "not_finite",
    "not_binary",
    "too_few_observations",
    "too_few_groups",
    "too_few_datasets",
    "missing_cells",
    "duplicate_names",
    "unknown_test",
    "test_does_not_fit",
    "unknown_method",
    "wrong_field",
    "wrong_group",
    "inconsistent_levels",
)
"""Codes of the library that options and data can lead to; the others are kept out by the types of the options."""


class Bench(Stage):
    """Say whether groups or models really differ, by how much, and how sure that is."""

    name = "bench"
    version = "0.1.0"
    section = "reliability.stats"
    reads = ("{data}",)
    writes = ("metrics.{id}", "artifacts.{id}")
    errors = {
        "wrong_data": "There are no rows at the path that the option data names.",
        **{code: CODES[code] for code in _REACHABLE},
    }
    traits = Traits(determinism="seeded", cacheable=True)
    examples = EXAMPLES
    Options = BenchOptions

    def run(self, context: Context, options: Any) -> Context:
        """Find the scores, run the tests, and leave results in metrics and what to show in artifacts.

        Raises:
            StageError: See ``errors``.
        """
        rows = read_items(context, options.data)
        try:
            return _compared(context, rows, options)
        except BenchError as error:
            raise StageError(error.code, str(error)) from error


def _compared(context: Context, rows: Any, options: Any) -> Context:
    from crucible_bench.asked_tests import corrected, level, procedures, run_test
    from crucible_bench.presentation import headline, report_parts

    runtime = context.runtime
    scores = _scores(rows, options)
    alpha = level(options.alpha, options.confidence_level, alpha_given="alpha" in options.model_fields_set)
    asked = procedures(scores, options.tests)
    _explain(context, scores, [each.title for each in asked])
    results: dict[str, Any] = {}
    for done, procedure in enumerate(asked, start=1):
        results[procedure.name] = run_test(
            procedure, scores, alpha=alpha, options=options, seed_for=lambda name: runtime.rng(name).getrandbits(32)
        )
        runtime.log(headline(results[procedure.name]))
        runtime.progress(done, len(asked))
    family = corrected(results, options.multiple_testing_correction, alpha)
    document = _document(scores, alpha, results, family)
    return context.put_metric(runtime.stage_id, document).put_artifact(runtime.stage_id, report_parts(results, family))


def _scores(rows: Any, options: Any) -> Scores:
    from crucible_bench.scores_in_rows import scores_by_group, scores_in_columns, select_groups

    design = "auto" if options.groups else options.design
    if options.columns is not None:
        found = scores_in_columns(rows, options.columns, options.item, design)
    else:
        found = scores_by_group(rows, options.group, options.score, options.item, design)
    return select_groups(found, options.groups, options.design)


def _explain(context: Context, scores: Scores, titles: list[str]) -> None:
    """Record why these tests answer the question these data can answer."""
    from crucible_bench.catalogue import Design

    context.runtime.decide(
        f"treat the scores as {scores.design.words}; run {', '.join(titles)}",
        reasoning=f"{scores.why}, and there are {len(scores.groups)} groups",
        alternatives=[each.words for each in Design if each is not scores.design],
    )


def _document(
    scores: Scores, alpha: float, results: Mapping[str, Any], family: CorrectedFamily | None
) -> dict[str, Any]:
    ranked = next((result for result in results.values() if hasattr(result, "mean_ranks")), None)
    ranks = {} if ranked is None else {"mean_ranks": dict(zip(ranked.models, ranked.mean_ranks, strict=True))}
    return {
        "design": scores.design.value,
        "alpha": alpha,
        "groups": list(scores.groups),
        "n": {name: len(each) for name, each in scores.groups.items()},
        **ranks,
        **{name: result.to_dict() for name, result in results.items()},
        "correction": None if family is None else family.to_dict(),
    }
