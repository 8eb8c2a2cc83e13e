"""Two distributions offering one stage."""

from __future__ import annotations

import pytest

from crucible_core.cli.main import main
from crucible_core.plugins.builtin import BUILTIN_COMMANDS
from crucible_core.plugins.doctor import diagnose_all, diagnose_name
from crucible_core.plugins.errors import StageUnavailableError
from crucible_core.plugins.inventory import take_inventory
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


CLICK = "import click\n@click.command()\ndef greet():\n    ...\n"
REGISTER = "from crucible_core import StageRef, hookimpl\n@hookimpl\ndef crucible_register_stages():\n    return "


def known(site, **settings):
    """Return status, reason and fix of each plugin: what metadata tell, and what the doctor finds."""
    inventory = take_inventory(Settings(**settings), path=[str(site.root)])
    records, found = inventory.records, diagnose_all(inventory, 60)
    return [[(one.status, one.reason, one.fix) for one in each] for each in (records, found)]


def test_a_command_that_two_plugins_have_is_a_conflict_of_both(importable):
    for name in ("acme-one", "acme-two"):
        module = name.replace("-", "_")
        importable.add(name, commands={"greet": f"{module}:greet"}, modules={f"{module}.py": CLICK})
    listed, found = known(importable)
    reason = "the command 'greet' is offered by acme-one 1.0 and acme-two 1.0; `crucible greet` is that of acme-one"
    fix = "switch off all but one: crucible plugins disable acme-one:greet or crucible plugins disable acme-two:greet"
    assert listed == found == [(Status.CONFLICT, reason, fix)] * 2
    listed, found = known(importable, levels=(Level("test", disabled=("acme-two:greet",)),))
    assert [status for status, _, _ in listed] == [Status.AVAILABLE, Status.DISABLED]
    assert [status for status, _, _ in found] == [Status.LOADED, Status.DISABLED]


def test_a_command_named_like_one_of_the_cores_is_a_conflict(importable):
    commands = {"run": "acme:greet", "greet": "acme:greet"}
    importable.add("acme", commands=commands, modules={"acme.py": CLICK})
    reason = "its command 'run' cannot be invoked: `crucible run` is built in"
    listed, found = known(importable)
    assert listed == found == [(Status.CONFLICT, reason, "crucible plugins disable acme:run")]
    listed, found = known(importable, levels=(Level("test", disabled=("acme:run",)),))
    assert (listed[0][0], found[0][0]) == (Status.AVAILABLE, Status.LOADED)


def test_the_author_of_such_a_command_is_told_to_rename_it(importable):
    origin = {"url": "file:///home/ada/acme", "dir_info": {"editable": True}}
    importable.add("acme", commands={"run": "acme:greet"}, modules={"acme.py": CLICK}, direct_url=origin)
    ((_, _, fix),), _ = known(importable)
    assert fix == "give it another name, or switch it off: crucible plugins disable acme:run"


def test_a_plugin_may_contend_for_a_stage_and_a_command(importable):
    for name in ("acme-one", "acme-two"):
        importable.add_good(name, "same", commands={"greet": f"{name.replace('-', '_')}:greet"})
    (_, reason, fix), _ = known(importable)[0]
    assert reason.startswith("the stage 'same' is offered by acme-one 1.0 and acme-two 1.0; the command 'greet' is ")
    assert "[plugins.stages]" in fix
    assert "plugins disable" in fix


def test_the_names_of_the_cores_commands_are_those_of_its_commands():
    assert set(main.lazy) == BUILTIN_COMMANDS


@pytest.mark.parametrize("value", ["acme_entry:Same", ""])
def test_the_doctor_sees_that_a_hook_offers_a_stage_that_another_has(importable, value):
    importable.add_good("acme-entry", "same")
    made = f"[StageRef('same', {value!r})]" if value else "[StageRef('same', target=importlib.import_module('m').Same)]"
    source = f"import importlib\n{REGISTER}{made}\n"
    same = "class Same:\n    def run(self, context, options): ...\n    def describe(self, options=None):\n"
    same += "        return {'name': 'same', 'description': 'The same.', 'version': '1.0.0'}\n"
    importable.add("acme-hook", hooks={"acme": "acme_hook"}, modules={"acme_hook.py": source, "m.py": same})
    listed, found = known(importable)
    assert {status for status, _, _ in listed} == {Status.AVAILABLE}
    reason = "the stage 'same' is offered by acme-entry 1.0 and acme-hook 1.0"
    assert [(status, why) for status, why, _ in found] == [(Status.CONFLICT, reason)] * 2
    assert all("[plugins.stages] same = " in fix for _, _, fix in found)
    inventory = take_inventory(Settings(), path=[str(importable.root)])
    for name in ("acme-entry", "acme-hook"):
        assert [one.reason for one in diagnose_name(inventory, name, 60)] == [reason]
