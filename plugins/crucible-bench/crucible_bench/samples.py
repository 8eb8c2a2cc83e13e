"""Checks of the scores that come in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from numbers import Real
from typing import TYPE_CHECKING, Any

from crucible_bench.errors import BenchError
from crucible_bench.extremes import refuse_extremes, too_large

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

# Differences of decimal scores such as .3 - .1 and .9 - .7 differ in the last bits. Within this share of the largest
# score they are taken as equal wherever ties decide, because no evaluation measures twelve digits.
TIE_TOLERANCE = 1e-12


def as_sample(values: Any, name: str, *, minimum: int = 2) -> Array:
    """Return one group of scores as a vector of floats.

    Args:
        values: Array-like of shape (n,): numbers or booleans.
        name: What to call the group in an error.
        minimum: Fewest observations the caller can use.

    Raises:
        BenchError: `not_one_dimensional`, `not_numeric`, `not_finite`, `out_of_range` or `too_few_observations`.
    """
    import numpy as np

    sample = _as_floats(_as_vector(values, name), name)
    bad = np.flatnonzero(~np.isfinite(sample))
    if bad.size:
        raise BenchError(
            "not_finite",
            f"{name}[{bad[0]}] is {sample[bad[0]]} ({bad.size} such scores of {sample.size}); "
            "remove or impute them before testing",
        )
    refuse_extremes(sample, name)
    if sample.size < minimum:
        raise BenchError("too_few_observations", f"{name} has {sample.size} scores; at least {minimum} are needed")
    return sample


def _as_vector(values: Any, name: str) -> NDArray[Any]:
    import numpy as np

    if isinstance(values, str | bytes | Mapping) or not (hasattr(values, "__array__") or hasattr(values, "__iter__")):
        raise BenchError("not_one_dimensional", f"{name} is {type(values).__name__}; give a flat list of scores")
    try:
        raw = np.asarray(values if hasattr(values, "__array__") else list(values))
    except ValueError:
        raise BenchError("not_one_dimensional", f"{name} is a ragged table; give a flat list of scores") from None
    if raw.ndim != 1:
        raise BenchError("not_one_dimensional", f"{name} has shape {raw.shape}; give a flat list of scores")
    # Beside one string numpy turns every number into a string; objects keep what was given, for the error to show.
    return raw if raw.dtype.kind in "biuf" else np.asarray(values, dtype=object)


def _as_floats(raw: NDArray[Any], name: str) -> Array:
    import numpy as np

    if raw.dtype.kind in "biuf":
        return raw.astype(np.float64)
    values = raw.tolist()
    for position, value in enumerate(values):
        if value is None or type(value).__name__ == "NAType":
            raise BenchError("not_finite", f"{name}[{position}] is missing; remove or impute it before testing")
        if not isinstance(value, Real):
            blamed = position_to_blame(values)
            shown = f"{values[blamed]!r} ({type(values[blamed]).__name__})"
            raise BenchError("not_numeric", f"{name}[{blamed}] is {shown}; scores must be numbers")
    try:
        return raw.astype(np.float64)
    except OverflowError:
        raise too_large(name) from None


def position_to_blame(values: Sequence[Any]) -> int:
    """Return where the value stands that keeps scores from being numbers.

    In a column of texts such as 1, yes, 1 it is the one that reads as no number; else the first that is none.
    """
    wrong = [position for position, value in enumerate(values) if not is_number(value)]
    return next((position for position in wrong if not _reads_as_number(values[position])), wrong[0])


def is_number(value: Any) -> bool:
    """Tell whether a value is a real number, a boolean, or missing."""
    return value is None or isinstance(value, Real) or type(value).__name__ in ("bool", "bool_", "NAType")


def is_missing(value: Any) -> bool:
    """Tell whether a value stands for no value: None, NaN, or what pandas has in their place."""
    return value is None or type(value).__name__ in ("NAType", "NaTType") or bool(value != value)  # noqa: PLR0124 - NaN


def _reads_as_number(value: Any) -> bool:
    try:
        float(value)
    except (TypeError, ValueError):
        return False
    return True


def as_pair(first: Any, second: Any, names: tuple[str, str]) -> tuple[Array, Array]:
    """Return two groups whose i-th scores belong to the same item.

    Raises:
        BenchError: `unequal_lengths`, and what `as_sample` raises.
    """
    left, right = as_sample(first, names[0]), as_sample(second, names[1])
    if left.size != right.size:
        raise BenchError(
            "unequal_lengths",
            f"{names[0]} has {left.size} scores and {names[1]} has {right.size}; paired scores need one of each "
            "for every item (for unrelated items use a test of two groups)",
        )
    return left, right


def as_binary_pair(first: Any, second: Any, names: tuple[str, str]) -> tuple[Array, Array]:
    """Return two paired groups of zeros and ones.

    Raises:
        BenchError: `not_binary`, and what `as_pair` raises.
    """
    import numpy as np

    pair = as_pair(first, second, names)
    for sample, name in zip(pair, names, strict=True):
        bad = np.flatnonzero((sample != 0) & (sample != 1))
        if bad.size:
            raise BenchError("not_binary", f"{name}[{bad[0]}] is {sample[bad[0]]:g}; McNemar's test needs 0 and 1")
    return pair


def as_groups(groups: Any, *, minimum_groups: int = 2) -> dict[str, Array]:
    """Return named groups of scores.

    Args:
        groups: A mapping of name to scores, or a sequence of scores (named `group 1`, `group 2`, ...).
        minimum_groups: Fewest groups the caller can use.

    Raises:
        BenchError: `too_few_groups`, and what `as_sample` raises.
    """
    if not isinstance(groups, Mapping):
        if isinstance(groups, str) or not isinstance(groups, Sequence):
            raise BenchError("not_numeric", f"groups is {type(groups).__name__}; give a mapping of name to scores")
        groups = {f"group {position}": values for position, values in enumerate(groups, start=1)}
    if len(groups) < minimum_groups:
        raise BenchError("too_few_groups", f"{len(groups)} groups given; at least {minimum_groups} are needed")
    return {str(name): as_sample(values, str(name)) for name, values in groups.items()}


def is_binary(*samples: Array) -> bool:
    """Tell whether every score is 0 or 1."""
    return all(bool(((sample == 0) | (sample == 1)).all()) for sample in samples)


def is_constant(sample: Array) -> bool:
    """Tell whether all scores are equal (a variance would say 1e-33 for some constant samples)."""
    return bool(sample.min() == sample.max())
