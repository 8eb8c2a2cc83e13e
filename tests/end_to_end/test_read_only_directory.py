"""A directory that may not be written to: said with its name and what to do, and nothing is left behind.

Root may write anywhere, so where the tests run as root, the command does without the capabilities that let it.
"""

from __future__ import annotations

import ctypes
import os

import pytest

_PR_CAPBSET_DROP = 24  # linux/prctl.h
_CAP_DAC_OVERRIDE, _CAP_DAC_READ_SEARCH = 1, 2  # linux/capability.h


def _heed_permissions():
    """Take from this process, once it executes a program, what lets root pass over permissions."""
    library = ctypes.CDLL(None, use_errno=True)
    for capability in (_CAP_DAC_OVERRIDE, _CAP_DAC_READ_SEARCH):
        if library.prctl(_PR_CAPBSET_DROP, capability, 0, 0, 0):
            raise OSError(ctypes.get_errno(), "cannot drop a capability")


@pytest.fixture
def bound(crucible):
    """Run the command as somebody who is bound by permissions."""

    def run(*arguments, **options):
        return crucible(*arguments, preexec_fn=_heed_permissions if os.geteuid() == 0 else None, **options)

    return run


@pytest.fixture
def read_only(tmp_path):
    """Make a directory read-only, until the test is over."""
    made = []

    def make(path):
        path.mkdir(parents=True, exist_ok=True)
        path.chmod(0o500)
        made.append(path)
        return path

    yield make
    for path in made:
        path.chmod(0o700)


def _all_below(path):
    return sorted(path.rglob("*"))


def test_an_output_directory_is_named_with_what_to_do(crucible, bound, read_only):
    spec, place = crucible.spec("Measure"), read_only(crucible.path / "kept")
    done = bound("run", spec, "--output-dir", "kept", "--run-id", "r")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        "crucible: cannot make kept/exp/r: Permission denied\n  choose a directory you may write to with --output-dir\n"
    )
    assert _all_below(place) == []


def test_so_is_the_directory_of_an_experiment(crucible, bound, read_only):
    spec, place = crucible.spec("Measure"), read_only(crucible.path / "kept" / "exp")
    done = bound("run", spec, "--output-dir", "kept", "--run-id", "r")
    assert (done.returncode, done.stdout) == (2, "")
    assert "cannot make kept/exp/r: Permission denied" in done.stderr
    assert _all_below(place.parent) == [place]


def test_so_is_a_working_directory(crucible, bound, read_only):
    spec = crucible.spec("Measure")
    before = _all_below(read_only(crucible.path))
    done = bound("run", spec, "--run-id", "r")
    assert (done.returncode, done.stdout) == (2, "")
    assert "cannot make artifacts/crucible/exp/r: Permission denied" in done.stderr
    assert "--output-dir" in done.stderr
    assert _all_below(crucible.path) == before


def test_a_run_without_a_record_needs_no_place_to_write_to(crucible, bound, read_only):
    spec = crucible.spec("Measure")
    before = _all_below(read_only(crucible.path))
    done = bound("run", spec, "--no-record")
    assert done.returncode == 0
    assert _all_below(crucible.path) == before


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["schema", "run_manifest", "--output", "schema.json"], "cannot write schema.json: Permission denied"),
        (["plugins", "disable", "crucible-bench"], "crucible.toml: cannot be written: Permission denied"),
    ],
    ids=lambda value: value[0] if isinstance(value, list) else "",
)
def test_a_file_that_cannot_be_written_there_is_named(crucible, bound, read_only, arguments, said):
    before = _all_below(read_only(crucible.path))
    done = bound(*arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr
    assert "internal error" not in done.stderr
    assert _all_below(crucible.path) == before


def test_a_spec_that_may_not_be_read_is_named(crucible, bound):
    (crucible.path / crucible.spec("Measure")).chmod(0)
    done = bound("run", "spec.yaml")
    assert (done.returncode, done.stdout) == (2, "")
    assert "'spec.yaml' is not readable" in done.stderr
    assert not (crucible.path / "artifacts").exists()
