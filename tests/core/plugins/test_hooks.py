"""What hook modules may do, and what becomes of those that fail."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

import pytest

from crucible_core import CodecRef, Event, ItemPairs, StageRef
from crucible_core.ir import DatasetRef
from crucible_core.plugins.builtin_codecs import BUILTIN_CODECS
from crucible_core.plugins.errors import StageUnavailableError, UnknownStageError
from crucible_core.plugins.hooks import hook_names
from crucible_core.plugins.hookspecs import HOOK_SPECS
from crucible_core.plugins.levels import Level, Settings
from crucible_core.plugins.record import Status
from crucible_core.plugins.registry import build_registry

DOCUMENT = (Path(__file__).parents[3] / "docs" / "hooks.md").read_text(encoding="utf-8")
EXAMPLES = dict(re.findall(r"^## (crucible_\w+)$.*?```python\n(.*?)```", DOCUMENT, re.DOTALL | re.MULTILINE))
PAIRS = ItemPairs("score", {}, ("old", "new"), ("a", "b", "c"), (0.5, 0.5, 1.0), (1.0, 0.0, 1.0))
EVENT = Event(1, "2026-01-01T00:00:00Z", "stage_start", "run", "experiment", "bench", 1, {})


def registry_of(site, **settings):
    return build_registry(Settings(**settings), path=[str(site.root)])


def add_hooks(site, name: str, source: str, **kwargs) -> None:
    module = f"{name.replace('-', '_')}_hooks"
    modules = {
        f"{module}.py": "from crucible_core import CodecRef, StageRef, hookimpl\n" + source,
        **kwargs.pop("modules", {}),
    }
    site.add(name, hooks={name: module}, modules=modules, **kwargs)


def record_of(registry, name):
    return next(record for record in registry.records if record.distribution == name)


def spec_of(name):
    return next(getattr(specs, name) for specs in HOOK_SPECS if hasattr(specs, name))


class TestDocumentation:
    def test_the_page_has_an_example_for_every_hook_and_no_other(self):
        assert sorted(EXAMPLES) == list(hook_names())

    def test_every_hook_is_tested_with_its_example(self):
        tested = {name.removeprefix("test_example_of_") for name in dir(TestExamples) if "example_of" in name}
        assert tested == set(hook_names())

    @pytest.mark.parametrize("name", hook_names())
    def test_every_hook_is_specified_with_types_and_every_argument_explained(self, name):
        spec = spec_of(name)
        signature = inspect.signature(spec)
        arguments = [one for one in signature.parameters.values() if one.name != "self"]
        assert signature.return_annotation is not inspect.Signature.empty
        assert all(one.annotation is not inspect.Parameter.empty for one in arguments)
        assert all(f"\n    {one.name}: " in inspect.getdoc(spec) for one in arguments)

    @pytest.mark.parametrize("name", hook_names())
    def test_the_page_gives_every_argument(self, name):
        spec = spec_of(name)
        (shown,) = re.findall(rf"^`{name}\((.*?)\) ->", DOCUMENT, re.MULTILINE)
        assert re.findall(r"(\w+):", shown) == [one for one in inspect.signature(spec).parameters if one != "self"]


class TestExamples:
    """The examples of docs/hooks.md, executed."""

    @pytest.fixture
    def example(self, importable, request):
        hook = request.function.__name__.removeprefix("test_example_of_")
        importable.add("acme", hooks={"acme": "acme_hooks"}, modules={"acme_hooks.py": EXAMPLES[hook]})
        return registry_of(importable)

    def test_example_of_crucible_register_stages(self, example):
        assert example.resolve("score_bleu") == StageRef("score_bleu", "acme_scores:Score", "acme", "1.0")
        assert example.resolve("acme:score_rouge").name == "score_rouge"

    def test_example_of_crucible_describe_stage(self, example):
        added = example.extensions(StageRef("bench"), {})
        assert added["acme"]["paper"].endswith("demsar06a.html")
        assert example.extensions(StageRef("other"), {}) == {}

    def test_example_of_crucible_trace_event(self, example):
        ((name, observe),) = example.trace_observers()
        observe(EVENT)
        assert name == "acme"
        import acme_hooks

        assert acme_hooks.SECONDS == {("stage_start", "bench"): "2026-01-01T00:00:00Z"}

    def test_example_of_crucible_compare_items(self, example):
        ((name, (finding,)),) = example.item_findings([PAIRS])
        assert (name, finding.more_than_noise) == ("acme", False)
        assert finding.finding == "new wins 1 of 2 items"

    def test_example_of_crucible_register_codecs(self, example):
        *_, last = example.codecs()
        assert last == CodecRef(
            "acme_spectrum", ("acme_spectra:Spectrum",), "acme_codecs:SpectrumCodec", distribution="acme"
        )

    def test_example_of_crucible_wants_trace(self, example, monkeypatch, capsys):
        assert example.trace_observers() == ()
        monkeypatch.setenv("ACME_COLLECTOR", "collector")
        ((name, observe),) = example.trace_observers()
        observe(EVENT)
        assert (name, capsys.readouterr().out) == ("acme", "collector stage_start\n")

    def test_example_of_crucible_check_reference(self, example):
        assert example.check_reference(DatasetRef(name="acme_calls", provider="acme")) == ""
        assert example.check_reference(DatasetRef(name="iris", provider="other")) is None
        missing = example.check_reference(DatasetRef(name="acme_mails", provider="acme"))
        assert missing == "acme has no acme_mails; there are: acme_reviews, acme_calls"


def test_a_computed_stage_may_be_a_class_made_on_the_spot(importable):
    add_hooks(
        importable,
        "acme",
        """
