"""Group A: what a distribution says of its stages."""

from __future__ import annotations

import pytest

from crucible_core.testing import NoSuchStageError, Status, run_conformance

GOOD = "acme_scores.stages:Sound"


def failures_of(stage, checks=("A", "B", "J")):
    report = run_conformance(stage, checks=checks)
    return {each.check.id for each in report.failures}, report


def seen_in(report, check_id):
    return "\n".join(
        finding.seen for outcome in report.outcomes if outcome.check.id == check_id for finding in outcome.findings
    )


def test_a_sound_distribution_passes_everything(site):
    site.install_sound()
    report = run_conformance("acme-scores")
    assert report.passed, str(report)
    assert not report.of(Status.ADVISED, Status.BLOCKED), str(report)
    in_group = [each for each in report.outcomes if each.check.group in "ABJ"]
    assert {each.status for each in in_group} == {Status.PASSED}, [each.check.id for each in in_group]


@pytest.mark.parametrize(
    ("changes", "check_id"),
    [
        ({"stages": {"sound": "acme_scores.stages:Sound [fast]"}}, "CRU-A01"),
        ({"stages": {"sounds": GOOD}}, "CRU-A02"),
        ({"requires": ()}, "CRU-A03"),
        ({"groups": {"crucible.stage": {"other": GOOD}}}, "CRU-A04"),
    ],
)
def test_what_is_wrong_with_a_distribution_fails_one_check_of_all(site, changes, check_id):
    site.install_sound(**changes)
    failed, report = failures_of("acme-scores", checks=None)
    assert failed == {check_id}, str(report)


REQUIREMENTS = {
    "none": (),
    "of another distribution": ("crucible-core-extras>=0.1,<1", "numpy>=1"),
    "without any bound": ("crucible-core",),
    "without a lower bound": ("crucible-core<1",),
    "with a lower bound that excludes nothing": ("crucible-core>=0,<1",),
    "without an upper bound": ("crucible-core>=0.1",),
    "with exclusions only": ("crucible-core!=0.0.1",),
    "of a later core": ("crucible-core>=7,<8",),
    "of an earlier core": ("crucible-core>=0.0.1,<0.0.2",),
    "that does not hold here": ("crucible-core>=0.1,<1; python_version < '3'",),
    "that holds with an extra": ("crucible-core>=0.1,<1; extra == 'dev'",),
    "from an address": ("crucible-core @ https://example.org/crucible_core-0.1.0-py3-none-any.whl",),
    "that cannot be read": ("crucible-core >= newest",),
}


@pytest.mark.parametrize("requires", REQUIREMENTS.values(), ids=REQUIREMENTS)
def test_a_requirement_has_two_bounds_that_admit_the_core(site, requires):
    site.install_sound(requires=requires)
    failed, report = failures_of("acme-scores")
    assert failed == {"CRU-A03"}, str(report)


SOUND_REQUIREMENTS = {
    "on two lines": ("crucible-core>=0.1", "crucible-core<1"),
    "spelt otherwise": ("Crucible_Core >=0.1, <1",),
    "in brackets": ("crucible.core (>=0.1,<1)",),
    "compatible": ("crucible-core~=0.1",),
    "pinned": ("crucible-core==0.1.*",),
    "with extras": ("crucible-core[report]>=0.1,<1",),
    "with a marker": ("crucible-core>=0.1,<1; python_version >= '3'", "crucible-core<0.1; python_version < '3'"),
    "beside unreadable ones": ("Crucible-core>=0.1,<1", "another >= newest"),
    "with an extra besides": ("crucible-core>=0.1,<1", "crucible-core[all]>=0.1; extra == 'all'"),
}


@pytest.mark.parametrize("requires", SOUND_REQUIREMENTS.values(), ids=SOUND_REQUIREMENTS)
def test_a_requirement_may_be_written_in_many_ways(site, requires):
    site.install_sound(requires=requires)
    report = run_conformance("acme-scores", checks=["A", "J"])
    assert report.passed, str(report)


def test_a_prerelease_of_the_core_counts(site, monkeypatch):
    monkeypatch.setattr("crucible_core.__version__", "0.2.0.dev1")
    from crucible_core.testing.installed import installed
    from crucible_core.testing.requirement import requirement_problems
    from crucible_core.testing.target import find_targets

    site.install_sound(requires=("crucible-core>=0.1,<1",))
    assert not list(requirement_problems(installed(find_targets("acme-scores")[0])))


