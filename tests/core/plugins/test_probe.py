"""Trying what a plugin offers in a child process, and what is said of it."""

from __future__ import annotations

import os
import select

import pytest

from crucible_core.plugins.doctor import diagnose, diagnose_all, diagnose_name, next_step
from crucible_core.plugins.inventory import take_inventory
from crucible_core.plugins.levels import Level, Settings
from crucible_core.plugins.probe import probe
from crucible_core.plugins.probe_entry import entries_of
from crucible_core.plugins.problems import ProblemKind
from crucible_core.plugins.record import Status

LONG = 60.0
"""Seconds that no test needs; a child that is done ends at once."""
STAGE = "class X:\n    def run(self, context, options): ...\n    def describe(self, options=None):\n        {}\n"
DESCRIBED = "return {'name': 'acme', 'description': 'A stage.'}"


def inventory_of(site, **settings):
    return take_inventory(Settings(**settings), path=[str(site.root)])


def probed(site, timeout=LONG):
    (record,) = inventory_of(site).records
    return probe(entries_of(record), timeout)


FAILING = {
    "module missing": ("", "acme_nowhere:X", ProblemKind.MODULE_MISSING, "'acme_nowhere' does not exist"),
    "dependency missing": ("import acme_needs", "acme:X", ProblemKind.DEPENDENCY_MISSING, "'acme_needs', which is not"),
    "raises": ("1 / 0", "acme:X", ProblemKind.RAISES, "ZeroDivisionError: division by zero"),
    "raises BaseException": ("raise BaseException('no')", "acme:X", ProblemKind.RAISES, "BaseException: no"),
    "raises KeyboardInterrupt": ("raise KeyboardInterrupt", "acme:X", ProblemKind.RAISES, "KeyboardInterrupt"),
    "syntax error": ("x = (", "acme:X", ProblemKind.SYNTAX_ERROR, "acme.py:1: SyntaxError"),
    "attribute missing": ("class Xx: ...", "acme:X", ProblemKind.ATTRIBUTE_MISSING, "did you mean 'Xx'?"),
    "no stage": ("class X: ...", "acme:X", ProblemKind.NOT_A_STAGE, "has no method run and no method describe"),
    "sys.exit": ("import sys; sys.exit(7)", "acme:X", ProblemKind.EXITS, "sys.exit(7)"),
    "os._exit": ("import os; os._exit(7)", "acme:X", ProblemKind.EXITS, "it calls os._exit(7) ("),
    "os._exit(0)": ("import os; os._exit(0)", "acme:X", ProblemKind.EXITS, "it calls os._exit(0) ("),
    "past os._exit": ("import posix; posix._exit(7)", "acme:X", ProblemKind.EXITS, "exit status 7"),
    "past os._exit, 0": ("import posix; posix._exit(0)", "acme:X", ProblemKind.EXITS, "exit status 0"),
    "crash": ("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)", "acme:X", ProblemKind.CRASHES, "SIGSEGV"),
    "cannot be made": (
        STAGE.format(DESCRIBED) + "    def __init__(self, needed): ...",
        "acme:X",
        ProblemKind.RAISES,
        "making and describing it: it raises TypeError",
    ),
    "describe raises": (STAGE.format("1 / 0"), "acme:X", ProblemKind.RAISES, "ZeroDivisionError"),
    "describe exits": (STAGE.format("raise SystemExit"), "acme:X", ProblemKind.EXITS, "sys.exit(0)"),
    "describe returns nothing": (STAGE.format("pass"), "acme:X", ProblemKind.BAD_DESCRIPTION, "NoneType"),
    "describe lacks a key": (
        STAGE.format("return {'name': 'acme'}"),
        "acme:X",
        ProblemKind.BAD_DESCRIPTION,
        "description",
    ),
    "another name": (
        STAGE.format("return {'name': 'other', 'description': 'A stage.'}"),
        "acme:X",
        ProblemKind.WRONG_NAME,
        "entry point 'acme' names a stage that calls itself 'other'",
    ),
}


@pytest.mark.parametrize(("source", "value", "kind", "reason"), FAILING.values(), ids=FAILING)
def test_what_goes_wrong_in_a_stage_is_reported(importable, source, value, kind, reason):
    importable.add("acme", stages={"acme": value}, modules={"acme.py": source})
    (result,) = probed(importable)
    assert result.problem.kind is kind
    assert reason in result.problem.reason