class Made:
    def describe(self, options=None): ...
    def run(self, context, options): ...

@hookimpl
def crucible_register_stages():
    yield StageRef("made", target=Made)
""",
    )
    registry = registry_of(importable)
    assert registry.load(registry.resolve("made")).__name__ == "Made"


def test_a_computed_stage_may_be_contested(importable):
    importable.add_good("other", "made")
    add_hooks(importable, "acme", "@hookimpl\ndef crucible_register_stages():\n    return [StageRef('made', 'm:M')]\n")
    registry = registry_of(importable)
    with pytest.raises(StageUnavailableError, match=r"acme 1\.0 and other 1\.0"):
        registry.resolve("made")
    assert {record.status for record in registry.records} == {Status.CONFLICT}


def test_a_plugin_cannot_offer_stages_in_the_name_of_another(importable):
    source = "@hookimpl\ndef crucible_register_stages():\n    return [StageRef('x', 'm:M', 'crucible-core', '9')]\n"
    add_hooks(importable, "acme", source)
    assert registry_of(importable).resolve("x").distribution == "acme"


@pytest.mark.parametrize(
    "settings", [{"levels": (Level("test", disabled=("acme",)),)}, {"levels": (Level("t", only=()),)}]
)
def test_the_hook_module_of_a_disabled_plugin_is_not_imported(importable, settings):
    add_hooks(importable, "acme", "raise RuntimeError('imported')\n")
    registry = registry_of(importable, **settings)
    assert registry.trace_observers() == ()
    assert record_of(registry, "acme").status is Status.DISABLED


def test_the_hook_module_of_an_incompatible_plugin_is_not_imported(importable):
    add_hooks(importable, "acme", "raise RuntimeError('imported')\n", requires=("crucible-core>=99",))
    registry = registry_of(importable)
    assert registry.trace_observers() == ()
    assert record_of(registry, "acme").status is Status.INCOMPATIBLE


def test_a_hook_for_a_later_version_may_be_marked_optional(importable):
    source = "@hookimpl(optionalhook=True)\ndef crucible_of_tomorrow(): ...\n"
    add_hooks(importable, "acme", source)
    registry = registry_of(importable)
    assert registry.hooks.loaded == ("acme",)
    assert record_of(registry, "acme").status is Status.LOADED


OBSERVER = "@hookimpl\ndef crucible_trace_event(event): ...\n"
REGISTER = "@hookimpl\ndef crucible_register_stages():\n"
FAILING = {
    "raises on import": ("1 / 0\n", "it raises ZeroDivisionError: division by zero"),
    "raises BaseException": ("raise BaseException('stop')\n", "it raises BaseException: stop"),
    "exits": ("import sys; sys.exit(3)\n", "it calls sys.exit(3)"),
    "syntax error": ("def (:\n", "SyntaxError"),
    "missing dependency": ("import acme_needs_this\n", "'acme_needs_this', which is not installed"),
    "unknown hook": ("@hookimpl\ndef crucible_trace_evnt(event): ...\n", "did you mean 'crucible_trace_event'?"),
    "unknown hook under another name": (
        "@hookimpl(specname='crucible_nope')\ndef x(): ...\n",
        "no hook 'crucible_nope'",
    ),
    "marker forgotten": ("def crucible_trace_event(event): ...\n", "is not marked with @hookimpl"),
    "no hook at all": ("x = 1\n", "implements no hook"),
    "unknown argument": ("@hookimpl\ndef crucible_trace_event(event, more): ...\n", "more"),
    "wrapper": ("@hookimpl(wrapper=True)\ndef crucible_trace_event(event):\n    yield\n", "cannot be wrapped"),
    "stages: raises": (REGISTER + "    raise KeyError('x')\n", "KeyError"),
    "stages: exits": (REGISTER + "    raise SystemExit(4)\n", "sys.exit(4)"),
    "stages: raises half way": (REGISTER + "    yield StageRef('half', 'm:M')\n    1 / 0\n", "ZeroDivisionError"),
    "stages: none": (REGISTER + "    return None\n", "must return StageRefs"),
    "stages: a text": (REGISTER + "    return 'abc'\n", "got 'a'"),
    "stages: leads nowhere": (REGISTER + "    return [StageRef('x')]\n", "with a value or a target"),
}


@pytest.mark.parametrize("name", ["aaa", "mmm", "zzz"], ids=["first", "middle", "last"])
@pytest.mark.parametrize(("source", "reason"), FAILING.values(), ids=FAILING)
def test_a_failing_hook_module_makes_its_plugin_broken_and_no_other(importable, name, source, reason):
    add_hooks(importable, name, OBSERVER + source if source.startswith(REGISTER) else source)
    for good in ("bbb", "yyy"):
        add_hooks(importable, good, OBSERVER + REGISTER + f"    return [StageRef('{good}', 'm:M')]\n")
    registry = registry_of(importable)
    assert [registry.resolve(good).distribution for good in ("bbb", "yyy")] == ["bbb", "yyy"]
    assert {observer for observer, _ in registry.trace_observers()} == {"bbb", "yyy"}
    record = record_of(registry, name)
    assert record.status is Status.BROKEN
    assert reason in record.reason
    assert f"crucible plugins disable {name}" in record.fix


def test_stages_of_a_failing_implementation_are_not_registered(importable):
    add_hooks(importable, "acme", FAILING["stages: raises half way"][0])
    with pytest.raises(UnknownStageError):
        registry_of(importable).resolve("half")


@pytest.mark.parametrize(("body", "reason"), [("1 / 0", "ZeroDivisionError"), ("return 3", "must return a mapping")])
def test_a_failing_description_adds_nothing_and_stops_nobody(importable, body, reason):
    add_hooks(importable, "acme", f"@hookimpl\ndef crucible_describe_stage(ref, description):\n    {body}\n")
    add_hooks(importable, "good", "@hookimpl\ndef crucible_describe_stage(ref):\n    return {'a': 1}\n")
    registry = registry_of(importable)
    assert registry.extensions(StageRef("x"), {}) == {"good": {"a": 1}}
    assert reason in record_of(registry, "acme").reason


CODECS = "@hookimpl\ndef crucible_register_codecs():\n    return "
BAD_CODECS = {
    "raises": ("1 / 0", "ZeroDivisionError"),
    "exits": ("exit(4)", "sys.exit(4)"),
    "none": ("None", "must return CodecRefs, got None"),
    "a text": ("'abc'", "must return CodecRefs, got 'a'"),
    "another reference": ("[StageRef('x', 'm:M')]", "must return CodecRefs, got StageRef"),
    "a bad name": ("[CodecRef('A b', ('m:T',), 'm:C')]", "with the name 'A b'"),
    "a name of the core's": ("[CodecRef('numpy', ('m:T',), 'm:C')]", "a name that crucible-core has taken"),
    "a name of the core's own values": ("[CodecRef('tree', ('m:T',), 'm:C')]", "a name that crucible-core has taken"),
    "a name twice": ("[CodecRef('x', ('m:T',), 'm:C')] * 2", "a name that the same plugin has taken"),
    "no type": ("[CodecRef('x', (), 'm:C')]", "for no type"),
    "a type without module": ("[CodecRef('x', ('T',), 'm:C')]", "with 'T'"),
    "a text for types": ("[CodecRef('x', 'mT', 'm:C')]", "with 'mT'"),
    "a target without class": ("[CodecRef('x', ('m:T',), 'm')]", "with 'm'"),
}


@pytest.mark.parametrize("name", ["aaa", "mmm", "zzz"], ids=["first", "middle", "last"])
@pytest.mark.parametrize(("returned", "reason"), BAD_CODECS.values(), ids=BAD_CODECS)
def test_a_plugin_with_bad_codecs_is_broken_and_hides_no_other(importable, name, returned, reason):
    add_hooks(importable, name, OBSERVER + CODECS + returned + "\n")
    for good in ("bbb", "yyy"):
        add_hooks(importable, good, CODECS + f"[CodecRef('{good}', ('m:T',), 'm:C')]\n")
    registry = registry_of(importable)
    assert [ref.name for ref in registry.codecs() if ref.distribution != "crucible-core"] == ["bbb", "yyy"]
    record = record_of(registry, name)
    assert record.status is Status.BROKEN
    assert reason in record.reason
    assert registry.trace_observers() == ()


def test_a_codec_name_that_two_plugins_offer_goes_to_the_one_that_sorts_first(importable):
    for name in ("zzz", "aaa"):
        add_hooks(importable, name, CODECS + "[CodecRef('x', ('m:T',), 'm:C')]\n")
    registry = registry_of(importable)
    assert registry.codecs()[-1].distribution == "aaa"
    assert "'x', a name that aaa has taken" in record_of(registry, "zzz").reason


def test_the_codecs_of_the_core_come_first_and_import_nothing(importable):
    add_hooks(importable, "acme", CODECS + "[CodecRef('x', ('nowhere:T',), 'nowhere:C')]\n")
    refs = registry_of(importable).codecs()
    assert [ref.distribution for ref in refs] == ["crucible-core"] * (len(refs) - 1) + ["acme"]


def test_an_observer_may_leave_the_event_out(importable):
    add_hooks(importable, "acme", "CALLS = []\n@hookimpl\ndef crucible_trace_event():\n    CALLS.append(1)\n")
    ((_, observe),) = registry_of(importable).trace_observers()
    observe(EVENT)
    import acme_hooks

    assert acme_hooks.CALLS == [1]


@pytest.mark.parametrize(
    ("body", "reason"), [("1 / 0", "ZeroDivisionError"), ("return None", "must return True or False, got None")]
)
def test_a_plugin_that_cannot_say_whether_it_wants_a_trace_gets_none(importable, body, reason):
    add_hooks(importable, "acme", f"{OBSERVER}\n@hookimpl\ndef crucible_wants_trace():\n    {body}\n")
    add_hooks(importable, "good", OBSERVER)
    registry = registry_of(importable)
    assert [name for name, _ in registry.trace_observers()] == ["good"]
    assert reason in record_of(registry, "acme").reason


def test_nobody_is_told_of_a_run_that_no_plugin_wants(importable):
    quiet = "@hookimpl\ndef crucible_wants_trace():\n    return False\n"
    add_hooks(importable, "acme", f"@hookimpl\ndef crucible_trace_event(event):\n    1 / 0\n{quiet}")
    assert registry_of(importable).trace_observers() == ()


ENDS = {
    "os._exit": ("import os; os._exit(0)", "it calls os._exit(0) ("),
    "os._exit in another module": ("import acme_more", "it calls os._exit(4) ("),
    "sys.exit": ("raise SystemExit", "it calls sys.exit(0) ("),
    "interrupt": ("raise KeyboardInterrupt", "it raises KeyboardInterrupt ("),
}


@pytest.mark.parametrize(("statement", "reason"), ENDS.values(), ids=ENDS)
@pytest.mark.parametrize("where", ["", "@hookimpl\ndef crucible_register_stages():\n    "], ids=["import", "hook"])
def test_one_that_would_end_the_process_stops_nobody(importable, where, statement, reason):
    add_hooks(importable, "acme", where + statement + "\n", modules={"acme_more.py": "import os\nos._exit(4)"})
    add_hooks(importable, "good", "@hookimpl\ndef crucible_register_stages():\n    return [StageRef('x', value='a:b')]")
    registry = registry_of(importable)
    assert registry.resolve("x").distribution == "good"
    assert reason in record_of(registry, "acme").reason
    assert record_of(registry, "acme").status is Status.BROKEN


HANGS = {
    "computes": "while True: pass",
    "waits": "import threading; threading.Event().wait()",
    "in another module": "import acme_more",
    "catches what it can": "import acme_careless",
}
MORE = {
    "acme_more.py": "import time\ntime.sleep(100)",
    "acme_careless.py": "try:\n    import acme_more\nexcept Exception:\n    pass",
}
HOOKS = ("crucible_register_stages", "crucible_register_codecs", "crucible_wants_trace")


@pytest.mark.parametrize("statement", HANGS.values(), ids=HANGS)
@pytest.mark.parametrize("where", ["", *(f"@hookimpl\ndef {hook}():\n    " for hook in HOOKS)], ids=["import", *HOOKS])
def test_one_that_hangs_stops_nobody(importable, where, statement):
    add_hooks(importable, "acme", OBSERVER + where + statement + "\n", modules=MORE)
    add_hooks(importable, "good", "@hookimpl\ndef crucible_register_stages():\n    return [StageRef('x', value='a:b')]")
    registry = registry_of(importable, timeout=0.3)
    assert registry.resolve("x").distribution == "good"
    assert (len(registry.codecs()), registry.trace_observers()) == (len(BUILTIN_CODECS), ())
    record = record_of(registry, "acme")
    assert record.status is Status.BROKEN
    assert re.match(r"it was not done after 0.3 s and was interrupted \(.*acme_\w+\.py:\d+\)$", record.reason)
    assert "crucible plugins disable acme" in record.fix
    (note,) = registry.hook_notes
    assert note.endswith("; crucible plugins disable acme")


def test_one_may_take_as_long_as_it_likes_where_the_user_says_so(importable):
    add_hooks(importable, "acme", "import time\ntime.sleep(0.4)\n" + OBSERVER)
    assert [name for name, _ in registry_of(importable, timeout=0).trace_observers()] == ["acme"]


def test_a_comparison_may_take_its_time(importable):
    source = "import time\n@hookimpl\ndef crucible_compare_items(pairs):\n    time.sleep(0.4)\n    return None\n"
    add_hooks(importable, "acme", source)
    registry = registry_of(importable, timeout=0.3)
    assert registry.item_findings([PAIRS]) == ()
    assert registry.hook_notes == ()


def test_ctrl_c_while_a_hook_module_is_imported_is_not_a_plugins_fault(importable):
    add_hooks(importable, "acme", "import signal\nsignal.raise_signal(signal.SIGINT)\n")
    with pytest.raises(KeyboardInterrupt):
        registry_of(importable).trace_observers()


@pytest.mark.parametrize(
    ("body", "reason"),
    [("1 / 0", "ZeroDivisionError"), ("return True", "must return a text or None, got True")],
)
def test_the_next_plugin_is_asked_where_one_cannot_say_whether_a_dataset_is_there(importable, body, reason):
    hook = "@hookimpl\ndef crucible_check_reference(reference):\n    {}\n"
    add_hooks(importable, "zeta", hook.format(body))
    add_hooks(importable, "acme", hook.format("return f'no {reference.name}'"))
    registry = registry_of(importable)
    assert registry.check_reference(DatasetRef(name="iris")) == "no iris"
    assert reason in record_of(registry, "zeta").reason
