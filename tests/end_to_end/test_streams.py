"""Standard streams as they come: piped, closed, left by their reader, narrow, a terminal."""

from __future__ import annotations

import os
import pty
import subprocess
import sys

import pytest


def _shell(crucible, line):
    """Run a shell line in which ``crucible`` is the command; exit with the code of the first of a pipe."""
    script = f"set -o pipefail; crucible() {{ '{sys.executable}' -m crucible_core \"$@\"; }}; {line}"
    return subprocess.run(
        ["bash", "-c", script],
        cwd=crucible.path,
        env=crucible.env,
        capture_output=True,
        encoding="utf-8",
        check=False,
        timeout=120,
    )


@pytest.mark.parametrize(
    "line",
    [
        "crucible run spec.yaml --run-id r | true",
        "crucible run spec.yaml --run-id r 2>&1 | true",
        "crucible run spec.yaml --run-id r --json | head -1",
        "crucible run spec.yaml --run-id r >&-",
        "crucible run spec.yaml --run-id r 2>&-",
        "crucible run spec.yaml --run-id r <&- >&- 2>&-",
    ],
)
def test_a_run_does_not_depend_on_who_reads_its_output(crucible, line):
    crucible.spec("Measure", "Measure")
    done = _shell(crucible, line)
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    assert "Exception ignored" not in done.stderr
    assert crucible.manifest()["status"] == "succeeded"
    assert "observer" not in (crucible.run_dir() / "telemetry.jsonl").read_text("utf-8")
    assert [event["seq"] for event in crucible.events()] == list(range(1, len(crucible.events()) + 1))


@pytest.mark.parametrize("flag", ["", "--json"])
def test_a_full_disk_under_the_output_is_said_and_the_record_is_whole(crucible, flag):
    crucible.spec("Measure")
    done = _shell(crucible, f"crucible run spec.yaml --run-id r {flag} >/dev/full")
    assert done.returncode == 1
    assert done.stderr.endswith("crucible: cannot write the output: No space left on device\n")
    assert crucible.manifest()["status"] == "succeeded"
    assert "observer" not in done.stderr + (crucible.run_dir() / "telemetry.jsonl").read_text("utf-8")


def test_the_code_of_a_failed_run_survives_a_reader_that_left(crucible):
    crucible.spec("Gate")
    assert _shell(crucible, "crucible run spec.yaml | true").returncode == 4


@pytest.mark.parametrize(
    "command", ["trace r", "trace r --json", "stages list", "schema", "plugins list --json", "--help"]
)
def test_any_output_may_be_cut_short_or_closed(crucible, command):
    crucible("run", crucible.spec("Measure"), "--run-id", "r")
    for end in ("| true", ">&-"):
        done = _shell(crucible, f"crucible {command} {end}")
        assert (done.returncode, done.stderr) == (0, "")


def test_piped_output_is_plain_progress_apart_from_the_result(crucible):
    done = crucible("run", crucible.spec("Measure", "Gate"), "--run-id", "r")
    assert "\x1b" not in done.stdout + done.stderr
    assert done.stderr.splitlines()[:2] == ["exp  run r", "[1/2] s0 (measure) ..."]
    assert "[2/2] s1 done in " in done.stderr
    assert done.stdout.splitlines()[-1] == "record: artifacts/crucible/exp/r"


def _in_terminal(crucible, *arguments):
    """Run the command in a terminal; return its exit code and all it drew."""
    controller, terminal = pty.openpty()
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
    return process.wait(timeout=60), drawn.decode("utf-8")


@pytest.mark.parametrize(("stages", "code"), [(["Measure", "Measure"], 0), (["Measure", "Crash"], 1), (["Leave"], 1)])
def test_a_terminal_gets_live_progress_and_is_left_as_it_was(crucible, stages, code):
    ended, drawn = _in_terminal(crucible, "run", crucible.spec(*stages), "--run-id", "r")
    assert ended == code, drawn
    assert "Traceback" not in drawn
    assert drawn.count("\x1b[?25l") == drawn.count("\x1b[?25h") > 0  # the cursor: hidden, and shown again
    assert "[1/" in drawn
    assert drawn.rstrip().endswith("record: artifacts/crucible/exp/r")
    assert "observer" not in (crucible.run_dir() / "telemetry.jsonl").read_text("utf-8")


def test_tables_are_drawn_in_a_terminal(crucible):
    code, drawn = _in_terminal(crucible, "stages", "list")
    assert code == 0
    assert "guardrails" in drawn


@pytest.mark.parametrize(
    "encoding",
    [{"LC_ALL": "C"}, {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}, {"PYTHONIOENCODING": "ascii"}],
    ids=["C", "really C", "ascii"],
)
def test_a_narrow_encoding_loses_nothing_of_the_record(crucible, encoding):
    spec = crucible.spec("Measure", description="größer — 大")
    env = {**crucible.env, **encoding}
    assert crucible("run", spec, "--run-id", "r", env=env).returncode == 0
    assert crucible.manifest()["description"] == "größer — 大"
    trace = crucible("trace", "r", "--tree", env=env)
    assert trace.returncode == 0
    assert "use the mean" in trace.stdout
