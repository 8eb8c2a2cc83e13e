"""Stages of one's own beside the spec."""

from __future__ import annotations

import shutil
import sys

import pytest


def test_a_module_in_the_working_directory_is_found(crucible):
    assert crucible("run", crucible.spec("Measure")).returncode == 0
    assert crucible("validate", "spec.yaml").returncode == 0


def test_a_module_beside_the_spec_is_found_from_anywhere(crucible, tmp_path_factory):
    crucible.spec("Measure")
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    for command in (["validate"], ["run", "--no-record"]):
        done = crucible(*command, crucible.path / "spec.yaml", cwd=elsewhere)
        assert done.returncode == 0, done.stderr


def test_a_directory_and_spec_with_blanks_and_umlauts(crucible):
    folder = crucible.path / "mit Leerzeichen é"
    folder.mkdir()
    shutil.move(crucible.path / "own_stages.py", folder)
    spec = crucible.spec("Measure", name="mit Leerzeichen é/süß 大.yaml")
    done = crucible("run", spec, "--output-dir", folder / "out", "--run-id", "r")
    assert done.returncode == 0, done.stderr
    assert (folder / "out" / "exp" / "r" / "artifacts" / "s0" / "note.txt").is_file()


def test_a_module_lying_about_shadows_nothing_installed(crucible):
    for name in ("random", "click", "yaml", "statistics"):
        (crucible.path / f"{name}.py").write_text("raise RuntimeError('shadowed')\n")
    command = [shutil.which("crucible", path=f"{sys.prefix}/bin"), "run", crucible.spec("Measure")]
    import subprocess

    done = subprocess.run(command, cwd=crucible.path, env=crucible.env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_safe_path_is_respected(crucible):
    done = crucible("run", crucible.spec("Measure"), env={**crucible.env, "PYTHONSAFEPATH": "1"})
    assert done.returncode == 2
    assert "'own_stages' does not exist" in done.stderr


BROKEN = {
    "raises": ("raise RuntimeError('boom')", "mine:Mine cannot be used: it raises RuntimeError: boom"),
    "syntax": ("def f(:", "mine.py:1: SyntaxError"),
    "exits": ("raise SystemExit(0)", "it calls sys.exit(0)"),
    "dependency": ("import not_there", "it imports 'not_there', which is not installed"),
    "attribute": ("class Mime: ...", "has no attribute 'Mine'; did you mean 'Mime'?"),
    "no stage": ("class Mine: ...", "mine:Mine has no method run and no method describe"),
    "no run": ("from crucible_core import Stage\nclass Mine(Stage): ...", "it does not define run(context, options)"),
    "not made": (
        "from crucible_core import Stage\nclass Mine(Stage):\n    def run(self, context, options): ...\n    def __init__(self): 1 / 0",
        "division by zero",
    ),
    "exits when made": (
        "from crucible_core import Stage\nclass Mine(Stage):\n    def run(self, c, o): ...\n    def __init__(self): raise SystemExit(3)",
        "SystemExit: 3",
    ),
}


@pytest.mark.parametrize(("source", "said"), BROKEN.values(), ids=BROKEN)
def test_what_is_wrong_with_ones_own_stage_is_said_with_its_place(crucible, source, said):
    (crucible.path / "mine.py").write_text(source)
    done = crucible("run", crucible.spec({"module": "mine:Mine"}))
    assert done.returncode == 2
    assert said in done.stderr
    assert "spec.yaml:1:" in done.stderr
    assert "Traceback" not in done.stderr
    assert "reinstall" not in done.stderr


def test_a_working_directory_that_is_gone_is_said(crucible):
    gone = crucible.path / "gone"
    gone.mkdir()
    import subprocess

    line = f"rmdir '{gone}'; exec '{sys.executable}' -P -m crucible_core stages list"
    done = subprocess.run(["sh", "-c", line], cwd=gone, env=crucible.env, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (
        2,
        "crucible: the working directory was removed; cd to one that is there\n",
    )
