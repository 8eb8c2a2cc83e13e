"""Run machine-learning experiment pipelines made of stages from installable plugins.

Names are imported when they are first used, so that importing this package costs next to nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from crucible_core.composition import plan, run
    from crucible_core.contract.annotations import ModuleName, Spec
    from crucible_core.contract.context import Context
    from crucible_core.contract.dataset import Dataset, DatasetManifest
    from crucible_core.contract.description import StageDescription
    from crucible_core.contract.errors import CrucibleError, StageError
    from crucible_core.contract.example import StageExample
    from crucible_core.contract.item_pairs import ItemFinding, ItemPairs
    from crucible_core.contract.items import read_items
    from crucible_core.contract.objects import import_object
    from crucible_core.contract.options import StageOptions
    from crucible_core.contract.port_resolution import resolve_ports
    from crucible_core.contract.report_parts import Figure, Table, Text
    from crucible_core.contract.runtime import Runtime
    from crucible_core.contract.stage import Stage
    from crucible_core.contract.traits import Traits
    from crucible_core.contract.verdict import Verdict
    from crucible_core.ir import Experiment, SpecError, experiment
    from crucible_core.pipeline.problems import PlanError
    from crucible_core.pipeline.result import RunError, RunResult
    from crucible_core.plugins.codec_ref import CodecRef
    from crucible_core.plugins.hookspecs import hookimpl
    from crucible_core.plugins.record import StageRef
    from crucible_core.trace.event import Event

__version__ = "0.1.0"

_HOMES = {
    "composition": ("plan", "run"),
    "contract.annotations": ("ModuleName", "Spec"),
    "contract.context": ("Context",),
    "contract.dataset": ("Dataset", "DatasetManifest"),
    "contract.description": ("StageDescription",),
    "contract.errors": ("CrucibleError", "StageError"),
    "contract.example": ("StageExample",),
    "contract.item_pairs": ("ItemFinding", "ItemPairs"),
    "contract.items": ("read_items",),
    "contract.objects": ("import_object",),
    "contract.options": ("StageOptions",),
    "contract.port_resolution": ("resolve_ports",),
    "contract.report_parts": ("Figure", "Table", "Text"),
    "contract.runtime": ("Runtime",),
    "contract.stage": ("Stage",),
    "contract.traits": ("Traits",),
    "contract.verdict": ("Verdict",),
    "ir": ("Experiment", "SpecError", "experiment"),
    "pipeline.problems": ("PlanError",),
    "pipeline.result": ("RunError", "RunResult"),
    "plugins.codec_ref": ("CodecRef",),
    "plugins.hookspecs": ("hookimpl",),
    "plugins.record": ("StageRef",),
    "trace.event": ("Event",),
}
_HOME_OF = {name: f"{__name__}.{home}" for home, names in _HOMES.items() for name in names}

__all__ = [
    "CodecRef",
    "Context",
    "CrucibleError",
    "Dataset",
    "DatasetManifest",
    "Event",
    "Experiment",
    "Figure",
    "ItemFinding",
    "ItemPairs",
    "ModuleName",
    "PlanError",
    "RunError",
    "RunResult",
    "Runtime",
    "Spec",
    "SpecError",
    "Stage",
    "StageDescription",
    "StageError",
    "StageExample",
    "StageOptions",
    "StageRef",
    "Table",
    "Text",
    "Traits",
    "Verdict",
    "__version__",
    "experiment",
    "hookimpl",
    "import_object",
    "plan",
    "read_items",
    "resolve_ports",
    "run",
]


def __getattr__(name: str) -> Any:
    """Import a public name from where it lives, once."""
    if name not in _HOME_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(_HOME_OF[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """List the public names."""
    return __all__
