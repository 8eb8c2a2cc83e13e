"""What the command shows of policies, and the report says of what came of them."""

from __future__ import annotations

import json

POLICIES = {
    "module": "own_stages:Fail",
    "options": {"times": 1},
    "retry": {"attempts": 2, "backoff_s": 0.01, "jitter": 0},
    "timeout_s": 60,
    "on_failure": "continue",
}
SKIPPED = {"module": "own_stages:Measure", "when": "metrics.s0.attempt > 5"}


def test_retries_and_skips_are_shown(crucible):
    done = crucible("run", crucible.spec(POLICIES, SKIPPED), "--run-id", "r")
    assert done.returncode == 0
    lines = [
        line.partition(" in ")[0] if " s" in line and " in " in line else line for line in done.stderr.splitlines()
    ]
    assert lines == [
        "exp  run r",
        "[1/2] s0 (fail) ...",
        "[1/2] s0 stage_crashed",
        "  ZeroDivisionError: x",
        "  attempt 2 begins",
        "[1/2] s0 (fail) (attempt 2) ...",
        "[1/2] s0 done",
        "[2/2] s1 skipped: metrics.s0.attempt > 5 does not hold: metrics.s0.attempt is 2",
    ]


def test_a_run_that_went_on_after_a_failure_says_so_at_the_end(crucible):
    spec = crucible.spec({**POLICIES, "options": {"times": 9}}, "Measure", {"name": "report"}, outputs=[{"name": "o"}])
    done = crucible("run", spec, "--run-id", "r")
    assert done.returncode == 1
    assert "stage_crashed in s0: ZeroDivisionError: x" in done.stdout
    assert "failed after" in done.stdout
    report = (crucible.run_dir() / "artifacts" / "s2" / "o.md").read_text()
    assert "The run failed in stage s0: stage_crashed: ZeroDivisionError: x" in report
    assert "| s0 | Failed at attempt 2 |" in report


def test_the_report_says_what_was_skipped_and_why(crucible):
    spec = crucible.spec(
        POLICIES, SKIPPED, {"name": "report"}, outputs=[{"name": "o", "formats": ["markdown", "html"]}]
    )
    assert crucible("run", spec, "--run-id", "r").returncode == 0
    files = crucible.run_dir() / "artifacts" / "s2"
    markdown, html = (files / "o.md").read_text(), (files / "o.html").read_text()
    assert "| s0 | Succeeded at attempt 2 |" in markdown
    assert "| s1 | Skipped: metrics.s0.attempt \\> 5 does not hold: metrics.s0.attempt is 2 |" in markdown
    assert "<small>metrics.s0.attempt &gt; 5 does not hold: metrics.s0.attempt is 2</small>" in html
    assert "up to 2 attempts, 60 s each, on failure continue" in html


def test_the_plan_shows_policies(crucible):
    spec = crucible.spec(POLICIES, SKIPPED)
    shown = crucible("validate", spec).stdout
    assert "up to 2 attempts, 60 s each, on failure continue" in shown
    assert "when metrics.s0.attempt > 5" in shown
    first, second = json.loads(crucible("run", spec, "--dry-run", "--json").stdout)["stages"]
    assert first["policies"] == {key: POLICIES[key] for key in ("retry", "timeout_s", "on_failure")}
    assert second["policies"] == {"when": "metrics.s0.attempt > 5"}
    assert "Policies" not in crucible("validate", crucible.spec("Measure")).stdout


def test_the_trace_says_when_a_stage_is_tried_again(crucible):
    crucible("run", crucible.spec(POLICIES, SKIPPED), "--run-id", "r")
    trace = crucible("trace", "r").stdout
    assert "stage_crashed: ZeroDivisionError: x (again in 0.01 s)" in trace
    assert "condition: metrics.s0.attempt > 5 does not hold" in trace
