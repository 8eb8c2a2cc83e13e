"""Measure adding one key to a context that holds a column of ten million rows.

Adding copies nothing of what is there: the time does not depend on the rows, and tracemalloc sees a few hundred bytes
allocated. For comparison the same is done with an empty context, and with a dict that is copied as one would by hand.
"""

from __future__ import annotations

import array
import copy
import json
import timeit
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

from measure import interleaved, options, report, run_child, summary, table
from peers import crucible_python

ROWS = 10_000_000


def measure_here(loops: int) -> dict[str, dict[str, float]]:
    """Return microseconds and peak bytes of adding one key, by case."""
    from crucible_core import Context

    column = array.array("d", bytes(8 * ROWS))
    dataset = {"rows": column}
    large = Context(experiment_id="large", assigns={"dataset": dataset})
    empty = Context(experiment_id="empty")
    plain = {"metrics": {}, "assigns": {"dataset": dataset}}
    cases: dict[str, Callable[[], Any]] = {
        "put_metric, 10,000,000 rows": lambda: large.put_metric("eval", 1.0),
        "put_metric, empty": lambda: empty.put_metric("eval", 1.0),
        "assign, 10,000,000 rows": lambda: large.assign(threshold=0.5),
        "assign, empty": lambda: empty.assign(threshold=0.5),
    }
    found = {
        name: {"us": timeit.timeit(case, number=loops) / loops * 1e6, "bytes": peak_bytes(case)}
        for name, case in cases.items()
    }

    def deep() -> Any:
        return copy.deepcopy(plain)

    found["copy.deepcopy of a dict, 10,000,000 rows"] = {
        "us": timeit.timeit(deep, number=1) * 1e6,
        "bytes": peak_bytes(deep),
    }
    return found


def peak_bytes(work: Callable[[], Any]) -> float:
    """Return how many bytes were allocated at most while ``work`` ran."""
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    work()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak - before


def main() -> None:
    parser = options(__doc__)
    parser.add_argument("--here", type=int, metavar="LOOPS", help="measure in this process and print JSON")
    given = parser.parse_args()
    if given.here:
        print(json.dumps(measure_here(given.here)))
        return
    python = crucible_python(given.cache)
    command: list[str | Path] = [python, Path(__file__), "--here", "2000" if given.quick else "20000"]
    rounds = interleaved({"all": lambda: json.loads(run_child(command).output)}, 2 if given.quick else 9)["all"]
    figures = {
        name: {kind: summary(each[name][kind] for each in rounds) for kind in ("us", "bytes")} for name in rounds[0]
    }
    rows = [
        (name, f"{each['us'].median:,.2f}", f"{each['us'].minimum:,.2f}", f"{each['bytes'].median:,.0f}")
        for name, each in figures.items()
    ]
    report("one more key in a context", given, figures, table(("", "us, median", "minimum", "bytes allocated"), rows))


if __name__ == "__main__":
    main()
