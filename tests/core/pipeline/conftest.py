"""Stages of tests, offered by a plugin whose hook module lives in memory, through the real registry."""

from __future__ import annotations

import itertools
import sys
import types
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from crucible_core import RunResult, Stage, StageRef, hookimpl, plan, run
from crucible_core.pipeline.plan import Plan
from crucible_core.plugins.conflicts import resolve_names
from crucible_core.plugins.inventory import Inventory
from crucible_core.plugins.levels import Settings
from crucible_core.plugins.record import PluginRecord
from crucible_core.plugins.registry import Registry

_NUMBERS = itertools.count()
MEMORY = {"persist": False}


def stage_of(run: Callable[[Any, Any], Any] = lambda context, options: context, **attributes: Any) -> type[Stage]:
    """Make a stage class that does what a function does."""
    return type("Made", (Stage,), {"run": lambda self, context, options: run(context, options), **attributes})


def called(kind: type, name: str) -> type:
    """Give a stage class the name it is offered under; a class that describes itself keeps what it says."""
    if not issubclass(kind, Stage) or kind.name == name:
        return kind
    return type(kind.__name__, (kind,), {"name": name, "__doc__": kind.__doc__, "__module__": kind.__module__})


def plugin_of(offered: Mapping[str, type], name: str) -> PluginRecord:
    """Make a plugin that offers classes as stages."""
    module = types.ModuleType(f"hooks_in_memory_{next(_NUMBERS)}")
    refs = [
        StageRef(stage, distribution=name, version="1.0", target=called(kind, stage)) for stage, kind in offered.items()
    ]
    module.crucible_register_stages = hookimpl(lambda: refs, specname="crucible_register_stages")
    sys.modules[module.__name__] = module
    return PluginRecord(name, name, "1.0", hook_module=module.__name__, hook_name=name)


@pytest.fixture
def registry_of(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Registry]:
    """Make a registry of classes, by stage name, or of several plugins, each with its own."""
    before = set(sys.modules)

    def make(stages: Mapping[str, type] | None = None, **plugins: Mapping[str, type]) -> Registry:
        offered = plugins or {"demo": stages or {}}
        records = tuple(plugin_of(kinds, name) for name, kinds in offered.items())
        settings = Settings()
        return Registry(Inventory(records, resolve_names([], settings), (), settings))

    yield make
    for name in set(sys.modules) - before:
        if name.startswith("hooks_in_memory_"):
            del sys.modules[name]


@pytest.fixture
def run_stages(registry_of: Callable[..., Registry]) -> Callable[..., RunResult]:
    """Run functions, classes or definitions in memory, in order; functions become stages s0, s1, ...

    What definitions name is in ``offers``: classes, or functions.
    """

    def run_them(
        *stages: Any, spec: Any = None, offers: Mapping[str, Any] | None = None, **arguments: Any
    ) -> RunResult:
        offered, pipeline = _pipeline(stages)
        document = {"id": "exp", "pipeline": pipeline, **(spec or {})}
        return run(document, registry=registry_of(_classes({**offered, **(offers or {})})), **{**MEMORY, **arguments})

    return run_them


@pytest.fixture
def plan_stages(registry_of: Callable[..., Registry]) -> Callable[..., Plan]:
    """Plan classes or definitions; the classes of definitions are named in ``offers``."""

    def plan_them(*stages: Any, spec: Any = None, offers: Mapping[str, Any] | None = None, **arguments: Any) -> Plan:
        offered, pipeline = _pipeline(stages)
        document = spec if isinstance(spec, str) else {"id": "exp", "pipeline": pipeline, **(spec or {})}
        return plan(document, registry=registry_of(_classes({**offered, **(offers or {})})), **arguments)

    return plan_them


def _classes(offered: Mapping[str, Any]) -> dict[str, type]:
    """Make stage classes of functions."""
    return {name: each if isinstance(each, type) else stage_of(each) for name, each in offered.items()}


def _pipeline(stages: tuple[Any, ...]) -> tuple[dict[str, type], list[Any]]:
    offered: dict[str, type] = {}
    pipeline: list[Any] = []
    for index, each in enumerate(stages):
        if isinstance(each, (str, Mapping)):
            pipeline.append(each)
            continue
        offered[f"s{index}"] = each if isinstance(each, type) else stage_of(each)
        pipeline.append(f"s{index}")
    return offered, pipeline
