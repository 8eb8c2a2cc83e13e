"""``crucible runs``: looking at runs that real processes left, on real terminals and pipes."""

from __future__ import annotations

import fcntl
import json
import os
import pty
import re
import struct
import subprocess
import sys
import termios

import pytest

from .conftest import Project

SCORES = """
import numpy as np

from crucible_core import Context, Stage, StageOptions


class Scores(Stage):
    '''Score items with numbers of numpy; those of a seed and a shift.'''

    name = "scores"
    version = "1.0.0"
    writes = ("outputs", "metrics.{id}")

    class Options(StageOptions):
        shift: float = 0.0

    def run(self, context, options):
        drawn = np.random.default_rng(1).normal(options.shift, 1, 200)
        rows = [{"id": np.int64(number), "score": score} for number, score in enumerate(drawn)]
        return context.add_outputs(rows).put_metric(context.runtime.stage_id, {"mean": float(drawn.mean())})


class Once(Stage):
    '''Be killed the first time.'''

    name = "once"
    version = "1.0.0"

    def run(self, context, options):
        import os
        import signal
        from pathlib import Path

        if not Path("tried").exists():
            Path("tried").touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return context
"""
COMMANDS = [
    "show r",
    "compare r r",
    "compare r s",
    "verify r --all",
    "lineage r",
    "lineage r --mermaid",
    "gc --dry-run",
]


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """A project with two runs, r and s, with every kind of stage; nothing here changes them."""
    crucible = Project(tmp_path_factory.mktemp("runs"))
    crucible.env.pop("COLUMNS", None)
    for name, value in (("r", 0.5), ("s", 0.75)):
        measure = {"module": "own_stages:Measure", "options": {"value": value}}
        off = {"module": "own_stages:Crash", "enabled": False}
        spec = crucible.spec(measure, off, "Measure", "Refuse", "Measure", description="größer — 大")
        assert crucible("run", spec, "--run-id", name).returncode == 1
    return crucible


def in_terminal(crucible, width, *arguments):
    """Run the command in a terminal of some width; return its exit code and the lines it drew, without colours."""
    controller, terminal = pty.openpty()
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 40, width, 0, 0))
    process = crucible.start(*arguments, stdin=terminal, stdout=terminal, stderr=terminal)
    os.close(terminal)
    drawn = b""
    while True:
        try:
            piece = os.read(controller, 4096)
        except OSError:  # Linux reports a terminal that everybody has closed like this
            break
        if not piece:
            break
        drawn += piece
    os.close(controller)
    return process.wait(timeout=60), re.sub(r"\x1b\[[0-9;]*m", "", drawn.decode("utf-8")).splitlines()


@pytest.mark.parametrize("width", [60, 80, 120, 200])
def test_a_terminal_gets_what_fits_into_it(runs, width):
    code, lines = in_terminal(runs, width, "runs", "show", "r")
    assert code == 0
    stages = lines[lines.index("Stages") + 1 : lines.index("Metrics") - 1]
    assert len(stages) == 5
    assert max(map(len, stages)) <= width
    assert sum("█" in line for line in stages) == 3
    code, lines = in_terminal(runs, width, "runs", "compare", "r", "s")
    assert code == 0
    assert max(map(len, lines)) <= max(width, 70)
    assert not [line for line in lines if "\x1b" in line]


@pytest.mark.parametrize("end", ["| true", "| head -n 1", ">&-"])
def test_any_output_may_be_cut_short_or_closed(runs, end):
    for command in COMMANDS:
        script = f"{sys.executable} -m crucible_core runs {command} {end}"
        done = subprocess.run(
            ["bash", "-o", "pipefail", "-c", script],
            cwd=runs.path,
            env=runs.env,
            capture_output=True,
            text=True,
            check=False,
        )
        assert (done.returncode, done.stderr) == (0, ""), command


