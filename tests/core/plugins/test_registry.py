"""Looking stages up and loading them."""

from __future__ import annotations

import pickle

import pytest

from crucible_core.plugins.conflicts import resolve_names
from crucible_core.plugins.errors import (
    PluginProblemError,
    StageUnavailableError,
    StageUnloadableError,
    UnknownStageError,
)
from crucible_core.plugins.levels import Level, Settings
from crucible_core.plugins.record import StageRef, Status
from crucible_core.plugins.registry import build_registry, default_registry


def registry_of(site, **settings):
    return build_registry(Settings(**settings), path=[str(site.root)])


def test_a_stage_is_found_and_loaded_by_its_name(importable):
    importable.add_good("acme-alpha", "alpha")
    registry = registry_of(importable)
    ref = registry.resolve("alpha")
    assert ref == StageRef("alpha", "acme_alpha:Alpha", "acme-alpha", "1.0")
    assert registry.load(ref).__name__ == "Alpha"
    assert registry.records[0].status is Status.LOADED


def test_where_no_plugin_has_hooks_metadata_say_what_the_hooks_would(importable):
    for name, stages in (("acme-alpha", ("alpha", "shared")), ("acme-beta", ("beta", "shared"))):
        importable.add_good(name, *stages)
    settings = {"levels": (Level("a file", disabled=("beta",)),)}
    registry = registry_of(importable, **settings)
    stages, observers = registry.stages(), registry.trace_observers()
    assert "hooks" not in vars(registry)
    assert stages == resolve_names(registry.hooks.registered_stages(), Settings(**settings)).addressable()
    assert {ref.name for ref in stages} >= {"alpha", "shared", "report"}
    assert observers == registry.hooks.observers() == ()


def test_builtin_stages_are_always_there(site):
    refs = registry_of(site).stages()
    assert [ref.qualified for ref in refs] == [
        "crucible-core:data_checks",
        "crucible-core:guardrails",
        "crucible-core:report",
        "crucible-core:validate",
    ]


def test_looking_up_loads_nothing_and_loading_loads_one_module(site):
    site.add_good("acme-one", "one")
    site.add_good("acme-two", "two")
    done = site.python(
        """
        import sys
        from crucible_core.plugins.registry import build_registry
        registry = build_registry()
        ref = registry.resolve("one")
        print(sorted({"acme_one", "acme_two"} & set(sys.modules)))
        registry.load(ref)
        print(sorted({"acme_one", "acme_two"} & set(sys.modules)))
        """
    )
    assert done.stdout.splitlines() == ["[]", "['acme_one']"], done.stderr


@pytest.mark.parametrize(
    ("name", "suggestions", "hint"),
    [
        ("reprot", ("report",), None),
        ("alhpa", ("alpha",), None),
        ("bench", (), "pip install ./plugins/crucible-bench   # from a checkout of Crucible"),
        ("bemch", ("bench",), "pip install ./plugins/crucible-bench   # from a checkout of Crucible"),
        ("wxyzzy", (), "crucible stages list shows what there is"),
        ("nobody:wxyzzy", (), "crucible stages list shows what there is"),
    ],
)
def test_an_unknown_stage_is_told_with_a_near_match_and_how_to_install_it(importable, name, suggestions, hint):
    importable.add_good("acme", "alpha")
    with pytest.raises(UnknownStageError) as caught:
        registry_of(importable).resolve(name)
    assert (caught.value.suggestions, caught.value.hint) == (suggestions, hint)
    assert repr(name) in str(caught.value)


@pytest.mark.parametrize(
    ("made", "settings", "status", "reason", "fix"),
    [
        ({"requires": ("crucible-core>=9",)}, {}, Status.INCOMPATIBLE, "requires crucible-core >=9", "plugins disable"),
        ({"metadata": "Name: acme\n"}, {}, Status.BROKEN, "says no version", "plugins disable"),
        (
            {},
            {"levels": (Level("the flag --disable", "leave it out", ("acme",)),)},
            Status.DISABLED,
            "--disable",
            "leave",
        ),
        ({}, {"levels": (Level("a file", "enable {name}", ("alpha",)),)}, Status.DISABLED, "a file", "alpha"),
    ],
    ids=["incompatible", "broken", "plugin disabled", "stage disabled"],
)
@pytest.mark.parametrize("name", ["alpha", "acme:alpha"])
def test_a_stage_that_may_not_be_used_says_why(importable, made, settings, status, reason, fix, name):
    importable.add_good("acme", "alpha", "beta", **made)
    with pytest.raises(StageUnavailableError) as caught:
        registry_of(importable, **settings).resolve(name)
    assert caught.value.status is status
    assert reason in caught.value.reason
    assert fix in caught.value.fix


