"""Looking stages up and loading them."""

from __future__ import annotations

from crucible_core.plugins.levels import Settings
from crucible_core.plugins.record import StageRef, Status
from crucible_core.plugins.registry import build_registry


def registry_of(site, settings: Settings | None = None):
    return build_registry(settings or Settings(), path=[str(site.root)])


def test_a_stage_is_found_and_loaded_by_its_name(importable):
    importable.add_good("acme-alpha", "alpha")
    registry = registry_of(importable)
    ref = registry.resolve("alpha")
    assert ref == StageRef("alpha", "acme_alpha:Alpha", "acme-alpha", "1.0")
    assert registry.load(ref).__name__ == "Alpha"
    assert registry.records[0].status is Status.LOADED


def test_builtin_stages_are_always_there(site):
    refs = registry_of(site).stages()
    assert [ref.qualified for ref in refs] == [
        "crucible-core:data_checks",
        "crucible-core:guardrails",
        "crucible-core:report",
        "crucible-core:validate",
    ]
