"""Two distributions offering one stage."""

from __future__ import annotations

import pytest

from crucible_core.plugins.errors import StageUnavailableError
from crucible_core.plugins.levels import Level, Settings, StageChoice
from crucible_core.plugins.record import Status
from crucible_core.plugins.registry import build_registry


def registry_of(site, **settings):
    return build_registry(Settings(**settings), path=[str(site.root)])


@pytest.fixture
def rivals(importable):
    for name in ("acme-one", "acme-two", "acme-three"):
        importable.add_good(name, "same", name.replace("-", "_"))
    return importable


def test_a_contested_name_names_everybody_and_says_what_to_write(rivals):
    with pytest.raises(StageUnavailableError) as caught:
        registry_of(rivals).resolve("same")
    error = caught.value
    assert error.status is Status.CONFLICT
    assert all(name in error.reason for name in ("acme-one 1.0", "acme-two 1.0", "acme-three 1.0"))
    assert "'acme-one:same'" in error.fix
    assert "[plugins.stages] same =" in error.fix


@pytest.mark.parametrize("name", ["acme-one", "acme-two", "acme-three"])
def test_each_is_addressed_with_its_distribution_and_keeps_its_other_stages(rivals, name):
    registry = registry_of(rivals)
    assert registry.load(registry.resolve(f"{name}:same")).__module__ == name.replace("-", "_")
    assert registry.resolve(name.replace("-", "_")).distribution == name


def test_the_distribution_may_be_written_in_either_form(rivals):
    assert registry_of(rivals).resolve("Acme_One:same").distribution == "acme-one"


def test_the_configuration_chooses(rivals):
    registry = registry_of(rivals, choices=(StageChoice("same", "Acme_Two", "crucible.toml"),))
    assert registry.resolve("same").distribution == "acme-two"
    assert {record.status for record in registry.records} == {Status.AVAILABLE}


def test_a_choice_of_somebody_who_does_not_offer_it_is_said(rivals):
    registry = registry_of(rivals, choices=(StageChoice("same", "nobody", "crucible.toml"),))
    with pytest.raises(StageUnavailableError, match=r"crucible\.toml chooses 'nobody', which does not offer it"):
        registry.resolve("same")


def test_disabling_all_but_one_ends_the_conflict(rivals):
    registry = registry_of(rivals, levels=(Level("test", disabled=("acme-one", "acme-three:same")),))
    assert registry.resolve("same").distribution == "acme-two"


def test_a_built_in_stage_keeps_its_name(importable):
    importable.add_good("acme", "report")
    registry = registry_of(importable)
    assert registry.resolve("report").distribution == "crucible-core"
    assert registry.resolve("acme:report").distribution == "acme"
    (record,) = registry.records
    assert (record.status, record.contested) == (Status.CONFLICT, ("report",))
    assert 'report = "acme"' in record.fix


def test_the_configuration_may_replace_a_built_in_stage(importable):
    importable.add_good("acme", "report")
    registry = registry_of(importable, choices=(StageChoice("report", "acme", "crucible.toml"),))
    assert registry.resolve("report").distribution == "acme"
    assert registry.resolve("crucible-core:report").distribution == "crucible-core"


def test_stages_lists_every_rival(rivals):
    listed = [ref.qualified for ref in registry_of(rivals).stages() if ref.name == "same"]
    assert listed == ["acme-one:same", "acme-three:same", "acme-two:same"]
