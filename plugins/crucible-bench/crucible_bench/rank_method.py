"""How the p-value of a rank test is computed."""

from __future__ import annotations

from enum import StrEnum

from crucible_bench.errors import BenchError


class RankMethod(StrEnum):
    """Exact, asymptotic, or whichever the size allows."""

    AUTO = "auto"
    EXACT = "exact"
    ASYMPTOTIC = "asymptotic"


def rank_method(name: str) -> RankMethod:
    """Look up a method by name.

    Raises:
        BenchError: `unknown_method`.
    """
    try:
        return RankMethod(str(name).lower())
    except ValueError:
        known = ", ".join(RankMethod)
        raise BenchError("unknown_method", f"method {name!r} is not one of {known}") from None


def use_exact(method: RankMethod, size: int, most: int) -> bool:
    """Tell whether to count the exact distribution.

    Args:
        method: What was asked for.
        size: Number of ranks.
        most: Up to this size counting takes a moment; up to twice as many it is done when asked for.

    Raises:
        BenchError: `infeasible` if the exact distribution was asked for and is too large.
    """
    if method is RankMethod.EXACT and size > 2 * most:
        raise BenchError(
            "infeasible", f"the exact distribution of {size} ranks is too large (most: {2 * most}); use method 'auto'"
        )
    return method is RankMethod.EXACT or (method is RankMethod.AUTO and size <= most)
