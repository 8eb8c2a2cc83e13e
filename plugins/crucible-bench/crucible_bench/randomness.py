"""Where random draws come from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crucible_bench.errors import BenchError

if TYPE_CHECKING:
    import numpy as np

FEWEST_RESAMPLES = 99


def as_generator(rng: np.random.Generator | int) -> tuple[np.random.Generator, int | None]:
    """Return a generator and the seed it came from (None for a generator that was passed in).

    Raises:
        BenchError: `invalid_rng`: a resampling result without a known source cannot be reproduced.
    """
    import numpy as np

    if isinstance(rng, np.random.Generator):
        return rng, None
    if isinstance(rng, bool) or not isinstance(rng, int | np.integer) or rng < 0:
        raise BenchError("invalid_rng", f"rng is {rng!r}; give a numpy.random.Generator or a seed (an integer >= 0)")
    return np.random.default_rng(int(rng)), int(rng)


def checked_resamples(resamples: int) -> int:
    """Return a usable number of resamples.

    Raises:
        BenchError: `invalid_resamples`.
    """
    if isinstance(resamples, bool) or not isinstance(resamples, int) or resamples < FEWEST_RESAMPLES:
        raise BenchError(
            "invalid_resamples", f"resamples is {resamples!r}; it must be an integer of at least {FEWEST_RESAMPLES}"
        )
    return resamples
