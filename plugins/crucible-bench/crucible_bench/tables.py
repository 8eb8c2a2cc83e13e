"""The tables of a report: one quantity a column, the level of intervals in the heading."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from crucible_bench.catalogue import TESTS
from crucible_bench.correction import NAMES
from crucible_bench.labels import RANK_STATISTICS, label
from crucible_bench.wording import interval_numbers, number, p_number, percent
from crucible_core import Table

if TYPE_CHECKING:
    from crucible_bench.correction import CorrectedFamily
    from crucible_bench.many_datasets.friedman import FriedmanResult
    from crucible_bench.many_datasets.nemenyi import NemenyiResult
    from crucible_bench.many_datasets.pairwise_mcnemar import PairwiseMcNemarResult
    from crucible_bench.records import Description, Estimate, Interval, Result

_REPEATS_THE_ESTIMATE = "mean difference"
_NO_BREAK = "\N{NO-BREAK SPACE}"


def groups_table(groups: Sequence[Description], mean_ranks: Mapping[str, float] | None = None) -> Table:
    """Return size, mean, spread and, where models were ranked, mean rank of each group."""
    columns = ["Group", "n", "Mean", f"{percent(groups[0].interval.level)} interval of the mean", "SD", "Median"]
    rows = [[each.name, each.n, each.mean, _limits(each.interval), each.sd, each.median] for each in groups]
    if mean_ranks is not None:
        columns.append("Mean rank")
        rows = [[*row, mean_ranks[str(row[0])]] for row in rows]
    return Table(columns, rows, "Groups")


def tests_table(tests: Sequence[Result]) -> Table:
    """Return statistic, p-value, difference and effect size of each test; columns that would be empty are left out."""
    interval = _interval_heading([each.effect_size.interval for each in tests])
    kinds = list(dict.fromkeys(each.estimate.name for each in tests if each.estimate is not None))
    difference = _capitalized(label(kinds[0])) if len(kinds) == 1 else "Difference"
    columns = ["Test", "Statistic", "df", "p", difference, interval, "Effect size", interval]
    rows = [
        [
            _capitalized(TESTS[each.test].title),
            _statistic(each),
            _df(each.df),
            _p(each.p_value),
            _difference(each.estimate, named=len(kinds) > 1),
            None if each.estimate is None else _limits(each.estimate.interval),
            _effect(each.effect_size),
            _limits(each.effect_size.interval),
        ]
        for each in tests
    ]
    used = [index for index in range(len(columns)) if any(row[index] is not None for row in rows)]
    return Table([columns[index] for index in used], [[row[index] for index in used] for row in rows], "Tests")


def friedman_table(result: FriedmanResult) -> Table:
    """Return the statistics of the ranks and Kendall's W."""
    statistics = (result.chi2, result.chi2_tie_corrected, result.iman_davenport, result.iman_davenport_tie_corrected)
    rows: list[tuple[Any, ...]] = [
        (RANK_STATISTICS[each.name], each.value, _df(each.df), _p(each.p_value), each.reason) for each in statistics
    ]
    if result.exact is not None:
        rows.append((RANK_STATISTICS["exact"], result.exact.value, None, _p(result.exact.p_value), None))
    effect = result.effect_size
    rows.append((label(effect.name), effect.value, None, None, _limits(effect.interval)))
    heading = _interval_heading([effect.interval])
    return Table(("Statistic", "Value", "df", "p", heading), rows, "Friedman test")


def nemenyi_table(result: NemenyiResult) -> Table:
    """Return every pair of models with the difference of their mean ranks."""
    rows = [
        (
            f"{pair.first} against {pair.second}",
            pair.effect_size.value,
            _limits(pair.effect_size.interval),
            _p(pair.p_value),
            pair.significant,
        )
        for pair in result.pairs
    ]
    title = f"Nemenyi's test: critical difference {number(result.critical_difference)} at alpha {result.alpha:g}"
    simultaneous = f"{percent(round(1 - result.alpha, 12))} simultaneous interval"
    return Table(("Models", "Difference of mean ranks", simultaneous, "p", "Differ"), rows, title)


def pairwise_table(result: PairwiseMcNemarResult) -> Table:
    """Return every pair of models with the items that only one of them solves."""
    rows = [
        (
            f"{pair.first} against {pair.second}",
            pair.only_first,
            pair.only_second,
            pair.estimate.value,
            _limits(pair.estimate.interval),
            _p(pair.p_value),
            _p(pair.adjusted_p_value),
            pair.significant,
        )
        for pair in result.pairs
    ]
    level = percent(round(1 - result.alpha, 12))
    columns = ("Models", "Only first", "Only second", "Difference", f"{level} interval", "p")
    corrected = f"p, {NAMES[result.correction]}"
    title = f"McNemar's test of all pairs of models on {result.n_items} {result.items}"
    return Table((*columns, corrected, "Differ"), rows, title)


def method_table(results: Sequence[Any]) -> Table:
    """Return how p-values and intervals were computed and what they assume."""
    rows = [
        (
            _capitalized(TESTS[each.test].title),
            getattr(each, "method", "studentized range"),
            "; ".join(_interval_methods(each)),
            "; ".join(each.assumptions),
        )
        for each in results
    ]
    return Table(("Test", "p from", "Intervals", "Assumptions"), rows, "How it was computed")


def _interval_methods(result: Any) -> list[str]:
    """Return the methods of a test's intervals, each once."""
    parts = result.pairs if hasattr(result, "pairs") else (result,)
    estimates = [getattr(part, name, None) for part in parts for name in ("estimate", "effect_size")]
    return list(dict.fromkeys(each.interval.method for each in estimates if each is not None))


def family_table(family: CorrectedFamily) -> Table:
    """Return the p-values that were corrected together."""
    rows = [
        (_capitalized(TESTS[each.name].title), _p(each.p_value), _p(each.adjusted), each.rejected)
        for each in family.members
    ]
    how = NAMES[family.method]
    title = f"p-values corrected for {family.family_size} tests ({how}, alpha {family.alpha:g})"
    return Table(("Test", "p", "Adjusted p", "Rejected"), rows, title)


def _interval_heading(intervals: Sequence[Interval]) -> str:
    one_sided = any((each.low is None) != (each.high is None) for each in intervals)
    return f"{percent(intervals[0].level)} {'bound' if one_sided else 'interval'}"


def _limits(interval: Interval) -> str | None:
    if interval.low is None and interval.high is None:
        return None
    return interval_numbers(interval.low, interval.high).replace(" ", _NO_BREAK)


def _difference(estimate: Estimate | None, *, named: bool) -> str | None:
    if estimate is None or estimate.value is None:
        return None
    kind = f"{label(estimate.name).removesuffix(' difference').removeprefix('difference of ')} " if named else ""
    return f"{kind}{number(estimate.value)}"


def _effect(estimate: Estimate) -> str | None:
    if estimate.value is None:
        return None
    return f"{label(estimate.name)} {number(estimate.value)}"


def _statistic(result: Result) -> str | None:
    if result.statistic is None or result.statistic_name == _REPEATS_THE_ESTIMATE:
        return None
    return f"{label(result.statistic_name)}{_NO_BREAK}={_NO_BREAK}{number(result.statistic)}"


def _df(df: Sequence[float]) -> str | None:
    return ", ".join(number(each) for each in df) or None


def _p(p_value: float | None) -> str | None:
    return None if p_value is None else p_number(p_value)


def _capitalized(words: str) -> str:
    return words[0].upper() + words[1:]
