"""What a person sees of ``crucible plugins``."""

from __future__ import annotations

import json
import stat

import pytest

from crucible_core.cli.entry import exit_code_of


@pytest.fixture
def crucible(importable, project, capsys):
    """Return a function that runs the command and returns exit code, stdout and stderr."""

    def run(*arguments: str):
        code = exit_code_of([*arguments])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return run


def listed(output: str) -> dict[str, dict]:
    return {plugin["name"]: plugin for plugin in json.loads(output)["plugins"]}


class TestList:
    def test_the_table_has_a_line_for_each_plugin(self, crucible, importable):
        importable.add_good("acme-one", "one", "uno", hooks={"acme": "acme_hooks"})
        importable.add_good("acme-old", requires=("crucible-core>=9",))
        code, out, _ = crucible("plugins", "list")
        lines = {line.split()[0]: line.split() for line in out.splitlines() if line.startswith("acme")}
        assert code == 0
        assert lines["acme-one"] == ["acme-one", "1.0", "available", "one,", "uno", "acme"]
        assert lines["acme-old"][:6] == ["acme-old", "1.0", "incompatible", "acme_old", "-", "it"]
        assert "Built in: data_checks, guardrails, report, validate" in out
        assert "crucible plugins doctor" in out

    def test_json_is_versioned_and_says_what_the_table_says(self, crucible, importable):
        importable.add_good("acme-one", "one")
        code, out, _ = crucible("plugins", "list", "--json")
        document = json.loads(out)
        assert (code, document["schema_version"]) == (0, "1.0")
        plugin = listed(out)["acme-one"]
        assert plugin["stages"] == [
            {"name": "one", "qualified": "acme-one:one", "value": "acme_one:One", "enabled": True, "contested": False}
        ]
        assert (plugin["status"], plugin["version"], plugin["hook"]) == ("available", "1.0", None)

    def test_only_a_status(self, crucible, importable):
        importable.add_good("acme-one")
        importable.add_good("acme-old", requires=("crucible-core>=9",))
        _, out, _ = crucible("plugins", "list", "--json", "--status", "incompatible")
        assert "acme-old" in listed(out)
        assert "acme-one" not in listed(out)

    @pytest.mark.parametrize(("requires", "code"), [("crucible-core>=9", 3), ("crucible-core>=0.1", 0)])
    def test_strict_turns_a_bad_record_into_exit_code_3(self, crucible, importable, requires, code, monkeypatch):
        importable.add_good("acme", requires=(requires,))
        monkeypatch.setenv("CRUCIBLE_PLUGINS", "acme")
        assert crucible("--strict", "plugins", "list")[0] == code
        assert crucible("plugins", "list")[0] == 0

    @pytest.mark.parametrize("flags", [["--no-plugins"], ["--disable", "acme"], ["--disable", "x,acme"]])
    def test_flags_switch_off(self, crucible, importable, flags):
        importable.add_good("acme")
        _, out, _ = crucible(*flags, "plugins", "list", "--json")
        assert listed(out)["acme"]["status"] == "disabled"

    def test_a_malformed_configuration_is_a_note_and_the_list_comes(self, crucible, importable, project):
        (project / "crucible.toml").write_text("[plugins\n")
        importable.add_good("acme")
        code, out, err = crucible("plugins", "list")
        assert (code, "acme" in out) == (0, True)
        assert f"note: {project / 'crucible.toml'}:1:" in err


LIGHT = {"list": [], "show": ["plug-3"], "freeze": [], "disable": ["plug-4"], "enable": ["plug-5"]}


@pytest.mark.parametrize(("command", "arguments"), LIGHT.items(), ids=LIGHT)
def test_metadata_alone_are_enough(site, tmp_path, command, arguments):
    """With 20 plugins, none of which can be imported, and 180 distributions beside them."""
    for number in range(20):
        site.add(
            f"plug-{number}",
            stages={f"stage_{number}": f"plug_{number}:X"},
            hooks={"hooks": f"plug_{number}_hooks"},
            modules={f"plug_{number}.py": "1 / 0", f"plug_{number}_hooks.py": "1 / 0"},
        )
    for number in range(180):
        site.add(f"other-{number}", entry_points="[console_scripts]\nx = y:z\n")
    done = site.python(
        f"""
        import sys
        from crucible_core.cli.entry import exit_code_of
        code = exit_code_of(["plugins", {command!r}, *{arguments!r}])
        heavy = {{"pydantic", "pydantic_core", "pluggy", "rich", "email", "importlib.metadata", "packaging"}}
        found = [name for name in sys.modules if name in heavy or name.startswith("plug_")]
        print(code, found, file=sys.stderr)
        """,
        cwd=tmp_path,
    )
    assert done.stderr.splitlines()[-1:] == ["0 []"]