def test_a_stage_that_hangs_is_killed_and_so_is_what_it_started(importable, tmp_path):
    source = f"""
        import subprocess, sys, threading
        child = subprocess.Popen([sys.executable, "-c", "import threading; threading.Event().wait()"])
        open({str(tmp_path / "pid")!r}, "w").write(str(child.pid))
        threading.Event().wait()
    """
    importable.add("acme", stages={"acme": "acme:X"}, modules={"acme.py": source})
    (result,) = probed(importable, timeout=3)
    assert result.problem.kind is ProblemKind.HANGS
    assert result.problem.reason == "it was not done after 3 s and was killed"
    assert dies(int((tmp_path / "pid").read_text()))


def dies(pid: int) -> bool:
    """Say whether a process that was sent a signal ends; the kernel may take a moment to deliver it."""
    try:
        descriptor = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    with os.fdopen(descriptor):
        return bool(select.select([descriptor], [], [], 10)[0])


def test_a_thread_left_running_keeps_nobody_waiting(importable):
    source = "import threading\nthreading.Thread(target=threading.Event().wait).start()\n" + STAGE.format(DESCRIBED)
    importable.add("acme", stages={"acme": "acme:X"}, modules={"acme.py": source})
    (result,) = probed(importable)
    assert result.problem is None


def test_what_is_printed_is_kept_with_who_printed_it(importable):
    noisy = STAGE.replace("{}", "import os; os.write(2, b'raw'); return {'name': 'loud', 'description': 'A stage.'}")
    importable.add(
        "acme",
        stages={"loud": "acme_loud:X", "quiet": "acme_quiet:X"},
        modules={
            "acme_loud.py": "print('hello')\n" + noisy,
            "acme_quiet.py": STAGE.format("return {'name': 'quiet', 'description': 'A stage.'}"),
        },
    )
    loud, quiet = probed(importable)
    assert loud.problem is None
    assert all(text in loud.output for text in ("hello", "raw"))
    assert (quiet.problem, quiet.output) == (None, "")


def test_closing_the_standard_streams_harms_nobody(importable):
    source = "import os, sys\nsys.stdout.close()\nos.closerange(0, 3)\n" + STAGE.format(DESCRIBED)
    importable.add("acme", stages={"acme": "acme:X"}, modules={"acme.py": source})
    (result,) = probed(importable)
    assert result.problem is None


def test_the_last_words_of_a_process_that_ends_are_told(importable):
    source = "import os, posix\nos.write(2, b'first\\nout of luck\\n')\nposix._exit(9)"
    importable.add("acme", stages={"acme": "acme:X"}, modules={"acme.py": source})
    (result,) = probed(importable)
    assert result.problem.reason == "it ends the process with exit status 9; it printed: out of luck"


def test_one_that_ends_the_process_does_not_hide_the_others(importable):
    importable.add(
        "acme",
        stages={"a": "acme_a:X", "b": "acme_b:X", "b_again": "acme_b:Y", "c": "acme_c:X"},
        modules={
            "acme_a.py": STAGE.format("return {'name': 'a', 'description': 'A stage.'}"),
            "acme_b.py": "import posix; posix._exit(7)",
            "acme_c.py": STAGE.format("return {'name': 'c', 'description': 'A stage.'}"),
        },
    )
    kinds = {result.entry.name: result.problem and result.problem.kind for result in probed(importable)}
    assert kinds == {"a": None, "b": ProblemKind.EXITS, "b_again": ProblemKind.EXITS, "c": None}


def test_weak_traits_are_told_with_their_reasons(importable):
    traits = "{'determinism': 'none', 'network': ['a.org'], 'reasons': {'determinism': 'It asks a model.'}}"
    source = STAGE.replace("{}", f"return dict(name='acme', description='A stage.', traits={traits})")
    importable.add("acme", stages={"acme": "acme:X"}, modules={"acme.py": source})
    (result,) = probed(importable)
    assert result.facts.weak == (("determinism", "It asks a model."), ("network", "no reason given"))


