"""Turn results into the parts of a report."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from crucible_bench.wording import interval_words, number, p_words
from crucible_core import Figure, Table, Text

if TYPE_CHECKING:
    from crucible_bench.correction import CorrectedFamily
    from crucible_bench.many_datasets.friedman import FriedmanResult
    from crucible_bench.many_datasets.nemenyi import NemenyiResult
    from crucible_bench.records import Estimate, Result

Part = Figure | Table | Text


def report_parts(results: Mapping[str, Any], family: CorrectedFamily | None) -> list[Part]:
    """Return what a reader needs: the sentences first, then figure and tables."""
    sentences = [result.interpretation for result in results.values()]
    parts: list[Part] = [Text("\n\n".join(sentences), title="What was found")]
    if "nemenyi" in results:
        parts.append(_diagram(results["nemenyi"]))
    tests = [result for name, result in results.items() if name not in ("friedman", "nemenyi")]
    if tests:
        parts += [_tests(tests), _groups(tests[0])]
    if "friedman" in results:
        parts.append(_friedman(results["friedman"]))
    if "nemenyi" in results:
        parts.append(_pairs(results["nemenyi"]))
    if family is not None:
        parts.append(_family(family))
    flags = [flag for result in results.values() for flag in getattr(result, "flags", ())]
    if flags:
        parts.append(Text("\n".join(f"- {flag}" for flag in dict.fromkeys(flags)), title="To bear in mind"))
    return parts


def _diagram(result: NemenyiResult) -> Figure:
    from crucible_bench.many_datasets.diagram import describe_diagram, draw_critical_difference

    title = "Critical difference of mean ranks"
    return Figure(draw_critical_difference(result, title=title), title, describe_diagram(result))


def _tests(results: list[Result]) -> Table:
    rows = [
        (
            result.title,
            f"{result.statistic_name} = {_number(result.statistic)}",
            ", ".join(number(each) for each in result.df) or None,
            result.p_value,
            _estimate(result.estimate),
            _estimate(result.effect_size),
            result.method,
        )
        for result in results
    ]
    columns = ("Test", "Statistic", "df", "p", "Difference", "Effect size", "Method")
    return Table(columns, rows, "Tests")


def _groups(result: Result) -> Table:
    rows = [
        (each.name, each.n, each.mean, interval_words(each.interval), each.sd, each.median) for each in result.groups
    ]
    return Table(("Group", "n", "Mean", "Interval of the mean", "SD", "Median"), rows, "Groups")


def _friedman(result: FriedmanResult) -> Table:
    statistics = (
        result.chi2,
        result.chi2_tie_corrected,
        result.iman_davenport,
        result.iman_davenport_tie_corrected,
    )
    rows: list[tuple[Any, ...]] = [
        (each.name, each.value, ", ".join(number(df) for df in each.df), each.p_value, each.reason)
        for each in statistics
    ]
    effect = result.effect_size
    rows.append((effect.name.replace("_", " "), effect.value, None, None, interval_words(effect.interval)))
    return Table(("Statistic", "Value", "df", "p", "Note"), rows, "Friedman test")


def _pairs(result: NemenyiResult) -> Table:
    rows = [
        (
            f"{pair.first} against {pair.second}",
            pair.effect_size.value,
            interval_words(pair.effect_size.interval),
            pair.p_value,
            "yes" if pair.significant else "no",
        )
        for pair in result.pairs
    ]
    title = f"Nemenyi's test: critical difference {number(result.critical_difference)} at alpha {result.alpha:g}"
    return Table(("Models", "Difference of mean ranks", "Simultaneous interval", "p", "Differ"), rows, title)


def _family(family: CorrectedFamily) -> Table:
    rows = [(each.name, each.p_value, each.adjusted, each.rejected) for each in family.members]
    title = f"p-values corrected for {family.family_size} tests ({family.method.value}, alpha {family.alpha:g})"
    return Table(("Test", "p", "Adjusted p", "Rejected"), rows, title)


def _estimate(estimate: Estimate | None) -> str | None:
    if estimate is None:
        return None
    name = estimate.name.replace("_", " ")
    if estimate.value is None:
        return f"{name}: {estimate.reason}"
    return f"{name} {number(estimate.value)}, {interval_words(estimate.interval)}"


def _number(value: float | None) -> str:
    return "undefined" if value is None else number(value)


def headline(result: Any) -> str:
    """Return test and p-value in a few words, for a log."""
    p_value = getattr(result, "p_value", None)
    return f"{result.test}: {p_words(p_value)}" if p_value is not None else str(result.test)
