"""The Friedman test in both forms, with Iman and Davenport's F and Kendall's W."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from crucible_bench.effects.variance_explained import METHOD, share_interval, undefined_share
from crucible_bench.labels import RANK_STATISTICS
from crucible_bench.many_datasets.score_table import score_table
from crucible_bench.question import checked_alpha
from crucible_bench.records import Estimate, Record
from crucible_bench.resampling.friedman_law import counts_exactly, upper_tail
from crucible_bench.wording import estimate_words, p_words

if TYPE_CHECKING:
    from crucible_bench.samples import Array

_DIVERGES = "the models rank alike on every data set, so F is infinite; see chi2"
_FEW_DATASETS, _FEW_MODELS = 10, 5  # Demsar 2006, p. 11, wants more of both
_ALL_TIED = "all models tie on every data set, so there is nothing to correct for"
_MOSTLY_TIED = "ranks say little of so many ties; for scores of 0 and 1 use cochran and pairwise_mcnemar"


@dataclass(frozen=True)
class RankStatistic(Record):
    """A statistic of the mean ranks; value and p-value are None where undefined, and `reason` says why."""

    name: str
    value: float | None
    df: tuple[float, ...]
    p_value: float | None
    reason: str | None = None


@dataclass(frozen=True)
class FriedmanResult(Record):
    """How several models rank over several data sets.

    Attributes:
        models: Names, in the order given.
        datasets: Names, in the order given.
        mean_ranks: Mean rank of each model; 1 is best, ties share the mean of their ranks.
        chi2: Friedman's plain statistic (Demsar 2006, p. 11).
        chi2_tie_corrected: The same divided by 1 - sum(t^3 - t) / (n (k^3 - k)), as scipy reports it.
        iman_davenport: F_F = (n - 1) chi2 / (n (k - 1) - chi2), less conservative than chi2.
        iman_davenport_tie_corrected: F_F of the corrected chi2; the one that decides.
        effect_size: Kendall's W, corrected for ties: 0 no agreement of the data sets on the ranks, 1 full agreement.
        alpha: Significance level; the interval has level 1 - alpha.
        p_value: Exact up to three models and seven data sets, where F finds too much; else of the corrected
            Iman-Davenport statistic, or of the corrected chi2 if that F is infinite.
        method: Which statistic the p-value belongs to.
        exact: The corrected chi2 with its exact p-value; None where it is not counted.
    """

    derived: ClassVar[tuple[str, ...]] = ("n", "significant", "test")

    models: tuple[str, ...]
    datasets: tuple[str, ...]
    mean_ranks: tuple[float, ...]
    chi2: RankStatistic
    chi2_tie_corrected: RankStatistic
    iman_davenport: RankStatistic
    iman_davenport_tie_corrected: RankStatistic
    effect_size: Estimate
    alpha: float
    p_value: float | None
    method: str
    assumptions: tuple[str, ...]
    flags: tuple[str, ...]
    interpretation: str
    higher_is_better: bool
    reason: str | None = None
    exact: RankStatistic | None = None

    @property
    def test(self) -> str:
        """Canonical name, a key of `TESTS`."""
        return "friedman"

    @property
    def n(self) -> dict[str, int]:
        """Number of models and of data sets."""
        return {"models": len(self.models), "datasets": len(self.datasets)}

    @property
    def significant(self) -> bool | None:
        """Whether the p-value is at most alpha; None without a p-value."""
        return None if self.p_value is None else self.p_value <= self.alpha


def friedman(
    scores: Any,
    *,
    models: Sequence[str] | None = None,
    datasets: Sequence[str] | None = None,
    higher_is_better: bool = True,
    alpha: float = 0.05,
    items: str = "data sets",
) -> FriedmanResult:
    """Test whether models rank alike over data sets (Friedman 1937; Iman and Davenport 1980; Demsar 2006).

    Args:
        scores: What `score_table` takes: shape (data sets, models), or a mapping of model to scores.
        models: Names of the columns of an array.
        datasets: Names of the rows.
        higher_is_better: Whether rank 1 goes to the highest score or to the lowest.
        alpha: Significance level; the interval has level 1 - alpha.
        items: What to call the data sets, in the plural.

    Raises:
        BenchError: `invalid_alpha`, and what `score_table` raises.
    """
    table, level = score_table(scores, models=models, datasets=datasets), checked_alpha(alpha)
    ranks = rank_rows(table.array(), higher_is_better=higher_is_better)
    plain, corrected = _chi2(ranks), _chi2_corrected(ranks)
    f_plain, f_corrected = _iman_davenport(plain, ranks.shape), _iman_davenport(corrected, ranks.shape)
    exact = _exact(ranks, corrected)
    deciding = next(each for each in (exact, f_corrected, corrected, plain) if each and each.p_value is not None)
    effect = _kendalls_w(corrected, f_corrected, ranks.shape, level)
    return FriedmanResult(
        models=table.models,
        datasets=table.datasets,
        mean_ranks=tuple(ranks.mean(axis=0).tolist()),
        chi2=plain,
        chi2_tie_corrected=corrected,
        iman_davenport=f_plain,
        iman_davenport_tie_corrected=f_corrected,
        effect_size=effect,
        alpha=level,
        p_value=deciding.p_value,
        method=RANK_STATISTICS[deciding.name],
        assumptions=(f"{items} are independent of each other", f"scores are comparable within one of the {items}"),
        flags=_flags(ranks, items),
        interpretation=_sentence(deciding, effect, level),
        higher_is_better=higher_is_better,
        exact=exact,
    )


def _exact(ranks: Array, corrected: RankStatistic) -> RankStatistic | None:
    """Return the statistic with its exact p-value where data sets and models are few, None elsewhere."""
    if corrected.value is None or not counts_exactly(ranks):
        return None
    return RankStatistic("exact", corrected.value, (), upper_tail(ranks))


def rank_rows(scores: Array, *, higher_is_better: bool) -> Array:
    """Return the mid-ranks within each row of shape (data sets, models); 1 is best."""
    from scipy import stats

    ranks: Array = stats.rankdata(-scores if higher_is_better else scores, axis=1)
    return ranks


def _chi2(ranks: Array) -> RankStatistic:
    n, k = ranks.shape
    value = 12 * n / (k * (k + 1)) * float(((ranks.mean(axis=0) - (k + 1) / 2) ** 2).sum())
    return _chi2_statistic("chi2", value, k)


def _chi2_corrected(ranks: Array) -> RankStatistic:
    """Divide by the variance that the mid-ranks have, instead of the one that untied ranks would have."""
    n, k = ranks.shape
    spread = float(((ranks - (k + 1) / 2) ** 2).sum())
    if spread == 0.0:
        return RankStatistic("chi2_tie_corrected", None, (float(k - 1),), None, _ALL_TIED)
    value = n**2 * (k - 1) * float(((ranks.mean(axis=0) - (k + 1) / 2) ** 2).sum()) / spread
    return _chi2_statistic("chi2_tie_corrected", value, k)


def _chi2_statistic(name: str, value: float, k: int) -> RankStatistic:
    from scipy import stats

    return RankStatistic(name, value, (float(k - 1),), float(stats.chi2.sf(value, k - 1)))


def _iman_davenport(chi2: RankStatistic, shape: tuple[int, ...]) -> RankStatistic:
    from scipy import stats

    n, k = shape
    name, df = chi2.name.replace("chi2", "iman_davenport"), (float(k - 1), float((k - 1) * (n - 1)))
    if chi2.value is None:
        return RankStatistic(name, None, df, None, chi2.reason)
    room = n * (k - 1) - chi2.value
    if room <= 1e-9 * n * (k - 1):
        return RankStatistic(name, None, df, None, _DIVERGES)
    value = (n - 1) * chi2.value / room
    return RankStatistic(name, value, df, float(stats.f.sf(value, *df)))


def _kendalls_w(chi2: RankStatistic, f: RankStatistic, shape: tuple[int, ...], alpha: float) -> Estimate:
    """Return W = chi2 / (n (k - 1)) with the interval that inverts the noncentral F of F_F.

    In a two-way layout of ranks lambda = n (k - 1) W / (1 - W), so the limits of lambda give limits of W.
    """
    n, k = shape
    if chi2.value is None:
        return undefined_share("kendalls_w", alpha, _ALL_TIED)
    value = min(1.0, chi2.value / (n * (k - 1)))
    if f.value is None:
        undefined = undefined_share("kendalls_w", alpha, "the data sets agree fully on the ranks")
        return Estimate("kendalls_w", value, undefined.interval)
    method = f"{METHOD} of Iman and Davenport's F, approximate"
    return Estimate("kendalls_w", value, share_interval(f.value, (f.df[0], f.df[1]), n * (k - 1), alpha, method))


def _flags(ranks: Array, items: str) -> tuple[str, ...]:
    n, k = ranks.shape
    rough = n <= _FEW_DATASETS and k <= _FEW_MODELS and not counts_exactly(ranks)
    few = (f"only {n} {items}: both approximations are rough",) if rough else ()
    return (*tie_flags(ranks, items), *few)


def tie_flags(ranks: Array, items: str) -> tuple[str, ...]:
    """Say on how many rows of shape (data sets, models) models tie, and what follows where that is most of them."""
    import numpy as np

    n = len(ranks)
    tied = int((np.diff(np.sort(ranks, axis=1), axis=1) == 0).any(axis=1).sum())
    if not tied:
        return ()
    if 2 * tied <= n:
        return (f"ties on {tied} of {n} {items}",)
    return (f"ties on {tied} of {n} {items}: {_MOSTLY_TIED}",)


def _sentence(deciding: RankStatistic, effect: Estimate, alpha: float) -> str:
    found = f"{estimate_words(effect)}; {p_words(deciding.p_value or 0.0)}"
    title = f"The Friedman test ({RANK_STATISTICS[deciding.name]})"
    if (deciding.p_value or 0.0) <= alpha:
        return (
            f"{title} finds at alpha {alpha:g} that not all models rank alike ({found}), without saying which differ."
        )
    return (
        f"{title} does not establish at alpha {alpha:g} that the models rank differently ({found}), "
        "which does not show that they are equal."
    )
