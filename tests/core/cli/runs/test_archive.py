"""``crucible runs export`` and ``import``: a run in one file, carried elsewhere."""

from __future__ import annotations

import hashlib
import json
import os
import resource
import shutil
import stat
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from crucible_core.runs.archive import ArchiveError, export_run, import_run
from crucible_core.runs.directory import RunDirectory

SCHEMAS = Path(__file__).parents[4] / "docs" / "schemas"
JOURNAL = b'{"event_name":"run_start"}\n'


def validate(name, document):
    Draft202012Validator(json.loads((SCHEMAS / f"{name}.schema.json").read_bytes())).validate(document)


@pytest.fixture
def ran(crucible, spec, project):
    """A run with a file; the directory of it."""
    gate = {"module": "own_stages:Gate", "options": {"passes": True}}
    assert crucible("run", spec("Measure", gate), "--run-id", "r").code == 0
    return project / "artifacts/crucible/exp/r"


def content(directory):
    """Return what is in a directory: path to bytes, None for what is no file."""
    paths = sorted(directory.rglob("*")) if directory.is_dir() else []
    return {path.relative_to(directory).as_posix(): path.read_bytes() for path in paths if path.is_file()}


def everything(directory):
    return sorted(path.relative_to(directory).as_posix() for path in directory.rglob("*"))


def test_a_run_that_was_carried_elsewhere_is_the_same(ran, crucible, project):
    done = crucible("runs", "export", "r", "--json")
    assert done.code == 0, done.err
    validate("runs_export", done.json)
    archive = project / "exp-r.zip"
    assert done.json["file"] == "exp-r.zip"
    assert done.json["sha256"] == hashlib.sha256(archive.read_bytes()).hexdigest()
    done = crucible("runs", "import", archive, "--output-dir", "elsewhere/deep", "--json")
    assert done.code == 0, done.err
    validate("runs_import", done.json)
    there = project / "elsewhere/deep/exp/r"
    assert done.json["directory"] == "elsewhere/deep/exp/r"
    before = content(ran)
    before.pop("lock", None)
    assert content(there) == before
    assert everything(project / "elsewhere/deep") == ["exp", "exp/r", *(f"exp/r/{path}" for path in everything(there))]
    assert crucible("runs", "verify", there).code == 0
    shown = [crucible("runs", "show", path, "--json").json for path in (ran, there)]
    assert shown[0]["manifest"] == shown[1]["manifest"]
    assert crucible("trace", "r", "--output-dir", "elsewhere/deep").code == 0


def test_the_list_in_the_archive_is_what_its_schema_says(ran, crucible, project):
    crucible("runs", "export", "r")
    with zipfile.ZipFile(project / "exp-r.zip") as archive:
        listed = json.loads(archive.read("archive.json"))
        validate("run_archive", listed)
        for file in listed["files"]:
            data = archive.read(f"exp/r/{file['path']}")
            assert (file["bytes"], file["sha256"]) == (len(data), hashlib.sha256(data).hexdigest())


def test_the_same_run_gives_the_same_bytes(ran, crucible, project):
    copy = project / "copy/exp/r"
    shutil.copytree(ran, copy, copy_function=shutil.copyfile)
    for path in copy.rglob("*"):
        os.utime(path, (1e9, 1e9))
        path.chmod(0o700)
    for name, run in (("one.zip", ran), ("two.zip", copy)):
        assert crucible("runs", "export", run, "-o", name).code == 0
    assert (project / "one.zip").read_bytes() == (project / "two.zip").read_bytes()


def test_names_of_any_kind_come_through(ran, project):
    names = ["größer 大", "with space", "back\\slash", "new\nline", "'quoted\"", "-o", "x" * 200, "deep/er/and/deeper"]
    for name in names:
        path = ran / "artifacts" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    (ran / "artifacts/empty").write_bytes(b"")
    export_run(RunDirectory(ran), project / "a.zip")
    import_run(project / "a.zip", project / "there")
    for name in names:
        assert (project / "there/exp/r/artifacts" / name).read_text() == name
    assert (project / "there/exp/r/artifacts/empty").read_bytes() == b""


