"""``crucible runs list``, ``tag`` and ``reindex``."""

from __future__ import annotations

import json
import os
import pty
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

SCHEMAS = Path(__file__).parents[4] / "docs" / "schemas"
STAGES = """
from crucible_core import Context, Stage, StageError, StageOptions


class Score(Stage):
    '''Measure something.'''

    name = "score"
    version = "1.0.0"
    writes = ("metrics.{id}",)
    errors = {"too_low": "It is too low."}

    class Options(StageOptions):
        value: float = 1.0

    def run(self, context, options):
        if options.value < 0:
            raise StageError("too_low", "the value is below 0; give another, and " + "more " * 30)
        return context.put_metric(context.runtime.stage_id, {"value": options.value, "odd": float("nan")})
"""


@pytest.fixture
def runs(crucible, project):
    """Three runs: exp/a (0.25, tagged first), exp/b (failed), other/c (0.75)."""
    (project / "scoring.py").write_text(STAGES)
    for experiment, run_id, value in (("exp", "a", 0.25), ("exp", "b", -1), ("other", "c", 0.75)):
        spec = {"id": experiment, "pipeline": [{"module": "scoring:Score", "options": {"value": value}}]}
        spec["tags"] = ["first", "odd"] if run_id == "a" else []
        (project / "spec.yaml").write_text(json.dumps(spec))
        crucible("run", "spec.yaml", "--run-id", run_id)
    return project / "artifacts" / "crucible"


def _listed(crucible, *arguments):
    """Return the first column of the table."""
    done = crucible("runs", "list", *arguments)
    assert done.code == 0, done.err
    return [line.split()[0] for line in done.out.splitlines()[1:]]


def test_runs_are_listed_newest_first(crucible, runs):
    done = crucible("runs", "list")
    assert (done.code, done.err) == (0, "")
    head, *lines = done.out.splitlines()
    assert head.split() == ["run", "status", "created", "(UTC)", "duration", "stages", "tags", "reason"]
    assert [line.split()[:2] for line in lines] == [
        ["other/c", "succeeded"],
        ["exp/b", "failed"],
        ["exp/a", "succeeded"],
    ]
    assert lines[1].endswith("too_low: the value is below 0; give another, and more more more more more mor...")
    assert lines[2].endswith("1/1     first odd")


@pytest.mark.parametrize(
    ("arguments", "found"),
    [
        (["-e", "exp"], ["exp/b", "exp/a"]),
        (["--experiment", "exp", "--experiment", "other"], ["other/c", "exp/b", "exp/a"]),
        (["-s", "failed"], ["exp/b"]),
        (["-t", "first", "-t", "odd"], ["exp/a"]),
        (["-m", "score.value>0.5"], ["other/c"]),
        (["--metric", "metrics.score.value<=0.25"], ["exp/a"]),
        (["--sort", "score.value"], ["other/c", "exp/a", "exp/b"]),
        (["--sort", "score.value", "--reverse"], ["exp/a", "other/c", "exp/b"]),
        (["--reverse", "--limit", "1"], ["exp/a"]),
        (["--since", "1d", "--limit", "0"], ["other/c", "exp/b", "exp/a"]),
    ],
    ids=" ".join,
)
def test_filters(crucible, runs, arguments, found):
    assert _listed(crucible, *arguments) == found


def test_metrics_that_are_asked_about_have_a_column(crucible, runs):
    done = crucible("runs", "list", "-m", "score.value>0", "--show", "metrics.score.odd", "--show", "no.such")
    head, *lines = done.out.splitlines()
    assert head.split()[5:] == ["stages", "score.odd", "no.such", "score.value", "tags"]
    assert lines[0].split()[-3:] == ["1/1", "NaN", "0.75"]
    assert lines[1].split()[-5:] == ["1/1", "NaN", "0.25", "first", "odd"]


def test_more_than_are_shown_are_counted(crucible, runs):
    done = crucible("runs", "list", "--limit", "2")
    assert len(done.out.splitlines()) == 3
    assert done.err == "2 of 3 runs; --limit 0 lists all\n"


def test_json(crucible, runs):
    done = crucible("runs", "list", "--json", "--limit", "2")
    Draft202012Validator(json.loads((SCHEMAS / "runs_list.schema.json").read_bytes())).validate(done.json)
    assert (done.json["matching"], done.json["total"], done.err) == (3, 3, "")
    newest, failed = done.json["runs"]
    assert newest["metrics"] == {"score.odd": "NaN", "score.value": 0.75}
    assert newest["path"] == "artifacts/crucible/other/c"
    assert (failed["failure_code"], failed["failure_stage"], failed["host"]) == ("too_low", "score", None)


def test_a_damaged_run_is_listed_with_a_reason(crucible, runs):
    (runs / "exp/a/telemetry.jsonl").unlink()
    done = crucible("runs", "list", "--status", "damaged", "--json")
    Draft202012Validator(json.loads((SCHEMAS / "runs_list.schema.json").read_bytes())).validate(done.json)
    (found,) = done.json["runs"]
    assert (found["place"], found["reason"]) == ("exp/a", "telemetry.jsonl is missing")
    assert _listed(crucible) == ["other/c", "exp/b", "exp/a"]


def test_an_index_that_was_damaged_is_told_and_hides_nothing(crucible, runs):
    _listed(crucible)
    (runs / ".index.sqlite").write_text("garbage")
    done = crucible("runs", "list", "--json")
    assert (done.json["total"], done.err) == (3, "")
    assert "was damaged" in done.json["notes"][0]


def test_where_there_are_no_runs_that_is_said(crucible, project):
    done = crucible("runs", "list")
    assert (done.code, done.out) == (0, "")
    assert done.err == "there are no runs yet; `crucible run SPEC` makes one\n"
    assert crucible("runs", "list", "--json").json["runs"] == []
    assert not (project / "artifacts").exists()


