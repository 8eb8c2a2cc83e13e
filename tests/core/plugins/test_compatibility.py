"""Which plugins admit the running core."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.specifiers import SpecifierSet

from crucible_core.plugins.compatibility import check_compatibility
from crucible_core.plugins.record import PluginRecord, Status


def checked(*requirements: str, core: str = "0.4.1", status: Status = Status.AVAILABLE) -> PluginRecord:
    (record,) = check_compatibility(
        [PluginRecord("acme", "acme", "1.0", requirements=requirements, status=status)], core
    )
    return record


@pytest.mark.parametrize(
    ("requirement", "core", "status"),
    [
        ("crucible-core>=0.4,<0.5", "0.4.1", Status.AVAILABLE),
        ("crucible_core (>=0.4,<0.5)", "0.4.1", Status.AVAILABLE),
        ("Crucible.Core", "0.4.1", Status.AVAILABLE),
        ("crucible-core>=0.5", "0.4.1", Status.INCOMPATIBLE),
        ("crucible-core<0.4", "0.4.1", Status.INCOMPATIBLE),
        ("crucible-core~=0.4.0", "0.4.1", Status.AVAILABLE),
        ("crucible-core==0.4.*", "0.4.1", Status.AVAILABLE),
        ("crucible-core==0.5.*", "0.4.1", Status.INCOMPATIBLE),
        ("crucible-core>=0.4", "0.5.0rc1", Status.AVAILABLE),
        ("crucible-core<0.5", "0.5.0rc1", Status.INCOMPATIBLE),
        ("crucible-core[testing]>=0.4", "0.4.1", Status.AVAILABLE),
        ("crucible-core>=9; python_version < '3'", "0.4.1", Status.AVAILABLE),
        ("crucible-core>=9; python_version >= '3'", "0.4.1", Status.INCOMPATIBLE),
        ("crucible-core>=9; extra == 'all'", "0.4.1", Status.AVAILABLE),
        ("crucible-core>=nonsense", "0.4.1", Status.BROKEN),
        ("crucible-core>=0.1 or so", "0.4.1", Status.BROKEN),
    ],
)
def test_the_requirement_on_the_core_decides(requirement, core, status):
    assert checked(requirement, core=core).status is status


def test_an_incompatible_plugin_is_told_what_it_requires_and_has():
    record = checked("crucible-core>=2,<3")
    assert record.reason == "it requires crucible-core >=2,<3 (has 0.4.1)"
    assert "crucible plugins disable acme" in record.fix


def test_every_requirement_must_admit_it():
    record = checked("crucible-core>=0.4", "crucible-core<0.4.1")
    assert (record.status, record.requires_core) == (Status.INCOMPATIBLE, ">=0.4,<0.4.1")


def test_a_plugin_without_a_requirement_is_available_with_a_note():
    record = checked()
    assert record.status is Status.AVAILABLE
    assert "declares no requirement on crucible-core" in record.reason


def test_a_disabled_plugin_stays_disabled():
    assert checked("crucible-core>=9", status=Status.DISABLED).status is Status.DISABLED


RELEASES = st.lists(st.integers(0, 3), min_size=1, max_size=4).map(lambda numbers: ".".join(map(str, numbers)))
CLAUSES = st.tuples(st.sampled_from([">=", "<=", "==", "!=", "<", ">", "~="]), RELEASES).map("".join)


@given(core=RELEASES, clauses=st.lists(CLAUSES.filter(lambda one: "~=" not in one or "." in one), max_size=3))
def test_the_answer_is_that_of_packaging(core, clauses):
    """The reference is packaging, the library pip decides with."""
    specifier = ",".join(clauses)
    admitted = SpecifierSet(specifier).contains(core, prereleases=True)
    assert (checked(f"crucible-core{specifier}", core=core).status is Status.AVAILABLE) == admitted