def test_what_is_no_file_of_the_run_is_left_out(ran, crucible, project):
    (project / "secret").write_text("secret")
    folder = ran / "artifacts/s0"
    (folder / "out").symlink_to(project / "secret")
    (folder / "nowhere").symlink_to("nothing")
    (folder / "loop").symlink_to("loop")
    (folder / "folder").symlink_to(project)
    (folder / "inside").symlink_to("note.txt")
    os.mkfifo(folder / "pipe")
    (ran / ".0123456789abcdef.part").write_text("half")
    done = crucible("runs", "export", "r", "--json")
    assert {each["path"].rpartition("/")[2]: each["reason"] for each in done.json["left_out"]} == {
        "folder": "it is a link that leads out of the run directory",
        "loop": "it is a link that leads nowhere",
        "nowhere": "it is a link that leads nowhere",
        "out": "it is a link that leads out of the run directory",
        "pipe": "it is no regular file",
    }
    with zipfile.ZipFile(project / "exp-r.zip") as archive:
        names = archive.namelist()
        assert archive.read("exp/r/artifacts/s0/inside") == (folder / "note.txt").read_bytes()
    assert b"secret" not in (project / "exp-r.zip").read_bytes()
    assert not [name for name in names if name.endswith((".part", "lock"))]


def test_a_name_that_is_no_text_is_refused(ran, project):
    Path(os.fsdecode(os.fsencode(ran / "artifacts") + b"/\xff")).write_text("x")
    with pytest.raises(ArchiveError, match="is no Unicode text"):
        export_run(RunDirectory(ran), project / "a.zip")
    assert not list(project.glob("*.zip")) + list(project.glob(".*.part"))


def test_a_run_that_goes_on_is_not_exported(crucible, hand_made, project):
    from crucible_core.runs.provenance import process_identity

    run_dir = hand_made((1, "stage_start", "a", {}), stages=["a"], process=process_identity())
    done = crucible("runs", "export", run_dir)
    assert done.code == 2
    assert f"is running, by process {os.getpid()} on " in done.err
    assert not list(project.glob("*.zip"))


def test_a_run_that_was_killed_is(crucible, hand_made):
    gone = {"host": os.uname().nodename, "boot_id": "another", "pid": 1, "started_at": 1}
    done = crucible("runs", "export", hand_made((1, "stage_start", "a", {}), stages=["a"], process=gone))
    assert done.code == 0, done.err


@pytest.mark.parametrize("there", ["file", "directory", "dangling link"])
def test_nothing_that_is_there_is_written_over(ran, crucible, project, there):
    path = project / "a.zip"
    {"file": lambda: path.write_text("mine"), "directory": path.mkdir, "dangling link": lambda: path.symlink_to("x")}[
        there
    ]()
    done = crucible("runs", "export", "r", "--output", path)
    assert done.code == 2
    assert not (project / "x").exists()
    if there == "file":
        assert path.read_text() == "mine"


def test_a_place_that_cannot_be_written_to_is_an_error(ran, crucible):
    done = crucible("runs", "export", "r", "--output", "nowhere/a.zip")
    assert done.code == 2
    assert "cannot write nowhere/a.zip: No such file or directory" in done.err


def test_a_full_disk_leaves_nothing(ran, project):
    (ran / "artifacts/s0/large").write_bytes(os.urandom(1 << 20))
    export_run(RunDirectory(ran), project / "whole.zip")
    script = (
        "import resource, signal, sys; from pathlib import Path; from crucible_core.runs.archive import *;"
        "from crucible_core.runs.directory import RunDirectory;"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN); resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 19, 1 << 19));"
    )
    doing = {
        "export": "export_run(RunDirectory(Path('artifacts/crucible/exp/r')), Path('a.zip'))",
        "import": "import_run(Path('whole.zip'), Path('there'))",
    }
    before = everything(project)
    for call in doing.values():
        done = subprocess.run(
            [sys.executable, "-c", script + call], cwd=project, capture_output=True, text=True, check=False
        )
        assert "ArchiveError: cannot" in done.stderr
        assert "File too large" in done.stderr
        assert everything(project) == before
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[0] == resource.RLIM_INFINITY