@pytest.mark.parametrize(
    ("offer", "source", "kind"),
    [
        ({"hooks": {"acme": "acme"}}, "def crucible_trace_event(event): ...", ProblemKind.BAD_HOOKS),
        ({"hooks": {"acme": "acme"}}, "import os; os._exit(1)", ProblemKind.EXITS),
        ({"commands": {"acme": "acme:main"}}, "main = 3", ProblemKind.NOT_A_COMMAND),
        ({"commands": {"acme": "acme:main"}}, "import click\nmain = click.Command('x')", None),
        (
            {"hooks": {"acme": "acme"}},
            "from crucible_core import hookimpl\n@hookimpl\ndef crucible_trace_event(): ...",
            None,
        ),
    ],
)
def test_hook_modules_and_commands_are_tried_too(importable, offer, source, kind):
    importable.add("acme", modules={"acme.py": source}, **offer)
    result, *_ = probed(importable)
    assert (result.problem.kind if result.problem else None) is kind


def test_probing_works_beside_a_distribution_whose_metadata_are_corrupt(importable):
    importable.add("zzz", entry_points="[crucible.stages]\nnonsense\n")
    importable.add_good("acme")
    diagnoses = diagnose_all(inventory_of(importable), LONG)
    assert [(one.name, one.status) for one in diagnoses] == [("acme", Status.LOADED), ("zzz", Status.BROKEN)]


@pytest.mark.parametrize(
    ("made", "settings", "status", "healthy"),
    [
        ({}, {"levels": (Level("a file", "crucible plugins enable {name}", ("acme",)),)}, Status.DISABLED, True),
        ({"requires": ("crucible-core>=9",)}, {}, Status.INCOMPATIBLE, False),
        ({"metadata": ""}, {}, Status.BROKEN, False),
    ],
)
def test_what_may_not_be_used_is_explained_and_not_run(importable, tmp_path, made, settings, status, healthy):
    mark = tmp_path / "imported"
    importable.add("acme", stages={"x": "acme:X"}, modules={"acme.py": f"open({str(mark)!r}, 'w')"}, **made)
    inventory = inventory_of(importable, **settings)
    (diagnosis,) = diagnose(inventory, inventory.records, LONG)
    assert (diagnosis.status, diagnosis.healthy, diagnosis.findings) == (status, healthy, ())
    assert diagnosis.reason
    assert not mark.exists()


@pytest.mark.parametrize(
    ("name", "reason", "command"),
    [
        ("bench", "crucible-bench has it", "pip install ./plugins/crucible-bench   # from a checkout of Crucible"),
        (
            "Crucible_Bench",
            "crucible-bench has it",
            "pip install ./plugins/crucible-bench   # from a checkout of Crucible",
        ),
        ("acne", "did you mean 'acme'?", "crucible plugins doctor acme"),
        ("wxyzzy", "the catalogue knows no plugin", "crucible plugins list"),
    ],
)
def test_what_is_not_installed_is_explained(importable, name, reason, command):
    importable.add_good("acme")
    (diagnosis,) = diagnose_name(inventory_of(importable), name, LONG)
    assert not diagnosis.healthy
    assert reason in diagnosis.reason
    assert next_step([diagnosis]) == command


def test_a_stage_name_means_every_plugin_that_offers_it(importable):
    importable.add_good("acme-one", "same")
    importable.add_good("acme-two", "same")
    diagnoses = diagnose_name(inventory_of(importable), "same", LONG)
    assert [(one.name, one.status) for one in diagnoses] == [
        ("acme-one", Status.CONFLICT),
        ("acme-two", Status.CONFLICT),
    ]
    assert next_step(diagnoses).startswith(
        "write 'acme-one:same' or 'acme-two:same', or choose for good in crucible.toml"
    )


@pytest.mark.parametrize(
    ("made", "command"),
    [
        ({"direct_url": {"url": "file:///home/a%20b", "dir_info": {"editable": True}}}, "-e '/home/a b'"),
        ({"direct_url": {"url": "file:///x/acme.whl"}}, "'acme @ file:///x/acme.whl'"),
        ({}, "acme==1.0"),
    ],
)
def test_a_missing_module_is_mended_by_installing_from_where_it_came(importable, made, command):
    importable.add("acme", stages={"x": "acme_nowhere:X"}, **made)
    (diagnosis,) = diagnose_all(inventory_of(importable), LONG)
    assert next_step([diagnosis]) == f"pip install --force-reinstall {command}"


def test_when_all_is_well_there_is_nothing_to_do(importable):
    importable.add_good("acme")
    assert next_step(diagnose_all(inventory_of(importable), LONG)) == ""