class TestShow:
    def test_a_plugin_is_shown_by_the_name_of_its_stage(self, crucible, importable):
        importable.add_good("acme-one", "one", commands={"acme": "acme_one:main"})
        code, out, _ = crucible("plugins", "show", "one")
        assert code == 0
        for line in ("acme-one 1.0", "  stage: one = acme_one:One", "  command: acme = acme_one:main"):
            assert line in out.splitlines()

    def test_it_is_tried_on_request(self, crucible, importable):
        importable.add_good("acme-one", "one")
        _, out, _ = crucible("plugins", "show", "acme-one", "--load", "--json")
        diagnosis = json.loads(out)["diagnosis"]
        assert (diagnosis["status"], diagnosis["findings"][0]["entry"]) == ("loaded", "stage one")

    def test_a_failure_is_exit_code_3(self, crucible, importable):
        importable.add("acme", stages={"x": "acme:X"}, modules={"acme.py": "1 / 0"})
        code, out, _ = crucible("plugins", "show", "acme", "--load")
        assert code == 3
        assert "stage x: it raises ZeroDivisionError" in out

    def test_what_is_not_there_is_an_error_with_a_near_match(self, crucible, importable):
        importable.add_good("acme-one")
        code, _, err = crucible("plugins", "show", "acme-onne")
        assert code == 2
        assert "did you mean 'acme-one'?" in err


class TestDoctor:
    def test_what_works_is_said_to_work(self, crucible, importable):
        importable.add_good("acme-one", "one")
        code, out, _ = crucible("plugins", "doctor", "acme-one")
        assert (code, out.splitlines()) == (
            0,
            ["acme-one 1.0: ok", "  stage one: works"],
        )

    def test_what_does_not_work_is_explained_and_ends_with_the_next_command(self, crucible, importable):
        importable.add("acme", stages={"x": "acme:X"}, modules={"acme.py": "\n1 / 0"})
        code, out, _ = crucible("plugins", "doctor", "acme")
        assert code == 3
        assert f"  stage x: it raises ZeroDivisionError: division by zero ({importable.root}/acme.py:2)" in out
        assert out.splitlines()[-1] == "Next: crucible plugins disable acme"

    def test_json_says_the_same(self, crucible, importable):
        importable.add("acme", stages={"x": "acme:X"}, modules={"acme.py": "\n1 / 0"})
        code, out, _ = crucible("plugins", "doctor", "acme", "--json")
        document = json.loads(out)
        assert (code, document["healthy"], document["next_step"]) == (3, False, "crucible plugins disable acme")
        assert document["plugins"][0]["findings"][0]["problem"] == "raises"

    def test_a_hanging_plugin_is_given_the_time_asked_for(self, crucible, importable):
        source = "import threading; threading.Event().wait()"
        importable.add("acme", stages={"x": "acme:X"}, modules={"acme.py": source})
        code, out, _ = crucible("plugins", "doctor", "acme", "--timeout", "1")
        assert code == 3
        assert "it was not done after 1 s and was killed" in out

    def test_a_block_is_explained_with_what_does_it(self, crucible, importable, monkeypatch):
        importable.add_good("acme")
        monkeypatch.setenv("CRUCIBLE_DISABLE_PLUGINS", "acme")
        code, out, _ = crucible("plugins", "doctor", "acme")
        assert code == 0
        assert "acme 1.0: disabled: switched off by CRUCIBLE_DISABLE_PLUGINS" in out
        assert out.splitlines()[-1] == "  unset CRUCIBLE_DISABLE_PLUGINS"

    def test_what_stages_declare_is_told_in_words(self, crucible, importable):
        traits = "{'network': ['a.org'], 'reasons': {'network': 'It asks a.org.'}}"
        source = (
            "class X:\n    def run(self, context, options): ...\n    def describe(self, options=None):\n"
            f"        return dict(name='acme', description='A stage.', traits={traits})"
        )
        importable.add("acme", stages={"acme": "acme:X"}, modules={"acme.py": source})
        assert "    declares network access: It asks a.org." in crucible("plugins", "doctor", "acme")[1].splitlines()

    def test_what_an_observer_raises_is_a_warning(self, crucible, importable):
        source = "from crucible_core import hookimpl\n@hookimpl\ndef crucible_trace_event(event):\n    1 / 0"
        importable.add("acme", hooks={"acme": "acme"}, modules={"acme.py": source})
        code, out, _ = crucible("plugins", "doctor", "acme")
        assert (code, "acme 1.0: ok" in out) == (0, True)
        assert f"    warning: it raises ZeroDivisionError: division by zero ({importable.root}/acme.py:4)" in out
        document = json.loads(crucible("plugins", "doctor", "acme", "--json")[1])
        assert "ZeroDivisionError" in document["plugins"][0]["findings"][1]["warning"]

    def test_what_the_planner_would_refuse_does_not_work(self, crucible, importable):
        source = (
            "class X:\n    class Options: ...\n    def run(self, context, options): ...\n"
            "    def describe(self, options=None):\n        return dict(name='acme', description='A stage.')"
        )
        importable.add("acme", stages={"acme": "acme:X"}, modules={"acme.py": source})
        code, out, _ = crucible("plugins", "doctor", "acme")
        assert (code, "its Options is no options class" in out) == (3, True)

    def test_a_malformed_configuration_is_a_problem(self, crucible, importable, project):
        (project / "crucible.toml").write_text("[plugins\n")
        importable.add_good("acme")
        code, out, _ = crucible("plugins", "doctor", "acme")
        assert code == 3
        assert f"{project / 'crucible.toml'}:1:" in out