class Forged(zipfile.ZipFile):
    """An archive that says what it likes."""

    def put(self, name, data=b"", mode=0o100644, **about):
        info = zipfile.ZipInfo(name)
        info.external_attr = mode << 16
        for key, value in about.items():
            setattr(info, key, value)
        self.writestr(info, data)

    def list(self, *entries, **about):
        files = [
            {"path": path, "bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()} for path, data in entries
        ]
        document = {"schema_version": "1.0", "kind": "crucible run", "experiment_id": "exp", "run_id": "r"}
        self.put("archive.json", json.dumps({**document, "files": files, **about}).encode())


@pytest.fixture
def forge(tmp_path):
    """Make an archive from files of a run and whatever else is done to it."""

    def make(extra=(), *, also=lambda _: None, **about):
        path = tmp_path / "forged.zip"
        entries = [("telemetry.jsonl", JOURNAL), *extra]
        with Forged(path, "w") as archive:
            for name, data in entries:
                archive.put(f"exp/r/{name}", data)
            also(archive)
            archive.list(*entries, **about)
        return path

    return make


@pytest.fixture
def refused(tmp_path):
    """Import an archive; return what is said when it is refused, once it is sure that nothing is left."""

    def refuse(path, **arguments):
        place = tmp_path / "place"
        place.mkdir(exist_ok=True)
        for output_dir in (place, place / "new" / "deep"):
            with pytest.raises(ArchiveError) as error:
                import_run(path, output_dir, **arguments)
            assert everything(place) == []
        return str(error.value)

    return refuse


def test_a_forged_archive_of_honest_files_is_taken_in(forge, tmp_path):
    done = import_run(forge([("a/b", b"b")]), tmp_path / "place")
    assert content(done.directory.path) == {"telemetry.jsonl": JOURNAL, "a/b": b"b"}
    assert stat.S_IMODE((done.directory.path / "a/b").stat().st_mode) & 0o111 == 0


PATHS = {
    "/etc/evil": "the path is absolute",
    "../evil": "leads out of the run directory",
    "../../evil": "leads out of the run directory",
    "a/../../../evil": "leads out of the run directory",
    "..": "leads out of the run directory",
    "a//b": "not in its shortest form",
    "./a": "not in its shortest form",
    "a/": "",
    "": "",
    "x" * 256: "longer than 255 bytes",
    "大" * 100: "longer than 255 bytes",
    "half \ud800": "",
}


@pytest.mark.parametrize(("path", "said"), PATHS.items(), ids=lambda value: ascii(value)[:20])
def test_a_path_that_must_not_be_written_is_refused(forge, refused, path, said):
    def also(archive):
        if path.isprintable() and path:
            archive.put(f"exp/r/{path}", b"evil")

    listed = [
        {"path": name, "bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
        for name, data in (("telemetry.jsonl", JOURNAL), (path, b"evil"))
    ]
    assert said in refused(forge(also=also, files=listed))


MEMBERS = {
    "a link": (lambda a: a.put("exp/r/link", b"/etc/passwd", mode=0o120777), "is a link"),
    "a device": (lambda a: a.put("exp/r/null", mode=0o020666), "is a device"),
    "a pipe": (lambda a: a.put("exp/r/pipe", mode=0o010644), "is a device"),
    "a directory": (lambda a: a.put("exp/r/folder/", mode=0o040755), "is a directory"),
    "a file twice": (lambda a: a.put("exp/r/telemetry.jsonl", JOURNAL), "is in the archive twice"),
    "a file that is not listed": (lambda a: a.put("exp/r/more", b"x"), "is in the archive and not in its list"),
    "a file elsewhere": (lambda a: a.put("exp/other/x", b"x"), "is in the archive and not in its list"),
    "a file above": (lambda a: a.put("../../evil", b"x"), "is in the archive and not in its list"),
    "an absolute file": (lambda a: a.put("/etc/evil", b"x"), "is in the archive and not in its list"),
    "a second list": (lambda a: a.put("archive.json", b"{}"), "is in the archive twice"),
    "another method": (lambda a: a.put("exp/r/x", b"x", compress_type=zipfile.ZIP_LZMA), "compressed in a way"),
}


@pytest.mark.parametrize(("also", "said"), MEMBERS.values(), ids=MEMBERS)
@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_member_that_is_no_listed_file_is_refused(forge, refused, also, said):
    assert said in refused(forge(also=also))


GOOD = {"path": "telemetry.jsonl", "bytes": len(JOURNAL), "sha256": hashlib.sha256(JOURNAL).hexdigest()}
LISTS = {
    "another kind": ({"kind": "other"}, "not the list of a run's files"),
    "a later version": ({"schema_version": "2.0"}, "has version 2.0"),
    "no files": ({"files": None}, "lists no files"),
    "an empty list": ({"files": []}, "it has no telemetry.jsonl"),
    "no mapping": ({"files": [GOOD, 3]}, "which is no file"),
    "no path": ({"files": [{**GOOD, "path": None}]}, "a file without a path"),
    "twice": ({"files": [GOOD, GOOD]}, "is listed twice"),
    "a file that is not there": ({"files": [GOOD, {**GOOD, "path": "x"}]}, "is in the list and not in the archive"),
    "a file that is a directory": (
        {"files": [{**GOOD, "path": "a/b"}, {**GOOD, "path": "a"}]},
        "a file and a directory",
    ),
    "a size that is none": ({"files": [{**GOOD, "bytes": -1}]}, "no size and SHA-256"),
    "a size that is true": ({"files": [{**GOOD, "bytes": True}]}, "no size and SHA-256"),
    "a hash that is none": ({"files": [{**GOOD, "sha256": "x"}]}, "no size and SHA-256"),
    "another size": ({"files": [{**GOOD, "bytes": 1}]}, "bytes in the archive and 1 in its list"),
    "another hash": ({"files": [{**GOOD, "sha256": "0" * 64}]}, "is damaged: its SHA-256 is not the one in the list"),
    "an experiment above": ({"experiment_id": ".."}, "cannot be the name of a directory"),
    "a run of two levels": ({"run_id": "a/b"}, "cannot be the name of a directory"),
    "a run that is hidden": ({"run_id": ".hidden"}, "cannot be the name of a directory"),
    "no run": ({"run_id": None}, "cannot be the name of a directory"),
}


@pytest.mark.parametrize(("about", "said"), LISTS.values(), ids=LISTS)
def test_a_list_that_is_not_true_is_refused(forge, refused, about, said):
    assert said in refused(forge(**about))


def test_an_archive_without_a_list_is_refused(refused, tmp_path):
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("exp/r/telemetry.jsonl", JOURNAL)
    assert "it has no archive.json" in refused(path)


def test_a_list_that_is_no_json_is_refused(refused, tmp_path):
    for text in ("{", "[" * 100_000, "[]", "null"):
        path = tmp_path / "a.zip"
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("archive.json", text)
        assert "archive.json" in refused(path)


def test_an_encrypted_member_is_refused(forge, refused):
    path = forge([("x", b"x" * 50)])
    data = path.read_bytes()
    for magic, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = data.index(magic)
        data = data[: at + offset] + b"\x01" + data[at + offset + 1 :]
    path.write_bytes(data)
    assert "is encrypted" in refused(path)


def test_a_bomb_is_refused_by_what_it_says_of_itself(forge, refused, tmp_path):
    path = forge([("zeros", b"\0" * (1 << 20))])
    assert "unpacks to 1,056,795 bytes, and 1,000,000 are allowed" in refused(path, most_bytes=1_000_000)
    assert import_run(path, tmp_path / "place2", most_bytes=1_056_795).files == 2


def test_a_million_empty_files_are_a_bomb_too(forge, refused):
    path = forge([(f"e/{number}", b"") for number in range(500)])
    assert "are allowed" in refused(path, most_bytes=1_000_000)


def test_what_is_larger_than_the_disk_is_refused(forge, refused, monkeypatch):
    usage = shutil.disk_usage("/")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=5000))
    assert "has room for 5,000" in refused(forge([("x", b"x" * 1000)]))


