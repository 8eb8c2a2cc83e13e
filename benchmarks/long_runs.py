"""Measure long recorded runs, and going on with them: is the time linear, and the memory bounded?

A run of 10,000 stages that each change a value and a metric, and a run that logs 1,000,000 values of a metric; both
beside one a tenth as long. Each fails in its last stage, and then goes on: its journal is read and the context made
again.
"""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from typing import Any

from measure import interleaved, options, report, run_child, summary, table
from peers import crucible_python

SCRIPT = Path(__file__).resolve().parent / "chains" / "long_run.py"
LONG = {"stages": (1_000, 10_000), "metrics": (100_000, 1_000_000)}


def main() -> None:
    """Measure, and print the table."""
    given = options(__doc__ or "").parse_args()
    python = crucible_python(given.cache)
    cases = {
        f"{number:,} {what}": partial(_figures, python, what, number) for what, two in LONG.items() for number in two
    }
    found = interleaved(cases, 1 if given.quick else 5, warm=False)
    rows = []
    for (name, rounds), number in zip(found.items(), [each for two in LONG.values() for each in two], strict=True):
        for part in ("run", "resume"):
            cpu = summary((one[part]["cpu_s"] for one in rounds), 1e6 / number)
            peak = summary(one[part]["peak_mib"] for one in rounds)
            rows.append((f"{name}, {part}", f"{cpu.median:,.1f}", f"{cpu.minimum:,.1f}", f"{peak.median:,.0f}"))
    columns = ("long runs", "CPU us each, median", "minimum", "peak MiB, median")
    report("long runs", given, found, table(columns, rows))


def _figures(python: Path, what: str, number: int) -> dict[str, dict[str, Any]]:
    figures: dict[str, dict[str, Any]] = json.loads(
        run_child([python, SCRIPT, what, str(number)]).output.splitlines()[-1]
    )
    return figures


if __name__ == "__main__":
    main()
