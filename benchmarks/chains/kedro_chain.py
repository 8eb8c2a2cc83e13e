"""A chain of no-op nodes in kedro's SequentialRunner, in memory: ``python kedro_chain.py STAGES REPEATS``."""

from __future__ import annotations

import logging
import sys

from kedro.io import DataCatalog, MemoryDataset
from kedro.pipeline import node, pipeline
from kedro.runner import SequentialRunner
from timing import Stopwatch


def nothing(value: int) -> int:
    return value


def main(stages: int, repeats: int) -> None:
    logging.disable(logging.CRITICAL)
    chain = pipeline([node(nothing, f"n{index}", f"n{index + 1}", name=f"node{index}") for index in range(stages)])
    watch = Stopwatch(stages)
    for _ in range(repeats):
        catalog = DataCatalog({"n0": MemoryDataset(0)})
        watch.time("execute", lambda catalog=catalog: SequentialRunner().run(chain, catalog))
    watch.print()


main(int(sys.argv[1]), int(sys.argv[2]))
