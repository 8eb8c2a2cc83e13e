"""McNemar's test for every pair of models, corrected for their number."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Any, ClassVar

from crucible_bench.correction import NAMES, CorrectedFamily, Correction, correct
from crucible_bench.many_datasets.score_table import binary_table
from crucible_bench.paired.sign import mcnemar
from crucible_bench.records import Estimate, Record

if TYPE_CHECKING:
    from crucible_bench.records import Result

TITLE = "McNemar's test of all pairs"


@dataclass(frozen=True)
class ProportionDifference(Record):
    """Two models on the same items: the success rate of first minus that of second.

    Attributes:
        first: Name of one model.
        second: Name of the other.
        only_first: Items on which first alone succeeds.
        only_second: Items on which second alone succeeds.
        estimate: The difference of the proportions with Newcombe's paired interval, of this pair alone.
        effect_size: Cohen's g.
        p_value: Of this pair alone.
        adjusted_p_value: Corrected for the number of pairs.
        significant: Whether the adjusted p-value is at most alpha.
    """

    first: str
    second: str
    only_first: int
    only_second: int
    estimate: Estimate
    effect_size: Estimate
    p_value: float
    adjusted_p_value: float
    significant: bool


@dataclass(frozen=True)
class PairwiseMcNemarResult(Record):
    """Which models differ in success rate.

    Attributes:
        models: Names, in the order given.
        n_items: Number of items.
        pairs: Every pair, in the order of the models.
        correction: How the p-values are corrected for the number of pairs.
        alpha: Significance level of the family; each interval has level 1 - alpha by itself.
        method: How the p-values were computed.
        flags: What is unusual about these data.
        items: What the items are called, in the plural.
    """

    derived: ClassVar[tuple[str, ...]] = ("n", "test")

    models: tuple[str, ...]
    n_items: int
    pairs: tuple[ProportionDifference, ...]
    correction: Correction
    alpha: float
    method: str
    assumptions: tuple[str, ...]
    flags: tuple[str, ...]
    interpretation: str
    items: str

    @property
    def test(self) -> str:
        """Canonical name, a key of `TESTS`."""
        return "pairwise_mcnemar"

    @property
    def n(self) -> dict[str, int]:
        """Number of models and of items."""
        return {"models": len(self.models), "items": self.n_items}


def pairwise_mcnemar(
    scores: Any,
    *,
    models: Sequence[str] | None = None,
    datasets: Sequence[str] | None = None,
    method: str = "exact",
    correction: str = "holm",
    alpha: float = 0.05,
    items: str = "items",
) -> PairwiseMcNemarResult:
    """Compare the success rates of all pairs of models on the same items (McNemar 1947; Holm 1979).

    Args:
        scores: What `score_table` takes, of 0 and 1: shape (items, models), or a mapping of model to scores.
        models: Names of the columns of an array.
        datasets: Names of the rows.
        method: `exact`, `mid-p` or `chi2`, as in `mcnemar`.
        correction: `holm`, `bonferroni` or `fdr`, as in `correct`.
        alpha: Significance level of the family.
        items: What to call the items, in the plural.

    Raises:
        BenchError: `not_binary`, `unknown_method`, `invalid_alpha`, and what `score_table` raises.
    """
    table = binary_table(scores, models=models, datasets=datasets, test="McNemar's test")
    columns = dict(zip(table.models, table.columns, strict=True))
    found = [
        mcnemar(columns[first], columns[second], method=method, alpha=alpha, names=(first, second))
        for first, second in combinations(columns, 2)
    ]
    family = correct([each.p_value for each in found], method=correction, alpha=alpha)
    pairs = _pairs(found, family)
    tied = tuple(f"{each.first} and {each.second} tie on all {items}" for each in pairs if not _decided(each))
    return PairwiseMcNemarResult(
        models=table.models,
        n_items=len(table.datasets),
        pairs=pairs,
        correction=family.method,
        alpha=family.alpha,
        method=found[0].method,
        assumptions=(f"{items} are independent of each other",),
        flags=tied,
        interpretation=_sentence(pairs, family),
        items=items,
    )


def _decided(pair: ProportionDifference) -> bool:
    return pair.only_first + pair.only_second > 0


def _pairs(found: list[Result], family: CorrectedFamily) -> tuple[ProportionDifference, ...]:
    pairs = []
    for result, member in zip(found, family.members, strict=True):
        first, second = (group.name for group in result.groups)
        wins, losses = (int(result.details[key] or 0) for key in ("only_first", "only_second"))
        adjusted = 1.0 if member.adjusted is None else member.adjusted
        estimate = result.estimate or result.effect_size
        p_value = 1.0 if result.p_value is None else result.p_value
        pair = (first, second, wins, losses, estimate, result.effect_size, p_value, adjusted, adjusted <= family.alpha)
        pairs.append(ProportionDifference(*pair))
    return tuple(pairs)


def _sentence(pairs: tuple[ProportionDifference, ...], family: CorrectedFamily) -> str:
    differing = [_order(each) for each in pairs if each.significant]
    kept = "false discovery rate" if family.method is Correction.FDR else "family-wise alpha"
    head, count = f"{TITLE} ({NAMES[family.method]}-corrected)", f"{len(differing)} of {len(pairs)} pairs of models"
    if differing:
        rest = "; the other pairs are not shown to be equal" if len(differing) < len(pairs) else ""
        listed = ", ".join(differing)
        return f"{head} finds at {kept} {family.alpha:g} that {count} differ in success rate: {listed}{rest}."
    return (
        f"{head} does not establish at {kept} {family.alpha:g} that any of {len(pairs)} pairs of models differ in "
        "success rate, which does not show that they are equal."
    )


def _order(pair: ProportionDifference) -> str:
    higher = (pair.estimate.value or 0.0) > 0.0
    return f"{pair.first} is {'higher' if higher else 'lower'} than {pair.second}"