BROKEN = {
    "module missing": ({}, "acme_nowhere:X", "the module 'acme_nowhere' does not exist"),
    "submodule missing": (
        {"acme/__init__.py": "", "acme/stages.py": ""},
        "acme.stage:X",
        "the module 'acme.stage' does not exist; did you mean 'acme.stages'?",
    ),
    "dependency missing": (
        {"acme.py": "\nimport acme_needs_this"},
        "acme:X",
        "it imports 'acme_needs_this', which is not",
    ),
    "raises": ({"acme.py": "\n\n1 / 0"}, "acme:X", "acme.py:3)"),
    "raises in what it imports": ({"acme.py": "import acme_b", "acme_b.py": "\n1 / 0"}, "acme:X", "acme_b.py:2)"),
    "raises BaseException": ({"acme.py": "raise BaseException('no')"}, "acme:X", "it raises BaseException: no"),
    "raises GeneratorExit": ({"acme.py": "raise GeneratorExit"}, "acme:X", "it raises GeneratorExit"),
    "exits": ({"acme.py": "import sys; sys.exit(7)"}, "acme:X", "it calls sys.exit(7)"),
    "exits with a text": ({"acme.py": "raise SystemExit('bye')"}, "acme:X", "it calls sys.exit('bye')"),
    "syntax error": ({"acme.py": "x = 1\ndef (:\n"}, "acme:X", "acme.py:2: SyntaxError"),
    "not text": ({"acme.py": "x = '\0'"}, "acme:X", "null bytes"),
    "attribute like an imported class": (
        {"acme.py": "from crucible_core import Stage\nclass Comparison(Stage): ..."},
        "acme:Stag",
        "the module 'acme' has no attribute 'Stag'; its classes are Comparison",
    ),
    "attribute like an own and an imported class": (
        {"acme.py": "from crucible_core import Stage\nclass Staged(Stage): ..."},
        "acme:Stag",
        "'Stag'; did you mean 'Staged'?",
    ),
    "attribute like a class of the package": (
        {"acme/__init__.py": "from acme.stages import Stages", "acme/stages.py": "class Stages: ..."},
        "acme:Stags",
        "'Stags'; did you mean 'Stages'?",
    ),
    "attribute missing": ({"acme.py": "class Alpha: ..."}, "acme:Alpah", "'Alpah'; did you mean 'Alpha'?"),
    "attribute that raises": ({"acme.py": "def __getattr__(name): 1 / 0"}, "acme:X", "ZeroDivisionError"),
    "class without run": (
        {"acme.py": "class X:\n    def describe(self, options=None): ..."},
        "acme:X",
        "has no method run; a stage is a class",
    ),
    "class without describe": (
        {"acme.py": "class X:\n    def run(self, c, o): ..."},
        "acme:X",
        "has no method describe",
    ),
    "not a class": ({"acme.py": "def x(): ..."}, "acme:x", "acme:x is not a class but a function"),
    "an instance": ({"acme.py": "x = 3"}, "acme:x", "is not a class but an int"),
}


@pytest.mark.parametrize("name", ["aaa", "mmm", "zzz"], ids=["first", "middle", "last"])
@pytest.mark.parametrize(("modules", "value", "reason"), BROKEN.values(), ids=BROKEN)
def test_a_stage_that_does_not_load_says_why_and_the_others_work(importable, name, modules, value, reason):
    importable.add(name, stages={"bad": value}, modules=modules)
    importable.add_good("bbb")
    importable.add_good("yyy")
    registry = registry_of(importable)
    with pytest.raises(StageUnloadableError) as caught:
        registry.load(registry.resolve("bad"))
    assert reason in caught.value.reason
    assert f"crucible plugins disable {name}" in caught.value.fix
    assert [registry.load(registry.resolve(good)).__name__ for good in ("bbb", "yyy")] == ["Bbb", "Yyy"]
    statuses = {record.distribution: record.status for record in registry.records}
    assert statuses == {name: Status.BROKEN, "bbb": Status.LOADED, "yyy": Status.LOADED}


