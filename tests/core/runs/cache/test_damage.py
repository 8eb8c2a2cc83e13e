"""Whatever happens to a cache, a run comes to its end with the right result; what is of no use is computed again."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys

import pytest

from .conftest import OPTIONS, Project, stage_of
from .test_reuse import events_of, files_of, left_by


def entry_of(project: Project):
    (path,) = (project.out / ".cache" / "entries" / "score").glob("*.json")
    return path


def objects_of(project: Project):
    return sorted(path for path in (project.out / ".cache" / "objects").rglob("*") if path.is_file())


def flip(path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


DAMAGES = {
    "a flipped bit in the entry": lambda p: flip(entry_of(p)),
    "an entry cut off": lambda p: os.truncate(entry_of(p), 500),
    "an empty entry": lambda p: os.truncate(entry_of(p), 0),
    "an entry of another format": lambda p: entry_of(p).write_text("{}\n{}\n"),
    "an entry of another key": lambda p: shutil.copy(entry_of(p), entry_of(p).with_name(f"{'0' * 64}.json")),
    "a flipped bit in every object": lambda p: [flip(path) for path in objects_of(p) if path.stat().st_size],
    "objects that are gone": lambda p: shutil.rmtree(p.out / ".cache" / "objects"),
    "an unreadable directory": lambda p: (
        shutil.rmtree(p.out / ".cache" / "entries"),
        (p.out / ".cache" / "entries").write_text(""),
    ),
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_a_damaged_cache_is_a_miss_and_is_mended(ran: Project, damage, request):
    damage(ran)
    second = ran.run("second", *OPTIONS)
    assert left_by(ran, "second") == left_by(ran, "first")
    assert files_of(ran, "second") == files_of(ran, "first")
    outcome = stage_of(second, "score")["cache"]["outcome"]
    if "another key" in request.node.name:
        assert outcome == "hit"
        return
    logs = [event["payload"] for event in events_of(ran, "second") if event["event_name"] == "log"]
    if "directory" in request.node.name:
        assert outcome == "not_kept"
    else:
        assert outcome == "kept"
        assert ran.outcome("third", *OPTIONS) == "hit"
        assert left_by(ran, "third") == left_by(ran, "first")
    assert [log["level"] for log in logs] == ["warning"]
    assert "the stage runs" in logs[0]["message"]


def test_an_entry_whose_files_would_lie_elsewhere_is_of_no_use(ran: Project):
    from crucible_core.contract.json_values import as_text
    from crucible_core.runs.cache.key_values import digest_of

    path = entry_of(ran)
    document = json.loads(path.read_text().splitlines()[1])
    document["result"]["files"][0]["name"] = "../../../../../outside.sh"
    text = as_text(document)
    path.write_text(f"{digest_of(text)}\n{text}\n")
    assert ran.outcome("second", *OPTIONS) == "kept"
    assert not list(ran.root.rglob("outside.sh"))


COMMAND = (sys.executable, "-m", "crucible_core")


def processes(project: Project, *runs: str) -> list[subprocess.Popen]:
    return [
        subprocess.Popen(
            [*COMMAND, "run", "spec.yaml", "--run-id", each, "--output-dir", str(project.out), *OPTIONS],
            cwd=project.project,
            env={**os.environ, "PYTHONPATH": str(project.site)},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        for each in runs
    ]


def test_processes_that_keep_and_find_and_clear_at_once_do_not_disturb_each_other(project: Project):
    (project.project / "words.txt").write_text("some words")
    ids = [f"run{number}" for number in range(6)]
    started = processes(project, *ids)
    while any(each.poll() is None for each in started):
        assert project.crucible("cache", "clear", "--output-dir", str(project.out)).returncode == 0
    assert [each.wait() for each in started] == [0] * len(ids)
    assert len({json.dumps(left_by(project, each), sort_keys=True) for each in ids}) == 1
    assert {stage_of(project.manifest(each), "score")["cache"]["outcome"] for each in ids} <= {"hit", "kept"}
    assert project.outcome("after", *OPTIONS) in ("hit", "kept")
    assert project.outcome("last", *OPTIONS) == "hit"
    assert left_by(project, "last") == left_by(project, ids[0])


def reached_points(project: Project) -> list[str]:
    log = project.root / "points"
    project.run("counted", *OPTIONS, CRUCIBLE_FAULT_LOG=str(log))
    shutil.rmtree(project.out)
    return log.read_text().splitlines()


def test_a_process_that_is_killed_while_it_keeps_a_result_leaves_nothing_that_is_found_and_wrong(project: Project):
    (project.project / "words.txt").write_text("some words")
    points = reached_points(project)
    kept = [point for point in points if point.startswith(("object.", "cache."))]
    assert {"cache.kept", "cache.written"} <= set(kept)
    seen: dict[str, int] = {}
    for number, point in enumerate(kept):
        seen[point] = seen.get(point, 0) + 1
        done = project.crucible(
            *("run", "spec.yaml", "--run-id", f"killed{number}", "--output-dir", str(project.out), *OPTIONS),
            CRUCIBLE_FAULT_POINT=f"{point}:{seen[point]}",
        )
        assert done.returncode in (-signal.SIGKILL, 0)  # what was kept before a kill is not written again
        assert project.outcome(f"after{number}", *OPTIONS) in ("hit", "kept")
        assert left_by(project, f"after{number}") == left_by(project, "after0")
        if number % 2:
            shutil.rmtree(project.out / ".cache")
