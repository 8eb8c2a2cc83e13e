"""Measure what one no-op stage costs, in memory, recorded and synced, beside other runners' steps.

Every tool runs a chain of steps that do nothing, in a process and an environment of its own, the processes of one round
one after the other. The first run in each process is left out. "Execution" is what happens between two steps; for
Crucible it is also part of "whole run", which plans first: resolves stages, checks options and follows the data flow.
"""

from __future__ import annotations

import json
import statistics
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from measure import ChildError, Summary, interleaved, options, report, run_child, summary, table
from peers import PEERS, PeerUnavailableError, crucible_python, peer_python

CHAINS = Path(__file__).resolve().parent / "chains"
STAGES, MANY, VERY_MANY = 100, 1_000, 100_000

Figures = Mapping[str, Mapping[str, list[float]]]


@dataclass(frozen=True)
class Chain:
    """A chain of one tool: its script, how many steps, how often in one process, and what else the script is told."""

    tool: str
    stages: int
    repeats: int
    how: str = ""

    def run(self, python: Path) -> Figures:
        """Run it in a new process; the first repeat warms up and is left out.

        Raises:
            ChildError: The tool could not do it.
        """
        script, numbers = CHAINS / f"{self.tool}_chain.py", [str(self.stages), str(self.repeats + 1)]
        command: list[str | Path] = [python, script, *numbers, *filter(None, [self.how])]
        figures: Figures = json.loads(run_child(command).output.splitlines()[-1])
        return {name: {kind: values[1:] for kind, values in kinds.items()} for name, kinds in figures.items()}


def main() -> None:
    given = options(__doc__).parse_args()
    pythons, skipped = _environments(given.cache)
    rounds = 3 if given.quick else 11
    fast = [Chain("crucible", STAGES, 40, how) for how in ("memory", "recorded", "synced")]
    fast += [Chain("hamilton", STAGES, 40), Chain("joblib", STAGES, 40)]
    slow = [Chain("kedro", STAGES, 5), Chain("luigi", STAGES, 5), Chain("dagster", STAGES, 2), Chain("prefect", 50, 2)]
    long = [Chain("crucible", number, 3, how) for how in ("memory", "recorded") for number in (MANY, VERY_MANY)]
    found = _measured(fast, pythons, rounds)
    found |= _measured(slow, pythons, 1 if given.quick else 5)
    found |= _measured(long, pythons, 1 if given.quick else 5)
    limits = [_limit(Chain("hamilton", MANY, 1), pythons)]
    parts = [_steps(found), _scaling(found), _syncs(found), *limits, *skipped]
    figures = {"microseconds_per_stage": _figures(found), "limits": limits, "skipped": skipped}
    report("cost of a stage", given, figures, "\n\n".join(filter(None, parts)))


def _environments(cache: Path) -> tuple[dict[str, Path], list[str]]:
    pythons, skipped = {"crucible": crucible_python(cache)}, []
    for name in PEERS:
        try:
            pythons[name] = peer_python(name, cache)
        except PeerUnavailableError as error:
            skipped.append(f"{name} is left out: {error}")
    return pythons, skipped


def _measured(chains: Iterable[Chain], pythons: Mapping[str, Path], rounds: int) -> dict[Chain, list[Figures]]:
    """Return for each chain what each round found; tools without an environment are left out."""
    there = {str(number): chain for number, chain in enumerate(chains) if chain.tool in pythons}
    cases: dict[str, Callable[[], Figures]] = {
        number: partial(chain.run, pythons[chain.tool]) for number, chain in there.items()
    }
    return {there[number]: values for number, values in interleaved(cases, rounds, warm=False).items()}


def _limit(chain: Chain, pythons: Mapping[str, Path]) -> str:
    """Say whether a tool can run a chain at all."""
    if chain.tool not in pythons:
        return ""
    try:
        chain.run(pythons[chain.tool])
    except ChildError as error:
        return f"{chain.tool}, {chain.stages} steps: {str(error).splitlines()[-1]}"
    return f"{chain.tool}, {chain.stages} steps: runs"


def _all(rounds: Iterable[Figures], name: str, kind: str) -> list[float]:
    return [value for figures in rounds for value in figures[name][kind]]


def _steps(found: Mapping[Chain, list[Figures]]) -> str:
    rows = []
    for chain, rounds in found.items():
        if chain.stages in (MANY, VERY_MANY) or chain.how == "synced":
            continue
        for name in rounds[0]:
            cpu, wall = (summary(_all(rounds, name, kind)) for kind in ("cpu_us", "wall_us"))
            label = " ".join(filter(None, [chain.tool, chain.how, name]))
            rows.append((label, str(chain.stages), _short(cpu.median), _short(cpu.minimum), _short(wall.median)))
    return table(("tool", "steps", "CPU us a step, median", "minimum", "wall us, median"), rows)


def _scaling(found: Mapping[Chain, list[Figures]]) -> str:
    rows = []
    for how in ("memory", "recorded"):
        few, many = (
            next(rounds for chain, rounds in found.items() if (chain.stages, chain.how) == (number, how))
            for number in (MANY, VERY_MANY)
        )
        for name in few[0]:
            at = [summary(_all(rounds, name, "cpu_us")) for rounds in (few, many)]
            pairs = zip(few, many, strict=True)
            ratios = [_middle(b[name]["cpu_us"]) / _middle(a[name]["cpu_us"]) for a, b in pairs]
            rows.append((f"{how} {name}", _short(at[0].median), _short(at[1].median), f"{_middle(ratios):.2f}"))
    return table(("crucible", f"CPU us a stage, {MANY:,} stages", f"{VERY_MANY:,} stages", "ratio, median"), rows)


def _syncs(found: Mapping[Chain, list[Figures]]) -> str:
    """Compare a run that waits for the disk with one that does not and with the waiting alone, in wall time."""
    recorded, synced = (
        next(rounds for chain, rounds in found.items() if (chain.stages, chain.how) == (STAGES, how))
        for how in ("recorded", "synced")
    )
    walls = {
        "recorded": _all(recorded, "execute", "wall_us"),
        "recorded and synced": _all(synced, "execute", "wall_us"),
        "write and fsync alone": _all(synced, "sync", "wall_us"),
    }
    rows = [(name, _short(summary(values).median), _short(summary(values).minimum)) for name, values in walls.items()]
    return table(("crucible", "wall us a stage, median", "minimum"), rows)


def _figures(found: Mapping[Chain, list[Figures]]) -> list[dict[str, Any]]:
    return [
        {
            "tool": chain.tool,
            "how": chain.how or None,
            "steps": chain.stages,
            "what": name,
            **{kind: _summary(rounds, name, kind) for kind in ("cpu_us", "wall_us")},
        }
        for chain, rounds in found.items()
        for name in rounds[0]
    ]


def _summary(rounds: Iterable[Figures], name: str, kind: str) -> Summary:
    return summary(_all(rounds, name, kind))


def _middle(values: Iterable[float]) -> float:
    return statistics.median(values)


def _short(value: float) -> str:
    return f"{value:.2f}" if value < 100 else f"{value:,.0f}"


if __name__ == "__main__":
    main()
