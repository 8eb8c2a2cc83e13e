"""The command as a whole: help, flags, exit codes, errors."""

from __future__ import annotations

import subprocess
import sys

import click
import pytest

from crucible_core import __version__
from crucible_core.cli.main import main as group
from crucible_core.cli.main import with_flags_first

HEAVY = ("pydantic", "pydantic_core", "yaml", "pluggy", "rich", "jinja2", "tomlkit", "numpy", "difflib", "asyncio")


def _commands(command, path=()):
    yield path
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            yield from _commands(command.get_command(context, name), (*path, name))


BUILT_IN = [path for path in _commands(group) if not path or path[0] in group.lazy]


@pytest.mark.parametrize("path", BUILT_IN, ids=" ".join)
def test_every_command_has_help_that_says_what_each_of_its_options_does(crucible, path):
    for flag in ("--help", "-h") if not path else ("--help",):
        done = crucible(*path, flag)
        assert (done.code, done.err) == (0, "")
        assert done.out.startswith(f"Usage: crucible {' '.join(path)}".rstrip())
    command = group
    for name in path:
        command = command.get_command(click.Context(command), name)
    assert command.help
    for parameter in command.params:
        if isinstance(parameter, click.Option):
            assert parameter.help, parameter.name


@pytest.mark.parametrize("path", BUILT_IN, ids=" ".join)
def test_help_is_plain_text(crucible, path):
    out = crucible(*path, "--help").out
    assert [mark for mark in ("``", "\\b", "\b") if mark in out] == []


@pytest.mark.parametrize("path", [path for path in BUILT_IN if len(path) > 1], ids=" ".join)
def test_a_group_shows_the_summary_of_a_command_whole(crucible, path):
    command = group
    for name in path:
        command = command.get_command(click.Context(command), name)
    summary = " ".join(command.help.partition("\n\n")[0].split())
    assert summary in " ".join(crucible(*path[:-1], "--help").out.split())


def test_the_list_of_commands_says_of_each_what_its_own_help_says(crucible):
    context = click.Context(group)
    for name, (_, summary) in group.lazy.items():
        command = group.get_command(context, name)
        assert command.name == name
        assert summary in crucible("--help").out


def test_version(crucible):
    assert crucible("--version").out == f"crucible {__version__}\n"


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["plugins", "--help"], ["rnu"]], ids=" ".join)
def test_help_imports_nothing_heavy(arguments):
    code = f"import sys; from crucible_core.cli.entry import exit_code_of; exit_code_of({arguments!r}); print([m for m in {HEAVY!r} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] in ("[]", "['difflib']" if arguments == ["rnu"] else "[]")


def test_importing_the_package_imports_nothing_of_it():
    code = (
        "import sys; import crucible_core, crucible_core.runs; print([m for m in sys.modules if m.startswith('crucible_core')], [m for m in "
        + repr(HEAVY)
        + " if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "['crucible_core', 'crucible_core.runs'] []\n"


@pytest.mark.parametrize(
    ("given", "moved"),
    [
        ([], []),
        (["run", "s", "--debug"], ["--debug", "run", "s"]),
        (["run", "--strict", "s", "--no-plugins"], ["--strict", "--no-plugins", "run", "s"]),
        (["--disable", "a", "run", "s", "--debug"], ["--debug", "--disable", "a", "run", "s"]),
        (["run", "--", "--debug"], ["run", "--", "--debug"]),
        (["theirs", "--strict"], ["theirs", "--strict"]),
        (["theirs", "run", "--strict"], ["theirs", "run", "--strict"]),
        (["--disable", "run", "theirs", "--strict"], ["--disable", "run", "theirs", "--strict"]),
    ],
)
def test_flags_of_the_command_may_come_after_a_built_in_one(given, moved):
    assert with_flags_first(given) == moved


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (["validat"], "no command 'validat'; did you mean 'validate'?"),
        (["qqq"], "no command 'qqq'; `crucible --help` lists them"),
    ],
)
def test_a_misspelt_command(crucible, typed, said):
    done = crucible(*typed)
    assert (done.code, done.out) == (2, "")
    assert said in done.err


COMMAND = """
    import click

    @click.command()
    @click.option("--strict", is_flag=True)
    def hello(strict):
        click.echo(f"hello {strict}")
        return 7

    @click.command()
    def crash():
        raise ValueError("a defect")

    @click.command()
    @click.pass_context
    def leave(ctx):
        ctx.exit(9)

    nothing = 3
"""


