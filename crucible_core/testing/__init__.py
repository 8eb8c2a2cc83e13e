"""The conformance kit: hold a stage to the contract, above all that what it says of itself is true."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from crucible_core.testing.check import Check, Finding, Level, all_checks
    from crucible_core.testing.configuration import Configuration, ConfigurationError, read_configuration
    from crucible_core.testing.outcome import Outcome, Report, Status
    from crucible_core.testing.parametrised import conformance
    from crucible_core.testing.suite import run_conformance
    from crucible_core.testing.target import NoSuchStageError

_HOMES = {
    "check": ("Check", "Finding", "Level", "all_checks"),
    "configuration": ("Configuration", "ConfigurationError", "read_configuration"),
    "outcome": ("Outcome", "Report", "Status"),
    "parametrised": ("conformance",),
    "suite": ("run_conformance",),
    "target": ("NoSuchStageError",),
}
_HOME_OF = {name: f"{__name__}.{home}" for home, names in _HOMES.items() for name in names}

__all__ = [
    "Check",
    "Configuration",
    "ConfigurationError",
    "Finding",
    "Level",
    "NoSuchStageError",
    "Outcome",
    "Report",
    "Status",
    "all_checks",
    "conformance",
    "read_configuration",
    "run_conformance",
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
