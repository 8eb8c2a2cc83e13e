"""The stages that come with the core conform."""

from __future__ import annotations

import pytest

from crucible_core.plugins.builtin import BUILTIN_STAGES
from crucible_core.testing import Status, run_conformance


@pytest.mark.parametrize("name", sorted(BUILTIN_STAGES))
def test_a_built_in_stage_conforms(name):
    report = run_conformance(f"crucible-core:{name}")
    assert report.passed, str(report)
    assert not report.of(Status.ADVISED, Status.BLOCKED), str(report)