@pytest.mark.parametrize(
    "metadata",
    [b"Name: acme-scores\nRequires-Dist: crucible-core>=0.1,<1\n", b"Name: acme\xff\n", b""],
    ids=["without a version", "not text", "empty"],
)
def test_metadata_can_be_read(site, metadata):
    site.install_sound(metadata=metadata)
    failed, report = failures_of("acme-scores")
    assert failed == {"CRU-A03"}, str(report)


@pytest.mark.parametrize("name", ["sounds", "sound_2"])
def test_a_stage_calls_itself_what_its_entry_point_calls_it(site, name):
    site.install_sound(stages={name: GOOD})
    failed, report = failures_of("acme-scores")
    assert failed == {"CRU-A02"}, str(report)
    assert "'sound'" in seen_in(report, "CRU-A02")


@pytest.mark.parametrize("name", ["Sound", "two-words", "2nd", "a b", "größe"])
def test_a_name_is_snake_case(site, name):
    site.sound("own.py", name)
    failed, report = failures_of("own:Sound")
    assert failed == {"CRU-A02"}, str(report)


def test_an_entry_point_is_snake_case(site):
    site.sound("own.py", "Two-Words")
    site.install(stages={"Two-Words": "own:Sound"}, files=("own.py",))
    failed, report = failures_of("acme-scores")
    assert failed == {"CRU-A02"}, str(report)


def test_an_entry_point_has_no_extras(site):
    site.install_sound(stages={"sound": f"{GOOD} [fast]"})
    failed, report = failures_of("acme-scores")
    assert failed == {"CRU-A01"}, str(report)


FAULTY_ENTRIES = {
    "a stage twice": f"[crucible.stages]\nsound = {GOOD}\nsound = acme_scores.stages:Another\n",
    "extras elsewhere": f"[crucible.stages]\nsound = {GOOD}\nother = acme_scores.other:Other [fast]\n",
    "a hook module with extras": f"[crucible.stages]\nsound = {GOOD}\n[crucible.plugins]\nacme = acme_scores [x]\n",
    "a group nearly right": f"[crucible.stages]\nsound = {GOOD}\n[crucible.stage]\nother = acme_scores.stages:Sound\n",
    "another group": f"[crucible.stages]\nsound = {GOOD}\n[crucible_core.hooks]\nacme = acme_scores\n",
    "a stage in bad style": f"[crucible.stages]\nsound = {GOOD}\nOther = acme_scores.stages:Sound\n",
    "a module for a command": f"[crucible.stages]\nsound = {GOOD}\n[crucible.commands]\nacme = acme_scores\n",
    "two hook modules": f"[crucible.stages]\nsound = {GOOD}\n[crucible.plugins]\na = acme_scores\nb = acme_scores\n",
}


@pytest.mark.parametrize("entry_points", FAULTY_ENTRIES.values(), ids=FAULTY_ENTRIES)
def test_one_malformed_entry_point_spoils_them_all(site, entry_points):
    site.install_sound(entry_points=entry_points)
    from crucible_core.plugins.record import StageRef

    failed, report = failures_of(StageRef("sound", GOOD, "acme-scores", "1.0"))
    assert failed == {"CRU-A04"}, str(report)


def test_a_stage_may_not_be_called_as_one_of_the_core(site):
    site.sound("own.py", "report")
    site.install(stages={"report": "own:Sound"}, files=("own.py",))
    failed, report = failures_of("acme-scores")
    assert failed == {"CRU-A04"}, str(report)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"headers": ()}, "description; license; requires-python; keywords"),
        ({"description": "\n"}, "readme"),
        (
            {
                "headers": (
                    "Summary: UNKNOWN",
                    "License-Expression: MIT",
                    "Requires-Python: >=3.11",
                    "Keywords: crucible",
                )
            },
            "description",
        ),
    ],
    ids=["nothing", "no readme", "a summary that says nothing"],
)
def test_incomplete_metadata_are_reported_at_once(site, changes, said):
    site.install_sound(**changes)
    report = run_conformance("acme-scores", checks=["A05"])
    assert report.outcome("A05").status is Status.ADVISED
    assert said in seen_in(report, "CRU-A05")


def test_a_package_says_that_it_is_typed(site):
    site.install_sound()
    (site.root / "acme_scores" / "py.typed").unlink()
    assert "py.typed in the package acme_scores" in seen_in(run_conformance("acme-scores", checks=["A05"]), "CRU-A05")


