"""Which shared index is meant, and what is said where there can be none."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from crucible_core import run
from crucible_core.plugins.errors import SettingsError
from crucible_core.runs import list_runs
from crucible_core.runs.index.errors import IndexUnreachableError, RunIndexError
from crucible_core.runs.index.settings import configured_index
from crucible_core.runs.index.url import without_password


@pytest.fixture
def configure(tmp_path):
    """Return what writes a configuration file, and what reads the settings."""
    (tmp_path / "project").mkdir()
    (tmp_path / "user").mkdir()

    def write(where, text):
        (tmp_path / where / "crucible.toml").write_text(text)

    def read(**environ):
        return configured_index({"CRUCIBLE_CONFIG_DIR": str(tmp_path / "user"), **environ}, tmp_path / "project")

    return write, read


def test_the_environment_beats_the_project_and_that_the_user(configure):
    write, read = configure
    assert read() is None
    write("user", '[runs]\nindex = "postgresql://user/r"\n')
    assert read() == "postgresql://user/r"
    write("project", '[plugins]\ndisabled = []\n[runs]\nindex = "postgresql://project/r"\n')
    assert read() == "postgresql://project/r"
    assert read(CRUCIBLE_INDEX="postgresql://environment/r") == "postgresql://environment/r"
    assert read(CRUCIBLE_INDEX="") is None
    write("project", '[runs]\nindex = ""\n')
    assert read() is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[runs]\nindx = 1\n", r"crucible.toml:2: \[runs\] has no key 'indx'; did you mean 'index'\?"),
        ("\n[runs]\nindex = 1\n", r"crucible.toml:3: \[runs\] index must be a URL, as in"),
        ("runs = 1\n", r"crucible.toml:1: \[runs\] must be a table"),
    ],
)
def test_a_setting_that_is_none(configure, text, said):
    write, read = configure
    write("project", text)
    with pytest.raises(SettingsError, match=said):
        read()


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("postgresql://me:secret@db/runs", "postgresql://me:***@db/runs"),
        ("--index=postgresql://me:s%40e@db:5/runs?x=1", "--index=postgresql://me:***@db:5/runs?x=1"),
        ("postgresql:///runs?host=/s&password=secret&x=1", "postgresql:///runs?host=/s&password=***&x=1"),
        ("postgresql://me@db/runs", "postgresql://me@db/runs"),
        ("eval.accuracy=0.9", "eval.accuracy=0.9"),
        ("C:/a:b@c", "C:/a:b@c"),
    ],
)
def test_a_password_is_not_shown(text, shown):
    assert without_password(text) == shown


@pytest.mark.parametrize("url", ["mysql://me:secret@db/runs", "sqlite:///a", "http://db/runs"])
def test_what_is_no_postgresql_is_refused(url):
    with pytest.raises(RunIndexError, match="names no index: a shared one is in PostgreSQL") as caught:
        list_runs(url)
    assert "secret" not in str(caught.value)
    assert caught.value.hint == "write postgresql://user@host:5432/database"


@pytest.mark.parametrize("url", ["postgresql://db:port/runs", "postgresql://db:99:9/runs"])
def test_a_url_that_is_none_is_refused(url):
    with pytest.raises(RunIndexError, match="is no URL of a database"):
        list_runs(url)


def test_a_server_that_is_not_there_is_told_without_the_password(tmp_path):
    url = f"postgresql://me:secret@/runs?host={tmp_path}"
    with pytest.raises(IndexUnreachableError, match=r"cannot reach postgresql://me:\*\*\*@/runs") as caught:
        list_runs(url)
    assert "secret" not in str(caught.value)


def test_without_the_extra_it_is_said_how_to_install_it_and_nothing_is_run(tmp_path):
    """A module that is None in sys.modules is to the import system as one that is not installed."""
    code = (
        "import sys, importlib.machinery as machinery\n"
        "class Hidden(machinery.PathFinder):\n"
        "    @classmethod\n"
        "    def find_spec(cls, name, path=None, target=None):\n"
        "        return None if name in ('sqlalchemy', 'psycopg') else super().find_spec(name, path, target)\n"
        "sys.meta_path[sys.meta_path.index(machinery.PathFinder)] = Hidden\n"
        "from crucible_core.cli.entry import exit_code_of; sys.exit(exit_code_of(sys.argv[1:]))"
    )
    (tmp_path / "spec.yaml").write_text("id: exp\npipeline: [validate]\n")
    for command in (["run", "spec.yaml"], ["runs", "list"], ["runs", "reindex"]):
        (tmp_path / "artifacts/crucible").mkdir(parents=True, exist_ok=True)
        done = subprocess.run(
            [sys.executable, "-c", code, *command, "--index", "postgresql://db/runs"],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 2
        assert done.stderr == (
            "crucible: an index in PostgreSQL needs sqlalchemy, psycopg, which are not installed: "
            "the extra crucible-core[postgres]\n  pip install '.[postgres]'   # in a checkout of Crucible\n"
        )
    assert not list((tmp_path / "artifacts/crucible").iterdir())


def test_an_index_that_cannot_be_is_refused_before_anything_is_written(tmp_path):
    spec = {"id": "exp", "pipeline": ["validate"]}
    with pytest.raises(RunIndexError, match="names no index"):
        run(spec, output_dir=tmp_path, index="mysql://db")
    with pytest.raises(Exception, match="a run that is not recorded cannot be in an index"):
        run(spec, output_dir=tmp_path, index="postgresql://db/runs", persist=False)
    assert list(tmp_path.iterdir()) == []


def test_the_record_of_a_run_does_not_hold_the_password(tmp_path):
    (tmp_path / "spec.yaml").write_text("id: exp\npipeline: [validate]\n")
    url = f"postgresql://me:verysecret@/runs?host={tmp_path}"
    done = subprocess.run(
        [sys.executable, "-m", "crucible_core", "run", "spec.yaml", "--index", url],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "verysecret" not in done.stderr + done.stdout
    assert "cannot reach postgresql://me:***@/runs" in done.stderr
    files = [path for path in (tmp_path / "artifacts").rglob("*") if path.is_file()]
    assert len(files) > 2
    assert [path for path in files if b"verysecret" in path.read_bytes()] == []
    (manifest,) = [path for path in files if path.name == "manifest.json"]
    assert json.loads(manifest.read_bytes())["command"][-1] == url.replace("verysecret", "***")
