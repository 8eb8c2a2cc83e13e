"""What shells are given to complete commands."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from click.shell_completion import ShellComplete

from crucible_core.cli.main import main as group
from crucible_core.schemas.kinds import KINDS
from crucible_core.schemas.published import published_schemas


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


def test_the_help_of_the_command_has_a_line_for_each_shell(crucible):
    lines = crucible("completion", "--help").out.splitlines()
    assert '  bash:  eval "$(crucible completion bash)"' in lines
    assert "  fish:  crucible completion fish | source" in lines


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


def _proposed(arguments, incomplete=""):
    """Return what click proposes after these words."""
    complete = ShellComplete(group, {}, "crucible", "_CRUCIBLE_COMPLETE")
    return {item.value for item in complete.get_completions(arguments, incomplete) if item.type == "plain"}


@pytest.fixture
def plugged(install):
    stages = {"paint": "plug_in:Paint", "print": "plug_in:Print"}
    install("plug-in", "raise RuntimeError('imported')", stages=stages, plugins={"plug": "plug_in"})


@pytest.mark.parametrize(
    ("words", "incomplete", "proposed"),
    [
        (["stages", "describe"], "p", {"paint", "print"}),
        (["stages", "describe"], "rep", {"report"}),
        (["--no-plugins", "stages", "describe"], "p", set()),
        (["--disable", "print", "stages", "describe"], "p", {"paint"}),
        (["plugins", "show"], "plug", {"plug-in"}),
        (["plugins", "doctor"], "pa", {"paint"}),
        (["plugins", "enable"], "plug", {"plug-in"}),
        (["plugins", "disable"], "p", {"plug-in", "paint", "print"}),
        (["conformance"], "p", {"plug-in", "paint", "print"}),
        (["conformance", "plug-in:paint"], "print", {"print"}),
        (["conformance", "--check"], "cru-e01", {"CRU-E01"}),
        (["conformance", "--explain"], "CRU-A01", {"CRU-A01"}),
        (["schema"], "plugins_", {f"plugins_{kind}" for kind in ("doctor", "freeze", "list", "new", "show", "switch")}),
        (["trace", "latest", "--event"], "run_", {"run_start", "run_stop"}),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_names_complete(plugged, words, incomplete, proposed):
    assert _proposed(words, incomplete) == proposed


def test_what_several_plugins_offer_completes_with_their_names(install):
    for name in ("one", "two"):
        install(name, stages={"same": f"{name}:X"})
    assert _proposed(["stages", "describe"], "same") == set()
    assert _proposed(["stages", "describe"], "one:") == {"one:same"}


def test_runs_and_their_stages_complete(crucible, spec):
    crucible("run", spec("Measure", "Measure"), "--run-id", "abc1")
    crucible("run", spec("Measure"), "--run-id", "abd2")
    assert _proposed(["trace"]) == {"latest", "abc1", "abd2"}
    assert _proposed(["trace"], "abc") == {"abc1"}
    assert _proposed(["trace"], "exp/abd") == {"exp/abd2"}
    assert _proposed(["trace", "abc1", "--stage"]) == {"s0", "s1"}
    assert _proposed(["trace", "abd2", "--stage"]) == {"s0"}
    assert _proposed(["trace", "nope", "--stage"]) == set()


def test_runs_elsewhere_complete(crucible, spec):
    crucible("run", spec("Measure"), "--run-id", "abc1", "--output-dir", "kept")
    assert _proposed(["trace", "--output-dir", "kept"], "abc") == {"abc1"}


def test_a_damaged_manifest_proposes_nothing(crucible, spec, project):
    crucible("run", spec("Measure"), "--run-id", "abc1")
    (project / "artifacts/crucible/exp/abc1/manifest.json").write_text("{")
    assert _proposed(["trace", "abc1", "--stage"]) == set()


def test_a_malformed_configuration_does_not_break_completion(plugged, project):
    (project / "crucible.toml").write_text("[plugins\n")
    assert _proposed(["stages", "describe"], "pai") == {"paint"}


WORDS = (
    "conformance ",
    "stages describe ",
    "plugins disable ",
    "trace ",
    "trace latest --stage ",
    "trace latest --event ",
    "schema ",
)


@pytest.mark.parametrize("words", WORDS)
def test_completing_imports_nothing_heavy(crucible, spec, words):
    crucible("run", spec("Measure"))
    heavy = ("pydantic", "yaml", "pluggy", "rich", "difflib")
    code = (
        "import atexit, sys\n"
        f"atexit.register(lambda: print([name for name in {heavy!r} if name in sys.modules], file=sys.stderr))\n"
        "from crucible_core.cli.entry import main\nmain()"
    )
    line = f"crucible {words}"
    asked = {"_CRUCIBLE_COMPLETE": "bash_complete", "COMP_WORDS": line, "COMP_CWORD": str(len(line.split()))}
    program = [sys.executable, "-c", code]
    done = subprocess.run(program, env={**os.environ, **asked}, capture_output=True, text=True, check=False)
    assert done.stdout
    assert done.stderr == "[]\n"


def test_bash_completes_with_the_script(crucible, tmp_path):
    program = tmp_path / "bin" / "crucible"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m crucible_core "$@"\n')
    program.chmod(0o755)
    (tmp_path / "completion.sh").write_text(crucible("completion", "bash").out)
    typed = (
        f"source {tmp_path}/completion.sh; COMP_WORDS=(crucible stages describe guard); COMP_CWORD=3; "
        '_crucible_completion crucible; echo "${COMPREPLY[@]}"'
    )
    path = f"{program.parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-c", typed], env={**os.environ, "PATH": path}, capture_output=True, text=True, check=False
    )
    assert (done.stdout, done.stderr) == ("guardrails\n", "")


def test_every_schema_that_completes_is_published():
    assert list(KINDS) == list(published_schemas())