CONFIGURATION = """\
# Ours, do not touch.
[run]
seed = 1  # lucky

[plugins]
# What is off, and why:
disabled = [
    "acme-two",  # too slow
]
"""


class TestSwitching:
    def test_disabling_writes_the_projects_file(self, crucible, importable, project):
        importable.add_good("acme-one")
        code, out, _ = crucible("plugins", "disable", "acme-one")
        assert (code, out) == (0, f"disabled acme-one in {project / 'crucible.toml'}\n")
        assert listed(crucible("plugins", "list", "--json")[1])["acme-one"]["status"] == "disabled"

    def test_disabling_and_enabling_again_keeps_every_comment(self, crucible, importable, project):
        file = project / "crucible.toml"
        file.write_text(CONFIGURATION)
        importable.add_good("acme-one")
        crucible("plugins", "disable", "acme-one")
        written = file.read_text()
        assert '"acme-one"' in written
        assert all(line in written for line in CONFIGURATION.splitlines()[:8])
        crucible("plugins", "enable", "acme-one")
        assert file.read_text().replace(",\n", "\n").split() == CONFIGURATION.replace(",\n", "\n").split()

    def test_line_endings_and_mode_of_the_file_are_kept(self, crucible, importable, project):
        file = project / "crucible.toml"
        file.write_bytes(b"[plugins]\r\ndisabled = []\r\n")
        file.chmod(0o640)
        importable.add_good("acme")
        crucible("plugins", "disable", "acme")
        assert file.read_bytes() == b'[plugins]\r\ndisabled = ["acme"]\r\n'
        assert stat.S_IMODE(file.stat().st_mode) == 0o640
        assert [one.name for one in project.iterdir()] == ["crucible.toml"]

    def test_a_linked_file_stays_a_link(self, crucible, importable, project, tmp_path):
        (tmp_path / "real.toml").write_text("")
        (project / "crucible.toml").symlink_to(tmp_path / "real.toml")
        importable.add_good("acme")
        crucible("plugins", "disable", "acme")
        assert (project / "crucible.toml").is_symlink()
        assert "acme" in (tmp_path / "real.toml").read_text()

    def test_the_file_of_the_user_is_written_on_request(self, crucible, importable, project, tmp_path):
        importable.add_good("acme")
        code, out, _ = crucible("plugins", "disable", "acme", "--user")
        assert (code, out) == (0, f"disabled acme in {tmp_path / 'user' / 'crucible.toml'}\n")
        assert list(project.iterdir()) == []

    def test_what_the_user_disabled_is_enabled_for_a_project(self, crucible, importable, project):
        importable.add_good("acme")
        crucible("plugins", "disable", "acme", "--user")
        code, _, _ = crucible("plugins", "enable", "acme")
        assert code == 0
        assert 'enabled = ["acme"]' in (project / "crucible.toml").read_text()
        assert listed(crucible("plugins", "list", "--json")[1])["acme"]["status"] == "available"

    def test_disabling_again_takes_back_the_exception(self, crucible, importable, project):
        importable.add_good("acme")
        for arguments in (["disable", "acme", "--user"], ["enable", "acme"], ["disable", "acme"]):
            crucible("plugins", *arguments)
        assert (project / "crucible.toml").read_text() == '[plugins]\nenabled = []\ndisabled = ["acme"]\n'

    @pytest.mark.parametrize("name", ["acme-one", "Acme_One", "acme"])
    def test_a_plugin_disabled_under_another_name_is_enabled(self, crucible, importable, project, name):
        importable.add_good("acme-one", "one", hooks={"acme": "acme_hooks"})
        (project / "crucible.toml").write_text('[plugins]\ndisabled = ["ACME", "one"]\n')
        assert crucible("plugins", "enable", name)[0] == 0
        assert (project / "crucible.toml").read_text() == "[plugins]\ndisabled = []\n"

    def test_one_stage_is_switched_off(self, crucible, importable):
        importable.add_good("acme", "one", "two")
        crucible("plugins", "disable", "one")
        (one, two) = listed(crucible("plugins", "list", "--json")[1])["acme"]["stages"]
        assert (one["enabled"], two["enabled"]) == (False, True)

    def test_doing_it_twice_changes_nothing(self, crucible, importable, project):
        importable.add_good("acme")
        crucible("plugins", "disable", "acme")
        before = (project / "crucible.toml").read_bytes()
        code, out, _ = crucible("plugins", "disable", "acme")
        assert (code, "already" in out, (project / "crucible.toml").read_bytes()) == (0, True, before)

    def test_enabling_what_is_on_writes_no_file(self, crucible, importable, project):
        importable.add_good("acme")
        code, out, _ = crucible("plugins", "enable", "acme")
        assert (code, out, list(project.iterdir())) == (0, "acme is enabled already\n", [])

    @pytest.mark.parametrize("command", ["enable", "disable"])
    def test_an_unknown_name_is_an_error_with_a_near_match(self, crucible, importable, project, command):
        importable.add_good("acme-one")
        code, _, err = crucible("plugins", command, "acme-oen")
        assert (code, list(project.iterdir())) == (2, [])
        assert "did you mean 'acme-one'?" in err

    def test_a_plugin_that_is_gone_is_taken_out_of_the_file(self, crucible, project):
        (project / "crucible.toml").write_text('[plugins]\ndisabled = ["gone-for-good"]\n')
        code, out, _ = crucible("plugins", "enable", "gone-for-good")
        assert code == 0
        assert "nothing installed is known by it" in out
        assert "gone" not in (project / "crucible.toml").read_text()

    @pytest.mark.parametrize("name", ["report", "crucible-core", "crucible-core:report"])
    @pytest.mark.parametrize("command", ["enable", "disable"])
    def test_what_is_built_in_cannot_be_switched(self, crucible, project, command, name):
        code, _, err = crucible("plugins", command, name)
        assert (code, list(project.iterdir())) == (2, [])
        assert f"{name!r} is built in: it is always there and cannot be switched on or off" in err
        assert "a stage runs only where an experiment names it: leave it out there\n" in err

    def test_a_plugins_stage_of_a_built_in_name_is_told_apart(self, crucible, importable):
        importable.add_good("acme", "report")
        assert (
            "to switch a plugin's stage of that name, write acme:report" in crucible("plugins", "disable", "report")[2]
        )
        assert crucible("plugins", "disable", "acme:report")[0] == 0
        assert crucible("plugins", "enable", "acme:report")[0] == 0

    def test_json_says_what_was_done(self, crucible, importable, project):
        importable.add_good("acme", "one")
        code, out, _ = crucible("plugins", "disable", "one", "--json")
        file = str(project / "crucible.toml")
        assert (code, json.loads(out)) == (
            0,
            {
                "schema_version": "1.0",
                "name": "one",
                "enabled": False,
                "file": file,
                "changed": True,
                "message": f"disabled one in {file}",
            },
        )
        assert json.loads(crucible("plugins", "disable", "one", "--json")[1])["changed"] is False
        assert json.loads(crucible("plugins", "enable", "one", "--json")[1])["enabled"] is True

    @pytest.mark.parametrize(
        ("variable", "value"), [("CRUCIBLE_DISABLE_PLUGINS", "acme"), ("CRUCIBLE_PLUGINS", "other")]
    )
    def test_enabling_what_the_environment_blocks_says_so(self, crucible, importable, monkeypatch, variable, value):
        importable.add_good("acme")
        monkeypatch.setenv(variable, value)
        code, _, err = crucible("plugins", "enable", "acme")
        assert code == 2
        assert f"still switched off by {variable}" in err
        assert f"unset {variable}" in err

    def test_enabling_for_the_user_what_the_project_disables_says_so(self, crucible, importable, project, tmp_path):
        importable.add_good("acme")
        crucible("plugins", "disable", "acme")
        code, _, err = crucible("plugins", "enable", "acme", "--user")
        assert (code, (tmp_path / "user").exists()) == (2, False)
        assert f"still switched off by {project / 'crucible.toml'}" in err

    def test_a_built_in_stage_in_the_file_is_a_note_and_enable_mends_it(self, crucible, project):
        (project / "crucible.toml").write_text('[plugins]\ndisabled = ["report"]\n')
        code, _, err = crucible("plugins", "list")
        assert (code, "'report', which is built in and cannot be switched off" in err) == (0, True)
        assert crucible("plugins", "enable", "report")[0] == 0
        assert crucible("plugins", "list")[2] == ""

    def test_enabling_a_stage_of_a_disabled_plugin_says_which_plugin(self, crucible, importable):
        importable.add_good("acme", "one")
        crucible("plugins", "disable", "acme")
        code, _, err = crucible("plugins", "enable", "one")
        assert code == 2
        assert "crucible plugins enable acme" in err

    def test_disabling_what_the_environment_allows_says_so(self, crucible, importable, monkeypatch):
        importable.add_good("acme")
        monkeypatch.setenv("CRUCIBLE_PLUGINS", "acme")
        code, _, err = crucible("plugins", "disable", "acme")
        assert code == 2
        assert "it stays on: CRUCIBLE_PLUGINS names it" in err

    def test_a_malformed_file_is_not_written_over(self, crucible, importable, project):
        importable.add_good("acme")
        (project / "crucible.toml").write_text("[plugins\n")
        code, _, err = crucible("plugins", "disable", "acme")
        assert (code, (project / "crucible.toml").read_text()) == (2, "[plugins\n")
        assert "crucible.toml:1:" in err


