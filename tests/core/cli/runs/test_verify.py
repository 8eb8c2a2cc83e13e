"""``crucible runs verify``: whether a run is still what was recorded."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

SCHEMA = Path(__file__).parents[4] / "docs" / "schemas" / "runs_verify.schema.json"
KEEP = """
from crucible_core import Context, Stage


class Keep(Stage):
    '''Leave values that are too large for the journal, and a named checkpoint.'''

    name = "keep"
    version = "1.0.0"
    writes = ("assigns.large", "outputs")

    def run(self, context, options):
        path = context.runtime.artifact_path("weights.bin")
        path.write_bytes(b"best")
        context.runtime.checkpoint("best", path)
        elsewhere = context.runtime.artifact_path("folder")
        elsewhere.mkdir()
        context.runtime.checkpoint("folder", elsewhere)
        context = context.assign(large=["x" * 100] * 200)
        return context.add_outputs([{"id": number, "score": number / 7} for number in range(500)])
"""


@pytest.fixture
def kept(crucible, project):
    """A run with every kind of file, and what verifies it."""
    (project / "verified_stages.py").write_text(KEEP)
    (project / "rows.csv").write_text("id,score\n1,0.5\n2,0.25\n")
    (project / "given.json").write_text("[1]")
    steps = [
        {"id": "load", "name": "load_dataset", "options": {"source": "rows.csv"}},
        {"id": "keep", "module": "verified_stages:Keep"},
        {"id": "measure", "module": "own_stages:Measure"},
    ]
    (project / "spec.yaml").write_text(json.dumps({"id": "exp", "pipeline": steps}))
    done = crucible("run", "spec.yaml", "--run-id", "r", "--assign", "given=@given.json")
    assert done.code == 0, done.err
    return project / "artifacts/crucible/exp/r"


@pytest.fixture
def verified(crucible):
    """Verify a run; return the exit code and what is not ok."""

    def verify(name="r"):
        done = crucible("runs", "verify", name, "--json")
        Draft202012Validator(json.loads(SCHEMA.read_bytes())).validate(done.json)
        assert done.code == (0 if done.json["sound"] else 1)
        found = {each["name"]: each for each in done.json["checks"] if each["outcome"] != "ok"}
        return done.code, {name: (each["kind"], each["outcome"]) for name, each in found.items()}

    return verify


UNHASHED = {"artifacts/crucible/exp/r/artifacts/keep/folder": ("checkpoint", "not_checkable")}


def object_of(run_dir, suffix):
    return next(path for path in (run_dir / "checkpoints").rglob(f"*{suffix}") if path.is_file())


def test_tags_given_later_can_be_read(kept, verified, crucible):
    crucible("runs", "tag", "r", "good")
    assert verified() == (0, UNHASHED)
    (kept / "tags.json").write_text('{"added"')
    assert verified() == (1, {**UNHASHED, "tags.json": ("tags", "changed")})


def test_a_run_that_nobody_touched_is_sound(kept, verified, crucible):
    assert verified() == (0, UNHASHED)
    done = crucible("runs", "verify", "r")
    assert done.out.splitlines()[-1] == "sound: 9 ok, 1 not checkable"
    assert len(crucible("runs", "verify", "r", "--all").out.splitlines()) == 12


def change(path):
    path.write_bytes(path.read_bytes() + b" ")


def remove(path):
    path.unlink()


def turn_into_a_folder(path):
    path.unlink()
    path.mkdir()


def turn_into_a_pipe(path):
    path.unlink()
    os.mkfifo(path)


def turn_into_a_dangling_link(path):
    path.unlink()
    path.symlink_to("nowhere")


@pytest.mark.parametrize(
    ("name", "do", "kind", "outcome"),
    [
        ("artifacts/keep/weights.bin", change, "artifact", "changed"),
        ("artifacts/keep/weights.bin", remove, "artifact", "missing"),
        ("artifacts/measure/note.txt", turn_into_a_folder, "artifact", "changed"),
        ("artifacts/measure/note.txt", turn_into_a_pipe, "artifact", "changed"),
        ("artifacts/measure/note.txt", turn_into_a_dangling_link, "artifact", "missing"),
        ("manifest.json", remove, "manifest", "missing"),
        ("spec.json", remove, "spec", "missing"),
        ("*.json", change, "object", "changed"),
        ("*.json", remove, "object", "missing"),
        ("../../../../rows.csv", change, "dataset", "changed"),
        ("../../../../rows.csv", remove, "dataset", "not_checkable"),
        ("../../../../given.json", change, "input", "changed"),
        ("../../../../given.json", remove, "input", "not_checkable"),
    ],
)
def test_what_became_of_each_file_is_told(kept, verified, name, do, kind, outcome):
    path = object_of(kept, name[1:]) if name.startswith("*") else kept / name
    do(path)
    code, found = verified()
    told = name.rpartition("/")[2] if kind in ("dataset", "input") else path.relative_to(kept).as_posix()
    assert found == {**UNHASHED, told: (kind, outcome)}
    assert code == (0 if outcome == "not_checkable" else 1)


def test_documents_that_were_edited_are_found(kept, crucible):
    for name in ("manifest.json", "spec.json"):
        document = json.loads((kept / name).read_bytes())
        document["description"] = "edited"
        (kept / name).write_text(json.dumps(document))
    done = crucible("runs", "verify", "r")
    assert done.code == 1
    assert "CHANGED        manifest manifest.json: the journal tells otherwise of description" in done.out
    assert "CHANGED        spec spec.json: it is not the experiment that the journal says was run" in done.out


LINES = {
    "swapped": lambda lines: [*lines[:2], lines[3], lines[2], *lines[4:]],
    "taken out": lambda lines: [*lines[:2], *lines[3:]],
    "put in": lambda lines: [*lines[:3], lines[2], *lines[3:]],
    "changed": lambda lines: [*lines[:2], b"damage\n", *lines[3:]],
    "of another run": lambda lines: [*lines[:2], lines[2].replace(b'"run_id":"r"', b'"run_id":"s"'), *lines[3:]],
    "without its beginning": lambda lines: lines[1:],
    "without a field": lambda lines: [*lines[:2], lines[2].replace(b'"attempt"', b'"attampt"'), *lines[3:]],
    "emptied": lambda _: [],
    "with a path for an object": lambda lines: [
        line.replace(b'"suffix":".json"', b'"suffix":"/../x"') for line in lines
    ],
}


@pytest.mark.parametrize("do", LINES.values(), ids=LINES)
def test_a_journal_that_was_tampered_with_is_found(kept, verified, do):
    journal = kept / "telemetry.jsonl"
    journal.write_bytes(b"".join(do(journal.read_bytes().splitlines(keepends=True))))
    code, found = verified()
    assert code == 1
    assert found["telemetry.jsonl"] == ("journal", "changed")


@pytest.mark.parametrize("tail", [b'{"schema_', b"\0" * 4096, b"garbage\nmore garbage\n"])
def test_a_torn_end_is_remarked_and_nothing_wrong(kept, crucible, tail):
    with (kept / "telemetry.jsonl").open("ab") as journal:
        journal.write(tail)
    done = crucible("runs", "verify", "r")
    assert done.code == 0
    assert f"ok             journal telemetry.jsonl: {len(tail)} bytes at its end are torn" in done.out


def test_a_run_that_was_killed_is_sound(crucible, hand_made):
    run_dir = hand_made((1, "stage_start", "a", {"name": "a"}), stages=["a"], final={})
    done = crucible("runs", "verify", run_dir)
    assert done.code == 1  # only because a run made by hand has no spec.json
    assert "MISSING        spec spec.json" in done.out
    assert "not checkable  manifest manifest.json: it is that of a run which has not ended" in done.out


def test_a_copy_elsewhere_is_checked_like_the_run_itself(kept, crucible, tmp_path):
    copy = tmp_path / "elsewhere" / "exp" / "r"
    copy.parent.mkdir(parents=True)
    kept.rename(copy)
    done = crucible("runs", "verify", copy)
    assert (done.code, done.out.splitlines()[-1]) == (0, "sound: 9 ok, 1 not checkable")


@pytest.mark.parametrize(
    "path", ["/etc/passwd", "../../outside", "a/../../../outside", "a\x00b", "\x1b[31m", "x" * 5000]
)
def test_a_name_that_leads_elsewhere_is_not_followed(crucible, hand_made, path):
    run_dir = hand_made(artifacts=[{"stage": "a", "path": path, "sha256": "0" * 64}])
    (run_dir.parents[1] / "outside").write_text("outside")
    done = crucible("runs", "verify", run_dir)
    assert "Traceback" not in done.err
    assert all(each.isprintable() or each == "\n" for each in done.out)
    (check,) = (each for each in crucible("runs", "verify", run_dir, "--json").json["checks"] if each["name"] == path)
    assert check["outcome"] in ("not_checkable", "missing")


def test_what_a_manifest_of_others_says_is_no_reason_to_fail(crucible, hand_made):
    run_dir = hand_made(
        artifacts=[{"stage": "a", "path": "a", "sha256": 3}],
        datasets={"a": {}, "b": {"source": 3, "sha256": []}, "c": {"source": "~nobody-here/x", "sha256": "0"}},
        inputs={"assigns": {"a": {"source": "x\x00y"}, "b": {}}, "outputs": 0},
        checkpoints=[{"stage": "a", "path": "x\x00y", "name": "n"}],
    )
    done = crucible("runs", "verify", run_dir)
    assert (done.code, done.err) == (1, "")


def test_a_journal_that_says_the_same_otherwise_is_not_the_one_that_was_written(kept, crucible):
    journal = kept / "telemetry.jsonl"
    journal.write_text(journal.read_text().replace('{"schema_version"', '{ "schema_version"', 1))
    done = crucible("runs", "verify", "r")
    assert done.code == 1
    assert "manifest manifest.json: the journal is not the one whose hash it holds" in done.out
