"""The tutorial does what it says: its files, edits and commands, in their order, with the output that it shows."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TUTORIAL = (ROOT / "docs" / "first_plugin.md").read_text(encoding="utf-8")
STEP = re.compile(
    r"<!-- (?P<kind>command|edit|file): (?P<name>.+?) -->\n```\w+\n(?P<body>.*?)\n```(?:\n\n```text\n(?P<shown>.*?)\n```)?",
    re.DOTALL,
)
STEPS = [found.groupdict() for found in STEP.finditer(TUTORIAL)]


class Reader:
    """Somebody who does what the tutorial says; where they are and their environment are kept from step to step."""

    def __init__(self, home, environment_at):
        self.home, self.place, self.environment_at = home, home, environment_at
        self.environment = None

    def command(self, name, body, shown):
        if self.is_left_out(name):
            return
        env = self.environment.env if self.environment else {**os.environ, "PATH": _with_this_python()}
        script = f"set -euo pipefail\n{body}\npwd > '{self.home}/place'\n"
        done = subprocess.run(
            ["bash", "-c", script],
            cwd=self.place,
            env=env,
            capture_output=True,
            text=True,
            check=False,
            timeout=170,
        )
        assert done.returncode == 0, f"{name}: {body}\n{done.stdout}{done.stderr}"
        printed = [line.split() for line in (done.stdout + done.stderr).splitlines()]
        for line in (shown or "").splitlines():
            assert any(words[: len(line.split())] == line.split() for words in printed), (name, line, printed)
        self.place = Path((self.home / "place").read_text().strip())
        if name == "environment":  # from here on it sees the packages of this one, so that nothing is downloaded
            self.environment = self.environment_at(self.home / ".venv", self.home)

    def is_left_out(self, name):
        """Tell whether a step cannot be taken here: a core of which only the wheel is there, or without the kit."""
        if name == "conformance":
            return self.environment("crucible", "conformance", "--help").returncode != 0
        return name == "core" and not (ROOT / "crucible_core").is_dir()

    def edit(self, name, body, shown):
        lines = body.splitlines()
        before, after = ("\n".join(line[1:] for line in lines if line[:1] in marks) for marks in (" -", " +"))
        text = (self.place / name).read_text()
        assert text.count(before) == 1, before
        (self.place / name).write_text(text.replace(before, after))

    def file(self, name, body, shown):
        (self.place / name).write_text(f"{body}\n")


def _with_this_python():
    return f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"


def test_every_step_of_the_tutorial(environment_at, tmp_path):
    (tmp_path / "crucible").symlink_to(ROOT)
    reader = Reader(tmp_path, environment_at)
    for step in STEPS:
        getattr(reader, step["kind"])(step["name"], step["body"], step["shown"])
    assert [step["name"] for step in STEPS if step["kind"] == "command"] == [
        "environment",
        "core",
        "new",
        "install",
        "doctor",
        "describe",
        "tests",
        "conformance",
        "tests again",
        "conformance",
        "run",
        "switch",
        "remove",
    ]


def test_no_command_is_left_unexecuted():
    shown = re.findall(r"```sh\n(.*?)\n```", TUTORIAL, re.DOTALL)
    assert shown == [step["body"] for step in STEPS if step["kind"] == "command"]


@pytest.mark.parametrize("link", sorted(set(re.findall(r"\]\((?!http)([^)#]+)", TUTORIAL))))
def test_what_it_links_to_is_there(link):
    assert (ROOT / "docs" / link).exists()
