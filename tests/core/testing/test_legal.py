"""Odd but legal stages pass everything, also what is only recommended."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import pytest

from crucible_core.testing import Status, run_conformance

MODULES = sorted(path.stem for path in (Path(__file__).parent / "stages").glob("legal_*.py"))
EVERYWHERE = {"legal_running": [pytest.mark.every_interpreter]}
STAGES = [
    pytest.param(stage, id=f"{module}-{stage.__name__}", marks=EVERYWHERE.get(module, []))
    for module in MODULES
    for stage in import_module(module).LEGAL
]


@pytest.mark.parametrize("stage", STAGES)
def test_an_odd_but_legal_stage_passes_everything(stage):
    report = run_conformance(stage)
    assert report.passed, str(report)
    assert not report.of(Status.ADVISED, Status.BLOCKED), str(report)


def test_there_are_many_of_them():
    assert len(STAGES) >= 25
