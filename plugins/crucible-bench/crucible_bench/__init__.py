"""Say whether one model is really better than another: tests with effect sizes and intervals."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from crucible_bench.catalogue import ALIASES as ALIASES
    from crucible_bench.catalogue import TESTS as TESTS
    from crucible_bench.catalogue import Design as Design
    from crucible_bench.catalogue import Procedure as Procedure
    from crucible_bench.catalogue import find_test as find_test
    from crucible_bench.catalogue import fitting_tests as fitting_tests
    from crucible_bench.correction import AdjustedPValue as AdjustedPValue
    from crucible_bench.correction import CorrectedFamily as CorrectedFamily
    from crucible_bench.correction import Correction as Correction
    from crucible_bench.correction import correct as correct
    from crucible_bench.description import describe as describe
    from crucible_bench.errors import CODES as CODES
    from crucible_bench.errors import BenchError as BenchError
    from crucible_bench.figures.intervals import IntervalRow as IntervalRow
    from crucible_bench.figures.intervals import draw_intervals as draw_intervals
    from crucible_bench.many_datasets.cochran import cochran as cochran
    from crucible_bench.many_datasets.diagram import describe_diagram as describe_diagram
    from crucible_bench.many_datasets.diagram import draw_critical_difference as draw_critical_difference
    from crucible_bench.many_datasets.friedman import FriedmanResult as FriedmanResult
    from crucible_bench.many_datasets.friedman import RankStatistic as RankStatistic
    from crucible_bench.many_datasets.friedman import friedman as friedman
    from crucible_bench.many_datasets.nemenyi import NemenyiResult as NemenyiResult
    from crucible_bench.many_datasets.nemenyi import RankDifference as RankDifference
    from crucible_bench.many_datasets.nemenyi import critical_difference as critical_difference
    from crucible_bench.many_datasets.nemenyi import nemenyi as nemenyi
    from crucible_bench.many_datasets.pairwise_mcnemar import PairwiseMcNemarResult as PairwiseMcNemarResult
    from crucible_bench.many_datasets.pairwise_mcnemar import ProportionDifference as ProportionDifference
    from crucible_bench.many_datasets.pairwise_mcnemar import pairwise_mcnemar as pairwise_mcnemar
    from crucible_bench.many_datasets.score_table import ScoreTable as ScoreTable
    from crucible_bench.many_datasets.score_table import score_table as score_table
    from crucible_bench.many_datasets.score_table import score_table_from_rows as score_table_from_rows
    from crucible_bench.many_groups.anova import anova as anova
    from crucible_bench.many_groups.anova import welch_anova as welch_anova
    from crucible_bench.many_groups.kruskal import kruskal as kruskal
    from crucible_bench.paired.bootstrap import paired_bootstrap as paired_bootstrap
    from crucible_bench.paired.permutation import paired_permutation as paired_permutation
    from crucible_bench.paired.sign import mcnemar as mcnemar
    from crucible_bench.paired.sign import sign as sign
    from crucible_bench.paired.t_test import paired_ttest as paired_ttest
    from crucible_bench.paired.wilcoxon import wilcoxon as wilcoxon
    from crucible_bench.question import Alternative as Alternative
    from crucible_bench.records import Description as Description
    from crucible_bench.records import Estimate as Estimate
    from crucible_bench.records import Interval as Interval
    from crucible_bench.records import Result as Result
    from crucible_bench.two_groups.bootstrap import bootstrap as bootstrap
    from crucible_bench.two_groups.mann_whitney import mannwhitney as mannwhitney
    from crucible_bench.two_groups.permutation import permutation as permutation
    from crucible_bench.two_groups.t_tests import student as student
    from crucible_bench.two_groups.t_tests import welch as welch

__version__ = "0.1.0"

_HOMES = {
    "catalogue": ("ALIASES", "TESTS", "Design", "Procedure", "find_test", "fitting_tests"),
    "correction": ("AdjustedPValue", "CorrectedFamily", "Correction", "correct"),
    "description": ("describe",),
    "errors": ("CODES", "BenchError"),
    "figures.intervals": ("IntervalRow", "draw_intervals"),
    "many_datasets.cochran": ("cochran",),
    "many_datasets.diagram": ("describe_diagram", "draw_critical_difference"),
    "many_datasets.friedman": ("FriedmanResult", "RankStatistic", "friedman"),
    "many_datasets.nemenyi": ("NemenyiResult", "RankDifference", "critical_difference", "nemenyi"),
    "many_datasets.pairwise_mcnemar": ("PairwiseMcNemarResult", "ProportionDifference", "pairwise_mcnemar"),
    "many_datasets.score_table": ("ScoreTable", "score_table", "score_table_from_rows"),
    "many_groups.anova": ("anova", "welch_anova"),
    "many_groups.kruskal": ("kruskal",),
    "paired.bootstrap": ("paired_bootstrap",),
    "paired.permutation": ("paired_permutation",),
    "paired.sign": ("mcnemar", "sign"),
    "paired.t_test": ("paired_ttest",),
    "paired.wilcoxon": ("wilcoxon",),
    "question": ("Alternative",),
    "records": ("Description", "Estimate", "Interval", "Result"),
    "two_groups.bootstrap": ("bootstrap",),
    "two_groups.mann_whitney": ("mannwhitney",),
    "two_groups.permutation": ("permutation",),
    "two_groups.t_tests": ("student", "welch"),
}
_HOME_OF = {name: f"{__name__}.{home}" for home, names in _HOMES.items() for name in names}

__all__ = sorted(_HOME_OF)  # noqa: PLE0605 - a test holds the table against the imports above


def __getattr__(name: str) -> Any:
    """Import a public name on first use (PEP 562), so that importing the package costs next to nothing."""
    if name not in _HOME_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(_HOME_OF[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
