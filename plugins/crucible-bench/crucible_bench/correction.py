"""Corrections of p-values for multiple testing."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from numbers import Real
from typing import Any

from crucible_bench.errors import BenchError
from crucible_bench.question import checked_alpha
from crucible_bench.records import Record


class Correction(StrEnum):
    """What is kept at alpha: the chance of any false rejection (Bonferroni, Holm) or their expected share (fdr)."""

    BONFERRONI = "bonferroni"
    HOLM = "holm"
    FDR = "fdr"


NAMES = {Correction.BONFERRONI: "Bonferroni", Correction.HOLM: "Holm", Correction.FDR: "FDR"}
"""What readers call them."""

CORRECTION_ALIASES = {"benjamini_hochberg": "fdr", "bh": "fdr", "fdr_bh": "fdr", "holm_bonferroni": "holm"}


@dataclass(frozen=True)
class AdjustedPValue(Record):
    """One member of the family; adjusted and rejected are None where there was no p-value."""

    name: str
    p_value: float | None
    adjusted: float | None
    rejected: bool | None
    reason: str | None = None


@dataclass(frozen=True)
class CorrectedFamily(Record):
    """A family of p-values, corrected together, in the order given."""

    method: Correction
    alpha: float
    family_size: int
    members: tuple[AdjustedPValue, ...]

    def __getitem__(self, name: str) -> AdjustedPValue:
        """Return a member by name."""
        return next(member for member in self.members if member.name == name)


def known_corrections() -> tuple[str, ...]:
    """Return every name that `correction` knows: canonical ones, then aliases."""
    return (*(each.value for each in Correction), *CORRECTION_ALIASES)


def correction(name: str) -> Correction:
    """Look up a correction by name or alias.

    Raises:
        BenchError: `unknown_method`.
    """
    key = str(name).lower().replace("-", "_")
    try:
        return Correction(CORRECTION_ALIASES.get(key, key))
    except ValueError:
        raise BenchError("unknown_method", _unknown(name, key)) from None


def _unknown(name: str, key: str) -> str:
    from difflib import get_close_matches

    names = known_corrections()
    near = get_close_matches(key, names, n=1)
    hint = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(names)}"
    return f"no correction is named {name!r}; {hint}"


def correct(
    p_values: Mapping[str, float | None] | Sequence[float | None], *, method: str = "holm", alpha: float = 0.05
) -> CorrectedFamily:
    """Adjust a family of p-values; a hypothesis is rejected if its adjusted p-value is at most alpha.

    Args:
        p_values: Mapping of name to p-value, or a sequence (named `1`, `2`, ...). A None (a test without a p-value) is
            kept, and does not count in the family.
        method: `bonferroni`, `holm` (Holm 1979) or `fdr` (Benjamini and Hochberg 1995).
        alpha: Family-wise error rate, or false discovery rate.

    Raises:
        BenchError: `unknown_method`, `invalid_alpha` or `invalid_p_value`.

    Example:
        >>> [round(each.adjusted, 4) for each in correct([0.01, 0.03, 0.04, 0.2]).members]
        [0.04, 0.09, 0.09, 0.2]
    """
    kind, level = correction(method), checked_alpha(alpha)
    if not isinstance(p_values, Mapping):
        p_values = {str(position): p for position, p in enumerate(p_values, start=1)}
    known = {str(name): _checked(str(name), p) for name, p in p_values.items() if p is not None}
    adjusted = dict(zip(known, _ADJUST[kind](list(known.values())), strict=True)) if known else {}
    members = tuple(_member(str(name), known, adjusted, level) for name in p_values)
    return CorrectedFamily(kind, level, len(known), members)


def _member(name: str, known: dict[str, float], adjusted: dict[str, float], alpha: float) -> AdjustedPValue:
    if name not in known:
        return AdjustedPValue(name, None, None, None, "the test gave no p-value")
    return AdjustedPValue(name, known[name], adjusted[name], adjusted[name] <= alpha)


def _checked(name: str, p_value: Any) -> float:
    if isinstance(p_value, bool) or not isinstance(p_value, Real) or not 0.0 <= float(p_value) <= 1.0:
        raise BenchError("invalid_p_value", f"the p-value of {name} is {p_value!r}; it must lie between 0 and 1")
    return float(p_value)


def _bonferroni(p_values: list[float]) -> list[float]:
    return [min(1.0, len(p_values) * p) for p in p_values]


def _holm(p_values: list[float]) -> list[float]:
    """Multiply the smallest by m, the next by m - 1, ..., and keep the order."""
    adjusted, highest, m = [0.0] * len(p_values), 0.0, len(p_values)
    for step, index in enumerate(sorted(range(m), key=lambda i: p_values[i])):
        highest = max(highest, min(1.0, (m - step) * p_values[index]))
        adjusted[index] = highest
    return adjusted


def _benjamini_hochberg(p_values: list[float]) -> list[float]:
    """Multiply the i-th smallest by m / i, and keep the order from above."""
    adjusted, lowest, m = [0.0] * len(p_values), 1.0, len(p_values)
    for position, index in enumerate(sorted(range(m), key=lambda i: -p_values[i])):
        lowest = min(lowest, p_values[index] * m / (m - position))
        adjusted[index] = lowest
    return adjusted


_ADJUST: dict[Correction, Callable[[list[float]], list[float]]] = {
    Correction.BONFERRONI: _bonferroni,
    Correction.HOLM: _holm,
    Correction.FDR: _benjamini_hochberg,
}
