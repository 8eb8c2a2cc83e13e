"""Measure what OpenTelemetry costs a run: each stage and each event in the process, and the process as a whole.

The peer is OpenTelemetry's SDK alone, which is made to do what the observer has it do. Whole processes run one stage:
without the plugin, with it but with no endpoint to export to, and exporting to a collector on loopback that throws
everything away.
"""

from __future__ import annotations

import json
import os
import statistics
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

from measure import Child, interleaved, options, report, run_child, summary, table
from peers import otel_python

CHAINS = Path(__file__).resolve().parent / "chains"
STAGES, VALUES, MANY = 1_000, 10, 10_000
SPEC = "id: demo\npipeline:\n  - {id: nothing, name: nothing, module: 'noop_stages:Nothing'}\n"


def main() -> None:
    given = options(__doc__).parse_args()
    python, rounds = otel_python(given.cache), 3 if given.quick else 11
    script = CHAINS / "otel_chain.py"
    chains = {
        "few": partial(_figures, [python, script, str(STAGES), str(VALUES)]),
        "many": partial(_figures, [python, script, "10", str(MANY)]),
    }
    found = interleaved(chains, rounds)
    figures = {
        "a stage": _both(found["few"], "stage", 1),
        f"a stage with {VALUES} values of a metric": _both(found["few"], "values", 1),
        f"a value of a metric, of {MANY:,}": _both(found["many"], "values", MANY),
    }
    with collector() as url, tempfile.TemporaryDirectory() as folder:
        processes = interleaved(_processes(python, Path(folder), url), rounds)
    cpu = {name: summary((child.cpu for child in children), 1000) for name, children in processes.items()}
    text = f"{_per_event(figures)}\n\n{_whole(cpu)}"
    report("OpenTelemetry", given, {"microseconds": figures, "process_cpu_ms": cpu}, text)


def _figures(command: list[str | Path]) -> Mapping[str, Any]:
    """Return medians of CPU microseconds a stage, by case, of one process."""
    printed = json.loads(run_child(command).output.splitlines()[-1])
    return {name: statistics.median(kinds["cpu_us"]) for name, kinds in printed.items()}


def _both(rounds: list[Mapping[str, float]], case: str, parts: int) -> dict[str, Any]:
    ours, theirs = ([each[f"{who} {case}"] / parts for each in rounds] for who in ("crucible", "sdk"))
    return {"crucible-otel": summary(ours), "sdk": summary(theirs)}


def _processes(python: Path, folder: Path, url: str) -> dict[str, partial[Child]]:
    spec = folder / "spec.yaml"
    spec.write_text(SPEC)
    clean = {name: "" for name in os.environ if name.startswith("OTEL_")}
    settings = {
        "without the plugin": {"CRUCIBLE_DISABLE_PLUGINS": "crucible-otel"},
        "with it, no endpoint": {},
        "exporting": {"OTEL_EXPORTER_OTLP_ENDPOINT": url},
    }
    command: list[str | Path] = [python.parent / "crucible", "run", spec, "--output-dir", folder / "runs"]
    path = {"PYTHONPATH": str(CHAINS)}
    return {
        name: partial(run_child, command, env={**clean, **path, **asked}, cwd=folder)
        for name, asked in settings.items()
    }


@contextmanager
def collector() -> Iterator[str]:
    """Answer every request on loopback with success, for the time of a block."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Print nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def _per_event(figures: Mapping[str, Mapping[str, Any]]) -> str:
    columns = ("CPU us", "crucible-otel, median", "minimum", "SDK alone, median", "minimum")
    rows = [
        (name, *(f"{value:.1f}" for who in ("crucible-otel", "sdk") for value in (each[who].median, each[who].minimum)))
        for name, each in figures.items()
    ]
    return table(columns, rows)


def _whole(cpu: Mapping[str, Any]) -> str:
    rows = [(name, f"{each.median:.0f}", f"{each.minimum:.0f}") for name, each in cpu.items()]
    return table(("`crucible run` of one stage", "CPU ms, median", "minimum"), rows)


if __name__ == "__main__":
    main()