class TestFreeze:
    @pytest.mark.parametrize(
        ("origin", "line"),
        [
            (None, "acme==1.0"),
            ({"url": "file:///home/me/acme", "dir_info": {"editable": True}}, "-e /home/me/acme"),
            ({"url": "file:///home/my%20acme", "dir_info": {"editable": True}}, "-e '/home/my acme'"),
            ({"url": "file:///home/me/acme", "dir_info": {}}, "acme @ file:///home/me/acme"),
            (
                {"url": "https://example.org/acme-1.0.whl", "archive_info": {}},
                "acme @ https://example.org/acme-1.0.whl",
            ),
            (
                {"url": "https://example.org/acme", "vcs_info": {"vcs": "git", "commit_id": "abc123"}},
                "acme @ git+https://example.org/acme@abc123",
            ),
            (
                {
                    "url": "https://example.org/all",
                    "vcs_info": {"vcs": "git", "commit_id": "abc123"},
                    "subdirectory": "plugins/acme",
                },
                "acme @ git+https://example.org/all@abc123#subdirectory=plugins/acme",
            ),
        ],
        ids=["index", "editable", "editable with a space", "directory", "archive", "git", "git with a subdirectory"],
    )
    def test_a_plugin_is_a_line_that_installs_it_again(self, crucible, importable, origin, line):
        importable.add_good("acme", direct_url=origin)
        code, out, _ = crucible("plugins", "freeze")
        assert (code, line in out.splitlines()) == (0, True)
        requirements = {
            one["name"]: one["requirement"] for one in json.loads(crucible("plugins", "freeze", "--json")[1])["plugins"]
        }
        assert requirements["acme"] == line

    def test_a_disabled_plugin_is_kept(self, crucible, importable):
        importable.add_good("acme")
        assert "acme==1.0" in crucible("--no-plugins", "plugins", "freeze")[1]
