"""A chain of no-op tasks in Luigi with its local scheduler: ``python luigi_chain.py STAGES REPEATS``."""

from __future__ import annotations

import logging
import sys

import luigi
from timing import Stopwatch

DONE: set[tuple[int, int]] = set()


class Nothing(luigi.Task):
    repeat = luigi.IntParameter()
    index = luigi.IntParameter()

    def requires(self) -> list[luigi.Task]:
        return [Nothing(repeat=self.repeat, index=self.index - 1)] if self.index else []

    def complete(self) -> bool:
        return (self.repeat, self.index) in DONE

    def run(self) -> None:
        DONE.add((self.repeat, self.index))


def main(stages: int, repeats: int) -> None:
    logging.disable(logging.CRITICAL)
    watch = Stopwatch(stages)
    for repeat in range(repeats):
        last = Nothing(repeat=repeat, index=stages - 1)
        ok = watch.time("execute", lambda last=last: luigi.build([last], local_scheduler=True, log_level="CRITICAL"))
        assert ok
        assert len(DONE) == (repeat + 1) * stages
    watch.print()


main(int(sys.argv[1]), int(sys.argv[2]))
