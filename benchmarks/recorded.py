"""Measure what a stage costs in a run that is recorded, beside what others take to record as much.

Crucible's stages do nothing, or change a value and a metric that are kept so that the run can go on. Dagster records a
job in process with its SQLite instance; Metaflow runs a flow with its local datastore, a process a step; mlflow logs a
nested run with one metric in its default store. Every tool runs in a process and an environment of its own, the
processes of one round one after the other; the first run in each process is left out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

from measure import interleaved, options, report, summary, table
from peers import PeerUnavailableError, crucible_python, peer_python
from per_stage import Chain

CHAINS = {
    "Crucible, nothing changed": Chain("crucible", 100, 40, "recorded"),
    "Crucible, a value and a metric kept": Chain("crucible", 100, 40, "kept"),
    "Crucible, nothing changed, a sync a stage": Chain("crucible", 100, 10, "synced"),
    "mlflow, a nested run a step": Chain("mlflow", 50, 3),
    "Dagster, SQLite instance": Chain("dagster", 50, 2, "sqlite"),
    "Metaflow, local datastore": Chain("metaflow", 10, 1),
}


def main() -> None:
    """Measure, and print the table."""
    given = options(__doc__ or "").parse_args()
    cases: dict[str, Callable[[], Mapping[str, list[float]]]] = {}
    pythons, skipped = {"crucible": crucible_python(given.cache)}, []
    for name, chain in CHAINS.items():
        try:
            python = pythons.get(chain.tool) or peer_python(chain.tool, given.cache)
        except PeerUnavailableError as error:
            skipped.append(f"{name} is left out: {error}")
        else:
            cases[name] = partial(_execution, chain, python)
    found = interleaved(cases, 2 if given.quick else 5, warm=False)
    rows, figures = [], {}
    for name, rounds in found.items():
        kinds = {kind: summary([each for one in rounds for each in one[kind]]) for kind in ("cpu_us", "wall_us")}
        figures[name] = kinds
        cpu, wall = kinds["cpu_us"], kinds["wall_us"]
        rows.append((name, *(f"{each:,.0f}" for each in (cpu.median, cpu.minimum, wall.median))))
    columns = ("a stage", "CPU us, median", "minimum", "wall us, median")
    report("a recorded stage", given, figures, "\n\n".join([table(columns, rows), *skipped]))


def _execution(chain: Chain, python: Path) -> Mapping[str, list[float]]:
    return chain.run(python)["execute"]


if __name__ == "__main__":
    main()
