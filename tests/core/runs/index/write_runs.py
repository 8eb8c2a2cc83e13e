"""Write runs into an index, as one of several processes: ``write_runs.py (URL or file) name count``."""

from __future__ import annotations

import sys
from contextlib import closing
from pathlib import Path

from crucible_core.runs.index.store import Store


def main(where: str, name: str, count: int) -> None:
    """Write runs, each in four transactions, all of one experiment."""
    if "://" in where:
        from crucible_core.runs.index.postgres import PostgresConnection

        connection = PostgresConnection(where)
    else:
        from crucible_core.runs.index.sqlite import SqliteConnection

        connection = SqliteConnection(Path(where))
    with closing(connection):
        store = Store(connection)
        for number in range(count):
            store.upsert_experiment("shared", description=name, definition={"id": "shared", "of": name})
            run = store.start_run(
                {"experiment_id": "shared", "run_id": f"{name}-{number}"}, definition={"by": name}, tags=["made"]
            )
            store.record_artifact(run, {"name": "a.bin", "stage": "train", "bytes": number, "sha256": f"{number:064}"})
            store.record_artifact(run, {"name": "b.bin", "stage": "train", "bytes": number})
            store.finish_run(run, "succeeded", metrics={"eval": {"accuracy": number / count}}, outputs=number)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
