"""What this distribution does beyond its stage: it says whether two runs differ by more than noise."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crucible_core import hookimpl

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crucible_core import ItemFinding, ItemPairs


@hookimpl
def crucible_compare_items(pairs: Sequence[ItemPairs]) -> Sequence[ItemFinding | None]:
    """Test the paired differences; p-values are corrected for the number of comparisons."""
    from crucible_bench.run_differences import findings

    return findings(pairs)
