"""Follow what stages read and write, before any of them runs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from crucible_core.contract.paths import OPEN, covers, fill, root_of


@dataclass(frozen=True, slots=True)
class Flow:
    """What one stage reads and writes, placeholders filled in."""

    stage_id: str
    reads: tuple[str, ...]
    writes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MissingInput:
    """A path that a stage reads and nobody wrote before it; ``later`` names the stage that writes it too late."""

    index: int
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
    there = set(given)
    open_paths = [path for path in there if path.endswith(OPEN)]
    for index, flow in enumerate(flows):
        for path in flow.reads:
            if path.endswith(OPEN) or root_of(path) in there or any(covers(each, path) for each in open_paths):
                continue
            yield MissingInput(index, path, _later(flows, index, path), _near(root_of(path), there))
        for path in flow.writes:
            there.add(root_of(path))
            if path.endswith(OPEN):
                open_paths.append(path)


def _later(flows: list[Flow], index: int, path: str) -> str | None:
    for flow in flows[index:]:
        if any(covers(written, path) for written in flow.writes if not written.endswith(OPEN)):
            return flow.stage_id
    return None


def _near(root: str, there: set[str]) -> str | None:
    from difflib import get_close_matches

    close = get_close_matches(root, sorted(there)[:200], n=1)
    return close[0] if close else None
