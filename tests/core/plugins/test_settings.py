"""Who may switch a plugin off, and who has the last word."""

from __future__ import annotations

import pytest

from crucible_core.plugins.errors import SettingsError
from crucible_core.plugins.inventory import take_inventory
from crucible_core.plugins.record import Status
from crucible_core.plugins.settings import load_settings


@pytest.fixture
def world(site, project, tmp_path):
    """Return a function: settings in, names of what is on out (plugins that are usable and their stages)."""
    site.add_good("acme-one", "one", "uno", hooks={"first": "acme_hooks"})
    site.add_good("acme-two", "two")

    def switched_on(*, user="", project_file="", environ=None, **flags):
        (tmp_path / "user").mkdir(exist_ok=True)
        (tmp_path / "user" / "crucible.toml").write_text(user)
        (project / "crucible.toml").write_text(project_file)
        environ = {"CRUCIBLE_CONFIG_DIR": str(tmp_path / "user"), **(environ or {})}
        inventory = take_inventory(load_settings(environ, project, **flags), path=[str(site.root)])
        return {ref.name for record in inventory.records for ref in record.enabled_stages}

    return switched_on


OFF = '[plugins]\ndisabled = ["{}"]\n'
DISABLE, ALLOW = "CRUCIBLE_DISABLE_PLUGINS", "CRUCIBLE_PLUGINS"


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({}, {"one", "uno", "two"}),
        ({"no_plugins": True}, set()),
        ({"disable": ["acme-one"]}, {"two"}),
        ({"disable": ["acme-one,two"]}, set()),
        ({"environ": {DISABLE: "acme-one"}}, {"two"}),
        ({"environ": {ALLOW: "acme-two"}}, {"two"}),
        ({"environ": {ALLOW: "uno"}}, {"uno"}),
        ({"environ": {ALLOW: ""}}, set()),
        ({"environ": {ALLOW: "acme-one", DISABLE: "uno"}}, {"one"}),
        ({"project_file": OFF.format("acme-one")}, {"two"}),
        ({"user": OFF.format("acme-one")}, {"two"}),
        ({"user": OFF.format("acme-one"), "project_file": '[plugins]\nenabled = ["acme-one"]'}, {"one", "uno", "two"}),
        ({"project_file": OFF.format("acme-one"), "user": '[plugins]\nenabled = ["acme-one"]'}, {"two"}),
        ({"project_file": OFF.format("acme-one"), "environ": {ALLOW: "acme-one"}}, {"one", "uno"}),
        ({"environ": {ALLOW: "acme-one"}, "disable": ["acme-one"]}, set()),
        ({"user": OFF.format("two"), "project_file": OFF.format("one")}, {"uno"}),
    ],
    ids=lambda value: str(sorted(value) if isinstance(value, set) else value),
)
def test_the_highest_level_that_mentions_a_plugin_decides(world, settings, expected):
    assert world(**settings) == expected


@pytest.mark.parametrize(
    ("name", "left"),
    [
        ("acme-one", {"two"}),
        ("Acme_One", {"two"}),
        ("ACME.ONE", {"two"}),
        ("first", {"two"}),
        ("one", {"uno", "two"}),
        ("acme-one:one", {"uno", "two"}),
        ("acme-two:one", {"one", "uno", "two"}),
    ],
)
def test_names_match_a_distribution_an_entry_point_or_a_stage(world, name, left):
    assert world(disable=[name]) == left


def test_a_disabled_record_says_who_did_it_and_how_to_undo_it(site, project):
    site.add_good("acme")
    file = project / "crucible.toml"
    file.write_text(OFF.format("acme"))
    (record,) = take_inventory(load_settings(), path=[str(site.root)]).records
    assert record.status is Status.DISABLED
    assert record.reason == f"switched off by {file}"
    assert record.fix == "crucible plugins enable acme"


def test_a_broken_plugin_can_be_silenced(site, project):
    site.add("acme", stages={"acme": "acme:Acme [x]"})
    (record,) = take_inventory(load_settings(disable=["acme"]), path=[str(site.root)]).records
    assert record.status is Status.DISABLED


def test_the_projects_file_is_found_from_below(project, monkeypatch):
    (project / "crucible.toml").write_text(OFF.format("acme"))
    below = project / "a" / "b"
    below.mkdir(parents=True)
    monkeypatch.chdir(below)
    assert load_settings().block(["acme"]).source == str(project / "crucible.toml")


def test_stage_choices_of_the_project_come_before_the_users(project, tmp_path):
    (tmp_path / "user").mkdir()
    (tmp_path / "user" / "crucible.toml").write_text('[plugins.stages]\na = "user"\nb = "user"\n')
    (project / "crucible.toml").write_text('[plugins.stages]\na = "project"\n')
    settings = load_settings()
    assert (settings.choice("a").distribution, settings.choice("b").distribution) == ("project", "user")


