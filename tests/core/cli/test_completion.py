"""What shells are given to complete commands."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_script_names_the_command_and_its_variable(crucible, shell):
    done = crucible("completion", shell)
    assert done.code == 0
    assert "_CRUCIBLE_COMPLETE" in done.out


def test_the_bash_script_is_bash(crucible):
    script = crucible("completion", "bash").out
    done = subprocess.run(["bash", "-n"], input=script, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_another_shell_is_refused_with_those_there_are(crucible):
    done = crucible("completion", "tcsh")
    assert done.code == 2
    assert "'bash', 'zsh', 'fish'" in done.err


def _completed(words, count, path=""):
    env = {
        **os.environ,
        "_CRUCIBLE_COMPLETE": "bash_complete",
        "COMP_WORDS": words,
        "COMP_CWORD": str(count),
        "PYTHONPATH": path,
    }
    done = subprocess.run([sys.executable, "-m", "crucible_core"], env=env, capture_output=True, text=True, check=False)
    assert done.stderr == ""
    return done.stdout.split()


def test_commands_and_options_complete():
    assert _completed("crucible va", 1) == ["plain,validate"]
    assert _completed("crucible plugins fr", 2) == ["plain,freeze"]
    assert "plain,--output-dir" in _completed("crucible run --out", 2)
    assert "plain,--no-plugins" in _completed("crucible --no", 1)


def test_a_broken_command_of_a_plugin_does_not_break_completion(crucible, install, tmp_path):
    install("plug-in", "raise RuntimeError('imported')", commands={"hello": "plug_in:hello"})
    assert _completed("crucible h", 1, str(tmp_path / "site")) == ["plain,hello"]