@pytest.mark.parametrize(
    "encoding", [{"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}, {"PYTHONIOENCODING": "ascii"}], ids=str
)
def test_a_narrow_encoding_gets_escapes(runs, encoding):
    env = {**runs.env, **encoding}
    for command in COMMANDS:
        done = runs("runs", *command.split(), env=env)
        assert done.returncode == 0, (command, done.stderr)


def test_no_command_imports_what_it_does_not_need(runs):
    heavy = ("pydantic", "rich", "yaml", "jinja2", "numpy", "sqlite3", "crucible_bench", "own_stages")
    code = (
        "import sys; from crucible_core.cli.entry import exit_code_of; code = exit_code_of(sys.argv[1:]);"
        f"print([name for name in {heavy!r} if name in sys.modules], code, file=sys.stderr)"
    )
    for command in COMMANDS:
        done = subprocess.run(
            [sys.executable, "-c", code, "runs", *command.split()],
            cwd=runs.path,
            env=runs.env,
            capture_output=True,
            text=True,
            check=True,
        )
        assert done.stderr.splitlines()[-1] == "[] 0", command


def test_a_killed_run_is_told_as_interrupted(crucible):
    crucible("run", crucible.spec("Measure", "Die", "Measure"), "--run-id", "r")
    done = crucible("runs", "show", "r")
    assert done.stdout.startswith("exp/r  interrupted\n")
    stages = [line.split() for line in done.stdout.partition("Stages\n")[2].splitlines()[:3]]
    assert [line[0] for line in stages] == ["s0", "s1", "s2"]
    assert stages[1][-1] == "interrupted"
    assert crucible("runs", "verify", "r").returncode == 0
    assert crucible("runs", "export", "r").returncode == 0


def test_a_run_that_went_on_is_told_as_one(crucible):
    (crucible.path / "scoring.py").write_text(SCORES)
    spec = crucible.spec({"module": "scoring:Scores"}, {"module": "scoring:Once"}, "Measure")
    assert crucible("run", spec, "--run-id", "r", "--seed", "1").returncode == -9
    assert crucible("run", "--resume", "r").returncode == 0
    done = crucible("runs", "show", "r")
    assert done.stdout.startswith("exp/r  succeeded\n")
    assert ", resumed once\n" in done.stdout
    stages = [line.split() for line in done.stdout.partition("Stages\n")[2].partition("\n\n")[0].splitlines()]
    assert [line[0] for line in stages] == ["s0", "s1", "resumed", "s1", "s2"]
    assert stages[1][4:7] == ["attempt", "1,", "interrupted"]
    assert crucible("run", spec, "--run-id", "whole", "--seed", "1").returncode == 0
    compared = crucible("runs", "compare", "r", "whole").stdout
    assert "Spec, options, data and environment are the same." in compared
    assert "equal; --all shows them" in compared
    assert "differ" not in compared.partition("Items")[0]
    assert crucible("runs", "verify", "r").returncode == 0
    assert crucible("runs", "gc").stdout == "nothing to remove\n"


def test_scores_of_numpy_are_compared_per_item(crucible):
    (crucible.path / "scoring.py").write_text(SCORES)
    for name, shift in (("a", 0.0), ("b", 0.01), ("c", 0.01)):
        spec = crucible.spec({"module": "scoring:Scores", "options": {"shift": shift}})
        done = crucible("run", spec, "--run-id", name)
        assert done.returncode == 0, done.stderr
    compared = crucible("runs", "compare", "a", "b").stdout
    assert "  score, b against a: mean " in compared
    assert ", 200 items\n" in compared
    assert "    more than noise\n" in compared  # the same draws, shifted: no noise at all between the two
    assert "    no more than noise\n" in crucible("runs", "compare", "b", "c").stdout


def test_an_archive_goes_on_where_it_is_taken_in(crucible):
    (crucible.path / "scoring.py").write_text(SCORES)
    spec = crucible.spec({"module": "scoring:Scores"}, {"module": "scoring:Once"}, "Measure")
    assert crucible("run", spec, "--run-id", "r", "--seed", "1").returncode == -9
    assert crucible("runs", "export", "r").returncode == 0
    assert crucible("runs", "import", "exp-r.zip", "--output-dir", "elsewhere").returncode == 0
    assert crucible("run", "--resume", "r", "--output-dir", "elsewhere").returncode == 0
    assert crucible("runs", "show", "r").stdout.startswith("exp/r  interrupted\n")
    assert crucible("runs", "show", "r", "--output-dir", "elsewhere").stdout.startswith("exp/r  succeeded\n")


def test_what_the_cache_restored_is_told_with_the_run_that_computed_it(crucible):
    rows = [
        {"id": number, "model": model, "score": (number * factor) % 3 % 2}
        for number in range(40)
        for model, factor in (("x", 1), ("y", 2))
    ]
    (crucible.path / "rows.json").write_text(json.dumps(rows))
    bench = {"id": "compare", "name": "bench", "options": {"data": "assigns.rows", "group": "model", "item": "id"}}
    spec = crucible.spec(bench, "Measure")
    for name in ("a", "b"):
        done = crucible("run", spec, "--run-id", name, "--assign", "rows=@rows.json", "--seed", "1")
        assert done.returncode == 0, done.stderr
    assert "skipped: cached" in crucible("runs", "show", "b").stdout
    lines = crucible("runs", "lineage", "b", "metrics.compare").stdout.splitlines()
    assert lines[1].endswith(", computed by run exp/a")
    assert lines[2].strip().startswith("└─ assigns.rows, given: rows.json  sha256".replace("  ", " "))
    assert crucible("runs", "verify", "b").returncode == 0
    compared = crucible("runs", "compare", "a", "b").stdout
    assert "Spec, options, data and environment are the same." in compared
    assert crucible("runs", "delete", "a", "--yes").returncode == 0
    assert crucible("runs", "gc").stdout == "nothing to remove\n"
    assert crucible("runs", "verify", "b").returncode == 0
