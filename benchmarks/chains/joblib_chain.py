"""No-op tasks in joblib, in this process: ``python joblib_chain.py STAGES REPEATS``."""

from __future__ import annotations

import sys

from joblib import Parallel, delayed
from timing import Stopwatch


def nothing(value: int) -> int:
    return value


def main(stages: int, repeats: int) -> None:
    watch = Stopwatch(stages)
    for _ in range(repeats):
        watch.time("execute", lambda: Parallel(n_jobs=1)(delayed(nothing)(index) for index in range(stages)))
    watch.print()


main(int(sys.argv[1]), int(sys.argv[2]))
