"""The README tells the truth: its commands exist, its code runs, its messages are those one gets."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(language):
    return re.findall(rf"^```{language}\n(.*?)^```", README, flags=re.MULTILINE | re.DOTALL)


def command(name):
    found = re.search(rf"<!-- command: {name} -->\n```sh\n(.*?)\n```", README, flags=re.DOTALL)
    assert found, name
    return found[1]


@pytest.mark.parametrize("code", blocks("python"), ids=["run", "stage"])
def test_python_runs(code, capsys):
    exec(compile(code, "README.md", "exec"), {"__name__": "readme"})
    if "print" in code:
        assert "McNemar" in capsys.readouterr().out


def test_the_spec_is_valid_and_its_misspelt_form_gets_the_message_shown(tmp_path, monkeypatch):
    (spec,) = blocks("yaml")
    monkeypatch.chdir(tmp_path)
    Path("my_comparison.yaml").write_text(spec)
    validate = [sys.executable, "-m", "crucible_core", "validate", "my_comparison.yaml"]
    assert subprocess.run(validate, capture_output=True, check=False).returncode == 0
    Path("my_comparison.yaml").write_text(spec.replace("source", "sorce").replace("bench\n", "bnech\n"))
    done = subprocess.run(validate, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    shown = next(block for block in blocks("text") if "problems" in block)
    assert done.stderr.strip().splitlines() == shown.strip().splitlines()


def test_the_output_shown_is_that_of_the_example():
    """Times and ids differ from run to run; the words do not."""
    shown = next(block for block in blocks("text") if "succeeded" in block)
    done = subprocess.run(
        [sys.executable, "-m", "crucible_core", "run", "examples/compare_classifiers.yaml", "--no-record"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )

    def words(text):
        return re.sub(r"\d{8}T\w+-\w+|\d+\.\d\d s|.*(record|report): .*\n?", "", text).split()

    assert words(shown) == words(done.stderr + done.stdout)


def test_every_command_and_flag_named_exists():
    rows = re.findall(r"^\| `crucible ([^`]*)`(.*)$", README, flags=re.MULTILINE)
    assert len(rows) >= 6
    for usage, rest in rows:
        first, *more = usage.split()
        subcommands = [
            word for word in [*more, *re.findall(r"`([a-z]+)", rest.partition("|")[0])] if re.fullmatch(r"[a-z]+", word)
        ]
        flags = re.findall(r"`?(--?[a-z-]+)", " ".join([*more, rest.partition("|")[2]]))
        for names in [[first, each] for each in subcommands] or [[first]]:
            helped = subprocess.run(
                [sys.executable, "-m", "crucible_core", *names, "--help"], capture_output=True, text=True, check=False
            )
            assert helped.returncode == 0, names
            assert not (missing := [flag for flag in flags if flag not in helped.stdout]), (names, missing)


def test_ci_runs_the_command_given_for_the_tests():
    script = (ROOT / ".ci" / "run").read_text()
    (extract,) = re.findall(r"^command=\$\((awk .* README\.md)\)$", script, flags=re.MULTILINE)
    extracted = subprocess.run(["bash", "-c", extract], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert extracted.strip() == command("tests")


def test_both_commands_install_with_the_constraints_and_from_paths():
    assert command("main job").endswith(".venv/bin/crucible run examples/compare_classifiers.yaml")
    assert "pip install -q -c constraints.txt . ./plugins/crucible-bench ./contrib/crucible-datasets" in command(
        "main job"
    )
    assert "pip install -q -c constraints.txt tox" in command("tests")


@pytest.mark.parametrize("link", sorted(set(re.findall(r"\]\((?!http)([^)#]+)", README))))
def test_what_it_links_to_is_there(link):
    assert (ROOT / link).exists()
