"""The guide for authors does what it says: its files, edits and commands, in their order, with the output it shows."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
GUIDE = (ROOT / "docs" / "plugin_authors.md").read_text(encoding="utf-8")
STEP = re.compile(
    r"<!-- (?P<kind>command|edit|file|append): (?P<name>.+?) -->\n```\w+\n(?P<body>.*?)\n```"
    r"(?:\n\n```text\n(?P<shown>.*?)\n```)?",
    re.DOTALL,
)
STEPS = [found.groupdict() for found in STEP.finditer(GUIDE)]
WAIVER = "[tool.crucible.conformance.waive"


@pytest.fixture(scope="module")
def plugin(environment):
    """The plugin of the tutorial, installed in place."""
    environment.run("crucible", "plugins", "new", "acme-scores", "--stage", "score_summary")
    directory = environment.workplace / "acme-scores"
    environment.run("python", "-m", "pip", "install", "-q", "-e", directory)
    for name in ("pytest", "python"):
        program = environment.bin / name
        if not program.exists():
            program.write_text(f'#!/bin/sh\nexec {environment.bin / "python"} -m {name} "$@"\n')
            program.chmod(0o755)
    return directory


def do(environment, plugin, kind, name, body, shown):
    if kind == "command":
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", body],
            cwd=plugin,
            env=environment.env,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"{name}\n{done.stdout}{done.stderr}"
        printed = [line.split() for line in done.stdout.splitlines()]
        for line in (shown or "").splitlines():
            assert line.split() in printed, f"{line}\n{done.stdout}"
        return
    path = plugin / name
    if kind == "file":
        path.write_text(f"{body}\n")
        return
    text = path.read_text()
    if kind == "append":
        path.write_text(f"{text}\n{body}\n")
        return
    before, after = ("\n".join(line[1:] for line in body.splitlines() if line[0] in marks) for marks in (" -", " +"))
    assert text.count(before) == 1, before
    path.write_text(text.replace(before, after))


@pytest.mark.timeout(900)  # it runs the whole kit a dozen times
def test_every_step_of_the_guide(environment, plugin):
    for step in STEPS:
        if step["name"] == "parallel":  # the waiver was to show that it fails
            settings = plugin / "pyproject.toml"
            settings.write_text(settings.read_text().partition(WAIVER)[0])
        do(environment, plugin, **step)


def test_no_command_is_left_unexecuted():
    shown = re.findall(r"```sh\n(.*?)\n```", GUIDE, re.DOTALL)
    assert shown == [step["body"] for step in STEPS if step["kind"] == "command"]


def test_its_settings_are_settings():
    import tomllib

    from crucible_core.testing import Configuration
    from crucible_core.testing.configuration import parse_configuration

    (block,) = re.findall(r"```toml\n(\[tool\.crucible\.conformance\]\n.*?)```", GUIDE, re.DOTALL)
    assert parse_configuration(tomllib.loads(block)["tool"]["crucible"]["conformance"], "") == Configuration()


@pytest.mark.parametrize("link", sorted(set(re.findall(r"\]\((?!http)([^)#]+)", GUIDE))))
def test_what_it_links_to_is_there(link):
    assert (ROOT / "docs" / link).exists()
