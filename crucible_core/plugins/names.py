"""Compare the names of distributions, entry points and stages."""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["near_matches", "normalise"]

_SEPARATORS = re.compile(r"[-_.]+")


@functools.cache
def normalise(name: str) -> str:
    """Return a name as PEP 503 compares it: lower case, runs of ``-``, ``_`` and ``.`` as one dash.

    >>> normalise("Crucible_Bench"), normalise("crucible.bench:two_groups")
    ('crucible-bench', 'crucible-bench:two-groups')
    """
    return _SEPARATORS.sub("-", name.strip()).lower()


def near_matches(name: str, candidates: Iterable[str], limit: int = 3) -> tuple[str, ...]:
    """Return the candidates that a person may have meant, best first."""
    import difflib

    return tuple(difflib.get_close_matches(name, sorted(set(candidates)), n=limit, cutoff=0.6))