def test_a_member_that_holds_more_than_it_says_is_refused(forge, refused):
    path = forge([("x", b"y" * 1000)])
    data = path.read_bytes()
    small = (10).to_bytes(4, "little")
    at = data.index(b"exp/r/x") - 30 + 22
    data = data[:at] + small + data[at + 4 :]
    central = data.rindex(b"exp/r/x") - 46 + 24
    data = data[:central] + small + data[central + 4 :]
    data = data.replace(b'"bytes": 1000', b'"bytes": 0010'.replace(b"0010", b"  10"))
    path.write_bytes(data)
    refused(path)


@pytest.mark.parametrize("part", [0, 0.1, 0.5, 0.9, 0.999])
def test_an_archive_that_was_cut_off_is_refused(ran, refused, tmp_path, part):
    path = tmp_path / "cut.zip"
    export_run(RunDirectory(ran), path)
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * part)])
    refused(path)


def test_a_bit_that_fell_over_is_refused_or_changes_nothing(ran, tmp_path):
    path = tmp_path / "flipped.zip"
    export_run(RunDirectory(ran), path)
    whole = path.read_bytes()
    expected = content(ran)
    expected.pop("lock", None)
    for at in range(0, len(whole), max(1, len(whole) // 300)):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 0x10]) + whole[at + 1 :])
        place = tmp_path / "flips"
        try:
            done = import_run(path, place)
        except ArchiveError:
            assert not place.exists(), at
        else:
            assert content(done.directory.path) == expected, at
            shutil.rmtree(place)


def test_garbage_is_refused(refused, tmp_path):
    path = tmp_path / "garbage"
    for data in (b"", b"garbage", b"PK\x05\x06" + b"\0" * 18, b"PK\x03\x04" + os.urandom(1000)):
        path.write_bytes(data)
        refused(path)


@pytest.mark.parametrize("what", ["run", "empty directory", "file", "dangling link"])
def test_what_is_there_already_is_not_touched(ran, crucible, project, what):
    crucible("runs", "export", "r")
    target = project / "there/exp/r"
    target.parent.mkdir(parents=True)
    {
        "run": lambda: shutil.copytree(ran, target),
        "empty directory": target.mkdir,
        "file": lambda: target.write_text("mine"),
        "dangling link": lambda: target.symlink_to("nowhere"),
    }[what]()
    before = everything(project / "there")
    done = crucible("runs", "import", "exp-r.zip", "--output-dir", "there")
    assert done.code == 2
    assert "run exp/r exists already" in done.err
    assert everything(project / "there") == before


def test_a_link_in_the_place_of_an_experiment_is_no_way_out(ran, crucible, project):
    """The output directory is the user's: a link in it is followed, as by crucible run."""
    crucible("runs", "export", "r")
    (project / "elsewhere").mkdir()
    (project / "there").mkdir()
    (project / "there/exp").symlink_to(project / "elsewhere")
    assert crucible("runs", "import", "exp-r.zip", "--output-dir", "there").code == 0
    assert (project / "elsewhere/r/manifest.json").is_file()


def test_a_killed_import_leaves_no_run(ran, crucible, project):
    crucible("runs", "export", "r")
    arguments = [sys.executable, "-m", "crucible_core", "runs", "import", "exp-r.zip", "--output-dir"]
    log = project / "points"
    subprocess.run([*arguments, "whole"], cwd=project, check=True, env={**os.environ, "CRUCIBLE_FAULT_LOG": str(log)})
    points = log.read_text().split()
    assert set(points) == {"import.file", "import.claimed", "import.renamed"}
    whole = content(project / "whole/exp/r")
    for number, point in enumerate(points):
        nth = points[: number + 1].count(point)
        place = f"place{number}"
        env = {**os.environ, "CRUCIBLE_FAULT_POINT": f"{point}:{nth}"}
        killed = subprocess.run([*arguments, place], cwd=project, check=False, env=env)
        assert killed.returncode == -9
        runs = list((project / place).glob("*/*/telemetry.jsonl"))
        if point == "import.renamed":
            assert content(project / place / "exp/r") == whole
        else:
            assert runs == []


def test_a_killed_export_leaves_no_archive(ran, project):
    arguments = [sys.executable, "-m", "crucible_core", "runs", "export", "r"]
    env = {**os.environ, "CRUCIBLE_FAULT_POINT": "export.written"}
    assert subprocess.run(arguments, cwd=project, check=False, env=env).returncode == -9
    assert not list(project.glob("*.zip"))
    assert subprocess.run(arguments, cwd=project, check=False).returncode == 0


def test_a_run_of_many_large_files_comes_through(ran, project):
    (ran / "artifacts/s0/large").write_bytes(os.urandom(5_000_000))
    for number in range(500):
        (ran / f"artifacts/s0/{number}").write_text(str(number))
    export_run(RunDirectory(ran), project / "a.zip")
    import_run(project / "a.zip", project / "there")
    expected = content(ran)
    expected.pop("lock", None)
    assert content(project / "there/exp/r") == expected
