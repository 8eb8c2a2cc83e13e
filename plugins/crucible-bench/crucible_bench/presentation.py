"""Turn results into the parts of a report."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from crucible_bench.catalogue import TESTS
from crucible_bench.records import Result
from crucible_bench.tables import (
    family_table,
    friedman_table,
    groups_table,
    method_table,
    nemenyi_table,
    pairwise_table,
    tests_table,
)
from crucible_bench.wording import MINUS, p_words, percent
from crucible_core import Figure, Table, Text

if TYPE_CHECKING:
    from crucible_bench.correction import CorrectedFamily
    from crucible_bench.figures.intervals import IntervalRow
    from crucible_bench.many_datasets.nemenyi import NemenyiResult
    from crucible_bench.many_datasets.pairwise_mcnemar import PairwiseMcNemarResult
    from crucible_bench.records import Description

Part = Figure | Table | Text


@dataclass(frozen=True)
class Findings:
    """What there is to show.

    Attributes:
        groups: Every group described.
        results: Test to its result.
        family: The p-values corrected together, if they were.
        things: What the items are called, in the plural.
    """

    groups: tuple[Description, ...]
    results: Mapping[str, Any]
    family: CorrectedFamily | None
    things: str

    @property
    def tests(self) -> list[Result]:
        """The results that are a single test."""
        return [each for each in self.results.values() if isinstance(each, Result)]


def report_parts(findings: Findings) -> list[Part]:
    """Return what a reader needs: the sentences first, then figures and tables, then what is to be borne in mind."""
    results = findings.results
    sentences = [result.interpretation for result in results.values()]
    parts: list[Part] = [Text("\n\n".join(sentences), title="What was found")]
    parts += _figures(findings)
    friedman = results.get("friedman")
    ranks = None if friedman is None else dict(zip(friedman.models, friedman.mean_ranks, strict=True))
    parts.append(groups_table(findings.groups, ranks))
    if findings.tests:
        parts.append(tests_table(findings.tests))
    if friedman is not None:
        parts.append(friedman_table(friedman))
    if "nemenyi" in results:
        parts.append(nemenyi_table(results["nemenyi"]))
    if "pairwise_mcnemar" in results:
        parts.append(pairwise_table(results["pairwise_mcnemar"]))
    if findings.family is not None and findings.family.family_size > 1:
        parts.append(family_table(findings.family))
    parts.append(method_table(list(results.values())))
    return [*parts, *_flags(results)]


def _figures(findings: Findings) -> list[Figure]:
    results, found = findings.results, []
    if "nemenyi" in results:
        found.append(_diagram(results["nemenyi"]))
    if "pairwise_mcnemar" in results:
        found += _pairs(results["pairwise_mcnemar"])
    return [*found, *_differences(findings)]


def _diagram(result: NemenyiResult) -> Figure:
    from crucible_bench.many_datasets.diagram import describe_diagram, draw_critical_difference

    title = "Critical difference of mean ranks"
    return Figure(draw_critical_difference(result, title=title), title, describe_diagram(result))


def _pairs(result: PairwiseMcNemarResult) -> list[Figure]:
    rows = {f"{pair.first} {MINUS} {pair.second}": pair.estimate for pair in result.pairs}
    words = f"{percent(round(1 - result.alpha, 12))} interval of each pair by itself"
    return _intervals(rows, "Differences of success rates", f"Difference of success rates, {words}")


def _differences(findings: Findings) -> list[Figure]:
    """Draw what the tests of two groups estimate; all of it is in the unit of the scores."""
    tests = [each for each in findings.tests if each.estimate is not None]
    if not tests:
        return []
    first, second = (each.name for each in findings.groups)
    rows = {title(each.test): each.estimate for each in tests}
    kind = "intervals" if tests[0].alternative == "two-sided" else "bounds"
    quantity = f"{first} {MINUS} {second}, with {percent(round(1 - tests[0].alpha, 12))} {kind}"
    return _intervals(rows, f"Difference of {first} and {second}", quantity)


def _intervals(estimates: Mapping[str, Any], heading: str, quantity: str) -> list[Figure]:
    """Draw the estimates that have an interval, if there are any."""
    from crucible_bench.figures.intervals import IntervalRow, describe_intervals, draw_intervals

    rows: list[IntervalRow] = [
        IntervalRow(name, each.value, each.interval.low, each.interval.high)
        for name, each in estimates.items()
        if each.value is not None and (each.interval.low is not None or each.interval.high is not None)
    ]
    if not rows:
        return []
    svg = draw_intervals(rows, title=heading, quantity=quantity)
    return [Figure(svg, heading, describe_intervals(rows, quantity))]


def _flags(results: Mapping[str, Any]) -> list[Part]:
    flags = dict.fromkeys(flag for result in results.values() for flag in getattr(result, "flags", ()))
    return [Text("\n".join(f"- {flag}" for flag in flags), title="To bear in mind")] if flags else []


def title(test: str) -> str:
    """Return the name of a test as a heading has it."""
    words = TESTS[test].title
    return words[0].upper() + words[1:]


def headline(result: Any) -> str:
    """Return test and p-value in a few words, for a log."""
    p_value = getattr(result, "p_value", None)
    return f"{result.test}: {p_words(p_value)}" if p_value is not None else str(result.test)
