"""Runs in processes of their own that are killed, and what must be true of them afterwards."""

from __future__ import annotations

import hashlib
import json
import os
import random
import signal
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from crucible_core import RunResult, run
from crucible_core.runs import observed_status, rebuild_manifest

RUN_ID = "killed"


@dataclass(frozen=True)
class Place:
    """Where one run and its stages write.

    Args:
        path: A directory of its own.
        stages: How many stages the run has.
        durability: See `crucible_core.run`.
    """

    path: Path
    stages: int
    durability: str = "process"

    @property
    def spec(self) -> dict[str, Any]:
        """The experiment."""
        pipeline = [{"id": f"s{number:02}", "module": "io_stages:Grow"} for number in range(self.stages)]
        return {"id": "kills", "pipeline": pipeline}

    @property
    def log(self) -> Path:
        """A line for each time that a stage ran."""
        return self.path / "ran.txt"

    @property
    def run_dir(self) -> Path:
        """The run's directory."""
        return self.path / "runs" / "kills" / RUN_ID

    def begin(self) -> RunResult:
        """Run from the beginning."""
        arguments = {"output_dir": self.path / "runs", "durability": self.durability}
        return run(self.spec, run_id=RUN_ID, assigns={"log": str(self.log)}, **arguments)

    def go_on(self) -> RunResult:
        """Go on with the run, or begin it where the process was killed before there was one."""
        if not (self.run_dir / "telemetry.jsonl").exists():
            if self.run_dir.exists():
                for path in sorted(self.run_dir.rglob("*"), reverse=True):
                    path.rmdir() if path.is_dir() else path.unlink()
                self.run_dir.rmdir()
            return self.begin()
        began = b"\n" in (self.run_dir / "telemetry.jsonl").read_bytes()
        again = None if began else {"log": str(self.log)}  # what the run was given is in the first line of its journal
        return run(self.spec, resume=str(self.run_dir), durability=self.durability, assigns=again)

    def acknowledged(self) -> list[str]:
        """Return the stages that the journal says are done, whatever else it holds."""
        journal = self.run_dir / "telemetry.jsonl"
        lines = journal.read_bytes().split(b"\n")[:-1] if journal.exists() else []
        events = [json.loads(line) for line in lines]
        return [event["stage"] for event in events if event["event_name"] == "stage_stop"]

    def times_run(self) -> Counter[str]:
        """Return how often each stage ran."""
        return Counter(self.log.read_text().split() if self.log.exists() else ())


def outcome(result: RunResult) -> dict[str, Any]:
    """Return everything that two runs of one experiment have in common, files included."""
    context = result.unwrap()
    assert result.run_dir is not None
    files = {
        path.relative_to(result.run_dir).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted((result.run_dir / "artifacts").rglob("*"))
        if path.is_file()
    }
    manifest = rebuild_manifest(result.run_dir)
    return {
        "files": files,
        "recorded": {entry["path"]: entry["sha256"] for entry in manifest["artifacts"]},
        "statuses": [stage["status"] for stage in manifest["stages"]],
        "verdicts": len(manifest["verdicts"]),
        "context": repr(
            [
                dict(context.metrics),
                {name: value for name, value in context.assigns.items() if name != "log"},
                dict(context.artifacts),
                list(context.outputs),
                list(context.verdicts),
                context.completed_stages,
                [(event.stage, event.payload) for event in context.trace],
            ]
        ),
    }


def in_child(work: Callable[[], Any], kill_after: float | None = None) -> int:
    """Do something in a forked child and return its exit code; negative where a signal ended it.

    Args:
        work: What to do.
        kill_after: Seconds after which the child is killed; None to let it end.
    """
    child = os.fork()
    if child == 0:
        code = 1
        try:
            null = os.open(os.devnull, os.O_WRONLY)
            os.dup2(null, 2)
            work()
            code = 0
        finally:
            os._exit(code)
    if kill_after is not None:
        time.sleep(kill_after)
        os.kill(child, signal.SIGKILL)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


@dataclass
class Tally:
    """What came of many kills; the counts of what must not happen stay 0."""

    kills: int = 0
    alive_at_the_end: int = 0
    acknowledged: int = 0
    lost: int = 0
    run_again: int = 0
    wrong_status: int = 0
    other_result: int = 0

    @property
    def good(self) -> bool:
        """Whether nothing happened that must not."""
        return not (self.lost or self.run_again or self.wrong_status or self.other_result)


def trial(place: Place, draw: random.Random, lasts: float, expected: dict[str, Any], tally: Tally) -> None:
    """Kill one run at random moments, at most five times, then let it come to its end, and count what is wrong.

    Args:
        place: Where it runs; empty.
        draw: Draws the moments.
        lasts: Seconds that an uninterrupted run takes; moments are uniform over it.
        expected: The outcome of an uninterrupted run.
        tally: Counts.
    """
    done: list[str] = []
    for attempt in range(draw.randint(1, 5)):
        work = place.go_on if attempt else place.begin
        code = in_child(work, draw.uniform(0, lasts))
        if code == 0:
            tally.alive_at_the_end += 1
            break
        tally.kills += 1
        check_after_kill(place, done, tally)
    else:
        finish(place, done, expected, tally)


def check_after_kill(place: Place, done: list[str], tally: Tally) -> None:
    """Count stages that were acknowledged and are not any more, and a status that is not honest."""
    now = place.acknowledged()
    tally.acknowledged += len(now) - len(done)
    tally.lost += now[: len(done)] != done
    done[:] = now
    if place.acknowledged() or (place.run_dir / "telemetry.jsonl").exists():
        lines = (place.run_dir / "telemetry.jsonl").read_bytes()
        if b'"run_start"' in lines and b"\n" in lines and b'"run_stop"' not in lines:
            tally.wrong_status += observed_status(rebuild_manifest(place.run_dir)) != "interrupted"


def finish(place: Place, done: list[str], expected: dict[str, Any], tally: Tally) -> None:
    """Let a run come to its end and count what is other than in an uninterrupted one."""
    before = place.times_run()
    if (place.run_dir / "telemetry.jsonl").exists() and b'"run_stop"' in (
        place.run_dir / "telemetry.jsonl"
    ).read_bytes():
        tally.alive_at_the_end += 1  # killed after its last event: there is nothing to go on with
        return
    result = place.go_on()
    after = place.times_run()
    tally.run_again += sum(after[stage] != before[stage] for stage in done)
    tally.other_result += outcome(result) != expected
