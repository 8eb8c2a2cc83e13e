"""For every check there are faulty stages that fail it, and no other required one."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import pytest

from crucible_core.testing import Status, run_conformance

MODULES = sorted(path.stem for path in (Path(__file__).parent / "stages").glob("faulty_*.py"))
IN_CI = 1
"""How many stages a check CI tries; the others are tried at night."""
WATCHED = {"CRU-D05": 5, **dict.fromkeys(("CRU-E09", *(f"CRU-F0{number}" for number in range(1, 9))), 2)}
"""Checks that look at how an interpreter does things, with how many of their stages are tried on every one."""


def faults():
    """Yield each check's id with a stage that fails it, as every faulty_* module lists them in FAULTS."""
    for module in MODULES:
        for check_id, stages in import_module(module).FAULTS.items():
            for index, stage in enumerate(stages):
                marks = [pytest.mark.every_interpreter] if index < WATCHED.get(check_id, 0) else []
                marks += [pytest.mark.nightly] if index >= max(IN_CI, WATCHED.get(check_id, 0)) else []
                yield pytest.param(check_id, stage, id=f"{check_id}-{stage.__name__}", marks=marks)


@pytest.mark.parametrize(("check_id", "stage"), list(faults()))
def test_a_faulty_stage_fails_its_check_and_no_other_required_one(check_id, stage):
    report = run_conformance(stage)
    found = report.outcome(check_id)
    assert found.status in (Status.FAILED, Status.ADVISED), found.message
    assert {each.check.id for each in report.failures} <= {check_id}, str(report)


def test_a_sound_stage_passes_everything():
    report = run_conformance("sound:Sound")
    assert report.passed, str(report)
    assert not report.of(Status.ADVISED, Status.BLOCKED), str(report)
