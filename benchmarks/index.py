"""Measure the index of runs: what listing among 10,000 costs, and whether many writers lose or double anything.

The runs are one real run of five stages, copied with other ids, experiments and days. Listing is measured in a process
of its own, its start included; that of a directory without runs says how much of it is not the index's. Then 8
processes write 1,000 runs into one index, each run in five transactions, in SQLite and in a PostgreSQL that is started
for it; what is there afterwards is counted. Last, a run is pushed to that PostgreSQL while it goes on.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from measure import interleaved, options, report, run_child, summary, table

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "benchmarks" / "chains")]

RUNS, EXPERIMENTS, DAYS, STAGES = 10_000, 10, 300, 5
WRITERS, WRITTEN = 8, 1_000
PUSHED = 1_000
COMMAND = [Path(sys.executable).parent / "crucible", "runs"]


def main() -> None:
    given = options(__doc__).parse_args()
    with tempfile.TemporaryDirectory() as folder:
        listing = _listing(Path(folder), 5 if given.quick else 41)
        writing = {"SQLite": _writing(str(Path(folder) / "index.sqlite"))}
        pushing: dict[str, Any] = {}
        with _postgresql() as (url, other):
            if url is not None:
                writing["PostgreSQL"] = _writing(url)
                pushing = _pushing(other, Path(folder), 5 if given.quick else 15)
    rows = [(name, f"{each.median:.0f}", f"{each.minimum:.0f}") for name, each in listing["cpu_ms"].items()]
    text = table(("command", "CPU ms, median", "minimum"), rows)
    text += f"\n\nindexed from nothing: {listing['from_nothing_s']:.1f} s of CPU for {RUNS:,} runs"
    for name, found in writing.items():
        text += f"\n{WRITERS} processes, {WRITTEN:,} runs, {name}: {found['runs']:,} runs in {found['wall_s']:.1f} s, "
        text += f"{found['lost']} lost, {found['doubled']} doubled"
    if pushing:
        rows = [
            (name, f"{each['cpu'].median:.0f}", f"{each['run'].median:.0f}", f"{each['end'].median:.0f}")
            for name, each in pushing.items()
        ]
        heads = (f"a run of {PUSHED:,} stages", "CPU ms of its process, median", "ms until its end", "ms after it")
        text += f"\n\n{table(heads, rows)}"
    report(f"the index of {RUNS:,} runs", given, {"listing": listing, "writing": writing, "pushing": pushing}, text)


def make_runs(output_dir: Path, count: int = RUNS) -> None:
    """Record one run and copy it with other ids and times, as many as wanted."""
    from crucible_core import run

    pipeline = [{"id": f"s{number}", "module": "index_stages:Score"} for number in range(STAGES)]
    spec = {"id": "made", "pipeline": pipeline, "tags": ["made"]}
    template = run(spec, run_id="template", output_dir=output_dir / ".made").run_dir
    assert template is not None
    files = {path.name: path.read_text() for path in template.iterdir() if path.is_file()}
    began = datetime.fromisoformat(json.loads(files["manifest.json"])["created_at"])
    for number in range(count):
        experiment, run_id = f"exp-{number % EXPERIMENTS}", f"run-{number:05d}"
        folder = output_dir / experiment / run_id
        folder.mkdir(parents=True)
        day = (began - timedelta(days=number % DAYS)).date().isoformat()
        for name, text in files.items():
            changed = text.replace("template", run_id).replace('"made"', f'"{experiment}"')
            (folder / name).write_text(changed.replace(began.date().isoformat(), day))
    shutil.rmtree(output_dir / ".made")


def _listing(folder: Path, rounds: int) -> dict[str, Any]:
    full, empty = folder / "full", folder / "empty"
    empty.mkdir()
    make_runs(full)
    time.sleep(3)  # younger than two seconds a directory is read again, since its time stamps may not be its last
    first = run_child([*COMMAND, "list", "--output-dir", full])
    there = json.loads(run_child([*COMMAND, "list", "--output-dir", full, "--json", "--limit", "1"]).output)["total"]
    assert there == RUNS, there
    asked: Mapping[str, list[object]] = {
        f"`runs list`, {RUNS:,} runs": ["--output-dir", full],
        "the same, one experiment, a metric above a bound": [
            *("--output-dir", full, "--experiment", "exp-3", "--metric", "s0.accuracy>0.4", "--show", "s0.loss")
        ],
        "the same, as JSON": ["--output-dir", full, "--json"],
        "`runs list`, no run": ["--output-dir", empty],
    }
    cases: dict[str, Callable[[], float]] = {
        name: (lambda words=words: run_child([*COMMAND, "list", *map(str, words)]).cpu) for name, words in asked.items()
    }
    cases["`crucible --help`"] = lambda: run_child([COMMAND[0], "--help"]).cpu
    cases["`python -c pass`"] = lambda: run_child([sys.executable, "-c", "pass"]).cpu
    cpu = {name: summary(values, 1e3) for name, values in interleaved(cases, rounds).items()}
    return {"cpu_ms": cpu, "from_nothing_s": first.cpu}


def _writing(where: str) -> dict[str, Any]:
    script = ROOT / "tests" / "core" / "runs" / "index" / "write_runs.py"
    began = time.perf_counter()
    each = str(WRITTEN // WRITERS)
    writers = [subprocess.Popen([sys.executable, script, where, f"w{number}", each]) for number in range(WRITERS)]
    codes = [writer.wait() for writer in writers]
    wall = time.perf_counter() - began
    assert codes == [0] * WRITERS, codes
    ids = [run_id for (run_id,) in _rows(where, "SELECT run_id FROM runs WHERE status = 'succeeded'")]
    parts = {name: _rows(where, f"SELECT count(*) FROM {name}")[0][0] for name in ("artifacts", "metrics", "tags")}
    assert parts == {"artifacts": 2 * len(ids), "metrics": len(ids), "tags": len(ids)}, parts
    return {"runs": len(ids), "lost": WRITTEN - len(set(ids)), "doubled": len(ids) - len(set(ids)), "wall_s": wall}


def _rows(where: str, sql: str) -> list[tuple[Any, ...]]:
    if "://" in where:
        from crucible_core.runs.index.postgres import PostgresConnection

        connection: Any = PostgresConnection(where)
    else:
        from crucible_core.runs.index.sqlite import SqliteConnection

        connection = SqliteConnection(Path(where))
    try:
        found: list[tuple[Any, ...]] = connection.rows(sql)
        return found
    finally:
        connection.close()


def _pushing(url: str, folder: Path, rounds: int) -> dict[str, Any]:
    """Measure a run in this process, alone and while another pushes it; what is after its end is the last push."""
    from crucible_core import run

    pipeline = [{"id": f"s{number}", "module": "index_stages:Score"} for number in range(PUSHED)]

    def measured(index: str) -> tuple[float, float, float]:
        cpu, began = time.process_time(), time.perf_counter()
        with tempfile.TemporaryDirectory(dir=folder) as output_dir:
            result = run({"id": "exp", "pipeline": pipeline}, output_dir=output_dir, index=index)
            ended = time.perf_counter()
        assert result.ok
        return time.process_time() - cpu, result.duration, ended - began - result.duration

    found = interleaved({"alone": lambda: measured(""), "pushed to PostgreSQL": lambda: measured(url)}, rounds)
    return {
        name: {
            kind: summary(values, 1e3)
            for kind, values in zip(("cpu", "run", "end"), zip(*each, strict=True), strict=True)
        }
        for name, each in found.items()
    }


@contextmanager
def _postgresql() -> Iterator[tuple[str, str] | tuple[None, None]]:
    """Run a PostgreSQL server and yield the URLs of two databases in it; none where none is installed."""
    from postgres_server import postgres_programs, running_server

    if postgres_programs() is None:
        yield None, None
        return
    with running_server() as server:
        yield server.new_database(), server.new_database()


if __name__ == "__main__":
    main()
