"""A plugin goes on working beside a broken one, and the core after a plugin is gone."""

from __future__ import annotations

import json

import pytest

SPEC = "id: siblings\npipeline: [{name: good_one, options: {data: assigns.rows}}]\n"


@pytest.fixture
def workplace(environment):
    """Install two plugins from the template and break one of them."""
    for name in ("good-one", "bad-one"):
        environment.run("crucible", "plugins", "new", name)
        environment.run("python", "-m", "pip", "install", "-q", "-e", name)
    broken = environment.workplace / "bad-one" / "bad_one" / "stages.py"
    broken.write_text("raise RuntimeError('broken on purpose')\n")
    (environment.workplace / "spec.yaml").write_text(SPEC)
    (environment.workplace / "rows.json").write_text(json.dumps([{"score": 1}, {"score": 3}]))
    return environment


def run_spec(environment):
    return environment("crucible", "run", "spec.yaml", "--assign", "rows=@rows.json", "--json")


def listed(environment):
    plugins = json.loads(environment.run("crucible", "plugins", "list", "--json"))["plugins"]
    return {each["name"] for each in plugins} & {"good-one", "bad-one"}


def test_plugins_fail_and_go_without_harm_to_their_siblings_or_the_core(workplace):
    """One story and one test of it: each part begins with what the last one left installed."""
    done = run_spec(workplace)
    assert done.returncode == 0, done.stdout + done.stderr
    doctor = workplace("crucible", "plugins", "doctor")
    assert doctor.returncode == 3
    assert "broken on purpose" in doctor.stdout

    assert listed(workplace) == {"good-one", "bad-one"}
    workplace.run("python", "-m", "pip", "uninstall", "-q", "-y", "bad-one")
    assert listed(workplace) == {"good-one"}
    assert run_spec(workplace).returncode == 0

    workplace.run("python", "-m", "pip", "uninstall", "-q", "-y", "good-one")
    assert listed(workplace) == set()
    done = workplace("crucible", "validate", "spec.yaml")
    assert done.returncode == 2
    assert "good_one" in done.stderr
    assert "data_checks" in workplace.run("crucible", "stages", "list")
