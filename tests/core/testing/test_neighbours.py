"""Group J: a plugin beside others, and after it is gone."""

from __future__ import annotations

import pytest

from crucible_core.testing import Status, run_conformance


def failures_of(stage, checks=("A", "B", "J")):
    report = run_conformance(stage, checks=checks)
    return {each.check.id for each in report.failures}, report


OUTLIVING = {
    "it enters itself into the core's table": "from crucible_core.plugins.builtin import BUILTIN_STAGES\nBUILTIN_STAGES['sound'] = 'own:Sound'",
    "it takes a stage from the core's table": "from crucible_core.plugins.builtin import BUILTIN_STAGES\nBUILTIN_STAGES.pop('report')",
    "it changes a stage in the core's table": "from crucible_core.plugins.builtin import BUILTIN_STAGES\nBUILTIN_STAGES['report'] = 'own:Sound'",
}


@pytest.mark.parametrize("source", OUTLIVING.values(), ids=OUTLIVING)
def test_without_the_plugin_the_core_is_as_it_was(site, source):
    site.sound("own.py", before=source)
    site.install(stages={"sound": "own:Sound"}, files=("own.py",))
    failed, report = failures_of("acme-scores", checks=None)
    assert failed == {"CRU-J01"}, str(report)


def test_a_plugin_installs_nothing_into_the_core(site):
    site.install_sound(files=("acme_scores/stages.py", "crucible_core/stages/scores.py"))
    failed, report = failures_of("acme-scores")
    assert failed == {"CRU-J01"}, str(report)


SCANNING = {
    "on import": ("for one in entry_points(group='crucible.stages'):\n    one.load()", ""),
    "through the core": (
        "from crucible_core.plugins.registry import build_registry\nREGISTRY = build_registry()\n[REGISTRY.load(ref) for ref in REGISTRY.stages()]",
        "",
    ),
    "in describe": (
        "",
        """
def describe(self, options=None):
    [one.load() for one in entry_points(group='crucible.stages') if one.name != 'sound']
    return super(Sound, self).describe(options)
Sound.describe = describe
""",
    ),
}


@pytest.mark.parametrize(("before", "after"), SCANNING.values(), ids=SCANNING)
def test_a_stage_does_not_fall_with_a_broken_neighbour(site, before, after):
    site.sound("own.py", before=f"from importlib.metadata import entry_points\n{before}", after=after)
    failed, report = failures_of("own:Sound")
    assert failed == {"CRU-J02"}, str(report)


@pytest.mark.parametrize("hooks", ["acme_hooks", "acme_missing"])
def test_hooks_that_do_not_load_are_reported(site, hooks):
    site.module("acme_hooks.py", "raise RuntimeError('no')")
    site.install_sound(groups={"crucible.plugins": {"acme": hooks}})
    failed, report = failures_of("acme-scores")
    assert failed == {"CRU-J02"}, str(report)


def test_a_stage_that_looks_at_others_with_care_is_in_order(site):
    careful = (
        "from importlib.metadata import entry_points\nNAMES = [one.name for one in entry_points(group='crucible.stages')]\n"
        "for one in entry_points(group='crucible.stages'):\n    try:\n        one.load() if 'conformance' in one.name else None\n    except Exception:\n        pass"
    )
    site.sound("own.py", before=careful)
    failed, report = failures_of("own:Sound")
    assert not failed, str(report)


def test_a_plugin_beside_one_with_the_same_stage_name_is_in_order(site):
    site.install_sound()
    site.sound("rival.py")
    site.install("acme-rival", stages={"sound": "rival:Sound"}, files=("rival.py",))
    failed, report = failures_of("acme-scores")
    assert not failed, str(report)
    assert report.outcome("J01").status is Status.PASSED


def test_a_plugin_whose_stages_a_hook_computes_is_in_order(site):
    hooks = """
        from crucible_core.plugins.hookspecs import hookimpl
        from crucible_core.plugins.record import StageRef

        @hookimpl
        def crucible_register_stages():
            return [StageRef("sound", "acme_scores.stages:Sound")]
        """
    site.module("acme_hooks.py", hooks)
    site.install_sound(stages={}, groups={"crucible.plugins": {"acme": "acme_hooks"}})
    report = run_conformance("sound", checks=["A", "J"])
    assert report.passed, str(report)
    assert report.outcome("J02").status is Status.PASSED, str(report)


def test_a_disabled_plugin_is_checked_all_the_same(site, monkeypatch):
    monkeypatch.setenv("CRUCIBLE_DISABLE_PLUGINS", "acme-scores")
    site.install_sound()
    failed, report = failures_of("acme-scores")
    assert not failed, str(report)


@pytest.mark.parametrize("stage", ["crucible-core", "crucible-bench", "crucible-datasets"])
def test_the_stages_at_hand_conform(stage):
    report = run_conformance(stage, checks=["A", "B", "J"])
    assert report.passed, str(report)
    assert not report.of(Status.ADVISED, Status.BLOCKED), str(report)
    assert {each.status for each in report.outcomes if each.check.id == "CRU-J02"} == {Status.PASSED}