def test_a_failure_is_kept_and_the_module_not_tried_again(importable):
    importable.add(
        "acme", stages={"bad": "acme_once:X"}, modules={"acme_once.py": "import builtins\nraise RuntimeError"}
    )
    registry = registry_of(importable)
    ref = registry.resolve("bad")
    with pytest.raises(StageUnloadableError) as first:
        registry.load(ref)
    (importable.root / "acme_once.py").write_text("class X:\n    run = describe = print\n")
    with pytest.raises(StageUnloadableError) as second:
        registry.load(ref)
    assert second.value is first.value


def test_ctrl_c_while_a_stage_loads_is_not_a_plugins_fault(importable):
    importable.add(
        "acme", stages={"bad": "acme:X"}, modules={"acme.py": "import signal; signal.raise_signal(signal.SIGINT)"}
    )
    registry = registry_of(importable)
    with pytest.raises(KeyboardInterrupt):
        registry.load(registry.resolve("bad"))


def test_a_class_that_inherits_nothing_is_a_stage(importable):
    importable.add(
        "acme",
        stages={"a": "acme:A.B"},
        modules={"acme.py": "class A:\n    class B:\n        run = describe = print\n"},
    )
    registry = registry_of(importable)
    assert registry.load(registry.resolve("a")).__name__ == "B"


@pytest.mark.parametrize(
    ("broken", "complaint"), [(True, "--strict: zzz is incompatible"), (False, None)], ids=["a bad record", "none"]
)
def test_strict_refuses_a_bad_record(importable, broken, complaint):
    importable.add_good("acme")
    if broken:
        importable.add_good("zzz", requires=("crucible-core>=9",))
    registry = registry_of(importable, strict=True)
    if complaint is None:
        registry.require_healthy()
        return
    with pytest.raises(PluginProblemError, match=complaint) as caught:
        registry.require_healthy()
    assert caught.value.exit_code == 3


def test_without_strict_a_bad_record_is_no_error(importable):
    importable.add_good("zzz", requires=("crucible-core>=9",))
    registry_of(importable).require_healthy()


def test_commands_of_usable_plugins_are_offered(importable):
    importable.add("acme", commands={"train": "acme.cli:train", "off": "acme.cli:off"})
    importable.add("old", commands={"old": "old:main"}, requires=("crucible-core>=9",))
    registry = registry_of(importable, levels=(Level("test", disabled=("off",)),))
    assert dict(registry.commands()) == {"train": "acme.cli:train"}


def test_the_default_registry_is_made_once_until_it_is_forgotten(importable, project):
    first = default_registry()
    assert default_registry() is first
    default_registry.cache_clear()
    importable.add_good("acme-fresh", "fresh")
    assert default_registry().resolve("fresh").distribution == "acme-fresh"
    default_registry.cache_clear()


@pytest.mark.parametrize(
    "error",
    [
        UnknownStageError("x", ("y",), "pip install ./z"),
        StageUnavailableError("x", Status.BROKEN, "why", "what"),
        StageUnloadableError(StageRef("x", "m:X", "acme", "1"), "why", "what"),
    ],
)
def test_errors_pickle(error):
    copy = pickle.loads(pickle.dumps(error))
    assert (str(copy), copy.hint, vars(copy)) == (str(error), error.hint, vars(error))


def test_a_stage_whose_module_hangs_does_not_load_and_the_others_do(importable):
    importable.add("acme", stages={"slow": "acme:Slow"}, modules={"acme.py": "import time\ntime.sleep(100)\n"})
    importable.add_good("good")
    registry = registry_of(importable, timeout=0.05)
    assert registry.load(registry.resolve("good")).__name__ == "Good"
    with pytest.raises(
        StageUnloadableError, match=r"it was not done after 0.3 s and was interrupted \(.*acme.py:2\)"
    ) as e:
        registry.load(registry.resolve("slow"))
    assert "crucible plugins disable acme" in e.value.hint


@pytest.mark.parametrize(
    ("name", "suggestions"),
    [
        ("clsh", ("clash",)),
        ("m-clash:clsh", ("m-clash:clash",)),
        ("M_Clash:clsh", ("m-clash:clash",)),
        ("m-clsh:clash", ("m-clash:clash",)),
        ("m-clash:soel", ("m-clash:sole",)),
        ("nobody:soel", ("sole",)),
        ("crucible-core:reprot", ("crucible-core:report",)),
        ("m-clash:zzz", ()),
    ],
)
def test_a_misspelt_stage_has_a_near_match_contested_or_with_its_distribution(importable, name, suggestions):
    importable.add_good("m-clash", "clash", "sole")
    importable.add_good("n-other", "clash")
    with pytest.raises(UnknownStageError) as caught:
        registry_of(importable).resolve(name)
    assert caught.value.suggestions == suggestions
