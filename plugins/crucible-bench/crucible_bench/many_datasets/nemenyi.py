"""Nemenyi's comparison of all pairs of models by their mean ranks."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any, ClassVar

from crucible_bench.many_datasets.friedman import rank_rows, tie_flags
from crucible_bench.many_datasets.score_table import score_table
from crucible_bench.question import checked_alpha
from crucible_bench.records import Estimate, Interval, Record

METHOD = "simultaneous over all pairs, studentized range"


@dataclass(frozen=True)
class RankDifference(Record):
    """Two models: mean rank of first minus mean rank of second; negative means that first ranks better."""

    first: str
    second: str
    effect_size: Estimate
    p_value: float
    significant: bool


@dataclass(frozen=True)
class NemenyiResult(Record):
    """Which models differ in mean rank.

    Attributes:
        models: Names, in the order given.
        mean_ranks: Mean rank of each model; 1 is best.
        n_datasets: Number of data sets.
        critical_difference: Two models whose mean ranks differ by at least this differ at alpha.
        pairs: Every pair, in the order of the models.
        groups: Largest sets of neighbours in rank order that do not differ among themselves, two models or more; best
            first.
        alpha: Family-wise significance level; intervals have simultaneous level 1 - alpha.
        flags: What is unusual about these data.
        items: What the data sets are called, in the plural.
    """

    derived: ClassVar[tuple[str, ...]] = ("n", "test")

    models: tuple[str, ...]
    mean_ranks: tuple[float, ...]
    n_datasets: int
    critical_difference: float
    pairs: tuple[RankDifference, ...]
    groups: tuple[tuple[str, ...], ...]
    alpha: float
    assumptions: tuple[str, ...]
    flags: tuple[str, ...]
    interpretation: str
    items: str = "data sets"

    @property
    def test(self) -> str:
        """Canonical name, a key of `TESTS`."""
        return "nemenyi"

    @property
    def n(self) -> dict[str, int]:
        """Number of models and of data sets."""
        return {"models": len(self.models), "datasets": self.n_datasets}


def critical_difference(n_models: int, n_datasets: int, *, alpha: float = 0.05) -> float:
    """Return q_alpha sqrt(k (k + 1) / 6 n), q the studentized range over sqrt 2 (Nemenyi 1963; Demsar 2006, p. 12).

    Example:
        >>> round(critical_difference(4, 14), 2)
        1.25
    """
    from scipy import stats

    q = float(stats.studentized_range.ppf(1.0 - checked_alpha(alpha), n_models, math.inf)) / math.sqrt(2.0)
    return q * _rank_error(n_models, n_datasets)


def nemenyi(
    scores: Any,
    *,
    models: Sequence[str] | None = None,
    datasets: Sequence[str] | None = None,
    higher_is_better: bool = True,
    alpha: float = 0.05,
    items: str = "data sets",
) -> NemenyiResult:
    """Compare all pairs of models over data sets by their mean ranks (Nemenyi 1963).

    Arguments and errors are those of `friedman`. Ties are given mid-ranks and not corrected for, which is conservative.
    """
    table, level = score_table(scores, models=models, datasets=datasets), checked_alpha(alpha)
    ranks = rank_rows(table.array(), higher_is_better=higher_is_better)
    mean_ranks = ranks.mean(axis=0).tolist()
    ranked = dict(zip(table.models, mean_ranks, strict=True))
    cd = critical_difference(len(ranked), len(table.datasets), alpha=level)
    pairs = _pairs(ranked, len(table.datasets), cd, level)
    return NemenyiResult(
        models=table.models,
        mean_ranks=tuple(mean_ranks),
        n_datasets=len(table.datasets),
        critical_difference=cd,
        pairs=pairs,
        groups=_groups(ranked, cd),
        alpha=level,
        assumptions=(f"{items} are independent of each other", f"enough {items} for mean ranks to be normal"),
        flags=tie_flags(ranks, items),
        interpretation=_sentence(pairs, level, cd),
        items=items,
    )


def _rank_error(k: int, n: int) -> float:
    """Return the standard error of a difference of two mean ranks under the null hypothesis."""
    return math.sqrt(k * (k + 1) / (6.0 * n))


def _pairs(ranked: dict[str, float], n: int, cd: float, alpha: float) -> tuple[RankDifference, ...]:
    from scipy import stats

    k, level = len(ranked), round(1.0 - alpha, 12)
    names = list(combinations(ranked, 2))
    differences = [ranked[first] - ranked[second] for first, second in names]
    ranges = [abs(each) / _rank_error(k, n) * math.sqrt(2.0) for each in differences]
    p_values = stats.studentized_range.sf(ranges, k, math.inf).tolist()
    found = []
    for (first, second), difference, p_value in zip(names, differences, p_values, strict=True):
        interval = Interval(difference - cd, difference + cd, level, METHOD)
        effect = Estimate("mean_rank_difference", difference, interval)
        p = min(1.0, max(0.0, float(p_value)))
        found.append(RankDifference(first, second, effect, p, significant=differ(difference, cd)))
    return tuple(found)


def differ(difference: float, cd: float) -> bool:
    """Tell whether mean ranks differ by at least the critical difference, within rounding error."""
    return abs(difference) >= cd * (1 - 1e-12)


def _groups(ranked: dict[str, float], cd: float) -> tuple[tuple[str, ...], ...]:
    order = sorted(ranked, key=lambda name: ranked[name])
    groups: list[tuple[str, ...]] = []
    reached = 0
    for start, best in enumerate(order):
        end = max(
            stop
            for stop in range(start, len(order))
            if stop == start or not differ(ranked[order[stop]] - ranked[best], cd)
        )
        if end > max(start, reached):
            groups.append(tuple(order[start : end + 1]))
            reached = end
    return tuple(groups)


def _sentence(pairs: tuple[RankDifference, ...], alpha: float, cd: float) -> str:
    found = sum(pair.significant for pair in pairs)
    head = f"Nemenyi's test (critical difference {cd:.3g})"
    if found:
        return (
            f"{head} finds at family-wise alpha {alpha:g} that {found} of {len(pairs)} pairs of models differ in rank; "
            "the other pairs are not shown to be equal."
        )
    return (
        f"{head} does not establish at family-wise alpha {alpha:g} that any of {len(pairs)} pairs of models differ, "
        "which does not show that they are equal."
    )
