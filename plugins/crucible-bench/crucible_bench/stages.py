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
    from crucible_bench.records import Description
    from crucible_bench.scores_in_rows import Scores
    from crucible_core import Context

_REACHABLE = (
    "not_numeric",
    "not_finite",
    "out_of_range",
    "not_binary",
    "too_few_observations",
    "too_few_groups",
    "too_few_datasets",
    "missing_cells",
    "missing_label",
    "duplicate_names",
    "test_does_not_fit",
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
    from crucible_bench.description import describe_groups
    from crucible_bench.presentation import Findings, headline, report_parts

    runtime = context.runtime
    scores = _scores(rows, options)
    alpha = level(options.alpha, options.confidence_level)
    asked = procedures(scores, options)
    _explain(context, scores, [each.title for each in asked])
    results: dict[str, Any] = {}
    for done, procedure in enumerate(asked, start=1):
        results[procedure.name] = run_test(
            procedure, scores, alpha=alpha, options=options, seed_for=lambda name: runtime.rng(name).getrandbits(32)
        )
        runtime.log(headline(results[procedure.name]))
        runtime.progress(done, len(asked))
    family = corrected(results, options.multiple_testing_correction, alpha)
    groups = describe_groups(scores, alpha)
    document = _document(scores, alpha, groups, results, family)
    parts = report_parts(Findings(groups, results, family, scores.things))
    return context.put_metric(runtime.stage_id, document).put_artifact(runtime.stage_id, parts)


def _scores(rows: Any, options: Any) -> Scores:
    from crucible_bench.checked_scores import checked
    from crucible_bench.scores_in_rows import scores_by_group, scores_in_columns, select_groups

    design = "auto" if options.groups else options.design
    if options.columns is not None:
        found = scores_in_columns(rows, options.columns, options.item, design)
    else:
        found = scores_by_group(rows, options.group, options.score, options.item, design)
    return checked(select_groups(found, options.groups, options.design))


def _explain(context: Context, scores: Scores, titles: list[str]) -> None:
    """Record why these tests answer the question these data can answer."""
    from crucible_bench.catalogue import Design

    kind = "all 0 or 1" if scores.binary else "not only 0 and 1"
    context.runtime.decide(
        f"treat the scores as {scores.design.words}; run {', '.join(titles)}",
        reasoning=f"{scores.why}, there are {len(scores.groups)} groups, and the scores are {kind}",
        alternatives=[each.words for each in Design if each is not scores.design],
    )


def _document(
    scores: Scores,
    alpha: float,
    groups: tuple[Description, ...],
    results: Mapping[str, Any],
    family: CorrectedFamily | None,
) -> dict[str, Any]:
    ranked = next((result for result in results.values() if hasattr(result, "mean_ranks")), None)
    ranks = {} if ranked is None else {"mean_ranks": dict(zip(ranked.models, ranked.mean_ranks, strict=True))}
    return {
        "design": scores.design.value,
        "alpha": alpha,
        "binary": scores.binary,
        "n": {each.name: each.n for each in groups},
        "means": {each.name: each.mean for each in groups},
        "groups": {each.name: each.to_dict() for each in groups},
        **ranks,
        **{name: result.to_dict() for name, result in results.items()},
        "correction": None if family is None else family.to_dict(),
    }
