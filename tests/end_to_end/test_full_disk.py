"""A disk without room, at the beginning of a run and in the middle of one."""

from __future__ import annotations

import resource
import subprocess

import pytest

from crucible_core.runs import rebuild_manifest

FULL = ("No space left on device", "File too large")


@pytest.fixture
def disk(tmp_path):
    """Return what makes an output directory with room for so many bytes, and what limits the command to them."""
    mounted = []

    def make(size):
        place = tmp_path / "small"
        place.mkdir()
        if (
            subprocess.run(
                ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", place], capture_output=True, check=False
            ).returncode
            == 0
        ):
            mounted.append(place)
            return place, None
        return place, lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size // 40, size // 40))

    yield make
    for place in mounted:
        subprocess.run(["umount", place], check=True)


def test_no_room_to_begin(crucible, disk):
    place, limit = disk(4096)  # one block: the spec fits, the manifest does not
    done = crucible("run", crucible.spec("Measure"), "--output-dir", place, "--run-id", "r", preexec_fn=limit)
    assert done.returncode == 2
    assert done.stderr.startswith(f"crucible: cannot write into {place}/exp/r: ")
    assert any(reason in done.stderr for reason in FULL)
    assert "--output-dir" in done.stderr
    assert [path for path in place.rglob("*") if path.is_file()] == []
    assert not (place / "exp" / "r").exists()


@pytest.mark.parametrize("isolation", [None, "process"])
def test_no_room_any_more(crucible, disk, isolation):
    place, limit = disk(400_000)
    spec = crucible.spec("Measure", {"module": "own_stages:Fill", "isolation": isolation}, "Measure")
    done = crucible("run", spec, "--output-dir", place, "--run-id", "r", preexec_fn=limit)
    assert done.returncode == 1
    assert f"record_failed: cannot write {place}/exp/r/telemetry.jsonl: " in done.stdout
    assert any(reason in done.stdout for reason in FULL)
    assert "what was recorded before is complete" in done.stdout
    assert "Traceback" not in done.stdout + done.stderr
    rebuilt = rebuild_manifest(place / "exp" / "r")
    assert [stage["status"] for stage in rebuilt["stages"]] == ["succeeded", "running", "pending"]


def test_no_room_for_a_schema(crucible, disk):
    place, limit = disk(4096)
    (place / "schema.json").write_text("old")
    done = crucible("schema", "run_manifest", "--output", place / "schema.json", preexec_fn=limit)
    assert done.returncode == 2
    assert "cannot write" in done.stderr
    assert [(path.name, path.read_text()) for path in place.iterdir()] == [("schema.json", "old")]


def test_no_room_for_a_plugin(crucible, disk):
    place, limit = disk(4096)
    done = crucible("plugins", "new", "my-plugin", "--directory", place, preexec_fn=limit)
    assert done.returncode == 2
    assert done.stderr.startswith(f"crucible: cannot write {place}/my-plugin: ")
    assert any(reason in done.stderr for reason in FULL)
    assert list(place.iterdir()) == []
