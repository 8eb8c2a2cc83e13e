"""Cochran's Q test of several models that each succeed or fail on the same items."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from crucible_bench.description import describe_sample
from crucible_bench.effects.chance_corrected import chance_corrected_r
from crucible_bench.errors import BenchError
from crucible_bench.many_datasets.score_table import binary_table
from crucible_bench.question import checked_alpha
from crucible_bench.randomness import as_generator, checked_resamples
from crucible_bench.rank_method import RankMethod, rank_method
from crucible_bench.records import Result
from crucible_bench.resampling.cochran_law import MOST_STEPS, cochran_steps, upper_tail
from crucible_bench.wording import estimate_words, omnibus_sentence

if TYPE_CHECKING:
    import numpy as np

    from crucible_bench.samples import Array

TITLE = "Cochran's Q test"
_FEW = 24  # informative items times models; below, chi-square is rough (Tate and Brown 1970)


def cochran(
    scores: Any,
    *,
    rng: np.random.Generator | int,
    models: Sequence[str] | None = None,
    datasets: Sequence[str] | None = None,
    method: str = "auto",
    resamples: int = 9_999,
    alpha: float = 0.05,
    items: str = "items",
) -> Result:
    """Test whether models have the same success rate on the same items (Cochran 1950).

    Args:
        scores: What `score_table` takes, of 0 and 1: shape (items, models), or a mapping of model to scores.
        rng: Generator or seed of the bootstrap of the effect size.
        models: Names of the columns of an array.
        datasets: Names of the rows.
        method: `exact` (all ways in which items could have given their successes to models, counted), `asymptotic`
            (chi-square), or `auto`: exact where counting takes a moment.
        resamples: Number of resamples of the bootstrap.
        alpha: Significance level; intervals have level 1 - alpha.
        items: What to call the items, in the plural.

    Returns:
        The result; statistic: Q with k - 1 degrees of freedom; effect size: the chance-corrected R of Berry, Johnston
        and Mielke 2007; details: eta squared Q / (n (k - 1)) of Serlin, Carr and Marascuilo 1982, and the number of
        items that some models solve and others do not, the only ones that count. Without any p = 1.

    Raises:
        BenchError: `not_binary`, `unknown_method`, `infeasible`, `invalid_rng`, `invalid_resamples`, `invalid_alpha`,
            and what `score_table` raises.
    """
    table, level = binary_table(scores, models=models, datasets=datasets, test=TITLE), checked_alpha(alpha)
    array, kind = table.array(), rank_method(method)
    generator, seed = as_generator(rng)
    n, k = array.shape
    exact = _use_exact(array, kind)
    q = cochran_q(array)
    p_value = upper_tail(array) if exact else _chi2_tail(q, k - 1)
    effect = chance_corrected_r(array, level, checked_resamples(resamples), generator)
    informative = int(((array.sum(axis=1) > 0) & (array.sum(axis=1) < k)).sum())
    return Result(
        test="cochran",
        title=TITLE,
        statistic_name="Q",
        statistic=q,
        df=(float(k - 1),),
        p_value=p_value,
        alternative="two-sided",
        alpha=level,
        estimate=None,
        effect_size=effect,
        groups=tuple(
            describe_sample(array[:, column], name, level, binary=True) for column, name in enumerate(table.models)
        ),
        method="exact distribution of Q" if exact else "chi-square distribution",
        assumptions=(f"{items} are independent of each other",),
        flags=_flags(n, k, informative, items, exact=exact),
        details={"eta_squared": q / (n * (k - 1)), "informative_items": informative},
        interpretation=omnibus_sentence(TITLE, "success rates", level, p_value, estimate_words(effect), None),
        resamples=resamples,
        seed=seed,
    )


def cochran_q(table: Array) -> float:
    """Return Q = (k - 1) (k sum C^2 - N^2) / (k N - sum L^2), 0 where no item tells models apart.

    Args:
        table: Shape (n, k) of 0 and 1; C are the sums of its columns, L of its rows, N of all.
    """
    k = table.shape[1]
    columns, rows, total = table.sum(axis=0), table.sum(axis=1), float(table.sum())
    below = k * total - float((rows**2).sum())
    return (k - 1) * (k * float((columns**2).sum()) - total**2) / below if below else 0.0


def _chi2_tail(q: float, df: int) -> float:
    from scipy import stats

    return float(stats.chi2.sf(q, df))


def _use_exact(table: Array, method: RankMethod) -> bool:
    steps = cochran_steps(table)
    if method is RankMethod.EXACT and steps > 10 * MOST_STEPS:
        message = "the exact distribution of Q is too large for so many items and models; use method 'auto'"
        raise BenchError("infeasible", message)
    return method is RankMethod.EXACT or (method is RankMethod.AUTO and steps <= MOST_STEPS)


def _flags(n: int, k: int, informative: int, items: str, *, exact: bool) -> tuple[str, ...]:
    if informative == 0:
        return (f"every model scores alike on all {n} {items}: all scores of a row are equal",)
    alike = n - informative
    told = (f"all models tie on {alike} of {n} {items}, which say nothing about who is better",) if alike else ()
    rough = not exact and informative * k < _FEW
    return (*told, *((f"only {informative} {items} tell models apart: chi-square is rough",) if rough else ()))
