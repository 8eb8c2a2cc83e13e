"""A chain of no-op ops in Dagster, in this process: ``python dagster_chain.py STAGES REPEATS [sqlite]``.

With ``sqlite`` the run is recorded by an instance that keeps runs and events in SQLite, as ``dagster dev`` does.
"""

from __future__ import annotations

import logging
import sys
import tempfile
from contextlib import nullcontext

from dagster import DagsterInstance, DependencyDefinition, GraphDefinition, In, NodeInvocation, Out, op
from timing import Stopwatch


@op(out=Out(int))
def start() -> int:
    return 0


@op(ins={"value": In(int)}, out=Out(int))
def nothing(value: int) -> int:
    return value


def main(stages: int, repeats: int, how: str) -> None:
    logging.disable(logging.CRITICAL)
    dependencies = {
        NodeInvocation("nothing", alias=f"n{index}"): {
            "value": DependencyDefinition(f"n{index - 1}" if index > 1 else "start")
        }
        for index in range(1, stages)
    }
    graph = GraphDefinition(
        "chain", node_defs=[start, nothing], dependencies={NodeInvocation("start"): {}, **dependencies}
    )
    job = graph.to_job()
    watch = Stopwatch(stages)
    with tempfile.TemporaryDirectory() as folder:
        instance = DagsterInstance.local_temp(folder) if how == "sqlite" else nullcontext()
        with instance as kept_in:
            for _ in range(repeats):
                assert watch.time("execute", lambda: job.execute_in_process(instance=kept_in)).success
    watch.print()


main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3] if len(sys.argv) > 3 else "")