def test_where_none_matches_that_is_said(crucible, runs):
    done = crucible("runs", "list", "--tag", "nope")
    assert (done.code, done.out, done.err) == (0, "", "none of 3 runs matches\n")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--output-dir", "nowhere"], "cannot read nowhere: No such file or directory"),
        (["-m", "score.value>high"], "write a path, one of > >= < <= == != and a number"),
        (["--since", "yesterday"], "'yesterday' is no time"),
        (["--shared"], "no shared index is configured: set CRUCIBLE_INDEX, or [runs] index"),
        (["--index", "mysql://db"], "names no index: a shared one is in PostgreSQL"),
        (["--index", "postgresql://db/r", "--output-dir", "x"], "a shared index has no --output-dir"),
        (["--status", "done"], "'done' is not one of"),
    ],
    ids=lambda value: value if isinstance(value, str) else " ".join(value),
)
def test_wrong_arguments_are_told(crucible, project, arguments, said):
    done = crucible("runs", "list", *arguments)
    assert (done.code, done.out) == (2, "")
    assert said in done.err
    told = crucible("runs", "list", *arguments, "--json")
    assert said in told.json["error"]["message"]


def test_on_a_terminal_the_status_is_coloured(runs, project):
    master, slave = pty.openpty()
    command = [sys.executable, "-m", "crucible_core", "runs", "list"]
    environ = {**os.environ, "TERM": "xterm", "COLUMNS": "200"}
    subprocess.run(command, cwd=project, stdout=slave, stderr=subprocess.DEVNULL, env=environ, check=True)
    os.close(slave)
    shown = os.read(master, 10_000).decode()
    os.close(master)
    assert "\x1b[32msucceeded\x1b[0m" in shown
    assert "\x1b[31mfailed\x1b[0m" in shown


def test_listing_imports_nothing_heavy(runs, project):
    heavy = ("pydantic", "yaml", "rich", "jinja2", "sqlalchemy", "numpy", "crucible_core.composition")
    code = (
        "import sys; from crucible_core.cli.entry import exit_code_of\n"
        f"exit_code_of(['runs', 'list']); print([name for name in {heavy!r} if name in sys.modules])"
    )
    for _ in range(2):  # the first brings the index up to date
        done = subprocess.run([sys.executable, "-c", code], cwd=project, capture_output=True, text=True, check=True)
        assert done.stdout.splitlines()[-1] == "[]"


def test_tags(crucible, runs):
    assert crucible("runs", "tag", "a").out == "exp/a: first odd\n"
    assert crucible("runs", "tag", "a", "good", "läuft").out == "exp/a: first good läuft odd\n"
    assert crucible("runs", "tag", "exp/a", "-r", "first", "-r", "good").out == "exp/a: läuft odd\n"
    assert _listed(crucible, "-t", "läuft") == ["exp/a"]
    assert _listed(crucible, "-t", "first") == []
    assert crucible("runs", "tag", "a", "first").out == "exp/a: first läuft odd\n"
    assert json.loads((runs / "exp/a/tags.json").read_bytes()) == {
        "schema_version": "1.0",
        "added": ["läuft"],
        "removed": [],
    }
    assert crucible("runs", "tag", "c").out == "other/c: no tags\n"


def test_tags_as_json(crucible, runs):
    done = crucible("runs", "tag", "latest", "new", "--json")
    Draft202012Validator(json.loads((SCHEMAS / "runs_tag.schema.json").read_bytes())).validate(done.json)
    assert (done.json["run"], done.json["tags"]) == ("other/c", ["new"])


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["a", "two words"], "tag 'two words': use up to 100 characters without spaces and commas"),
        (["a", "x" * 101], "use up to 100 characters"),
        (["a", "-r", "nope"], "exp/a has no tag 'nope'; it has: first, odd"),
        (["a", "new", "-r", "new"], "new: to be added and to be taken away"),
        (["z", "new"], "no run 'z'"),
    ],
    ids=lambda value: value if isinstance(value, str) else " ".join(value)[:20],
)
def test_tags_that_cannot_be(crucible, runs, arguments, said):
    done = crucible("runs", "tag", *arguments)
    assert (done.code, done.out) == (2, "")
    assert said in done.err
    assert not (runs / "exp/a/tags.json").exists()


def test_tags_that_are_damaged_are_not_written_over(crucible, runs):
    (runs / "exp/a/tags.json").write_text("[")
    done = crucible("runs", "tag", "a", "new")
    assert done.code == 2
    assert "tags.json is damaged" in done.err
    assert (runs / "exp/a/tags.json").read_text() == "["


def test_tags_added_at_once_are_all_there(runs, project):
    command = [sys.executable, "-m", "crucible_core", "runs", "tag", "a"]
    tagging = [
        subprocess.Popen([*command, f"t{number}"], cwd=project, stdout=subprocess.DEVNULL) for number in range(6)
    ]
    assert [each.wait() for each in tagging] == [0] * 6
    assert json.loads((runs / "exp/a/tags.json").read_bytes())["added"] == [f"t{number}" for number in range(6)]


def test_reindex(crucible, runs):
    _listed(crucible)
    shutil.rmtree(runs / "exp/b")
    assert crucible("runs", "reindex").out == "2 run directories read\n"
    done = crucible("runs", "reindex", "--json")
    Draft202012Validator(json.loads((SCHEMAS / "runs_reindex.schema.json").read_bytes())).validate(done.json)
    assert done.json == {"schema_version": "1.0", "read": 2, "gone": 0, "notes": []}
    assert _listed(crucible) == ["other/c", "exp/a"]
