"""A flow of no-op tasks in Prefect with its ephemeral server: ``python prefect_chain.py STAGES REPEATS``.

Timed is from before the first task to after the last, inside the flow; CPU is that of the client, the server being a
process of its own.
"""

from __future__ import annotations

import logging
import os
import sys
import tempfile
import time

HOME = tempfile.TemporaryDirectory(prefix="prefect-", ignore_cleanup_errors=True)
os.environ.update(PREFECT_HOME=HOME.name, PREFECT_LOGGING_LEVEL="CRITICAL", PREFECT_SERVER_ANALYTICS_ENABLED="false")
os.environ.update(PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS="90", DO_NOT_TRACK="1")

from prefect import flow, task  # noqa: E402 - prefect reads the environment when it is imported
from timing import Stopwatch  # noqa: E402 - likewise, after prefect


@task
def nothing(value: int) -> int:
    return value


@flow
def chain(stages: int) -> tuple[float, float]:
    wall, cpu = time.perf_counter(), time.process_time()
    value = 0
    for _ in range(stages):
        value = nothing(value)
    return time.process_time() - cpu, time.perf_counter() - wall


def main(stages: int, repeats: int) -> None:
    logging.disable(logging.CRITICAL)
    watch = Stopwatch(stages)
    for _ in range(repeats):
        watch.keep("execute", *chain(stages))
    watch.print()


main(int(sys.argv[1]), int(sys.argv[2]))