EDITABLE = {"url": "file:///home/me/acme", "dir_info": {"editable": True}}
OTHER_NAME = STAGE.format("return {'name': 'other', 'description': 'A stage.'}")


@pytest.mark.parametrize(
    ("source", "value", "step"),
    [
        ("\n1 / 0", "acme:X", "correct {file}:2"),
        ("x = (", "acme:X", "correct {file}:1"),
        ("import json\njson.loads('')", "acme:X", "correct {file}:2"),
        ("\n" + OTHER_NAME, "acme:X", "correct {file}:2"),
        ("", "acme:X", "correct the entry point in its pyproject.toml and install it again"),
        ("import acme_needs", "acme:X", "pip install --force-reinstall -e /home/me/acme"),
    ],
    ids=["raises", "syntax", "raises in a library", "wrong name", "wrong entry point", "dependency missing"],
)
def test_who_writes_a_plugin_is_told_what_to_correct_and_never_to_switch_it_off(importable, source, value, step):
    importable.add("acme", stages={"acme": value}, modules={"acme.py": source}, direct_url=EDITABLE)
    (diagnosis,) = diagnose_all(inventory_of(importable), LONG)
    assert next_step([diagnosis]) == step.format(file=importable.root / "acme.py")
    assert "disable" not in diagnosis.fix


def test_who_writes_a_plugin_is_told_to_correct_what_it_requires(importable):
    importable.add_good("acme", requires=("crucible-core>=9",), direct_url=EDITABLE)
    (diagnosis,) = diagnose_all(inventory_of(importable), LONG)
    assert next_step([diagnosis]) == "correct the requirement in its pyproject.toml and install it again"


HOOKS = """
from crucible_core import StageRef, hookimpl

class Made:
    def describe(self, options=None):
        return {"name": "made", "description": "Made.", "version": "2.0.0"}

    def run(self, context, options):
        return context

@hookimpl
def crucible_register_stages():
    return [StageRef("made", target=Made), StageRef("gone", value="acme_nowhere:X")]
"""


def test_stages_that_a_hook_computes_are_tried_too(importable):
    importable.add("acme", hooks={"acme": "acme"}, modules={"acme.py": HOOKS})
    hooks, made, gone = probed(importable)
    assert (hooks.problem, made.problem, made.facts.version) == (None, None, "2.0.0")
    assert (made.entry.label, gone.problem.kind) == ("stage made", ProblemKind.MODULE_MISSING)


OBSERVER = "from crucible_core import hookimpl\n@hookimpl\ndef crucible_trace_event(event):\n    "


@pytest.mark.parametrize(
    ("body", "warning"),
    [
        ("return event.payload['message']", ""),
        ("1 / 0", "it raises ZeroDivisionError: division by zero ({file}:4)"),
        ("raise SystemExit", "it calls sys.exit(0)"),
    ],
)
def test_an_observer_is_shown_an_event_and_what_it_raises_is_a_warning(importable, body, warning):
    importable.add("acme", hooks={"acme": "acme"}, modules={"acme.py": OBSERVER + body})
    (diagnosis,) = diagnose_all(inventory_of(importable), LONG)
    _, observer = diagnosis.findings
    assert (diagnosis.healthy, observer.entry, observer.problem) == (True, "observer acme", None)
    assert observer.warning.startswith(warning.format(file=importable.root / "acme.py"))
    assert bool(observer.warning) == bool(warning)


def test_an_observer_that_ends_the_process_is_a_problem(importable):
    importable.add("acme", hooks={"acme": "acme"}, modules={"acme.py": OBSERVER + "import os; os._exit(3)"})
    (diagnosis,) = diagnose_all(inventory_of(importable), LONG)
    assert (diagnosis.healthy, diagnosis.findings[1].problem.kind) == (False, ProblemKind.EXITS)


def test_what_the_caller_knows_of_stages_is_checked_in_the_child_too(importable):
    importable.add_good("acme")
    importable.add(
        "checker", modules={"checks.py": "def check(ref, kind): return f'{ref.name}: {kind.__name__} is ugly'"}
    )
    (record,) = inventory_of(importable).records
    (result,) = probe(entries_of(record), LONG, check="checks:check")
    assert result.problem.reason == "acme: Acme is ugly"
