"""Measure what the whole conformance kit costs over one light stage, and over all first-party stages.

CPU time of all processes, those that the kit starts included. The peer is scikit-learn's ``check_estimator`` over a
light estimator, in the same environment. The target is at most 5 seconds of CPU for a light stage.
"""

from __future__ import annotations

from pathlib import Path

from measure import interleaved, options, report, run_child, summary, table
from peers import kit_python

LIGHT = "data_checks"
PEER = "check_estimator(LinearRegression())"
PEER_CODE = """
import warnings
from sklearn.linear_model import LinearRegression
from sklearn.utils.estimator_checks import check_estimator
warnings.simplefilter("ignore")
print(len(check_estimator(LinearRegression())))
"""
FIRST_PARTY = ("crucible-core", "crucible-bench", "crucible-datasets")


def main() -> None:
    given = options(__doc__).parse_args()
    python = kit_python(given.cache)
    crucible = python.parent / "crucible"
    commands: dict[str, list[str | Path]] = {
        PEER: [python, "-c", PEER_CODE],
        f"crucible conformance {LIGHT}": [crucible, "conformance", LIGHT],
    }
    whole: dict[str, list[str | Path]] = {
        f"all first-party stages, {jobs} at a time": [crucible, "conformance", *FIRST_PARTY, "--jobs", str(jobs)]
        for jobs in (1, 2)
    }
    cases = {name: (lambda command=command: run_child(command)) for name, command in commands.items()}
    measured = interleaved(cases, 3 if given.quick else 11)
    together = {name: (lambda command=command: run_child(command)) for name, command in whole.items()}
    measured |= interleaved(together, 1 if given.quick else 3)
    cpu = {name: summary(child.cpu for child in children) for name, children in measured.items()}
    wall = {name: summary(child.wall for child in children) for name, children in measured.items()}
    rows = [
        (name, f"{cpu[name].median:.2f}", f"{cpu[name].minimum:.2f}", f"{wall[name].median:.2f}") for name in measured
    ]
    text = table(("what", "CPU s, median", "minimum", "wall s, median"), rows)
    report("the conformance kit", given, {"cpu_s": cpu, "wall_s": wall}, text)


if __name__ == "__main__":
    main()
