"""Asking the stages of all plugins what they do, whatever one of them does."""

from __future__ import annotations

import pytest

from crucible_core.plugins.inventory import take_inventory
from crucible_core.plugins.levels import Settings
from crucible_core.plugins.record import Status
from crucible_core.plugins.survey import ask_plugins, survey

LONG = 60.0
"""Seconds that no test needs."""
HOOKS = """
from crucible_core import StageRef, hookimpl

class Made:
    def describe(self, options=None):
        return {"name": "made", "description": "Made.", "version": "2.0.0"}

    def run(self, context, options):
        return context

@hookimpl
def crucible_register_stages():
    return [StageRef("made", target=Made), StageRef("good", value="acme_good:Good")]
"""
ENDS = {
    "exit": ("import posix; posix._exit(0)", "it ends the process with exit status 0"),
    "os._exit": ("import os; os._exit(0)", "it calls os._exit(0) ("),
    "crash": ("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)", "it crashes the process (SIGSEGV)"),
    "hang": ("import threading; threading.Event().wait()", "it was not done after 1 s and was killed"),
    "raise": ("1 / 0", "it raises ZeroDivisionError"),
}


def surveyed(site, timeout=LONG, **settings):
    inventory = take_inventory(Settings(**settings), path=[str(site.root)])
    return survey(inventory, ask_plugins(inventory, timeout))


def problems(found):
    return {f"{stage.ref.distribution}:{stage.ref.name}": stage.problem for stage in found.stages}


def test_stages_say_what_they_are(importable):
    importable.add_good("acme", "one", "two")
    found = surveyed(importable)
    assert [(stage.ref.name, stage.facts.description, stage.problem) for stage in found.stages] == [
        ("one", "Do nothing.", ""),
        ("two", "Do nothing.", ""),
    ]
    assert [ref.name for ref in found.builtin] == ["data_checks", "guardrails", "report", "validate"]


@pytest.mark.parametrize(("source", "said"), ENDS.values(), ids=ENDS)
def test_one_that_ends_its_process_hides_no_other(importable, source, said):
    importable.add_good("aaa")
    importable.add("bad", stages={"bad": "bad:X"}, modules={"bad.py": source})
    importable.add_good("zzz")
    found = surveyed(importable, timeout=1 if "wait" in source else LONG)
    told = problems(found)
    assert (told["aaa:aaa"], told["zzz:zzz"]) == ("", "")
    assert said in told["bad:bad"]
    assert "crucible plugins disable bad" in told["bad:bad"]
    assert {record.name: record.status for record in found.records}["bad"] is Status.BROKEN


def test_two_that_end_their_process_are_both_told(importable):
    for name in ("bad", "worse"):
        importable.add(name, stages={name: f"{name}:X"}, modules={f"{name}.py": "import posix; posix._exit(7)"})
    assert all("exit status 7" in problem for problem in problems(surveyed(importable)).values())


def test_a_module_that_ends_its_process_leaves_the_other_stages_of_its_plugin(importable):
    importable.add_good("acme", "good")
    importable.add(
        "mixed",
        stages={"bad": "mixed_bad:X", "fine": "acme_fine:Fine"},
        modules={"mixed_bad.py": "import posix; posix._exit(7)", "acme_fine.py": FINE},
    )
    told = problems(surveyed(importable))
    assert (told["mixed:fine"], "exit status 7" in told["mixed:bad"]) == ("", True)


FINE = """
class Fine:
    def describe(self, options=None):
        return {"name": "fine", "description": "Fine.", "version": "1.0.0"}

    def run(self, context, options):
        return context
"""


def test_stages_that_hooks_compute_are_asked_too(importable):
    importable.add(
        "acme",
        hooks={"acme": "acme_hooks"},
        modules={"acme_hooks.py": HOOKS, "acme_good.py": FINE.replace("Fine", "Good").replace("fine", "good")},
    )
    found = surveyed(importable)
    assert [(stage.ref.qualified, stage.facts.version) for stage in found.stages] == [
        ("acme:good", "1.0.0"),
        ("acme:made", "2.0.0"),
    ]


def test_a_hook_module_that_fails_is_a_note_that_names_its_plugin(importable):
    source = "from crucible_core import hookimpl\n@hookimpl\ndef crucible_register_stages():\n    1 / 0"
    importable.add("acme", hooks={"acme": "acme"}, modules={"acme.py": source})
    found = surveyed(importable)
    (note,) = found.notes
    assert note.startswith("the hooks of acme 1.0 are left out, and stages they offer: it raises ZeroDivisionError")
    assert note.endswith("; crucible plugins doctor acme")


def test_an_observer_is_not_called_for_a_list(importable, tmp_path):
    source = f"from crucible_core import hookimpl\n@hookimpl\ndef crucible_trace_event(event):\n    open({str(tmp_path / 'called')!r}, 'w')"
    importable.add("acme", hooks={"acme": "acme"}, modules={"acme.py": source})
    surveyed(importable)
    assert not (tmp_path / "called").exists()


def test_what_a_plugin_that_may_not_be_used_would_offer_is_a_note(importable):
    importable.add_good("acme-old", "old", requires=("crucible-core>=9",))
    found = surveyed(importable)
    assert found.stages == ()
    assert found.notes[0].startswith("acme-old 1.0 is incompatible, its stages are left out: it requires crucible-core")


def test_a_contested_name_is_there_once_for_each(importable):
    importable.add_good("acme-one", "same")
    importable.add_good("acme-two", "same")
    found = surveyed(importable)
    assert list(problems(found)) == ["acme-one:same", "acme-two:same"]
    assert {record.status for record in found.records} == {Status.CONFLICT}
