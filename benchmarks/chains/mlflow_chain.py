"""Steps that do nothing, each logged as a nested run with one metric in mlflow's default store.

``python mlflow_chain.py STAGES REPEATS``.
"""

from __future__ import annotations

import logging
import os
import sys
import tempfile

from timing import Stopwatch

os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"
folder = tempfile.mkdtemp()
os.chdir(folder)  # where the default store is made

import mlflow  # noqa: E402 - it looks for its store when it is imported


def chain(stages: int) -> None:
    with mlflow.start_run():
        for number in range(stages):
            with mlflow.start_run(nested=True, run_name=f"s{number}"):
                mlflow.log_metric("value", number)


def main(stages: int, repeats: int) -> None:
    logging.disable(logging.CRITICAL)
    watch = Stopwatch(stages)
    with mlflow.start_run():  # makes the store
        pass
    for _ in range(repeats):
        watch.time("execute", lambda: chain(stages))
    watch.print()


main(int(sys.argv[1]), int(sys.argv[2]))
