"""Measure processes by the CPU time they took, and say on what machine that was."""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

T = TypeVar("T")

CACHE = Path.home() / ".cache" / "crucible-benchmarks"


@dataclass(frozen=True)
class Child:
    """A process that ended: seconds of CPU, user and system, its own and of the children it waited for."""

    cpu: float
    wall: float
    output: str


class ChildError(Exception):
    """A measured process that failed; the message ends with what it printed last."""


def run_child(command: Sequence[str | Path], *, env: Mapping[str, str] | None = None, cwd: Path | None = None) -> Child:
    """Run a command to its end and return what it cost.

    Bytecode caches are written, as they are wherever a tool is used a second time.

    Raises:
        ChildError: It exited with another code than 0.
    """
    clean = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    with tempfile.TemporaryFile("w+") as output, tempfile.TemporaryFile("w+") as errors:
        began = datetime.now(UTC)
        process = subprocess.Popen(
            list(map(str, command)), env={**clean, **(env or {})}, cwd=cwd, stdout=output, stderr=errors
        )
        _, status, usage = os.wait4(process.pid, 0)
        wall = (datetime.now(UTC) - began).total_seconds()
        process.returncode = os.waitstatus_to_exitcode(status)
        for stream in (output, errors):
            stream.seek(0)
        if process.returncode:
            shown = " ".join(map(str, command))
            raise ChildError(f"{shown:.200} exited with {process.returncode}: {errors.read()[-2000:]}")
        return Child(usage.ru_utime + usage.ru_stime, wall, output.read())


def interleaved(cases: Mapping[str, Callable[[], T]], rounds: int, *, warm: bool = True) -> dict[str, list[T]]:
    """Call every case once a round, so that a slow minute of the machine meets all of them.

    Args:
        cases: Name to what is measured.
        rounds: How often.
        warm: Call each once before, unmeasured: file caches and bytecode are then there for all.
    """
    if warm:
        for case in cases.values():
            case()
    found: dict[str, list[T]] = {name: [] for name in cases}
    for number in range(rounds):
        print(f"\rround {number + 1}/{rounds}", end="", file=sys.stderr, flush=True)
        for name, case in cases.items():
            found[name].append(case())
    print("\r" + " " * 20 + "\r", end="", file=sys.stderr)
    return found


@dataclass(frozen=True)
class Summary:
    """Median and minimum of ``n`` measurements."""

    median: float
    minimum: float
    n: int


def summary(values: Iterable[float], scale: float = 1.0) -> Summary:
    """Return the summary of some values, each multiplied by ``scale``."""
    scaled = [value * scale for value in values]
    return Summary(statistics.median(scaled), min(scaled), len(scaled))


def median_ratio(ours: Sequence[float], theirs: Sequence[float]) -> float:
    """Return the median over the rounds of ours divided by theirs."""
    return statistics.median(mine / other for mine, other in zip(ours, theirs, strict=True))


def environment() -> dict[str, Any]:
    """Return what figures of this run depend on."""
    names = [line.partition(":")[2].strip() for line in _lines("/proc/cpuinfo") if line.startswith("model name")]
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "cpu": names[0] if names else platform.processor(),
        "cores": os.cpu_count(),
        "system": f"{platform.system()} {platform.release()}",
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "load": [round(value, 2) for value in os.getloadavg()],
    }


def _lines(path: str) -> list[str]:
    try:
        return Path(path).read_text().splitlines()
    except OSError:
        return []


def table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table in Markdown; the first column to the left, numbers to the right."""
    filled = [list(columns), *map(list, rows)]
    widths = [max(len(row[index]) for row in filled) for index in range(len(columns))]
    rule = "|".join(["-" * (widths[0] + 2), *["-" * (width + 1) + ":" for width in widths[1:]]])
    lines = [f"| {' | '.join(_padded(row, widths))} |" for row in filled]
    return "\n".join([lines[0], f"|{rule}|", *lines[1:]])


def _padded(row: Sequence[str], widths: Sequence[int]) -> list[str]:
    return [row[0].ljust(widths[0]), *map(str.rjust, row[1:], widths[1:])]


def options(description: str) -> argparse.ArgumentParser:
    """Return the options that every benchmark has."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--quick", action="store_true", help="few rounds: does it work, roughly how fast is it")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all figures here")
    parser.add_argument("--cache", type=Path, default=CACHE, help=f"where environments are kept  [default: {CACHE}]")
    return parser


def report(title: str, given: argparse.Namespace, figures: Mapping[str, Any], text: str) -> None:
    """Print a benchmark's result, and write it where ``--json`` says."""
    machine = environment()
    print(f"{title}\n{', '.join(f'{name} {value}' for name, value in machine.items())}\n\n{text}")
    if given.json:
        document = {"benchmark": title, "environment": machine, "figures": figures}
        given.json.write_text(json.dumps(document, indent=1, default=asdict) + "\n")