@pytest.mark.parametrize(
    ("command", "code", "out", "err"),
    [
        (["hello", "--strict"], 0, "hello True\n", ""),
        (["leave"], 9, "", ""),
        (["crash"], 1, "", "crucible: internal error: ValueError: a defect; report what --debug shows\n"),
        (["nothing"], 3, "", "no click command"),
        (["missing"], 3, "", "does not load"),
    ],
    ids=lambda value: value[0] if isinstance(value, list) else "",
)
def test_commands_of_plugins(crucible, install, command, code, out, err):
    names = {name: f"plug_in:{name}" for name in ("hello", "crash", "leave", "nothing", "missing")}
    install("plug-in", COMMAND, commands=names)
    done = crucible(*command)
    assert (done.code, done.out) == (code, out)
    assert err in done.err
    assert "Traceback" not in done.err


def test_debug_shows_where_an_internal_error_is(crucible, install):
    install("plug-in", COMMAND, commands={"crash": "plug_in:crash"})
    done = crucible("--debug", "crash")
    assert done.code == 1
    assert 'raise ValueError("a defect")' in done.err


def test_commands_of_plugins_are_listed_without_being_imported(crucible, install):
    install("plug-in", "raise RuntimeError('imported')", commands={"hello": "plug_in:hello", "run": "plug_in:run"})
    done = crucible("--help")
    assert done.code == 0
    assert "hello  from plug-in" in done.out
    assert "run          Run an experiment." in done.out


@pytest.mark.parametrize(
    "arguments", [["stages", "list"], ["run", "spec.yaml"], ["validate", "spec.yaml"]], ids=" ".join
)
def test_strict_exits_with_3_before_anything_runs(crucible, spec, install, project, arguments):
    spec("Measure")
    install("plug-in", "raise RuntimeError('broken')", plugins={"plug-in": "plug_in"})
    assert crucible(*arguments).code == 0
    (project / "artifacts").rename(project / "before") if (project / "artifacts").exists() else None
    done = crucible("--strict", *arguments)
    assert done.code == 3
    assert "plug-in is broken" in done.err
    assert "crucible plugins doctor" in done.err
    assert not (project / "artifacts").exists()


@pytest.mark.parametrize("arguments", [["run", "spec.yaml"], ["validate", "spec.yaml"], ["schema"]], ids=" ".join)
def test_strict_survives_a_plugin_that_ends_its_process(crucible, spec, install, arguments):
    spec("Measure")
    install("deadly", "import posix; posix._exit(0)", stages={"dead": "deadly:X"})
    done = crucible("--strict", *arguments)
    assert (done.code, done.out) == (3, "")
    assert "deadly is broken: stage dead: it ends the process with exit status 0" in done.err


BROKEN = {
    "command": (
        {"commands": {"hello": "nowhere:hello"}},
        "plug-in is broken: command hello: the module 'nowhere' does",
    ),
    "hidden command": ({"commands": {"run": "plug_in:hello"}}, "plug-in is conflict: its command 'run' cannot be"),
    "codec": ({"plugins": {"p": "plug_in"}}, "plug-in is broken: codec spectrum: the module 'nowhere' does not exist"),
}
CODEC = """
    import click
    from crucible_core import CodecRef, hookimpl

    @hookimpl
    def crucible_register_codecs():
        return [CodecRef("spectrum", types=("nowhere:Spectrum",), target="nowhere:Codec")]

    @click.command()
    def hello(): ...
"""


@pytest.mark.parametrize("arguments", [["run", "spec.yaml"], ["stages", "list"], ["hi"]], ids=" ".join)
@pytest.mark.parametrize(("groups", "reason"), BROKEN.values(), ids=BROKEN)
def test_strict_finds_what_the_doctor_finds(crucible, spec, install, groups, reason, arguments):
    spec("Measure")
    install("plug-in", CODEC, **groups)
    install("fine", "import click\n@click.command()\ndef hi(): ...\n", commands={"hi": "fine:hi"})
    assert crucible(*arguments).code == 0
    for strict in (["--strict", *arguments], ["plugins", "doctor"]):
        done = crucible(*strict)
        assert done.code == 3
        assert reason.partition("broken: ")[2] in done.out + done.err or reason in done.err


@pytest.mark.parametrize("error", [KeyboardInterrupt, EOFError])
def test_an_interrupt_outside_a_run(crucible, install, error):
    install(
        "plug-in",
        f"import click\n@click.command()\ndef wait():\n    raise {error.__name__}\n",
        commands={"wait": "plug_in:wait"},
    )
    done = crucible("wait")
    assert done.code == 130
    assert done.err.endswith("crucible: interrupted\n")
