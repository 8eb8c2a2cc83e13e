"""What a run was made with."""

from __future__ import annotations

import subprocess
import sys

import pytest

from crucible_core.runs import provenance
from crucible_core.runs.provenance import GitLook, installed_packages


def _git(directory, *arguments):
    identity = ("-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false")
    command = ["git", *identity, *arguments]
    return subprocess.run(command, cwd=directory, check=True, capture_output=True, text=True).stdout.strip()


def _facts(directory):
    look = GitLook(directory)
    try:
        return look.facts(wait=True)
    finally:
        look.close()


@pytest.fixture
def repository(tmp_path):
    _git(tmp_path, "init", "-q")
    (tmp_path / "tracked").write_text("1")
    _git(tmp_path, "add", "tracked")
    _git(tmp_path, "commit", "-qm", "first")
    return tmp_path


def test_a_clean_tree(repository):
    assert _facts(repository) == {"revision": _git(repository, "rev-parse", "HEAD"), "dirty": False}


def test_a_directory_below_the_root(repository):
    (repository / "below").mkdir()
    assert _facts(repository / "below")["revision"] == _git(repository, "rev-parse", "HEAD")


def test_a_changed_tracked_file_is_dirty(repository):
    (repository / "tracked").write_text("2")
    assert _facts(repository)["dirty"] is True


def test_an_untracked_file_is_not_dirty(repository):
    (repository / "untracked").write_text("2")
    assert _facts(repository)["dirty"] is False


def test_no_commit_yet(tmp_path):
    _git(tmp_path, "init", "-q")
    assert _facts(tmp_path) == {"revision": None, "dirty": False}


def test_outside_a_repository(tmp_path):
    assert _facts(tmp_path) is None


def test_a_directory_that_only_looks_like_a_repository(tmp_path):
    (tmp_path / ".git").mkdir()
    assert _facts(tmp_path) is None


def test_no_git_installed(repository, monkeypatch):
    monkeypatch.setenv("PATH", str(repository))
    assert _facts(repository) is None


def test_more_changes_than_a_pipe_holds(repository):
    names = [f"file-with-quite-a-long-name-{number}" for number in range(1500)]
    for name in names:
        (repository / name).touch()
    _git(repository, "add", ".")
    assert _facts(repository)["dirty"] is True


def test_a_git_that_hangs_is_given_up(repository, monkeypatch):
    tools = repository / "tools"
    tools.mkdir()
    (tools / "git").write_text(f"#!{sys.executable}\nimport time\ntime.sleep(600)\n")
    (tools / "git").chmod(0o755)
    monkeypatch.setenv("PATH", str(tools))
    monkeypatch.setattr(provenance, "_GIT_PATIENCE_S", 0.01)
    look = GitLook(repository)
    assert look.facts(wait=False) is None
    assert look.facts(wait=True) is None


def test_packages_are_those_the_metadata_tell():
    from importlib.metadata import version

    packages = installed_packages()
    for name in ("pydantic", "pydantic-core", "crucible-core", "importlib-metadata"):
        assert packages[name] == version(name)
    assert list(packages) == sorted(packages)


@pytest.mark.parametrize(
    ("directory", "name", "version"),
    [
        ("a_b-1.0.dist-info", "a-b", "1.0"),
        ("zope.interface-5.4.dist-info", "zope-interface", "5.4"),
        ("Torch-2.1+cpu.dist-info", "torch", "2.1+cpu"),
        ("old-0.1-py3.11.egg-info", "old", "0.1"),
    ],
)
def test_a_metadata_directory_is_read_from_its_name(tmp_path, monkeypatch, directory, name, version):
    (tmp_path / directory).mkdir()
    monkeypatch.setattr(sys, "path", [str(tmp_path), str(tmp_path / "nothing"), str(tmp_path / "zip.zip")])
    assert installed_packages() == {name: version}