@pytest.mark.parametrize(
    "header", ["License: MIT", "License-File: LICENSE", "Classifier: License :: OSI Approved :: MIT License"]
)
def test_a_licence_may_be_said_in_many_ways(site, header):
    site.install_sound("crucible-acme", headers=("Summary: x", "Requires-Python: >=3.11", header))
    report = run_conformance("crucible-acme", checks=["A05"])
    assert report.outcome("A05").status is Status.PASSED, str(report)


def test_a_namespace_package_is_typed_where_its_own_part_is(site):
    site.module("acme/scores/__init__.py")
    site.module("acme/scores/py.typed")
    site.sound("acme/scores/stages.py")
    site.install("acme.Scores", stages={"sound": "acme.scores.stages:Sound"})
    report = run_conformance("acme_scores")
    assert report.passed, str(report)
    assert not report.of(Status.ADVISED), str(report)


def test_the_wheel_holds_what_entry_points_name(site):
    site.install_sound(files=("acme_scores/__init__.py",))
    report = run_conformance("acme-scores", checks=["A06"])
    assert report.outcome("A06").status is Status.ADVISED
    assert report.passed


def test_the_wheel_holds_no_tests(site):
    site.install_sound(files=("acme_scores/stages.py", "tests/__init__.py", "tests/test_it.py"))
    assert seen_in(run_conformance("acme-scores", checks=["A06"]), "CRU-A06") == "tests/__init__.py"


def test_an_extension_module_and_tests_inside_the_package_are_in_order(site):
    site.install_sound(files=("acme_scores/stages.cpython-311-x86_64-linux-gnu.so", "acme_scores/tests/__init__.py"))
    report = run_conformance("acme-scores", checks=["A06"])
    assert report.outcome("A06").status is Status.PASSED, str(report)


def test_a_distribution_may_offer_what_one_that_it_requires_holds(site):
    site.install_sound("acme-scores", stages={}, entry_points="[other]\nx = y\n")
    site.install("acme-plugin", stages={"sound": GOOD}, requires=("crucible-core>=0.1,<1", "Acme.Scores>=1"), files=())
    report = run_conformance("acme-plugin")
    assert report.passed, str(report)
    assert report.outcome("A06").status is Status.PASSED, str(report)


def test_nothing_is_looked_for_in_the_files_of_an_editable_installation(site):
    site.install_sound(editable=True, files=())
    report = run_conformance("acme-scores")
    assert report.passed, str(report)
    assert report.outcome("A06").status is Status.NOT_APPLICABLE


def test_a_distribution_that_is_there_twice_counts_once(site):
    site.install_sound()
    site.install("acme-scores", stages={"sound": "old.stages:Sound"}, requires=(), suffix=".egg-info")
    failed, report = failures_of("acme-scores")
    assert not failed, str(report)
    assert len(report.targets) == 1


@pytest.mark.parametrize("name", ["Acme.Scores", "acme__scores", "ACME-scores"])
def test_a_distribution_may_spell_its_name_as_it_likes(site, name):
    site.install_sound(name)
    report = run_conformance("acme-scores", checks=["A", "J"])
    assert report.passed, str(report)
    assert report.outcome("A03").status is Status.PASSED


def test_several_stages_of_one_distribution_are_checked(site):
    site.sound("own.py", "first", after="class Second(Sound):\n    name = 'second'\n")
    site.install(stages={"first": "own:Sound", "second": "own : Second"}, files=("own.py",))
    report = run_conformance("acme-scores", checks=["A", "J"])
    assert report.passed, str(report)
    assert [each.name for each in report.targets] == ["first", "second"]


def test_a_class_has_no_metadata_and_passes_without(site):
    site.sound("own.py")
    report = run_conformance("own:Sound")
    assert report.passed, str(report)
    assert report.outcome("A03").status is report.outcome("A06").status is Status.NOT_APPLICABLE


@pytest.mark.parametrize(
    ("entry_points", "why"),
    [("[crucible.stage]\nsound = x:Y\n", "crucible.stages"), ("[crucible.stages]\nsound\n", "line 2")],
    ids=["a group nearly right", "malformed"],
)
def test_a_plugin_without_a_stage_that_can_be_read_says_why(site, entry_points, why):
    site.install_sound(entry_points=entry_points)
    with pytest.raises(NoSuchStageError, match=why):
        run_conformance("acme-scores")