def test_a_name_nobody_is_known_by_is_a_note_with_a_near_match(site, project):
    site.add_good("acme-bench")
    notes = take_inventory(load_settings(disable=["acme-bensh"]), path=[str(site.root)]).notes
    assert notes == (
        "the flag --disable names 'acme-bensh', which nothing installed is known by; did you mean 'acme-bench'?",
    )


MALFORMED = {
    "not TOML": ("[plugins\n", ":1:", "not valid TOML"),
    "not TOML on a later line": ('x = 1\n[plugins]\ndisabled = ["a"\n', ":4:", "not valid TOML"),
    "a text for a list": ('[plugins]\n# c\ndisabled = "a"\n', ":3:", "must be a list of names"),
    "a number in a list": ("[plugins]\ndisabled = [1]\n", ":2:", "must be a list of names"),
    "an empty name": ('[plugins]\nenabled = [""]\n', ":2:", "must be a list of names"),
    "an unknown key": ('[plugins]\ndisable = ["a"]\n', ":2:", "did you mean 'disabled'"),
    "plugins is no table": ("plugins = 3\n", ":1:", "must be a table"),
    "stages is no table": ("[plugins]\nstages = 3\n", ":2:", "must be a table"),
    "a choice that is no name": ("[plugins.stages]\nbench = 3\n", ":2:", "name of a distribution"),
}


@pytest.mark.parametrize(("text", "place", "message"), MALFORMED.values(), ids=MALFORMED)
def test_a_malformed_file_is_an_error_with_its_place(project, text, place, message):
    file = project / "crucible.toml"
    file.write_text(text)
    with pytest.raises(SettingsError, match=message) as caught:
        load_settings()
    assert str(caught.value).startswith(f"{file}{place}")


def test_a_file_that_is_not_text_is_an_error(project):
    (project / "crucible.toml").write_bytes(b"\xff")
    with pytest.raises(SettingsError, match="not UTF-8"):
        load_settings()


def test_read_tolerantly_a_malformed_file_is_a_problem_and_the_rest_counts(project):
    (project / "crucible.toml").write_text("[plugins\n")
    settings = load_settings({DISABLE: "acme", "CRUCIBLE_CONFIG_DIR": str(project / "none")}, tolerant=True)
    assert "not valid TOML" in settings.problems[0]
    assert settings.block(["acme"]).source == DISABLE


@pytest.mark.parametrize("name", ["report", "validate", "crucible-core", "crucible_core:data_checks", "data-checks"])
def test_what_is_part_of_the_core_cannot_be_switched_off(project, name):
    with pytest.raises(SettingsError, match="is built in and cannot be switched off"):
        load_settings(disable=[name])


def test_other_tables_of_the_file_are_not_our_concern(project):
    (project / "crucible.toml").write_text("[run]\nseed = 1\n")
    assert load_settings().block(["acme"]) is None


def test_how_long_a_hook_module_may_take_is_said_by_the_environment_before_the_files(project, tmp_path, monkeypatch):
    assert load_settings().timeout == 10.0
    (tmp_path / "user").mkdir()
    (tmp_path / "user" / "crucible.toml").write_text("[plugins]\ntimeout = 40\n")
    assert load_settings().timeout == 40.0
    (project / "crucible.toml").write_text("[plugins]\ntimeout = 0\n")
    assert (load_settings().timeout, load_settings().stage_timeout) == (0.0, 0.0)
    monkeypatch.setenv("CRUCIBLE_PLUGIN_TIMEOUT", "2.5")
    assert (load_settings().timeout, load_settings().stage_timeout) == (2.5, 15.0)


@pytest.mark.parametrize("value", ["-1", "inf", "nan", "true", '"5"'])
def test_a_time_that_is_none_is_refused(project, value):
    (project / "crucible.toml").write_text(f"[plugins]\ntimeout = {value}\n")
    with pytest.raises(SettingsError, match=r"crucible.toml:2: \[plugins\] timeout must be a number of seconds, 0 for"):
        load_settings()


@pytest.mark.parametrize("value", ["-1", "inf", "nan", "ten"])
def test_a_time_in_the_environment_that_is_none_is_refused(project, monkeypatch, value):
    monkeypatch.setenv("CRUCIBLE_PLUGIN_TIMEOUT", value)
    with pytest.raises(SettingsError, match=f"CRUCIBLE_PLUGIN_TIMEOUT must be a number of seconds, .* got '{value}'"):
        load_settings()
    assert len(load_settings(tolerant=True).problems) == 1
