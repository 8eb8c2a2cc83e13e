"""Every stage of this repository conforms: the built-in ones, and those of the distributions in plugins/ and contrib/."""

from __future__ import annotations

import sys
import tomllib
from pathlib import Path

import pytest

from crucible_core.plugins.builtin import BUILTIN_STAGES
from crucible_core.plugins.record import CORE
from crucible_core.testing import conformance
from crucible_core.testing.target import find_targets

ROOT = Path(__file__).resolve().parents[1]
PYPROJECTS = {
    tomllib.loads(path.read_text())["project"]["name"]: path
    for path in [
        ROOT / "pyproject.toml",
        *ROOT.glob("plugins/*/pyproject.toml"),
        *ROOT.glob("contrib/*/pyproject.toml"),
    ]
}

HAS_TRAIN = sys.version_info[:2] == (3, 11)
"""It is installed where torch is a small build; see tox.ini."""


@conformance(CORE, configuration=PYPROJECTS[CORE])
def test_the_stages_of_the_core(check):
    check()


@conformance("crucible-bench", configuration=PYPROJECTS["crucible-bench"])
def test_the_stages_of_crucible_bench(check):
    check()


@conformance("crucible-datasets", configuration=PYPROJECTS["crucible-datasets"])
def test_the_stages_of_crucible_datasets(check):
    check()


if HAS_TRAIN:

    @conformance("crucible-train", configuration=PYPROJECTS["crucible-train"])
    def test_the_stages_of_crucible_train(check):
        check()


TESTED = {CORE, "crucible-bench", "crucible-datasets", "crucible-train"}
WITHOUT_STAGES = {"crucible-otel"}


def test_no_distribution_is_left_out():
    assert set(PYPROJECTS) == TESTED | WITHOUT_STAGES


@pytest.mark.parametrize("distribution", sorted(WITHOUT_STAGES))
def test_what_is_not_checked_has_no_stages(distribution):
    project = tomllib.loads(PYPROJECTS[distribution].read_text())["project"]
    assert "crucible.stages" not in project["entry-points"]


@pytest.mark.parametrize("distribution", sorted(TESTED if HAS_TRAIN else TESTED - {"crucible-train"}))
def test_every_stage_it_declares_is_among_those_checked(distribution):
    project = tomllib.loads(PYPROJECTS[distribution].read_text())["project"]
    declared = project.get("entry-points", {}).get("crucible.stages", {})
    expected = BUILTIN_STAGES if distribution == CORE else declared
    assert {target.name: target.value for target in find_targets(distribution)} == dict(expected)
