"""Follow what stages read and write, before any of them runs."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import NamedTuple

from crucible_core.contract.paths import OPEN, covers, fill, root_of

_SUGGESTED = 20  # missing inputs that get a near match; a pipeline with more of them has another problem
_COMPARED = 200  # paths that a missing one is compared with


class Flow(NamedTuple):
    """What one stage reads and writes, placeholders filled in."""

    stage_id: str
    reads: tuple[str, ...]
    writes: tuple[str, ...]


class MissingInput(NamedTuple):
    """A path that a stage reads and nobody wrote before it; ``later`` names the stage that writes it too late."""

    position: int
    path: str
    later: str | None
    near: str | None


def flow_of(stage_id: str, reads: Iterable[str], writes: Iterable[str]) -> Flow:
    """Return a stage's flow with its own id in the place of ``{id}``."""
    own = {"id": stage_id}
    return Flow(stage_id, fill(reads, own), fill(writes, own))


def missing_inputs(flows: list[Flow], given: Iterable[str]) -> Iterator[MissingInput]:
    """Yield every declared read that no earlier stage writes and nobody gave.

    Args:
        flows: The enabled stages in order.
        given: Context paths that are there from the start.
    """
    there = dict.fromkeys(map(root_of, given))
    open_paths = [path for path in there if path.endswith(OPEN)]
    found = 0
    writers: dict[str, list[int]] | None = None
    for index, flow in enumerate(flows):
        for path in flow.reads:
            root = root_of(path)
            if path.endswith(OPEN) or root in there or any(covers(each, path) for each in open_paths):
                continue
            writers = _writers(flows) if writers is None else writers
            later = _first_from(writers.get(root, ()), index)
            near = _near(root, there) if found < _SUGGESTED else None
            found += 1
            yield MissingInput(index, path, None if later is None else flows[later].stage_id, near)
        for path in flow.writes:
            there[root_of(path)] = None
            if path.endswith(OPEN):
                open_paths.append(path)


def advice(missing: MissingInput, stage_id: str) -> str:
    """Say what to do about an input that a stage lacks."""
    if missing.later == stage_id:
        return "it writes this itself, but reads it first"
    if missing.later:
        return f"{missing.later!r} writes it, but comes later; move it before {stage_id!r}"
    if missing.near:
        return f"did you mean {missing.near!r}?"
    room, _, rest = missing.path.partition(".")
    given = f", or give it: --assign {rest.partition('.')[0]}=@FILE" if room == "assigns" else ""
    return f"put a stage that writes it before {stage_id!r}{given}"


def _writers(flows: list[Flow]) -> dict[str, list[int]]:
    """Return which stages write what; ``*`` is left out, since it is no promise."""
    writers: dict[str, list[int]] = {}
    for index, flow in enumerate(flows):
        for path in flow.writes:
            writers.setdefault(root_of(path), []).append(index)
    return writers


def _first_from(positions: Sequence[int], start: int) -> int | None:
    at = bisect_left(positions, start)
    return positions[at] if at < len(positions) else None


def _near(root: str, there: Iterable[str]) -> str | None:
    from difflib import get_close_matches

    candidates = [each for each in islice(there, _COMPARED) if not each.endswith(OPEN)]
    close = get_close_matches(root, candidates, n=1)
    return close[0] if close else None
